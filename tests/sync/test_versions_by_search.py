"""A version deletes no row that the token can see, although searches were refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from harness import ENTRIES, Hook, Message, Output, asana, catalog_of, clock, sync
from methods import DAY, HOUR, METHODS, TASK_STREAMS, VERSIONED

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
SEARCHES = "GET /workspaces/{workspace_gid}/tasks/search"
FULL_TABLES = {name: {**ENTRIES[name], "replication_method": "FULL_TABLE"} for name in TASK_STREAMS}
ONE_BY_ONE: Message = {**METHODS["auto"], **VERSIONED, "max_concurrency": 1}


def run(api: Api, state: Message | None = None, on_request: Hook | None = None, pause: int = HOUR) -> Output:
    """Return a run that reads tasks and what is below them as a whole, some seconds later."""
    clock(api).advance(pause)
    catalog = catalog_of(TASK_STREAMS, FULL_TABLES)
    return sync(api, config=ONE_BY_ONE, catalog=catalog, state=state, on_request=on_request)


def announced(output: Output) -> set[str]:
    """Return the streams whose versions a run has announced."""
    return {message["stream"] for message in output.of("ACTIVATE_VERSION")}


def deleted(api: Api, output: Output) -> Mapping[str, set[str]]:
    """Return the rows that the announced versions delete, although the token sees them."""
    seen = {stream: set(api.world.gids(stream)) - output.gids(stream) for stream in announced(output)}
    return {stream: gids for stream, gids in seen.items() if gids}


@pytest.mark.parametrize("status", [402, 403])
@pytest.mark.parametrize("number", [1, 3])
def test_a_search_that_is_refused_deletes_nothing(status: int, number: int) -> None:
    """Lists replace it, whether the first one is refused or a later one; they do not contain all tasks."""
    api = asana(WORLD)
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    first = run(api, pause=2 * DAY)
    assert task in first.gids("tasks")
    assert announced(first) == {*TASK_STREAMS}
    searches: list[HttpRequest] = []

    def refuse(request: HttpRequest) -> None:
        searches.extend([request] if request.path.endswith("/tasks/search") else [])
        if len(searches) == number:
            api.refusals[:] = [Refusal(SEARCHES, status)]

    second = run(api, first.state, refuse)
    assert deleted(api, second) == {}
    assert task not in second.gids("tasks") or number > 1
