"""Simulated histories that once failed, as the simulator shrank them; each says what was wrong."""

from __future__ import annotations

import pytest

from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes
from simulate.history import History
from simulate.oracle import verdicts
from simulate.player import play

FAILED = [
    # Without a Date, an export that was requested before any other response ended its read at the epoch: nothing was
    # expected of the file, and the bookmark never moved.
    History(
        seed=59170781,
        sizes=Sizes(
            workspaces=1, users=4, teams=1, projects=4, tags=0, tasks=11, stories=1, busiest=3, subtasks=40, personal=20
        ),
        method="export",
        settings={"max_concurrency": 1},
        streams=("tasks",),
        dialect=Dialect(sends_date=False, exports_projectless=False),
        attempts=(),
    ),
]


@pytest.mark.parametrize("history", FAILED, ids=lambda history: f"{history.seed}")
def test_a_failed_history_passes(history: History) -> None:
    """What the target holds equals the world, or the log says why not."""
    assert verdicts(play(history)) == []
