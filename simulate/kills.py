"""Draws early kills, restarts, targets that keep rows behind the last STATE, and streams that runs read whole.

A restart follows the run before it within seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fake_asana.model.seeded_random import SeededRandom
from simulate.attempt import DAY_SECONDS, HOUR_SECONDS, MAX_REQUEST, Attempt, Change
from simulate.organizing import ARCHIVING

if TYPE_CHECKING:
    from simulate.history import History

KEEPING_PERCENT = 30
"""The share of the runs whose target keeps what comes behind the last STATE, if they end early."""

FULL_TABLE_PERCENT = 12
"""The share of the histories with some incremental streams that each run reads as a whole."""

RESTART_SECONDS, RESTART_PERCENT = (5, 10, 20), 20
"""The pauses before restarts, and the share of the histories with some, and with projects in and out of the archive."""

START_DATE, START_DATE_PERCENT = "2026-05-08", 12
"""A day three weeks before the first run, and the share of the histories that read nothing older."""


def killed_early(attempts: Sequence[Attempt], rng: SeededRandom) -> tuple[Attempt, ...]:
    """Return the runs, of which the first is killed around its first sync tokens; a project is deleted after that."""
    killed = replace(attempts[0], kill_before=3 + rng.below(25))
    deletion = Change(0, "delete project", rng.below(1000))
    later = attempts[1:] or (Attempt(pause_seconds=rng.pick((HOUR_SECONDS, 2 * DAY_SECONDS))),)
    return killed, replace(later[0], changes=(deletion, *later[0].changes)), *later[1:]


def with_spans(history: History, streams: Sequence[str], rng: SeededRandom) -> History:
    """Return a history whose targets may keep all rows; it may read some streams whole, and none before a day."""
    attempts = tuple(replace(each, keeps_uncovered=rng.chance(KEEPING_PERCENT)) for each in history.attempts)
    full_table = tuple(rng.sample(streams, 3)) if rng.chance(FULL_TABLE_PERCENT) else ()
    start = {"start_date": START_DATE} if rng.chance(START_DATE_PERCENT) else {}
    return replace(history, attempts=attempts, full_table=full_table, settings={**history.settings, **start})


def with_restarts(history: History, rng: SeededRandom) -> History:
    """Return a history whose runs may follow each other within seconds, and whose projects may leave the archive."""
    if not rng.chance(RESTART_PERCENT):
        return history
    return replace(history, attempts=tuple(_restarted(each, rng) for each in history.attempts))


def _restarted(attempt: Attempt, rng: SeededRandom) -> Attempt:
    pause = rng.pick(RESTART_SECONDS) if rng.chance(50) else attempt.pause_seconds
    names = (rng.pick(sorted(ARCHIVING)) for _ in range(rng.below(4)))
    changes = [Change(rng.below(MAX_REQUEST) if rng.chance(60) else 0, name, rng.below(1000)) for name in names]
    ordered = sorted((*attempt.changes, *changes), key=lambda change: change.before_request)
    return replace(attempt, pause_seconds=pause, changes=tuple(ordered))
