"""Users and tags whose lists were refused bring their tasks when they open, however old these are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from harness import TINY, Message, Output, asana, attempt, clock, sync
from interruptions import killing
from methods import HOUR, LIST, SEARCH, TASKS_AND_STORIES

from fake_asana.model.tasks import Task
from fake_asana.server.api import Api

methods = pytest.mark.parametrize("later", [LIST, SEARCH], ids=["list", "search"])


def only_assigned(task: Task) -> bool:
    """Tell whether only its assignee leads to a task."""
    return task.assignee is not None and not (task.sections or task.tags or task.parent)


def only_tagged(task: Task) -> bool:
    """Tell whether only a tag leads to a task."""
    return len(task.tags) == 1 and not (task.sections or task.assignee or task.parent or task.subtasks)


def shut(api: Api, fits: Callable[[Task], bool]) -> tuple[str, str]:
    """Refuse the list that alone leads to a task; returns the gids of the task and of the list."""
    viewer = api.world.access.viewers["0/fake"]
    task = next(task for task in api.world.tasks.values() if viewer.sees(task) and fits(task))
    gid = task.assignee.gid if fits is only_assigned and task.assignee else task.tags[0].gid
    api.world.access.deny(gid, 403)
    return task.gid, gid


def refused(output: Output) -> set[str]:
    """Return the gids that the state of tasks keeps as debts."""
    partitions = output.state["bookmarks"]["tasks"]["partitions"]
    return {gid for partition in partitions for gids in partition.get("debts", {}).values() for gid in gids}


@methods
@pytest.mark.parametrize("fits", [only_assigned, only_tagged])
def test_tasks_come_when_their_list_opens(fits: Callable[[Task], bool], later: Message) -> None:
    """While a user or tag is refused its old tasks are lacking; with the first run that may list it they come."""
    api = asana(replace(TINY, tagged=20))
    task, gid = shut(api, fits)
    clock(api).advance(HOUR)
    first = sync(api, config=LIST, select=TASKS_AND_STORIES)
    assert task not in first.gids("tasks")
    assert refused(first) == {gid}
    clock(api).advance(HOUR)
    second = sync(api, config=LIST, select=TASKS_AND_STORIES, state=first.state)
    assert refused(second) == {gid}
    api.world.access.denied_statuses.clear()
    clock(api).advance(HOUR)
    third = sync(api, config=later, select=TASKS_AND_STORIES, state=second.state)
    assert task in third.gids("tasks")
    assert set(api.world.gids("stories")) <= first.then(second).then(third).gids("stories")
    assert not refused(third)


def test_a_list_that_opens_while_a_read_is_cut_off_is_not_forgotten() -> None:
    """What the first attempt at a read was refused is read whole by a later one, though the second may list it."""
    api = asana(TINY)
    task, _ = shut(api, only_assigned)
    clock(api).advance(HOUR)
    first = sync(api, config=LIST, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    cut = attempt(api, config=LIST, select=TASKS_AND_STORIES, state=first.state, on_request=killing(30))
    api.world.access.denied_statuses.clear()
    union = cut.then(sync(api, config=LIST, select=TASKS_AND_STORIES, state=cut.state or first.state))
    clock(api).advance(HOUR)
    assert task in union.then(sync(api, config=LIST, select=TASKS_AND_STORIES, state=union.state)).gids("tasks")


def test_state_keeps_a_task_whose_subtasks_were_refused() -> None:
    """A task whose subtasks are refused is owed: nothing else would bring them when they open."""
    api = asana(TINY)
    viewer = api.world.access.viewers["0/fake"]
    parent = next(task for task in api.world.tasks.values() if viewer.sees(task) and task.subtasks and task.sections)
    api.world.access.deny(parent.gid, 404)
    assert refused(sync(api, config=LIST, select=TASKS_AND_STORIES)) == {parent.gid}
