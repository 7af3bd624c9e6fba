"""Nothing is left to a list ahead of the place at which a read is taken up: that list may be gone by then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import PERSON, Message, asana, attempt, clock, sync
from interruptions import killing
from methods import HOUR, TASKS_AND_STORIES

from fake_asana.server.api import Api
from fake_asana.world import Sizes, World

CONFIG: Message = {**PERSON, "extraction_method": "list", "max_concurrency": 20, "page_size": 50}
WORLD = Sizes(workspaces=1, users=4, teams=1, projects=2, tags=1, tasks=0, stories=1, busiest=2, goals=0)

Later = tuple[Callable[[World, str], object], Callable[[World], object]]
"""How a subtask comes into a list that is read behind its parent's, and how that list goes away."""


def person(world: World) -> str:
    """Return the gid of somebody who can leave."""
    (workspace,) = world.workspaces.values()
    me = world.access.viewers["0/fake"].user
    return next(user.gid for user in workspace.roster if user is not me and workspace.gid in user.workspaces)


def leave(world: World) -> None:
    """Let that person leave; their tasks still name them."""
    world.remove_user(person(world), next(iter(world.workspaces)))


def last_project(world: World) -> str:
    """Return the gid of the last project."""
    return max(world.gids("projects"), key=int)


LATER: dict[str, Later] = {
    "user": (lambda world, task: world.assign_task(task, person(world)), leave),
    "project": (
        lambda world, task: world.add_to_project(task, last_project(world)),
        lambda world: world.delete_project(last_project(world)),
    ),
}


def grown(kind: str) -> Api:
    """Return an Asana with chains of subtasks in the first project, of which one each is in a later list too."""
    api = asana(WORLD)
    project = min(api.world.gids("projects"), key=int)
    for _ in range(3):
        chain = [api.world.add_task(project=project)]
        for _ in range(3):
            chain.append(api.world.add_task(parent=chain[-1]))
        LATER[kind][0](api.world, chain[1])
        for gid in chain:
            api.world.comment(gid)
    clock(api).advance(HOUR)
    return api


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("kind", LATER)
@pytest.mark.parametrize("at", range(14, 35, 3))
def test_what_a_later_list_met_first_comes_though_it_is_gone(kind: str, at: int) -> None:
    """Many lists are read at once; what hangs from a subtask is read at the first of them, whichever came first."""
    api = grown(kind)
    cut = attempt(api, config=CONFIG, select=TASKS_AND_STORIES, on_request=killing(at)).vouched()
    LATER[kind][1](api.world)
    clock(api).advance(HOUR)
    union = cut.then(sync(api, config=CONFIG, select=TASKS_AND_STORIES, state=cut.state or None))
    for stream in TASKS_AND_STORIES:
        assert set(api.world.gids(stream)) - union.gids(stream) == set()


@pytest.mark.parametrize("kind", LATER)
def test_no_task_comes_twice_for_that(kind: str) -> None:
    """A run that nothing disturbs writes each task once."""
    api = grown(kind)
    output = sync(api, config=CONFIG, select=TASKS_AND_STORIES)
    assert len(output.records("tasks")) == len(api.world.gids("tasks"))
