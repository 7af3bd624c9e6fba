"""A version deletes no row that the token can see, although searches were refused, or leave out archived projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest
from harness import ENTRIES, Hook, Message, Output, asana, catalog_of, clock, sync
from methods import DAY, HOUR, METHODS, TASK_STREAMS, VERSIONED

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.model.projects import Project
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from tap_asana.sync.task_tree import HIDDEN

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
EXPORTS = "POST /exports/resource"
SEARCHES = "GET /workspaces/{workspace_gid}/tasks/search"
FULL_TABLES = {name: {**ENTRIES[name], "replication_method": "FULL_TABLE"} for name in TASK_STREAMS}
ONE_BY_ONE: Message = {**METHODS["auto"], **VERSIONED, "max_concurrency": 1}


def run(
    api: Api,
    state: Message | None = None,
    on_request: Hook | None = None,
    pause: int = HOUR,
    config: Message = ONE_BY_ONE,
) -> Output:
    """Return a run that reads tasks and what is below them as a whole, some seconds later."""
    clock(api).advance(pause)
    catalog = catalog_of(TASK_STREAMS, FULL_TABLES)
    return sync(api, config=config, catalog=catalog, state=state, on_request=on_request)


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


def test_a_line_says_why_no_version_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    """Searches are refused in each run, or people change projects all the time, so that deleted rows stay."""
    caplog.set_level("INFO")
    api, project = with_subtask_of_project()
    first = run(api, pause=2 * DAY)
    assert "no version" not in caplog.text
    api.world.archive_project(project.gid)
    assert announced(run(api, first.state, pause=60)) == set()
    api.refusals.append(Refusal(SEARCHES, 403))
    assert announced(run(api, first.state)) == set()
    reasons = [record.args for record in caplog.records if "no version of tasks is announced" in record.getMessage()]
    workspace = next(iter(api.world.workspaces))
    assert reasons == [(workspace, HIDDEN), (workspace, "searches are refused")]


def with_subtask_of_project(limits: Limits | None = None) -> tuple[Api, Project]:
    """Return an Asana whose searches leave out archived projects, and a project with a subtask below a task of it."""
    api = asana(WORLD, dialect=Dialect(search_archived=False), limits=limits)
    project = api.world.projects[max(api.world.gids("projects"), key=int)]
    parent = next(task for task in project.ordered_tasks() if len(list(task.projects())) == 1)
    api.world.add_task(parent=parent.gid)
    return api, project


def test_a_project_archived_during_the_read_deletes_nothing() -> None:
    """It was active when projects were listed, and no search finds the subtasks below its tasks."""
    api, project = with_subtask_of_project()
    first = run(api, pause=2 * DAY)
    assert announced(first) == {*TASK_STREAMS}

    def archive(request: HttpRequest) -> None:
        if request.path.endswith("/tasks/search") and not project.archived:
            api.world.archive_project(project.gid)

    second = run(api, first.state, archive)
    assert project.archived
    assert deleted(api, second) == {}
    third = run(api, second.state)
    assert announced(third) == {*TASK_STREAMS}
    assert deleted(api, third) == {}


def test_a_project_restored_just_before_the_read_deletes_nothing() -> None:
    """It is active when projects are listed, and the index, which is late, still counts it as archived."""
    api, project = with_subtask_of_project(Limits(search_lag=1200))
    api.world.archive_project(project.gid)
    first = run(api, pause=2 * DAY)
    assert deleted(api, first) == {}
    clock(api).advance(HOUR)
    api.world.unarchive_project(project.gid)
    assert deleted(api, run(api, first.state, pause=60)) == {}


def test_a_search_that_cannot_divide_its_tasks_deletes_nothing() -> None:
    """Many tasks were made at once for somebody; they are in no list any more, and no search finds all of them."""
    api = asana(WORLD, dialect=Dialect(search_ties="first"))
    workspace = next(iter(api.world.workspaces))
    tasks = {api.world.add_task(workspace=workspace) for _ in range(250)}
    for task in tasks:
        api.world.assign_task(task, min(api.world.users))
    first = run(api, pause=2 * DAY)
    assert tasks <= first.gids("tasks")
    for task in tasks:
        api.world.assign_task(task, None)
    second = run(api, first.state)
    assert not tasks <= second.gids("tasks")
    assert deleted(api, second) == {}


@pytest.mark.parametrize("found", ["found", "own", "never"])
def test_a_search_in_place_of_an_export_deletes_nothing(found: Literal["found", "own", "never"]) -> None:
    """Exports contain tasks outside of all lists. Searches may leave them out, in each run without an export."""
    api, config = asana(WORLD, dialect=Dialect(search_private=found)), {**METHODS["export"], **VERSIONED}
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    output = run(api, pause=2 * DAY, config=config)
    assert task in output.gids("tasks")
    assert announced(output) == {*TASK_STREAMS}
    api.refusals.append(Refusal(EXPORTS, 403))
    for _ in range(2):
        output = run(api, output.state, config=config)
        assert task not in output.gids("tasks") or found == "found"
        assert announced(output) == ({*TASK_STREAMS} if found == "found" else set())
    api.refusals.clear()
    assert announced(run(api, output.state, config=config)) == {*TASK_STREAMS}
