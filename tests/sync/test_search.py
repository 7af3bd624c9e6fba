"""A run by search is complete despite equal timestamps, index lag, errors on the way, and people who left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from harness import SMALL, TINY, Output, asana, clock, run_limits, sync
from methods import ALL_TASK_STREAMS, HOUR, METHODS, TASKS_AND_STORIES, missing_gids, sync_task_streams
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from tap_asana.limits import Limits as RunLimits
from tap_asana.tasks.rotating_check import CHECKED_LISTS

TASKS_PER_RESPONSE = 20


@pytest.mark.parametrize(
    "inclusive", [frozenset(), frozenset({"after"}), frozenset({"after", "before"})], ids=["neither", "after", "both"]
)
@pytest.mark.parametrize("pause", [0.0, 0.003], ids=["made at one instant", "made one after another"])
def test_a_bulk_edit_of_one_instant_is_read_completely(inclusive: frozenset[str], pause: float) -> None:
    """Tasks with the same modified_at for five responses are all read, with inclusive and exclusive bounds."""
    api = asana(TINY, limits=Limits(search_inclusive=inclusive))
    project = next(iter(api.world.projects))
    for _ in range(5 * TASKS_PER_RESPONSE):
        api.world.add_task(project=project)
        clock(api).advance(pause)
    with run_limits(max_search_tasks=TASKS_PER_RESPONSE):
        first = sync(api, config=METHODS["search"], select=["tasks"])
        clock(api).advance(HOUR)
        gids = set(api.world.gids("tasks"))
        api.world.bulk_edit(gids)
        clock(api).advance(HOUR)
        second = sync(api, config=METHODS["search"], state=first.state, select=["tasks"])
    searchable = {gid for gid in gids if "search" not in api.world.tasks[gid].workspace.missing_features}
    assert len(searchable) > 5 * TASKS_PER_RESPONSE
    assert searchable <= second.gids("tasks")


def test_a_bulk_edit_of_two_neighbouring_instants_is_read_completely() -> None:
    """With inclusive bounds, more tasks than a response holds share an instant, and as many the next millisecond."""
    api = asana(TINY, limits=Limits(search_inclusive=frozenset({"after"})))
    workspace = next(iter(api.world.workspaces))
    config = {**METHODS["search"], "workspaces": [workspace]}
    state = sync(api, config=config, select=["tasks"]).state
    gids = [api.world.add_task(workspace=workspace) for _ in range(150)]
    clock(api).advance(0.001)
    gids += [api.world.add_task(workspace=workspace) for _ in range(150)]
    assert api.world.tasks[gids[-1]].created == api.world.tasks[gids[0]].created + 1
    for at, gid in enumerate(gids):
        if at % 2:
            api.world.complete_task(gid)
    clock(api).advance(HOUR)
    api.world.bulk_edit(gids)
    clock(api).advance(HOUR)
    assert set(gids) <= sync(api, config=config, state=state, select=["tasks"]).gids("tasks")


def test_a_bulk_edit_of_five_thousand_tasks_is_read_by_search() -> None:
    """Five thousand tasks with the same modified_at take little more than one search per hundred, and no list."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    config = {**METHODS["search"], "workspaces": [workspace]}
    state = sync(api, config=config, select=["tasks"]).state
    gids = []
    for _ in range(5000):
        clock(api).advance(0.003)
        gids.append(api.world.add_task(workspace=workspace))
    clock(api).advance(HOUR)
    api.world.bulk_edit(gids)
    clock(api).advance(HOUR)
    before = len(api.log)
    second = sync(api, config=config, state=state, select=["tasks"])
    assert set(gids) <= second.gids("tasks")
    requests = Counter(handled.template for handled in api.log[before:])
    assert requests["GET /workspaces/{workspace_gid}/tasks/search"] < 60
    assert requests["GET /tasks"] == CHECKED_LISTS


@pytest.mark.parametrize("fresh", [False, True], ids=["old fields", "new fields"])
def test_a_lagging_index_loses_nothing(fresh: bool) -> None:  # noqa: FBT001 - a case of the test
    """Changes not yet indexed are read in the next run, and hide no others."""
    api = asana(SMALL, limits=Limits(search_lag=60, search_fresh=fresh))
    first = sync_task_streams(api, METHODS["search"])
    clock(api).advance(HOUR)
    tasks = sorted(api.world.gids("tasks"))
    for gid in tasks[:120]:
        api.world.rename_task(gid)
        clock(api).advance(1)
    second = sync_task_streams(api, METHODS["search"], first.state)
    clock(api).advance(HOUR)
    third = sync_task_streams(api, METHODS["search"], second.state)
    assert set(tasks[:120]) <= second.gids("tasks") | third.gids("tasks")


