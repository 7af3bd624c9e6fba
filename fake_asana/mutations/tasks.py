"""Add and change tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.gids import gid
from fake_asana.model.kinds import ref
from fake_asana.model.seeded_random import mix
from fake_asana.model.story_history import field_change, story_value
from fake_asana.model.tasks import Task, followers_of_task
from fake_asana.model.values import Value
from fake_asana.mutations.comments import add_move_story, add_story, change_quietly, touch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.kinds import Record
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State


def rename_task(state: State, task_gid: str, name: str = "Renamed ✓") -> None:
    """Rename a task, with a story."""
    task = state.tasks[task_gid]
    add_story(state, task, "name_changed", {"old_name": task.name, "new_name": name})
    task.title = name


def complete_task(state: State, task_gid: str) -> None:
    """Complete a task, with a story."""
    task = state.tasks[task_gid]
    add_story(state, task, "marked_complete")
    task.completed = state.now()


def reopen_task(state: State, task_gid: str) -> None:
    """Mark a completed task as incomplete, with a story."""
    task = state.tasks[task_gid]
    add_story(state, task, "marked_incomplete")
    task.completed = None


def assign_task(state: State, task_gid: str, user_gid: str | None) -> None:
    """Assign a task to a user or to nobody, with a story."""
    task, user = state.tasks[task_gid], state.users[user_gid] if user_gid else None
    person = user or task.assignee
    add_story(state, task, "assigned" if user else "unassigned", {"assignee": ref(person)} if person else None)
    if task.assignee:
        task.assignee.assigned.pop(task_gid, None)
    task.assignee = user
    if user:
        user.assigned[task_gid] = task


def set_custom_field(state: State, task_gid: str, field_gid: str, data: Record) -> None:
    """Set the value of a custom field, with a story."""
    task, field = state.tasks[task_gid], state.custom_fields[field_gid]
    values = task.custom_values or {}
    old = Value(field, task.seed, values.get(field_gid)).data
    change = field_change(field, story_value(field, old), story_value(field, data))
    add_story(state, task, f"{field.type.subtype}_custom_field_changed", change)
    task.custom_values = {**values, field_gid: data}


def like_task(state: State, task_gid: str) -> None:
    """Like a task."""
    task = state.tasks[task_gid]
    change_quietly(state, task, "likes")
    task.likes += 1


def add_follower(state: State, task_gid: str, user_gid: str) -> None:
    """Have a user follow a task."""
    task, user = state.tasks[task_gid], state.users[user_gid]
    change_quietly(state, task, "followers", change="added")
    task.followers = (*(other for other in followers_of_task(task) if other is not user), user)


def remove_follower(state: State, task_gid: str, user_gid: str) -> None:
    """Have a user no longer follow a task."""
    task, user = state.tasks[task_gid], state.users[user_gid]
    change_quietly(state, task, "followers", change="removed")
    task.followers = tuple(other for other in followers_of_task(task) if other is not user)


def add_dependency(state: State, task_gid: str, other_gid: str) -> None:
    """Make a task depend on another one."""
    task, other = state.tasks[task_gid], state.tasks[other_gid]
    if task is other or other in task.dependencies:
        return
    change_quietly(state, task, "dependencies", change="added")
    change_quietly(state, other, "dependents", change="added")
    task.dependencies, other.dependents = (*task.dependencies, other), (*other.dependents, task)


def remove_dependency(state: State, task_gid: str, other_gid: str) -> None:
    """Make a task independent of another one."""
    task, other = state.tasks[task_gid], state.tasks[other_gid]
    change_quietly(state, task, "dependencies", change="removed")
    change_quietly(state, other, "dependents", change="removed")
    task.dependencies = tuple(needed for needed in task.dependencies if needed is not other)
    other.dependents = tuple(waiting for waiting in other.dependents if waiting is not task)


def bulk_edit(state: State, task_gids: Iterable[str]) -> None:
    """Change many tasks at the same instant."""
    for task_gid in task_gids:
        touch(state, state.tasks[task_gid], "custom_fields")


def move_task(state: State, task_gid: str, section_gid: str) -> None:
    """Move a task to another section of its project, with a story."""
    task, section = state.tasks[task_gid], state.sections[section_gid]
    old = next(section_of_task for section_of_task in task.sections if section_of_task.project is section.project)
    add_move_story(state, task, "section_changed", {"old_section": ref(old), "new_section": ref(section)})
    task.sections = tuple(section if section_of_task is old else section_of_task for section_of_task in task.sections)
    if section.project:
        section.project.order = None


def drag_task(state: State, task_gid: str, holder_gid: str, *, to_front: bool = True) -> None:
    """Drag a task to the front or the end of a list, without a story and without moving a clock.

    The holder is a project (the section stays the same), a user, a tag, or a parent task.
    """
    rank = -state.next_serial() if to_front else (1 << 16) + state.next_serial()
    project = state.projects.get(holder_gid)
    if project:
        project.ranks[task_gid], project.order = rank, None
    else:
        state.ranks.setdefault(holder_gid, {})[task_gid] = rank


def add_to_project(state: State, task_gid: str, project_gid: str) -> None:
    """Add a task to another project, with a story."""
    task, project = state.tasks[task_gid], state.projects[project_gid]
    if project in task.projects():
        return
    add_move_story(state, task, "added_to_project", {"project": ref(project)})
    place_in_project(state, task, project_gid)
    state.record_event("added", task, parent=project, untimestamped=not state.dialect.moves_modify_tasks)


def remove_from_project(state: State, task_gid: str, project_gid: str) -> None:
    """Remove a task from one of its projects, with a story."""
    task, project = state.tasks[task_gid], state.projects[project_gid]
    add_move_story(state, task, "removed_from_project", {"project": ref(project)})
    state.record_event("removed", task, parent=project, untimestamped=not state.dialect.moves_modify_tasks)
    task.sections = tuple(section for section in task.sections if section.project is not project)
    project.tasks.pop(task_gid, None)
    project.order = None


def place_in_project(state: State, task: Task, project_gid: str) -> None:
    """Put a task in the first section of a project."""
    project = state.projects[project_gid]
    task.sections = (*task.sections, next(iter(project.sections.values())))
    project.tasks[task.gid] = task
    project.order = None


def add_task(
    state: State,
    *,
    project: str | None = None,
    parent: str | None = None,
    assignee: str | None = None,
    workspace: str | None = None,
) -> str:
    """Add a task to a project, under a parent, or to a workspace, and return its gid.

    `workspace` counts without project and parent; only an `assignee`
    makes such a task reachable.
    """
    task = create_task(state, workspace_of(state, project, parent, workspace))
    if project:
        place_in_project(state, task, project)
    if parent:
        make_subtask(state, task, state.tasks[parent])
    if assignee:
        task.assignee = state.users[assignee]
        task.assignee.assigned[task.gid] = task
    state.record_event("added", task, parent=task.parent)
    return task.gid


def workspace_of(state: State, project: str | None, parent: str | None, workspace: str | None) -> Workspace:
    """Return the workspace of a new task."""
    if project:
        return state.projects[project].workspace
    return state.tasks[parent].workspace if parent else state.workspaces[workspace or next(iter(state.workspaces))]


def create_task(state: State, workspace: Workspace) -> Task:
    """Return a new task without project and parent."""
    serial = state.next_serial()
    task = Task(gid(serial), serial, mix(state.seed, serial), workspace, state.now())
    state.tasks[task.gid] = task
    state.past_tasks.record_created(task.gid, state.now())
    return task


def make_subtask(state: State, task: Task, parent: Task) -> None:
    """Make a task a subtask: the parent's count grows."""
    change_quietly(state, parent, "num_subtasks")
    task.parent = parent
    parent.subtasks = parent.subtasks or {}
    parent.subtasks[task.gid] = task
