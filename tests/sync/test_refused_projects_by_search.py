"""Tasks of an archived project whose list is refused, where searches leave out archived projects.

Only the list of their assignee leads to them.
"""

from __future__ import annotations

import threading

from direct_session import Waiting
from harness import Hook, Message, Output, asana, clock, sync
from methods import HOUR, SEARCH, TASK_STREAMS

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)


def run(api: Api, state: Message | None = None, on_request: Hook | None = None) -> Output:
    """Read the tasks by search, an hour later."""
    clock(api).advance(HOUR)
    config = {**SEARCH, "max_concurrency": 3}
    return sync(api, config=config, select=TASK_STREAMS, state=state, on_request=on_request)


def refused_project(api: Api) -> tuple[str, str]:
    """Add an archived project whose list is refused, with a task of a person; return both."""
    world = api.world
    user, workspace = world.gids("users")[0], next(iter(world.workspaces))
    project = world.add_project(workspace)
    task = world.add_task(project=project)
    world.assign_task(task, user)
    world.archive_project(project)
    api.refusals.append(Refusal("GET /tasks", 403, gid=project))
    return project, task


def test_subtasks_of_a_refused_project_are_read_below_the_tasks_of_a_person() -> None:
    """In a first read, searches for subtasks do not find them, and the lists of people lead to no others."""
    api = asana(WORLD, dialect=Dialect(search_archived=False, assignee_lists_subtasks=False))
    _, task = refused_project(api)
    subtask = api.world.add_task(parent=task)
    api.world.comment(subtask)
    output = run(api)
    assert output.bookmark("projects")["search"]["private"] == "found"
    assert {task, subtask} <= output.gids("tasks")
    assert set(api.world.comment_gids(subtask)) <= output.gids("stories")


def test_a_task_of_a_new_project_that_is_refused_late_is_read_by_the_list_of_a_person() -> None:
    """The list of a person leaves it to that project, and is read again when the project turns out to be refused."""
    api = asana(WORLD, dialect=Dialect(search_archived=False, search_private="never"))
    api.world.archive_project(min(api.world.gids("projects")))
    first = run(api)
    assert first.bookmark("projects")["search"].items() >= {"archived": "missing", "private": "missing"}.items()
    project, task = refused_project(api)
    unread, are_read = {*api.world.gids("users"), *api.world.gids("tags")}, threading.Event()

    def hold_back(request: HttpRequest) -> None:
        if request.query.get("project") == project:
            assert are_read.wait(10)
        unread.difference_update({request.query.get("assignee", ""), *request.path.split("/")})
        if not unread:
            are_read.set()

    assert task in run(api, first.state, Waiting(hold_back)).gids("tasks")


def test_a_change_in_an_archived_project_arrives_when_its_list_is_not_refused_any_more() -> None:
    """An increment by search requests no list of a person in place of that of the project."""
    api = asana(WORLD, dialect=Dialect(search_archived=False))
    _, task = refused_project(api)
    output = run(api)
    api.world.rename_task(task)
    refused = run(api, output.state)
    api.refusals.clear()
    read = run(api, refused.state)
    rows = [each.rows("tasks").get(task, {}).get("name") for each in (output, refused, read)]
    assert rows[1:] == [None, api.world.tasks[task].name]
    assert rows[0] not in {None, rows[2]}
