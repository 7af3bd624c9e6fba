"""New users and projects whose lists bring changed tasks, and that are gone when the killed run is resumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from harness import Message, asana, clock, run_limits, sync
from interruptions import interrupted
from methods import HOUR, LIST, SEARCH

from fake_asana.model.choices import SearchForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes, World

WORLD = Sizes(
    workspaces=1, users=4, teams=1, projects=3, tags=1, tasks=14, busiest=4, goals=0, portfolios=0, shared=0, personal=0
)
STREAMS = ("tasks", "stories")
CONFIG: Message = {**LIST, "max_concurrency": 8}

Show = Callable[[bool], object]
"""Shows or hides the newcomer."""


def new_project(world: World, project: str) -> Show:
    """Return how to show or hide a project that has all tasks of another one."""
    new = max(world.gids("projects"), key=int)
    for task in [*world.projects[project].tasks]:
        world.add_to_project(task, new)
    return lambda is_shown: (world.share_project if is_shown else world.hide_project)(new)


def new_user(world: World, project: str) -> Show:
    """Return how to show or hide a user who has a task of a project."""
    (workspace,) = world.workspaces.values()
    member = max(workspace.members.values(), key=lambda each: int(each.user.gid))
    world.assign_task(world.add_task(project=project), member.user.gid)
    return lambda is_shown: setattr(member, "active", is_shown)


def lost_comments(api: Api, newcomer: Callable[[World, str], Show], request: int) -> set[str]:
    """Return the comments that never come if the run that sees a newcomer first is killed before a request."""
    world = api.world
    show = newcomer(world, min(world.gids("projects"), key=int))
    show(False)  # noqa: FBT003 - the state of the newcomer
    clock(api).advance(HOUR)
    union = sync(api, config=CONFIG, select=STREAMS)
    clock(api).advance(HOUR)
    show(True)  # noqa: FBT003 - the state of the newcomer
    comments = {world.comment(task) for task in sorted(world.gids("tasks"))}
    clock(api).advance(HOUR)
    with run_limits(output_per_state_byte=0):
        union = union.then(interrupted(api, request, config=CONFIG, select=STREAMS, state=union.state))
    show(False)  # noqa: FBT003 - the state of the newcomer
    for _ in range(2):
        clock(api).advance(HOUR)
        union = union.then(sync(api, config=CONFIG, select=STREAMS, state=union.state))
    return comments.intersection(world.gids("stories")) - union.gids("stories")


@pytest.mark.parametrize("newcomer", [new_project, new_user])
def test_a_changed_task_of_an_old_project_is_not_lost_with_the_newcomer(
    newcomer: Callable[[World, str], Show],
) -> None:
    """Its whole list came first, and was not written when the changes of the old project were."""
    requests = range(14, 40, 2)
    assert [lost for request in requests if (lost := lost_comments(asana(WORLD), newcomer, request))] == []


SEARCHED = replace(WORLD, stories=2)
SEARCH_CONFIG: Message = {**SEARCH, "max_concurrency": 4}


def lost_by_search(request: int, *, is_refused: bool) -> set[str]:
    """Return the comments that never come if the list of a new project is hidden, or refused, after a kill.

    Further tasks of the new project come before the one that an old project holds too. Another new project stays.
    """
    api = asana(SEARCHED, dialect=Dialect(searches=SearchForm(max_rows=3)))
    world = api.world
    old, *_, new = sorted(world.gids("projects"), key=int)
    clock(api).advance(60)
    for _ in range(20):
        shared = world.add_task(project=new)
        clock(api).advance(1)
    world.add_to_project(shared, old)
    world.hide_project(new)
    clock(api).advance(HOUR)
    union = sync(api, config=SEARCH_CONFIG, select=STREAMS)
    clock(api).advance(HOUR)
    world.share_project(new)
    world.add_project(next(iter(world.workspaces)))
    comments = {world.comment(task) for task in [*sorted(world.projects[old].tasks)[:6], shared]}
    clock(api).advance(HOUR)
    with run_limits(output_per_state_byte=0):
        union = union.then(interrupted(api, request, config=SEARCH_CONFIG, select=STREAMS, state=union.state))
    if is_refused:
        api.refusals[:] = [Refusal("GET /tasks", 403, new)]
    else:
        world.hide_project(new)
    for _ in range(2):
        clock(api).advance(HOUR)
        union = union.then(sync(api, config=SEARCH_CONFIG, select=STREAMS, state=union.state))
    return comments.intersection(world.gids("stories")) - union.gids("stories")


@pytest.mark.parametrize("is_refused", [False, True], ids=["hidden", "refused"])
def test_a_search_leaves_no_change_to_a_new_project_that_goes_again(*, is_refused: bool) -> None:
    """The search had left the task to the list of the new project, which the killed run had not written."""
    requests = range(33, 66, 3)
    assert [lost for request in requests if (lost := lost_by_search(request, is_refused=is_refused))] == []
