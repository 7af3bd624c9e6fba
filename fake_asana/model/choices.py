"""Open questions with a form of their own: simulations draw them last, so that the histories of older seeds stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeVar

T = TypeVar("T")

TRUNCATED = "The result set is too large and has been truncated. Please narrow the query."
"""The likeliest message of the 400 for a list that is too long."""


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


@dataclass(frozen=True)
class SearchForm:
    """How searches obey parameters whose effect Asana does not document, or contradicts."""

    max_rows: int = open_point(100, 20, 3)
    """Tasks in an answer at most, whatever `limit` names: Asana describes it, and lists no such parameter."""

    excluded_people: Literal["taken", "ignored", "refused"] = open_point("taken", "ignored", "refused")
    """Answer to `assignee.not`: the tasks of all others, all tasks, or 400."""

    obeys_ascending: bool = True
    """Return the oldest task first where `sort_ascending` asks for it, instead of the newest."""


@dataclass(frozen=True)
class PageForm:
    """The ends of lists and their rows, as far as Asana does not document them."""

    ends_empty: bool = False
    """Name a next page on a last page that is full; that page is empty."""

    repeats_rows: bool = False
    """List each row of a page twice."""


@dataclass(frozen=True)
class RefusalForm:
    """Refusals whose status or words Asana does not document."""

    trashed: int = open_point(404, 403, 410)
    """Status of a task in the trash."""

    truncated: str = open_point(TRUNCATED, "The list is too long to be returned.")
    """Message of the 400 for a list that is too long."""


@dataclass(frozen=True)
class TrackingForm:
    """What tracked time changes besides its entries."""

    moves_clock: bool = False
    """Move the `modified_at` of a task when time on it is tracked, edited or deleted."""

    lists_others: bool = True
    """List the entries of all people in a workspace, and not those of the token's user alone."""


@dataclass(frozen=True)
class FreshnessForm:
    """How soon lists show what people have made."""

    late_seconds: int = open_point(0, 60)
    """Seconds until a list has a new row; by its gid, the row is there at once."""

    late_changes: int = open_point(0, 60)
    """Seconds until a list has the last change of a task that stays in its place; until then it has the task before."""

    late_counts: int = open_point(0, 60)
    """Seconds until a task counts a new subtask."""

    late_gids: int = open_point(0, 60)
    """Seconds until a new task answers requests for its gid and for what lies below it; until then these answer 404."""


@dataclass(frozen=True)
class QueryForm:
    """What lists and searches make of a query, as far as Asana does not document it, or no longer does."""

    needs_filter: bool = False
    """Refuse a search that names nothing but its order and its limit, as Asana once documented."""


@dataclass(frozen=True)
class ReachForm:
    """What exports contain besides the kinds of tasks that Dialect names."""

    exports_archived: bool = True
    """Export tasks all of whose projects are archived, and their subtasks."""


@dataclass(frozen=True)
class FileForm:
    """When the file of an export is written."""

    written_at_start: bool = False
    """Write it when the export is requested, and keep it: what people change until its download is not in it."""


@dataclass(frozen=True)
class CursorForm:
    """The page tokens of lists: a few of projects, users and tasks of projects were seen, and no others."""

    is_opaque: bool = False
    """Send tokens in a form of their own, and not as JSON Web Tokens."""

    is_single_use: bool = False
    """Refuse a token that has been used, as an expired one."""

    counts_rows: bool = False
    """Begin a page behind as many rows as came before, where no token was seen; what is gone by then shifts others."""
