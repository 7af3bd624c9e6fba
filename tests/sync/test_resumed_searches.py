"""A read by search, or in place of one, resumes only at positions of what it reads itself."""

from __future__ import annotations

import pytest
from harness import Output, asana, clock, run_limits, sync
from interruptions import interrupted
from methods import HOUR, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
CONFIG = {**SEARCH, "max_concurrency": 1}
SEARCH_ROUTE = "GET /workspaces/{workspace_gid}/tasks/search"


def runs(api: Api, union: Output, number: int) -> Output:
    """Return some runs and so many further ones, a minute and then some hours later."""
    for count in range(number):
        clock(api).advance(count * HOUR or 60)
        union = union.then(sync(api, config=CONFIG, select=TASK_STREAMS, state=union.state or None))
    return union


@pytest.mark.usefixtures("eager")
def test_a_read_of_everything_does_not_resume_in_the_lists_of_a_read_of_changes() -> None:
    """Searches leave out subtasks. The first attempt is refused all searches, and the second one finds that out."""
    api = asana(WORLD, dialect=Dialect(search_subtasks="never"))
    clock(api).advance(48 * HOUR)
    for gid in api.world.gids("tasks"):
        api.world.comment(api.world.add_task(parent=gid))
    clock(api).advance(HOUR)
    with run_limits(max_uncompared_lists=0):
        union = runs(api, Output(), 1)
        clock(api).advance(48 * HOUR)
        api.refusals.append(Refusal(SEARCH_ROUTE, 403))
        killed = interrupted(
            api, lambda request: "assignee" in request.query, config=CONFIG, select=TASK_STREAMS, state=union.state
        )
        assert killed.bookmark("tasks")["window"]["positions"]["lists"]
        api.refusals.clear()
        union = runs(api, union.then(killed), 3)
    assert union.bookmark("projects")["search"]["subtasks"] == "missing"
    assert missing_or_stale(api, union, CONFIG["access_token"]) == {}


def is_full_list(request: HttpRequest) -> bool:
    """Return whether a request is for all fields of tasks, as those of reads are and those of comparisons are not."""
    return "custom_fields" in request.query.get("opt_fields", "")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("is_first_read", [True, False])
def test_a_project_that_is_restored_before_a_read_resumes_is_searched(*, is_first_read: bool) -> None:
    """Searches leave out archived projects; they were complete at the kill, and the list of this one was not read."""
    api = asana(WORLD, dialect=Dialect(search_archived=False))
    first, *_, last = sorted(api.world.gids("projects"), key=int)
    api.world.archive_project(first)
    api.world.archive_project(last)
    parent = next(task for task in api.world.projects[last].ordered_tasks() if len([*task.projects()]) == 1)
    subtask = api.world.add_task(parent=parent.gid)
    clock(api).advance(48 * HOUR)
    union = Output()
    if not is_first_read:
        union = runs(api, union, 1)
        clock(api).advance(HOUR)
        for gid in (*api.world.projects[last].tasks, subtask):
            api.world.comment(gid)
        clock(api).advance(HOUR)

    def leads_to_the_project(request: HttpRequest) -> bool:
        is_list = request.query.get("project") == last and not is_first_read
        return is_full_list(request) and (is_list or request.path.endswith(f"/tasks/{parent.gid}/subtasks"))

    state = union.state or None
    killed = interrupted(api, leads_to_the_project, config=CONFIG, select=TASK_STREAMS, state=state)
    api.world.unarchive_project(last)
    union = runs(api, union.then(killed), 3)
    assert missing_or_stale(api, union, CONFIG["access_token"]) == {}


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [32, 38, 44])
def test_a_project_that_is_archived_before_a_read_resumes_is_listed(at: int) -> None:
    """The interrupted read has reached the lists of archived projects, and this one comes before that position."""
    api = asana(WORLD, dialect=Dialect(search_archived=False))
    for project in api.world.projects.values():
        project.archived = False
    largest = max(api.world.projects.values(), key=lambda project: len(project.tasks))
    empty = [api.world.add_project(next(iter(api.world.workspaces))) for _ in range(4)]
    api.world.archive_project(max(empty, key=int))
    config = {**CONFIG, "max_concurrency": 2}
    union = sync(api, config=config, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    for gid in api.world.gids("tasks"):
        api.world.comment(gid)
    clock(api).advance(HOUR)
    killed = interrupted(api, at, config=config, select=TASK_STREAMS, state=union.state)
    api.world.archive_project(largest.gid)
    union = runs(api, union.then(killed), 3)
    assert missing_or_stale(api, union, config["access_token"]) == {}
