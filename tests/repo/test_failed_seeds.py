"""Simulated histories that once failed, as the simulator shrank them; each says what was wrong."""

from __future__ import annotations

import pytest

from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.history import FOLLOWED, History
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
    # Asana names no next page in any list, and hides a row of a page: the page looks like the last one.
    History(
        seed=714000126,
        sizes=Sizes(workspaces=2, users=2, teams=2, projects=5, tags=0, tasks=26, stories=1, busiest=13, subtasks=40),
        settings={"max_concurrency": 1, "page_size": 5},
        streams=("goals", "goal_relationships"),
        dialect=Dialect(nameless_pages="all"),
        attempts=(),
    ),
    # The audit log fails in the first run, which took no sync token therefore: no event named the next change.
    History(
        seed=714000083,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6),
        method="export",
        streams=FOLLOWED,
        attempts=(
            Attempt(refused=(Refused("/workspaces/{workspace_gid}/audit_log_events", 400, 1000),)),
            Attempt(changes=(Change(0, "like task", 1),)),
        ),
    ),
]


@pytest.mark.parametrize("history", FAILED, ids=lambda history: f"{history.seed}")
def test_a_failed_history_passes(history: History) -> None:
    """What the target holds equals the world, or the log says why not."""
    assert verdicts(play(history)) == []


def test_a_refused_list_is_refused() -> None:
    """The refusals of a run reach the tap: it skips the lists, and reads them later."""
    sizes = Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=4)
    played = play(History(sizes=sizes, attempts=(Attempt(refused=(Refused("/tasks", 404, 1000),)),)))
    assert any("tasks: skipped /tasks?" in line for line in played.log)
    assert verdicts(played) == []
