"""The audit log of an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.audit import AUDIT, FEATURE, Entry, actor, entries
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MATCHES: Mapping[str, Callable[[Entry], object]] = {
    "event_type": lambda entry: entry.event_type,
    "actor_type": lambda entry: actor(entry)["actor_type"],
    "actor_gid": lambda entry: actor(entry).get("gid"),
    "resource_gid": lambda entry: entry.resource["gid"],
}


def events(call: Call) -> Listing:
    """What is kept of the log, oldest first: a list that goes on for ever, from `start_at` on and before `end_at`."""
    workspace = call.served(FEATURE)
    start, end = call.since("start_at"), call.since("end_at")
    wanted = [(MATCHES[name], value) for name, value in call.query.items() if name in MATCHES]

    def keep(entry: Entry) -> bool:
        if (start is not None and entry.at < start) or (end is not None and entry.at >= end):
            return False
        return all(of(entry) == value for of, value in wanted)

    return Listing(entries(call.world, workspace), lambda entry: (entry.at, entry.number), keep, endless=True)


ROUTES = (Route("GET /workspaces/{workspace_gid}/audit_log_events", AUDIT, events, full=True),)
