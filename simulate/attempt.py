"""One run of a history, and what happens before and during it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_asana.model.dialect import Dialect

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400

MAX_REQUEST = 90
"""The last request of a run before which something happens; a run in a large world sends some 30 to 150."""

SECOND_MS = 1000
"""Milliseconds of a second."""


@dataclass(frozen=True)
class Change:
    """A change by people before a request of a run, or before the run itself (0)."""

    before_request: int
    name: str
    number: int
    """Chooses the changed objects."""


@dataclass(frozen=True)
class Refused:
    """A route that answers its first requests of a run with a refusal, or with the page of a proxy."""

    template: str
    status: int
    times: int
    in_envelope: bool = True
    parent: int | None = None
    """Chooses the parent whose list is refused; None refuses all lists of the route."""

    is_too_long: bool = False
    """Whether the refusal says that the list is too long."""


@dataclass(frozen=True)
class Attempt:
    """One run of the tap, and what happens meanwhile."""

    pause_seconds: int = HOUR_SECONDS
    requests_per_minute: int | None = None
    """The setting in this run: a pass reads no more than its share of them allows. None for the default."""

    settled_seconds: int = 0
    """The time between the changes before the run and its start."""

    changes: tuple[Change, ...] = ()
    kill_before: int | None = None
    """The request before which the run is killed."""

    kill_in_pass: int | None = None
    """The request of its passes over all tasks before which the run is killed."""

    fault_share: float = 0.0
    fault_kinds: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    truncate: int | None = None
    """The rows after which each list ends with a refusal."""

    circle_after: int = 0
    """The rows after which each list starts over; 0 for never."""

    method: str | None = None
    """The extraction method, if it is not that of the history."""

    streams: tuple[str, ...] = ()
    """The selected streams, if they are not those of the history."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this run that are not those of the history."""

    clock_ahead_seconds: int = 0
    """How far the machine's clock is ahead."""

    target_bytes: int | None = None
    """What the target takes before it dies."""

    keeps_uncovered: bool = False
    """Whether the target keeps the rows behind the last STATE of a run that ended early."""

    write_seconds: int = 0
    """The time that the target takes for each block."""

    def seconds_ahead(self, dialect: Dialect) -> float:
        """Return how far the slower of the header Date and the machine's clock is ahead."""
        return min(dialect.date_ahead_seconds if dialect.sends_date else 0.0, self.clock_ahead_seconds)
