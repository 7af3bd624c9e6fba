"""Event streams: what happened to a thing and to all that belongs to it, since a sync token."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from fake_asana.messages import ApiError
from fake_asana.model.clock import instant
from fake_asana.model.events import Event, event_ref
from fake_asana.model.kinds import ABSENT, Kind, Record, ref
from fake_asana.model.tasks import Task
from fake_asana.server.paging import Listing, Mark, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.server.call import Call

ONE, WORKSPACE = 100, 1000
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
    found: Record = {"field": event.field, "action": "changed"}
    if event.field == "assignee" and isinstance(event.row, Task):
        found["new_value"] = ref(event.row.assignee)
    return found


class EventKind(Kind[Event]):
    """Events have no gid of their own."""

    @override
    def head(self, row: Event) -> Record:
        return {}


EVENT = EventKind(
    "event",
    {
        "user": lambda e: ref(e.author),
        "created_at": lambda e: instant(e.at),
        "type": lambda e: e.resource_type,
        "action": lambda e: e.action,
        "resource": lambda e: event_ref(e.row),
        "parent": parent,
        "change": change,
    },
    compact=("user", "created_at", "type", "action", "resource", "parent", "change"),
)


def shown(event: Event, home: str) -> bool:
    """Whether a stream tells of an event; a change of nothing in particular comes with a story instead."""
    if home not in event.ownership or event.action not in ACTIONS:
        return False
    return event.action != "changed" or event.field is not None


def stream(call: Call, home: str, most: int) -> Listing:
    """Up to `most` events of a thing since the token of the query; ApiError 412 with a new one when it is none."""
    history = call.world.history
    place = since(call, home)
    if place is None:
        raise ApiError(412, STALE, sync=token(call, home, len(history)))
    places = told(history, place, home)
    found = list(islice(places, most))
    after = next(places, None)
    sync = token(call, home, len(history) if after is None else after)
    return Listing([history[at] for at in found], beside={"sync": sync, "has_more": after is not None})


def told(history: list[Event], place: int, home: str) -> Iterator[int]:
    """The places in history of the events that a stream tells."""
    return (at for at in range(place, len(history)) if shown(history[at], home))


def token(call: Call, home: str, place: int) -> str:
    """A sync token for a place in history."""
    world = call.world
    return seal(Mark((place, world.forgotten), 0), f"events {home}", world.clock(), call.limits.sync_life)


def since(call: Call, home: str) -> int | None:
    """The place that the query's token stands for; None when there is none, or it is foreign, too old or forgotten."""
    if "sync" not in call.query:
        return None
    try:
        place, forgotten = unseal(call.query["sync"], f"events {home}", call.world.clock()).key
    except ApiError:
        return None
    return place if forgotten == call.world.forgotten else None
