"""Runs of the incremental streams against an Asana that refuses some of its lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache

from expected import expected
from harness import SERVICE, TINY, Hook, Message, Output, asana, attempt, clock
from methods import HOUR, METHODS
from refused_lists import RefusingApi, identity, kind_of, sample

from fake_asana.messages import HttpRequest

INCREMENTAL = ("tasks", "stories", "attachments", "time_tracking_entries", "status_updates")


def world() -> RefusingApi:
    """Return an Asana without empty lists, an hour after its last change."""
    api = asana(TINY)
    tasks = list(api.world.gids("tasks", SERVICE["access_token"]))
    api.world.add_task(parent=tasks[0])
    for gid in tasks[:4]:
        api.world.attach(gid)
    for stream in ("projects", "portfolios", "goals"):
        for gid in api.world.gids(stream):
            api.world.post_status_update(gid)
    clock(api).advance(HOUR)
    return RefusingApi(api.world)


def run(api: RefusingApi, method: str, state: Message | None = None, on_request: Hook | None = None) -> Output:
    """Run the incremental streams once, an hour after the last run."""
    output = attempt(api, config=METHODS[method], select=INCREMENTAL, state=state, on_request=on_request)
    clock(api).advance(HOUR)
    return output


@cache
def requested_lists(method: str) -> Mapping[str, Collection[str]]:
    """Return the lists that a first run by a method requests, by kind."""
    api = world()
    lists: dict[str, set[str]] = defaultdict(set)

    def note(request: HttpRequest) -> None:
        lists[kind_of(request, api.world)].add(identity(request))

    assert run(api, method, on_request=note).error is None
    return lists


def differences(api: RefusingApi, output: Output, method: str) -> dict[str, set[str]]:
    """Return, by stream, the keys of records that some runs missed or altered."""
    found = {}
    for stream in INCREMENTAL:
        truth = expected(api.world, stream, output.schemas[stream], METHODS[method]["access_token"])
        rows = output.rows(stream)
        missing_keys = {key for key, record in truth.items() if visible(rows.get(key)) != visible(record)}
        if missing_keys:
            found[stream] = missing_keys
    return found


def visible(record: Message | None) -> Message | None:
    """Return a record without the file URL, which exports omit."""
    return record and {name: value for name, value in record.items() if name != "view_url"}


def debts(output: Output, streams: Collection[str] = INCREMENTAL) -> list[str]:
    """Return the unread lists of some streams in the state."""
    bookmarks = output.state["bookmarks"]
    each = [part.get("debts", {}) for name in streams for part in bookmarks[name]["partitions"]]
    return sorted({f"{kind} {gid}" for found in each for kind, gids in found.items() for gid in gids})


def stories_of(most: int) -> list[str]:
    """Return the lists of stories of some tasks."""
    return sample(requested_lists("list")["GET /tasks/{task_gid}/stories"], most)
