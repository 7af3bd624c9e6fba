"""A list that reads only changes of a task does not hide it from a list that reads it completely, in any order."""

from __future__ import annotations

import re
import threading

import pytest
from direct_session import Waiting
from harness import PERSON, TINY, Message, asana, clock, sync
from methods import HOUR, TASKS_AND_STORIES

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import Sizes

TIMEOUT_SECONDS = 20.0
"""Real seconds after which a held request continues."""

EMPTY = Sizes(workspaces=1, users=2, projects=2, tasks=0)


def hold_until(late: str, early: str) -> Waiting:
    """Return a hook that holds requests for one list until another list was requested; both are URL patterns."""
    released = threading.Event()

    def hold(request: HttpRequest) -> None:
        address = f"{request.path}?" + "&".join(f"{name}={value}" for name, value in sorted(request.query.items()))
        if re.search(early, address):
            released.set()
        elif re.search(late, address):
            released.wait(TIMEOUT_SECONDS)

    return Waiting(hold)


def hidden_subtasks(api: Api) -> tuple[str, list[str]]:
    """Return a hidden project with a chain of subtasks, the second of which is assigned."""
    world = api.world
    project, somebody = min(world.gids("projects"), key=int), min(world.gids("users"), key=int)
    top = world.add_task(project=project)
    middle = world.add_task(parent=top, assignee=somebody)
    chain = [top, middle, world.add_task(parent=middle)]
    chain.append(world.add_task(parent=chain[-1]))
    for gid in chain:
        world.comment(gid)
    world.hide_project(project)
    return project, chain


@pytest.mark.parametrize("method", ["list", "auto"])
@pytest.mark.parametrize("order", ["the user first", "the project first"])
def test_a_newly_visible_project_includes_subtasks_below_an_assigned_one(method: str, order: str) -> None:
    """A user's list reads a subtask for its changes, and the new project reads it again completely."""
    api = asana(EMPTY)
    project, chain = hidden_subtasks(api)
    clock(api).advance(HOUR)
    config: Message = {**PERSON, "extraction_method": method, "max_concurrency": 20}
    first = sync(api, config=config, select=TASKS_AND_STORIES)
    assert not first.gids("tasks") & set(chain)
    clock(api).advance(HOUR)
    api.world.share_project(project)
    lists = [rf"project={project}", rf"/tasks/{chain[1]}/subtasks"]
    hook = hold_until(*lists) if order == "the user first" and method == "list" else None
    second = sync(api, config=config, select=TASKS_AND_STORIES, state=first.state, on_request=hook)
    assert set(chain) <= second.gids("tasks")
    assert set(api.world.gids("stories")) <= first.then(second).gids("stories")


def test_all_subtasks_of_a_changed_task_are_read() -> None:
    """All subtasks of a changed task are read, even below a subtask that another list has read for changes."""
    api = asana(EMPTY)
    project, chain = hidden_subtasks(api)
    world = api.world
    world.share_project(project)
    clock(api).advance(HOUR)
    first = sync(api, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    world.rename_task(chain[0])
    hook = hold_until(rf"/tasks/{chain[0]}/subtasks", rf"/tasks/{chain[1]}/subtasks")
    second = sync(api, select=TASKS_AND_STORIES, state=first.state, on_request=hook, config={"max_concurrency": 20})
    assert set(chain) <= second.gids("tasks")


@pytest.mark.parametrize("method", ["list", "auto"])
def test_a_new_project_defers_no_task_to_a_known_one(method: str) -> None:
    """A task in a new and a known project is read with the new one, because the known one only reads changes."""
    api = asana(EMPTY)
    world = api.world
    known, new = sorted(world.gids("projects"), key=int)
    world.hide_project(new)
    task = world.add_task(project=new)
    below = world.add_task(parent=task)
    clock(api).advance(HOUR)
    config: Message = {**PERSON, "extraction_method": method}
    first = sync(api, config=config, select=TASKS_AND_STORIES)
    world.place_in_project(world.tasks[task], known)
    clock(api).advance(HOUR)
    world.share_project(new)
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=TASKS_AND_STORIES, state=first.state)
    assert {task, below} <= second.gids("tasks")


def test_a_task_that_leaves_its_first_project_is_read_all_the_same() -> None:
    """The list of another project leaves a task to the first one, which the task leaves before its list is read."""
    api = asana(EMPTY, dialect=Dialect(moves_modify_tasks=False))
    world = api.world
    first, second = sorted(world.gids("projects"), key=int)
    task, other = world.add_task(project=first), world.add_task(project=second)
    world.add_to_project(task, second)
    world.add_task(parent=other)
    clock(api).advance(HOUR)
    hold = hold_until(rf"project={first}", rf"/tasks/{other}/subtasks")

    def leave(request: HttpRequest) -> None:
        hold(request)
        if request.query.get("project") == first and task in world.projects[first].tasks:
            world.remove_from_project(task, first)

    output = sync(api, config={"max_concurrency": 20}, select=TASKS_AND_STORIES, on_request=Waiting(leave))
    assert output.gids("tasks") == set(world.gids("tasks"))


@pytest.mark.parametrize("seed", range(6))
def test_random_worlds_with_a_newly_visible_project(seed: int) -> None:
    """After a hidden project is shared, all its tasks are read, in any order of twenty responses."""
    api = asana(TINY, seed=seed)
    world = api.world
    hidden = max(world.gids("projects"), key=lambda gid: len(world.projects[gid].tasks))
    people = sorted(world.gids("users"), key=int)
    for number, top in enumerate(list(world.projects[hidden].tasks)):
        middle = world.add_task(parent=world.add_task(parent=top), assignee=people[number % len(people)])
        world.comment(world.add_task(parent=world.add_task(parent=middle)))
    world.hide_project(hidden)
    clock(api).advance(HOUR)
    config: Message = {**PERSON, "max_concurrency": 20}
    first = sync(api, config=config, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    world.share_project(hidden)
    # The lists of projects are held until those of users were requested.
    hook = hold_until(rf"project={hidden}", r"assignee=\d+")
    union = first.then(sync(api, config=config, select=TASKS_AND_STORIES, state=first.state, on_request=hook))
    for stream in TASKS_AND_STORIES:
        assert set(world.gids(stream)) <= union.gids(stream)
