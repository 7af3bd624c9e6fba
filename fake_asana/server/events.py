"""Event streams: what happened to a thing and to all that belongs to it, since a sync token."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from fake_asana.messages import ApiError
from fake_asana.model.clock import format_instant
from fake_asana.model.events import Event, event_ref
from fake_asana.model.kinds import ABSENT, Kind, Record, ref
from fake_asana.model.tasks import Task
from fake_asana.server.paging import Listing, Position, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.server.call import Call

MAX_RESOURCE_EVENTS, MAX_WORKSPACE_EVENTS = 100, 1000
STALE = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset "
    "for this query now and use the new sync token for the next sync."
)
MOVES = frozenset({"added", "removed"})
ACTIONS = MOVES | {"changed", "deleted", "undeleted"}


def parent(event: Event) -> Record | None:
    """What the row was added to or removed from; nothing for other actions."""
    if event.action not in MOVES:
        return None
    if event.parent is None and isinstance(event.row, Task):
        return event_ref(next(event.row.projects(), None))
    return event_ref(event.parent)


def change(event: Event) -> object:
    """Which field was changed; the new value where it is a thing."""
    if event.action != "changed":
        return ABSENT
    record: Record = {"field": event.field, "action": "changed"}
    if event.field == "assignee" and isinstance(event.row, Task):
        record["new_value"] = ref(event.row.assignee)
    return record


class EventKind(Kind[Event]):
    """Events have no gid of their own."""

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
        "parent": parent,
        "change": change,
    },
    compact=("user", "created_at", "type", "action", "resource", "parent", "change"),
)


def is_in_stream(event: Event, gid: str) -> bool:
    """Whether a stream tells of an event; a change of nothing in particular comes with a story instead."""
    if gid not in event.scope or event.action not in ACTIONS:
        return False
    return event.action != "changed" or event.field is not None


def event_page(call: Call, gid: str, max_events: int) -> Listing:
    """Up to `most` events of a thing since the token of the query; ApiError 412 with a new one when it is none."""
    history = call.world.history
    position = position_of_token(call, gid)
    if position is None:
        raise ApiError(412, STALE, sync=sync_token(call, gid, len(history)))
    positions = event_positions(history, position, gid)
    page = list(islice(positions, max_events))
    next_position = next(positions, None)
    sync = sync_token(call, gid, len(history) if next_position is None else next_position)
    return Listing([history[index] for index in page], extra={"sync": sync, "has_more": next_position is not None})


def event_positions(history: list[Event], start: int, gid: str) -> Iterator[int]:
    """The places in history of the events that a stream tells."""
    return (index for index in range(start, len(history)) if is_in_stream(history[index], gid))


def sync_token(call: Call, gid: str, position: int) -> str:
    """A sync token for a place in history."""
    world = call.world
    return seal(Position((position, world.sync_token_epoch), 0), f"events {gid}", world.clock(), call.limits.sync_life)


def position_of_token(call: Call, gid: str) -> int | None:
    """The place that the query's token stands for; None when there is none, or it is foreign, too old or forgotten."""
    if "sync" not in call.query:
        return None
    try:
        position, epoch = unseal(call.query["sync"], f"events {gid}", call.world.clock()).key
    except ApiError:
        return None
    return position if epoch == call.world.sync_token_epoch else None
