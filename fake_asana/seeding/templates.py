"""Templates of a workspace, and the custom types of its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.custom_types import STATES, CustomType, StatusOption
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.templates import ProjectTemplate, TaskTemplate

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State

MANY = 101  # task templates of the first project: one more than a page
TEMPLATES = 3
TYPES = ("Bug 🐞", "Änderungswunsch", "Bare")


def templates(state: State, workspace: Workspace) -> None:
    """Templates of projects, with a team where there are any, and of the tasks of some projects."""
    teams = list(workspace.teams.values())
    for at in range(TEMPLATES):
        template = state.project_templates.add(ProjectTemplate(*state.fresh(), workspace))
        template.team = teams[at % len(teams)] if teams else None
    for project in workspace.projects.values():
        dice = SeededRandom(project.seed, 20)
        for _ in range((dice.below(4) if dice.chance(40) else 0) if state.task_templates.rows else MANY):
            state.task_templates.add(TaskTemplate(*state.fresh(), project))


def custom_types(state: State, workspace: Workspace) -> None:
    """Types that overlap in the projects that use them; the last knows no statuses and is used by no task."""
    if "custom_types" in workspace.lacks:
        return
    projects = list(workspace.projects.values())
    for at, name in enumerate(TYPES):
        made = CustomType(*state.fresh(), workspace, name)
        made.projects = [*projects[at : at + 3], *projects[-1:]]
        state.custom_types.add(made, *made.projects)
        if at < len(TYPES) - 1:
            made.options = [StatusOption(state.fresh()[0], place) for place in range(len(STATES))]
            apply(made)


def apply(made: CustomType) -> None:
    """Give the type to some of the plain tasks in its projects."""
    for project in made.projects:
        for task in project.tasks.values():
            if task.subtype == "default_task" and task.seed % 5 == 0:
                task.subtype, task.typed = "custom", (made, made.options[task.seed // 5 % len(made.options)])
