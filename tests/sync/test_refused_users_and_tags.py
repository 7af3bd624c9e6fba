"""Refused users and tags return their tasks of any age when they become readable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from harness import TINY, Message, Output, asana, clock, sync
from interruptions import interrupted
from methods import HOUR, LIST, SEARCH, TASKS_AND_STORIES

from fake_asana.model.tasks import Task
from fake_asana.server.api import Api


def only_assigned(task: Task) -> bool:
    """Report whether only its assignee leads to a task."""
    return task.assignee is not None and not (task.sections or task.tags or task.parent)


def only_tagged(task: Task) -> bool:
    """Report whether only a tag leads to a task."""
    return len(task.tags) == 1 and not (task.sections or task.assignee or task.parent or task.subtasks)


def refuse_only_list(api: Api, fits: Callable[[Task], bool], status: int = 403) -> tuple[str, str]:
    """Refuse the only list of a task, and return the gids of the task and of the list's parent."""
    viewer = api.world.access.viewers["0/fake"]
    task = next(task for task in api.world.tasks.values() if viewer.sees(task) and fits(task))
    gid = task.assignee.gid if fits is only_assigned and task.assignee else task.tags[0].gid
    api.world.access.deny(gid, status)
    return task.gid, gid


def stored_debts(output: Output) -> set[str]:
    """Return the gids of the debts in the state of tasks."""
    partitions = output.state["bookmarks"]["tasks"]["partitions"]
    return {gid for partition in partitions for gids in partition.get("debts", {}).values() for gid in gids}


@pytest.mark.parametrize("fits", [only_assigned, only_tagged])
def test_tasks_are_read_when_the_plan_has_their_list(fits: Callable[[Task], bool]) -> None:
    """A user or tag whose list the plan lacks is no debt, but its old tasks come with the first list of it."""
    api = asana(replace(TINY, tagged=20))
    task, _ = refuse_only_list(api, fits, 402)
    clock(api).advance(HOUR)
    first = sync(api, config=LIST, select=["tasks"])
    assert task not in first.gids("tasks")
    assert not stored_debts(first)
    api.world.access.denied_statuses.clear()
    clock(api).advance(HOUR)
    assert task in sync(api, config=LIST, select=["tasks"], state=first.state).gids("tasks")


@pytest.mark.parametrize("settings", [LIST, SEARCH], ids=["list", "search"])
@pytest.mark.parametrize("fits", [only_assigned, only_tagged])
def test_tasks_are_read_when_their_list_becomes_readable(fits: Callable[[Task], bool], settings: Message) -> None:
    """While a user or tag is refused, its old tasks are missing; the first run that may list it returns them."""
    api = asana(replace(TINY, tagged=20))
    task, gid = refuse_only_list(api, fits)
    clock(api).advance(HOUR)
    first = sync(api, config=LIST, select=TASKS_AND_STORIES)
    assert task not in first.gids("tasks")
    assert stored_debts(first) == {gid}
    clock(api).advance(HOUR)
    second = sync(api, config=LIST, select=TASKS_AND_STORIES, state=first.state)
    assert stored_debts(second) == {gid}
    api.world.access.denied_statuses.clear()
    clock(api).advance(HOUR)
    third = sync(api, config=settings, select=TASKS_AND_STORIES, state=second.state)
    assert task in third.gids("tasks")
    assert set(api.world.gids("stories")) <= first.then(second).then(third).gids("stories")
    assert not stored_debts(third)


def test_a_list_refused_before_a_kill_is_read_later() -> None:
    """A list refused in the first attempt of a read is read by a later run, even if the second may list it."""
    api = asana(TINY)
    task, _ = refuse_only_list(api, only_assigned)
    clock(api).advance(HOUR)
    first = sync(api, config=LIST, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    cut = interrupted(api, 30, config=LIST, select=TASKS_AND_STORIES, state=first.state)
    api.world.access.denied_statuses.clear()
    union = cut.then(sync(api, config=LIST, select=TASKS_AND_STORIES, state=cut.state or first.state))
    clock(api).advance(HOUR)
    assert task in union.then(sync(api, config=LIST, select=TASKS_AND_STORIES, state=union.state)).gids("tasks")


def test_a_task_with_refused_subtasks_is_a_debt() -> None:
    """A task with refused subtasks stays in the state: no other list would return them later."""
    api = asana(TINY)
    viewer = api.world.access.viewers["0/fake"]
    parent = next(task for task in api.world.tasks.values() if viewer.sees(task) and task.subtasks and task.sections)
    api.world.access.deny(parent.gid, 404)
    assert stored_debts(sync(api, config=LIST, select=TASKS_AND_STORIES)) == {parent.gid}
