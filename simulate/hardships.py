"""Draws what makes a run hard: broken values, lasting refusals, a wrong clock, a slow or dying target, odd settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fake_asana.model import breakage
from fake_asana.model.breakage import Breakage
from fake_asana.model.seeded_random import SeededRandom
from simulate.attempt import DAY_SECONDS, HOUR_SECONDS, Attempt, Refused

PARENTS: Mapping[str, str] = {
    "/tasks": "projects",
    "/tasks/{task_gid}/stories": "tasks",
    "/tasks/{task_gid}/subtasks": "tasks",
    "/projects/{project_gid}/sections": "projects",
    "/attachments": "tasks",
    "/status_updates": "projects",
    "/tags/{tag_gid}/tasks": "tags",
}
"""Lists that one parent may refuse, and the stream of the parents."""

REFUSED_ROUTES = (
    "/tasks",
    "/tasks/{task_gid}/stories",
    "/tasks/{task_gid}/subtasks",
    "/projects/{project_gid}/sections",
    "/attachments",
    "/status_updates",
    "/tags",
    "/workspaces/{workspace_gid}/users",
)
REFUSALS = (400, 402, 403, 404, 410, 500)

STATUSES = (400, 401, 402, 403, 404, 410, 500)

FEW_STREAMS = (("stories",), ("attachments", "projects"), ("tasks", "time_tracking_entries"), ("deletions", "tasks"))
"""Selections that a tap may read in other ways than all of tasks and their children."""

METHODS = ("list", "search", "auto")
"""Methods among which an operator may change; all work with the same token."""

FIELDS = (
    *("notes", "html_notes", "custom_fields", "assignee", "projects", "memberships", "num_subtasks", "created_at"),
    *("parent", "tags", "name", "completed"),
)
"""Fields of tasks that a catalog may leave out, although the tap may need them."""

PRIVACY_SETTINGS: Mapping[str, str] = {"privacy": "redact", "privacy_key": "a key for simulated people"}

MAX_REQUEST_OF_PASS = 40
"""The last request of passes before which a run is killed; in a small world they send some 5 to 80."""

NO_FIELDS = frozenset({"modified_at", "created_at"})
"""Fields that stay unbroken: what Asana itself says wrongly, nobody can read."""


@dataclass(frozen=True)
class Hardships:
    """The hardships of a whole history."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    streams: tuple[str, ...] = ()
    deselected: tuple[str, ...] = ()
    lasting: tuple[Refused, ...] = ()
    breakage: Breakage | None = None


def draw_hardships(rng: SeededRandom) -> Hardships:
    """Return the hardships of a history; most have few."""
    privacy = {**PRIVACY_SETTINGS, "privacy": rng.pick(("pseudonymize", "redact"))}
    return Hardships(
        settings=privacy if rng.chance(10) else {},
        streams=rng.pick(FEW_STREAMS) if rng.chance(8) else (),
        deselected=tuple(rng.sample(FIELDS, 6)) if rng.chance(15) else (),
        lasting=tuple(_draw_refused(rng) for _ in range(1 + rng.below(2))) if rng.chance(12) else (),
        breakage=_draw_breakage(rng) if rng.chance(6) else None,
    )


def draw_refusals(rng: SeededRandom) -> Sequence[Refused]:
    """Return routes that refuse the first requests of a run."""
    return [
        Refused(rng.pick(REFUSED_ROUTES), rng.pick(REFUSALS), rng.pick((1, 2, 1000)), rng.chance(85))
        for _ in range(1 + rng.below(2))
    ]


def harder(attempt: Attempt, rng: SeededRandom, method: str) -> Attempt:
    """Return a run with hardships of its own; `method` is that of the history."""
    refused = (_draw_refused(rng),) if rng.chance(10) else ()
    return replace(
        attempt,
        refused=(*attempt.refused, *refused),
        method=rng.pick(METHODS) if method in METHODS and rng.chance(10) else None,
        streams=rng.pick(FEW_STREAMS) if rng.chance(5) else (),
        clock_ahead_seconds=rng.pick((-DAY_SECONDS, -HOUR_SECONDS, -30, 30, HOUR_SECONDS)) if rng.chance(15) else 0,
        target_bytes=rng.below(400_000) if rng.chance(8) else None,
        write_seconds=rng.pick((1, 40, 400)) if rng.chance(10) else 0,
    )


def with_cut_lists(attempt: Attempt, rng: SeededRandom) -> Attempt:
    """Return a run in which lists may end with a refusal after some rows, or start over."""
    return replace(attempt, truncate=rng.pick((None, 4, 10)), circle_after=rng.pick((0, 0, 4, 10)))


def with_small_budget(attempt: Attempt, rng: SeededRandom) -> Attempt:
    """Return a run whose pass may read a part only, and that may be killed during it."""
    return replace(
        attempt,
        requests_per_minute=rng.pick((None, 2, 5, 20)),
        kill_in_pass=1 + rng.below(MAX_REQUEST_OF_PASS) if rng.chance(50) else None,
    )


def _draw_refused(rng: SeededRandom) -> Refused:
    template = rng.pick(sorted(PARENTS))
    return Refused(template, rng.pick(STATUSES), rng.pick((1, 2, 1000)), rng.chance(80), rng.below(1000))


def _draw_breakage(rng: SeededRandom) -> Breakage:
    kinds: Mapping[str, Sequence[bytes]] = {
        "texts": (*breakage.INVALID_UNICODE, *breakage.NUL),
        "numbers": breakage.INVALID_NUMBERS,
        "dates": breakage.INVALID_DATES,
        "rows": breakage.INVALID_ROWS,
    }
    broken: dict[str, Any] = {name: tuple(values) for name, values in kinds.items() if rng.chance(50)}
    return Breakage(**broken, every=2 + rng.below(4), excluded=NO_FIELDS)
