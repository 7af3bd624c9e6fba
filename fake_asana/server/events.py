"""Event streams: the changes of a row and of the rows below it since a sync token."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from fake_asana.messages import ApiError
from fake_asana.model.clock import SECOND_MS, format_instant
from fake_asana.model.events import Event, event_ref
from fake_asana.model.kinds import ABSENT, Kind, Record, ref
from fake_asana.model.tasks import Task
from fake_asana.server.paging import Listing, Position, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.server.call import Call

MAX_RESOURCE_EVENTS, MAX_WORKSPACE_EVENTS = 100, 1000
STALE_SYNC = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset "
    "for this query now and use the new sync token for the next sync."
)
MOVES = frozenset({"added", "removed"})
STREAMED_ACTIONS = MOVES | {"changed", "deleted", "undeleted"}


def event_parent(event: Event) -> Record | None:
    """Return the parent to which the row was added or from which it was removed; None for other actions."""
    if event.action not in MOVES:
        return None
    if event.parent is None and isinstance(event.row, Task):
        return event_ref(next(event.row.projects(), None))
    return event_ref(event.parent)


def event_change(event: Event) -> object:
    """Return the changed field, and the new value if it is a row."""
    if event.action != "changed":
        return ABSENT
    record: Record = {"field": event.field, "action": event.change}
    if event.field == "assignee" and isinstance(event.row, Task):
        record["new_value"] = ref(event.row.assignee)
    return record


class EventKind(Kind[Event]):
    """The kind of events, which have no gid."""

    @override
    def header(self, row: Event) -> Record:
        return {}


EVENT = EventKind(
    "event",
    {
        "user": lambda e: ref(e.author),
        "created_at": lambda e: format_instant(e.at),
        "type": lambda e: e.resource_type,
        "action": lambda e: e.action,
        "resource": lambda e: event_ref(e.row),
        "parent": event_parent,
        "change": event_change,
    },
    compact=("user", "created_at", "type", "action", "resource", "parent", "change"),
)


def is_in_stream(event: Event, gid: str) -> bool:
    """Return True if the stream of a row contains an event; a change without a field has a story instead."""
    if gid not in event.scope or event.action not in STREAMED_ACTIONS:
        return False
    return event.action != "changed" or event.field is not None


def event_page(call: Call, gid: str, max_events: int) -> Listing:
    """Return up to `max_events` events of a row since the query's token.

    Raises ApiError 412 with a new token if that one is missing or invalid.
    """
    history = call.world.history
    position, visible = position_of_token(call, gid), visible_events(call)
    if position is None and call.dialect.stale_without_sync and "sync" in call.query:
        raise ApiError(412, STALE_SYNC)
    if position is None:
        raise ApiError(412, STALE_SYNC, sync=sync_token(call, gid, visible))
    positions = event_positions(history, position, visible, gid)
    if call.dialect.empty_event_pages and position < visible and not is_in_stream(history[position], gid):
        later = next(positions, None)
        if later is not None:
            return Listing([], extra={"sync": sync_token(call, gid, later), "has_more": True})
    page = list(islice(positions, max_events))
    next_position = next(positions, None)
    sync = sync_token(call, gid, visible if next_position is None else next_position)
    events = [history[index] for index in page]
    rows = [*reversed(events), *events] if call.dialect.repeats_events else events
    return Listing(rows, extra={"sync": sync, "has_more": next_position is not None})


def event_positions(history: list[Event], start: int, stop: int, gid: str) -> Iterator[int]:
    """Yield the positions in history of the events in the stream of a row."""
    return (index for index in range(start, stop) if is_in_stream(history[index], gid))


def visible_events(call: Call) -> int:
    """Return the number of events in history that are old enough for a stream."""
    latest = call.world.now() - call.dialect.logs.late_seconds * SECOND_MS
    return bisect_right(call.world.history, latest, key=lambda event: event.at)


def sync_token(call: Call, gid: str, position: int) -> str:
    """Return a sync token for a position in history."""
    world = call.world
    return seal(Position((position, world.sync_token_epoch), 0), f"events {gid}", world.clock(), call.limits.sync_life)


def position_of_token(call: Call, gid: str) -> int | None:
    """Return the position of the query's token; None if it is missing, foreign, too old or revoked."""
    if "sync" not in call.query:
        return None
    try:
        position, epoch = unseal(call.query["sync"], f"events {gid}", call.world.clock()).key
    except ApiError:
        return None
    return position if epoch == call.world.sync_token_epoch else None
