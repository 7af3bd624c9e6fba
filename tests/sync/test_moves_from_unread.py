"""A task that comes into a project from where no run has read it brings everything below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from harness import PERSON, SERVICE, TINY, Message, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH

from fake_asana.model.choices import AccessForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import World
from tap_asana.sync.moved_tasks import MovedTasks

WORLD = replace(TINY, workspaces=1)

FOLLOWED = ("projects", "deletions", *ALL_TASK_STREAMS)

SERVICE_METHODS: Mapping[str, Message] = {
    "list": {**LIST, **SERVICE},
    "search": {**SEARCH, **SERVICE},
    "export": EXPORT,
}

by_a_service_account = pytest.mark.parametrize("config", SERVICE_METHODS.values(), ids=SERVICE_METHODS)
by_a_person = pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
from_any_events = pytest.mark.parametrize(
    "dialect",
    [Dialect(access=AccessForm(person_events=status)) for status in (403, 200)],
    ids=["events of projects", "events of the workspace"],
)


def fill(world: World, task: str) -> None:
    """Give a task a comment, a file, time and a subtask with a comment."""
    world.comment(task)
    world.attach(task)
    world.track_time(task, days_back=31)
    world.comment(world.add_task(parent=task))


def task_of(world: World, project: str) -> str:
    """Return a task that only this project leads to, with something below it."""
    task = next(gid for gid, each in world.projects[project].tasks.items() if len(each.sections) == 1)
    world.assign_task(task, None)
    fill(world, task)
    return task


def move(world: World, task: str) -> None:
    """Move a task from its projects, if there are any, to another one."""
    left = [project.gid for project in world.tasks[task].projects()]
    world.add_to_project(task, next(gid for gid in world.gids("projects") if gid not in left))
    for project in left:
        world.remove_from_project(task, project)


def run(api: Api, config: Message, state: Message | None = None) -> Output:
    """Return a run, with six hours before and after it."""
    clock(api).advance(6 * HOUR)
    output = sync(api, config=config, select=FOLLOWED, state=state)
    clock(api).advance(6 * HOUR)
    return output


def lost(api: Api, output: Output, task: str, token: str) -> Mapping[str, set[str]]:
    """Return what a target lacks of a task and of everything below it."""
    own = {task, *(api.world.tasks[task].subtasks or {})}
    truth = {name: api.world.expected_records(name, token) for name in ALL_TASK_STREAMS}
    below = {name: {gid for gid, row in truth[name].items() if row.get("task_gid", gid) in own} for name in truth}
    return {name: gids - output.gids(name) for name, gids in below.items() if gids - output.gids(name)}


@pytest.mark.parametrize("is_renamed", [False, True], ids=["moved", "renamed too"])
@by_a_service_account
def test_a_task_that_no_list_held_brings_what_is_below_it(config: Message, *, is_renamed: bool) -> None:
    """Nothing led a service account to it before; the events of the workspace tell that it came into a project."""
    api = asana(WORLD, dialect=Dialect(search_private="never", exports_projectless=False))
    world = api.world
    task = world.add_task(workspace=next(iter(world.workspaces)))
    fill(world, task)
    first = run(api, config)
    assert task not in first.gids("tasks")
    move(world, task)
    if is_renamed:
        world.rename_task(task)
    second = run(api, config, first.state)
    assert not lost(api, second, task, SERVICE["access_token"])
    for stream in ALL_TASK_STREAMS:
        assert len(second.records(stream)) == len(second.gids(stream)), stream


@pytest.mark.parametrize("is_hidden", [True, False], ids=["hidden", "refused"])
@from_any_events
@by_a_person
def test_a_task_that_left_an_unread_project_brings_what_is_below_it(
    config: Message, dialect: Dialect, *, is_hidden: bool
) -> None:
    """The project is visible now; it was hidden from the last run, or Asana refused its list."""
    api = asana(WORLD, dialect=dialect)
    world = api.world
    closed = world.gids("projects")[0]
    task = task_of(world, closed)
    if is_hidden:
        world.hide_project(closed)
    else:
        api.refuse("GET /tasks", 403, gid=closed)
        api.refuse("GET /workspaces/{workspace_gid}/tasks/search", 403)
    first = run(api, config)
    assert task not in first.gids("tasks")
    if is_hidden:
        world.share_project(closed)
    api.refusals.clear()
    move(world, task)
    assert not lost(api, run(api, config, first.state), task, PERSON["access_token"])


@by_a_person
def test_a_task_that_stays_in_a_refused_project_brings_what_is_below_it(config: Message) -> None:
    """The list of its project is refused in every run; then the task comes into another project too."""
    api = asana(WORLD)
    world = api.world
    refused, other = world.gids("projects")[:2]
    task = task_of(world, refused)
    api.refuse("GET /tasks", 403, gid=refused)
    output = run(api, config)
    world.add_to_project(task, other)
    assert not lost(api, output.then(run(api, config, output.state)), task, PERSON["access_token"])


@from_any_events
@by_a_person
def test_all_its_subtasks_have_all_fields_if_streams_are_read_apart(config: Message, dialect: Dialect) -> None:
    """A read for the other streams requests few fields of subtasks: its lists bring no rows (seed 9600006046)."""
    api = asana(WORLD, dialect=replace(dialect, search_private="never"))
    world = api.world
    task = world.add_task(workspace=next(iter(world.workspaces)))
    fill(world, task)
    first = run(api, config)
    only_tasks = sync(api, config=config, select=["projects", "deletions", "tasks"], state=first.state)
    clock(api).advance(6 * HOUR)
    move(world, task)
    last = run(api, config, only_tasks.state)
    assert not lost(api, last, task, PERSON["access_token"])
    assert None not in [row["name"] for row in last.records("tasks")]


@by_a_service_account
def test_a_task_that_left_a_known_project_costs_one_request(config: Message) -> None:
    """What is below it was read before: only the stories of its move are new."""
    api = asana(WORLD)
    task = task_of(api.world, api.world.gids("projects")[0])
    first = run(api, config)
    move(api.world, task)
    api.log.clear()
    second = run(api, config, first.state)
    assert not lost(api, first.then(second), task, SERVICE["access_token"])
    assert task in second.gids("tasks")
    assert not [handled for handled in api.log if handled.path.endswith(f"/tasks/{task}/stories")]


@pytest.mark.parametrize("project", [None, "7"], ids=["events of the workspace", "events of a project"])
def test_only_the_events_of_a_known_project_tell_that_a_subtask_was_read(project: str | None) -> None:
    """Those of a workspace do not show whether the token sees the task that a subtask has left."""
    moved = MovedTasks(known_projects=lambda _: {"7"})
    for action, parent in (("removed", "2"), ("added", "3")):
        event = {"action": action, "parent": {"gid": parent, "resource_type": "task"}}
        moved.add("1", event, "9", project)
    assert moved.is_unread({"gid": "1", "projects": []}, "9") == (project is None)
