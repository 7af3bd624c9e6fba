"""A resumed read defers no task to a list after its position, which may be gone by then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import PERSON, Message, asana, clock, sync
from interruptions import interrupted
from methods import HOUR, TASKS_AND_STORIES

from fake_asana.server.api import Api
from fake_asana.world import Sizes, World

CONFIG: Message = {**PERSON, "extraction_method": "list", "max_concurrency": 20, "page_size": 50}
WORLD = Sizes(workspaces=1, users=4, teams=1, projects=2, tags=1, tasks=0, stories=1, busiest=2, goals=0)

Later = tuple[Callable[[World, str], object], Callable[[World], object]]
"""A function that adds a subtask to a list after its parent's, and one that removes that list."""


def person(world: World) -> str:
    """Return the gid of a user who can leave."""
    (workspace,) = world.workspaces.values()
    me = world.access.viewers["0/fake"].user
    return next(user.gid for user in workspace.roster if user is not me and workspace.gid in user.workspaces)


def leave(world: World) -> None:
    """Let that user leave; their tasks still name them."""
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
    """Return an Asana with chains of subtasks in the first project, each with one subtask in a later list too."""
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
def test_children_first_met_in_a_removed_list_are_read(kind: str, at: int) -> None:
    """With concurrent lists, the children of a subtask are read from its first list, in any order of arrival."""
    api = grown(kind)
    cut = interrupted(api, at, config=CONFIG, select=TASKS_AND_STORIES)
    LATER[kind][1](api.world)
    clock(api).advance(HOUR)
    union = cut.then(sync(api, config=CONFIG, select=TASKS_AND_STORIES, state=cut.state or None))
    for stream in TASKS_AND_STORIES:
        assert set(api.world.gids(stream)) - union.gids(stream) == set()


@pytest.mark.parametrize("kind", LATER)
def test_an_undisturbed_run_writes_each_task_once(kind: str) -> None:
    """An undisturbed run writes each task once."""
    api = grown(kind)
    output = sync(api, config=CONFIG, select=TASKS_AND_STORIES)
    assert len(output.records("tasks")) == len(api.world.gids("tasks"))
