"""Open questions with a form of their own: simulations draw them last, so that the histories of older seeds stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


def open_point(default: T, *others: T) -> T:
    """Return a field with its likeliest value and the other plausible ones; a boolean needs none of this."""
    values: T = field(default=default, metadata={"values": (default, *others)})
    return values


@dataclass(frozen=True)
class ClockForm:
    """The changes below a task that move its `modified_at`."""

    comments: bool = True
    """Comments that are added or deleted."""

    edited_comments: bool = False
    """Comments that are edited."""

    attachments: bool = True
    """Files that are attached or deleted, with the stories about them."""


@dataclass(frozen=True)
class AccessForm:
    """The status of requests whose permission Asana does not document."""

    ownerless_portfolios: int = open_point(200, 400, 403)
    """Status of `/portfolios` without `owner` for a person: 200 lists their own."""

    service_memberships: int = open_point(200, 400, 403)
    """Status of `/portfolio_memberships?user=me` for a service account: 200 lists none."""

    person_events: int = open_point(403, 400, 200)
    """Status of `/workspaces/{gid}/events` for a person: 200 lists all its events."""


@dataclass(frozen=True)
class TrashForm:
    """What Asana shows of tasks in the trash."""

    searched: bool = False
    """Find them in searches; the deletion has moved their clock. Everything else answers 404."""
