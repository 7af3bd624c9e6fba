"""The records of several runs together equal the world, with changes and kills at any request, by every method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import pytest
from conditions import Conditions, any_conditions, followed, quieted
from harness import PERSON, TINY, Output, asana, clock, run_limits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import Killed, Moments
from methods import HOUR, METHODS, missing_or_stale

from fake_asana.server.api import Api
from fake_asana.world import World


@dataclass(frozen=True)
class Colleague:
    """A user who changes objects chosen by number, one second after the previous change."""

    api: Api
    token: str

    def does(self, change: str, number: int) -> None:
        """Make one change."""
        world = self.api.world
        with world.lock:
            clock(self.api).advance(1)
            tasks, projects = (
                sorted(world.gids("tasks", self.token)),
                sorted(world.gids("projects", self.token)),
            )
            CHANGES[change](world, tasks[number % len(tasks)], projects[number % len(projects)])


def move(world: World, task: str, project: str) -> None:
    """Move a task to another project of its workspace."""
    if world.tasks[task].workspace is not world.projects[project].workspace:
        return
    old_projects = [found.gid for found in world.tasks[task].projects()]
    world.add_to_project(task, project)
    for gid in old_projects:
        if gid != project:
            world.remove_from_project(task, gid)


def leave(world: World, task: str, _: str) -> None:
    """Remove a task from all its projects, so that only its assignee or a search leads to it."""
    world.assign_task(task, next(iter(world.tasks[task].workspace.members.values())).user.gid)
    for project in list(world.tasks[task].projects()):
        world.remove_from_project(task, project.gid)


def restore(world: World, _: str, project: str) -> None:
    """Restore the first task in the trash, or create a new one."""
    deleted = next(iter(world.trash.tasks), None)
    if deleted and not world.trash.tasks[deleted].parent:
        world.undelete_task(deleted)
    else:
        world.add_task(project=project)


def share(world: World, _: str, project: str) -> None:
    """Share a hidden project, or hide one; its tasks are old."""
    if world.hidden_projects:
        world.share_project(min(world.hidden_projects))
    else:
        world.hide_project(project)


CHANGES: Mapping[str, Callable[[World, str, str], object]] = {
    "rename": lambda world, task, _: world.rename_task(task),
    "complete": lambda world, task, _: world.complete_task(task),
    "comment": lambda world, task, _: world.comment(task),
    "attach": lambda world, task, _: world.attach(task),
    "add": lambda world, _, project: world.comment(world.add_task(project=project)),
    "add below": lambda world, task, _: world.comment(world.add_task(parent=task)),
    "delete": lambda world, task, _: world.delete_task(task),
    "restore": restore,
    "move": move,
    "leave": leave,
    "a day": lambda world, _, __: world.mutate(),
}

work = st.dictionaries(
    st.integers(1, 70), st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 1000)), max_size=8
)
"""The changes, and the requests of an attempt before which they happen."""

Attempt: TypeAlias = tuple[dict[int, tuple[str, int]], "int | None", bool]

attempts = st.lists(st.tuples(work, st.none() | st.integers(3, 70), st.booleans()), min_size=1, max_size=4)
"""The changes during each attempt, the request before which it is killed, and whether a project is shared first."""


def _killed() -> None:
    raise Killed


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=attempts, conditions=any_conditions)
def test_all_runs_together_equal_the_world(method: str, plan: list[Attempt], conditions: Conditions) -> None:
    """After changes and kills at any request, two runs without changes leave nothing unread.

    Here moves change modified_at; `test_moved_tasks` covers moves that do not.
    """
    api = asana(TINY, limits=conditions.limits, dialect=replace(conditions.dialect, moves_modify_tasks=True))
    pages = {"max_concurrency": conditions.concurrency, "page_size": conditions.page_size}
    config = {**METHODS[method], **pages}
    somebody, union = Colleague(api, config["access_token"]), Output()

    def doing(change: tuple[str, int]) -> Callable[[], None]:
        return lambda: somebody.does(*change)

    with run_limits(output_per_state_byte=conditions.share_of_state):
        for changes, kill, shared in plan:
            clock(api).advance(HOUR)
            if shared:
                share(api.world, "", min(api.world.gids("projects", PERSON["access_token"])))
            moments = Moments({at: doing(change) for at, change in changes.items()} | ({kill: _killed} if kill else {}))
            union = followed(api, config, union, moments)
        union = quieted(api, config, union)
    assert missing_or_stale(api, union, config["access_token"]) == {}
