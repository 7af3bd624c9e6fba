"""Seed templates, and the custom types of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.custom_types import TYPE_STATUSES, CustomType, StatusOption
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.templates import ProjectTemplate, TaskTemplate

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State

MANY_TASK_TEMPLATES = 101  # task templates of the first project: one more than a page
TEMPLATE_COUNT = 3
TYPE_NAMES = ("Bug 🐞", "Änderungswunsch", "Bare")


def add_templates(state: State, workspace: Workspace) -> None:
    """Add templates of projects, with teams if there are any, and of the tasks of some projects."""
    teams = list(workspace.teams.values())
    for index in range(TEMPLATE_COUNT):
        template = state.project_templates.add(ProjectTemplate(*state.new_gid(), workspace))
        template.team = teams[index % len(teams)] if teams else None
    for project in workspace.projects.values():
        rng = SeededRandom(project.seed, 20)
        for _ in range((rng.below(4) if rng.chance(40) else 0) if state.task_templates.rows else MANY_TASK_TEMPLATES):
            state.task_templates.add(TaskTemplate(*state.new_gid(), project))


def add_custom_types(state: State, workspace: Workspace) -> None:
    """Add types in overlapping projects; the last has neither statuses nor tasks."""
    if "custom_types" in workspace.missing_features:
        return
    projects = list(workspace.projects.values())
    for index, name in enumerate(TYPE_NAMES):
        custom_type = CustomType(*state.new_gid(), workspace, name)
        custom_type.projects = [*projects[index : index + 3], *projects[-1:]]
        state.custom_types.add(custom_type, *custom_type.projects)
        if index < len(TYPE_NAMES) - 1:
            custom_type.options = [StatusOption(state.new_gid()[0], position) for position in range(len(TYPE_STATUSES))]
            apply_type(custom_type)


def apply_type(custom_type: CustomType) -> None:
    """Give the type to some of the plain tasks in its projects."""
    for project in custom_type.projects:
        for task in project.tasks.values():
            if task.subtype == "default_task" and task.seed % 5 == 0:
                task.subtype, task.custom_type = (
                    "custom",
                    (custom_type, custom_type.options[task.seed // 5 % len(custom_type.options)]),
                )
