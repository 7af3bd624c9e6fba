"""Runs that list the time entries of recent days, and what is wrong of them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from expected import cut
from harness import TINY, Message, Output, asana, clock, sync
from methods import HOUR, LIST

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import World

ENTRIES = "time_tracking_entries"
STREAMS = ("tasks", ENTRIES)
ROUTE = "GET /time_tracking_entries"


def workspaces(api: Api, config: Message) -> list[str]:
    """Return the gids of the workspaces that a token sees."""
    return list(api.world.access.viewers[config["access_token"]].workspaces)


def with_entries(config: Message = LIST, dialect: Dialect | None = None) -> tuple[Api, Output, list[str]]:
    """Return an Asana an hour after a complete run, and tasks with an entry of each of the last three days."""
    api = asana(TINY, dialect=dialect)
    tasks = [gid for gid in api.world.gids("tasks", config["access_token"]) if api.world.tasks[gid].sections][:9]
    for number, task in enumerate(tasks):
        api.world.track_time(task, days_back=number % 3)
    clock(api).advance(HOUR)
    output = sync(api, config=config, select=STREAMS)
    clock(api).advance(HOUR)
    return api, output, tasks


def next_run(api: Api, before: Output, config: Message = LIST) -> Output:
    """Return a run an hour later."""
    clock(api).advance(HOUR)
    api.log.clear()
    return sync(api, config=config, select=STREAMS, state=before.state)


def requests_of(api: Api, template: str = ROUTE) -> list[Mapping[str, str]]:
    """Return the queries of the last run to a route."""
    return [handled.query for handled in api.log if handled.template == template]


def wrong_entries(api: Api, rows: Output, config: Message = LIST) -> set[str]:
    """Return the gids of entries that are missing, or not as in Asana."""
    kept, schema = rows.rows(ENTRIES), rows.schemas[ENTRIES]
    truth = api.world.expected_records(ENTRIES, config["access_token"])
    rows_of_truth = {gid: cut(record, schema) for gid, record in truth.items()}
    return {gid for gid, row in rows_of_truth.items() if any(kept.get(gid, {}).get(name) != row[name] for name in row)}


def last_entry(world: World, task: str) -> str:
    """Return the last entry of a task."""
    return world.time_entries.of(world.tasks[task])[-1].gid


def before_request(number: int, action: Callable[[], object]) -> Callable[[HttpRequest], None]:
    """Return a hook that acts before the n-th page of a workspace's entries."""
    pages: list[str] = []

    def act(request: HttpRequest) -> None:
        if request.path.endswith("/1.0/time_tracking_entries"):
            pages.append(request.path)
            if len(pages) == number:
                action()

    return act
