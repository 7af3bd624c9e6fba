"""Draws settings that only some runs of a history have, and worlds with a single person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fake_asana.model.seeded_random import SeededRandom
from simulate.attempt import Attempt

if TYPE_CHECKING:
    from simulate.history import History

PASSING_PERCENT = 20
"""The share of the histories with such settings."""

ALONE_PERCENT = 6
"""The share of the histories in which nobody but the owner of the token is in a workspace."""

PASSING: Sequence[Mapping[str, Any]] = (
    {"start_date": "2026-05-08"},
    {"start_date": "2026-05-28T12:00:00Z"},
    {"include_archived_projects": False},
    {"follow_events": False},
    {"reconcile_days": 1},
)
"""Settings that an operator may have for a while: days before the first run, and around it."""


def with_passing_settings(history: History, rng: SeededRandom) -> History:
    """Return the history with settings that some of its runs have, or in a world with a single person, or as it is."""
    attempts = history.attempts
    if rng.chance(PASSING_PERCENT):
        attempts = tuple(_with_setting(each, rng) for each in attempts)
    sizes = replace(history.sizes, users=1) if rng.chance(ALONE_PERCENT) else history.sizes
    return replace(history, attempts=attempts, sizes=sizes)


def _with_setting(attempt: Attempt, rng: SeededRandom) -> Attempt:
    return replace(attempt, settings=rng.pick(PASSING)) if rng.chance(50) else attempt


def passing_start(history: History) -> str:
    """Return the latest `start_date` that only some runs have; empty without any."""
    return max((str(attempt.settings.get("start_date", "")) for attempt in history.attempts), default="")


def leaves_out_archived(history: History) -> bool:
    """Return whether some runs leave out archived projects, with what changes in them meanwhile without a clock."""
    return any("include_archived_projects" in attempt.settings for attempt in history.attempts)
