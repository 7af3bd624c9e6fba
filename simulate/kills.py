"""Draws early kills, targets that keep all rows of a run that ends early, and streams that each run reads whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fake_asana.model.seeded_random import SeededRandom
from simulate.attempt import DAY_SECONDS, HOUR_SECONDS, Attempt, Change

KEEPING_PERCENT = 30
"""The share of the runs whose target keeps what comes behind the last STATE, if they end early."""

FULL_TABLE_PERCENT = 12
"""The share of the histories with some incremental streams that each run reads as a whole."""


def killed_early(attempts: Sequence[Attempt], rng: SeededRandom) -> tuple[Attempt, ...]:
    """Return the runs, of which the first is killed around its first sync tokens; a project is deleted after that."""
    killed = replace(attempts[0], kill_before=3 + rng.below(25))
    deletion = Change(0, "delete project", rng.below(1000))
    later = attempts[1:] or (Attempt(pause_seconds=rng.pick((HOUR_SECONDS, 2 * DAY_SECONDS))),)
    return killed, replace(later[0], changes=(deletion, *later[0].changes)), *later[1:]


def kept_whole(attempts: Sequence[Attempt], rng: SeededRandom) -> tuple[Attempt, ...]:
    """Return the runs, of which some have a target that keeps all rows."""
    return tuple(replace(each, keeps_uncovered=rng.chance(KEEPING_PERCENT)) for each in attempts)


def draw_full_table(streams: Sequence[str], rng: SeededRandom) -> tuple[str, ...]:
    """Return the streams of these that each run reads as a whole; mostly none."""
    return tuple(rng.sample(streams, 3)) if rng.chance(FULL_TABLE_PERCENT) else ()