def increment_after(work: Callable[[Api], object]) -> tuple[Output, Counter[str]]:
    """Change objects after a first run; return the output and the requests of the next run by search."""
    api = asana(replace(SMALL, workspaces=1, projects=400), dialect=Dialect(moves_modify_tasks=True))
    first = sync(api, config=METHODS["search"], select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    work(api)
    clock(api).advance(HOUR)
    before = len(api.log)
    second = sync(api, config=METHODS["search"], state=first.state, select=TASKS_AND_STORIES)
    return second, Counter(handled.template for handled in api.log[before:])


def test_unchanged_tasks_take_no_requests_by_search() -> None:
    """Without changes, tasks and stories take two searches, the lists of parents, and the stories of goals.

    The second search starts from the other end, because invisible tasks could fill a whole response. Two more requests
    list the changes of two projects, for comparison.
    """
    quiet, requests = increment_after(lambda _: None)
    assert quiet.gids("tasks") == set()
    assert requests["GET /workspaces/{workspace_gid}/tasks/search"] == 2
    assert requests["GET /projects"] == 4
    assert requests["GET /tasks"] == CHECKED_LISTS
    assert requests.total() - CHECKED_LISTS < 20


@pytest.mark.parametrize("days", [1, 5])
def test_requests_by_search_depend_on_the_changes(days: int) -> None:
    """Changed tasks take one request each for their stories, one search per hundred; others are few.

    Of these a new project, person or tag is listed, with the subtasks of its tasks.
    """

    def work(api: Api) -> None:
        for day in range(days):
            api.world.mutate(day)
            clock(api).advance(60)

    second, requests = increment_after(work)
    changed = len(second.gids("tasks"))
    assert changed > 20 * days
    lists = requests["GET /tasks"] - CHECKED_LISTS + requests["GET /tasks/{task_gid}/subtasks"]
    assert lists <= 2 * days + 2
    assert requests.total() - CHECKED_LISTS - requests["GET /projects"] - lists <= changed + changed / 100 + 15


@pytest.mark.parametrize("status", [402, 403, 404])
@pytest.mark.parametrize("later", [False, True], ids=["first read", "increment"])
def test_a_search_that_becomes_unavailable_falls_back_to_lists(status: int, *, later: bool) -> None:
    """If the plan loses search in the middle of a run, the rest is read by list."""
    api = asana(SMALL)
    config = {**METHODS["auto"], "workspaces": [next(iter(api.world.workspaces))]}
    union = sync_task_streams(api, config) if later else Output()
    clock(api).advance(HOUR)
    for gid in sorted(api.world.gids("tasks")) if later else ():
        api.world.rename_task(gid)
        clock(api).advance(1)
    clock(api).advance(HOUR)

    class WithoutSearch(Api):
        """An Asana whose plan ends after the second search."""

        searches = count(1)

        @override
        def handle(self, request: HttpRequest) -> HttpResponse:
            if request.path.endswith("/tasks/search") and next(self.searches) > 2:
                return ApiError(status, "Not available").response()
            return super().handle(request)

    lapsed = WithoutSearch(api.world)
    union = union.then(sync_task_streams(lapsed, config, union.state or None))
    assert sum(handled.status == status for handled in lapsed.log)
    selected = {gid for gid, task in api.world.tasks.items() if task.workspace.gid in config["workspaces"]}
    truth = {gid: task["modified_at"] for gid, task in api.world.expected_records("tasks").items() if gid in selected}
    rows = union.rows("tasks")
    assert {gid: rows[gid]["modified_at"] for gid in truth} == truth


@pytest.mark.parametrize("max_people", [RunLimits.max_excluded_people, 0], ids=["few people", "many people"])
def test_search_finds_tasks_of_departed_people(max_people: int) -> None:
    """A first run reads a task without a project whose assignee is in no list of people any more."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    leaver = api.world.add_user(workspace)
    tasks = {api.world.add_task(workspace=workspace, assignee=leaver)}
    for _ in range(150):
        clock(api).advance(1)
        tasks.add(api.world.add_task(workspace=workspace, assignee=leaver))
    api.world.remove_user(leaver, workspace)
    clock(api).advance(HOUR)
    with run_limits(max_excluded_people=max_people):
        output = sync_task_streams(api, METHODS["search"])
    assert tasks <= output.gids("tasks")
    assert any("assignee.not" in handled.query for handled in api.log) is bool(max_people)
    assert missing_gids(api, output, METHODS["search"]) == {}
    assert len(output.records("tasks")) == len(output.gids("tasks"))


@pytest.mark.parametrize("max_concurrency", [1, 20])
def test_a_changed_task_of_a_newly_visible_project_is_written_once(max_concurrency: int) -> None:
    """Both the search for changes and the list of the project find it, with all that is below it."""
    api = asana(TINY)
    world = api.world
    project = max(world.gids("projects"), key=lambda gid: len(world.projects[gid].tasks))
    world.hide_project(project)
    config = {**METHODS["search"], "max_concurrency": max_concurrency}
    first = sync(api, config=config, select=ALL_TASK_STREAMS)
    world.share_project(project)
    changed = list(world.projects[project].tasks)
    for gid in changed:
        world.attach(gid)
        world.track_time(gid)
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=ALL_TASK_STREAMS, state=first.state)
    assert set(changed) <= second.gids("tasks")
    for stream in ALL_TASK_STREAMS:
        assert len(second.records(stream)) == len(second.gids(stream)), stream
