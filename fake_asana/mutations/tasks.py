"""Add and change tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.gids import gid
from fake_asana.model.kinds import ref
from fake_asana.model.seeded_random import mix
from fake_asana.model.tasks import Task
from fake_asana.model.tracking import Entry
from fake_asana.mutations.comments import add_move_story, add_story, touch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.kinds import Record
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State


def rename_task(state: State, task_gid: str, name: str = "Renamed ✓") -> None:
    """Give a task another name; a story tells of it."""
    task = state.tasks[task_gid]
    add_story(state, task, "name_changed", {"old_name": task.name, "new_name": name})
    task.title = name


def complete_task(state: State, task_gid: str) -> None:
    """Complete a task; a story tells of it."""
    task = state.tasks[task_gid]
    add_story(state, task, "marked_complete")
    task.completed = state.now()


def assign_task(state: State, task_gid: str, user_gid: str | None) -> None:
    """Give a task to somebody, or to nobody; a story tells of it."""
    task, user = state.tasks[task_gid], state.users[user_gid] if user_gid else None
    told = user or task.assignee
    add_story(state, task, "assigned" if user else "unassigned", {"assignee": ref(told)} if told else None)
    if task.assignee:
        task.assignee.assigned.pop(task_gid, None)
    task.assignee = user
    if user:
        user.assigned[task_gid] = task


def set_custom_field(state: State, task_gid: str, field_gid: str, data: Record) -> None:
    """Fill in a custom field of a task: its clock moves."""
    task = state.tasks[task_gid]
    touch(state, task, "custom_fields")
    task.given = {**(task.given or {}), field_gid: data}


def like_task(state: State, task_gid: str) -> None:
    """Like a task: no clock moves."""
    task = state.tasks[task_gid]
    task.likes += 1
    state.record("changed", task, field="likes", silent=True)


def bulk_edit(state: State, task_gids: Iterable[str]) -> None:
    """Change many tasks at one and the same instant."""
    for task_gid in task_gids:
        touch(state, state.tasks[task_gid], "custom_fields")


def move_task(state: State, task_gid: str, section_gid: str) -> None:
    """Move a task to another section of a project it lies in; a story tells of it."""
    task, section = state.tasks[task_gid], state.sections[section_gid]
    old = next(found for found in task.sections if found.project is section.project)
    add_move_story(state, task, "section_changed", {"old_section": ref(old), "new_section": ref(section)})
    task.sections = tuple(section if found is old else found for found in task.sections)
    if section.project:
        section.project.order = None


def drag_task(state: State, task_gid: str, holder_gid: str, *, to_front: bool = True) -> None:
    """Drag a task to the front or the end of a list that holds it; no story tells of it, and no clock moves.

    The list is that of a project (where its section stays), a person, a tag, or a parent.
    """
    rank = -state.take() if to_front else (1 << 16) + state.take()
    project = state.projects.get(holder_gid)
    if project:
        project.ranks[task_gid], project.order = rank, None
    else:
        state.ranks.setdefault(holder_gid, {})[task_gid] = rank


def add_to_project(state: State, task_gid: str, project_gid: str) -> None:
    """Lay a task in one more project; a story tells of it."""
    task, project = state.tasks[task_gid], state.projects[project_gid]
    if project in task.projects():
        return
    add_move_story(state, task, "added_to_project", {"project": ref(project)})
    place_in_project(state, task, project_gid)
    state.record("added", task, parent=project, silent=not state.dialect.moves_modify_tasks)


def remove_from_project(state: State, task_gid: str, project_gid: str) -> None:
    """Take a task out of one of its projects; a story tells of it."""
    task, project = state.tasks[task_gid], state.projects[project_gid]
    add_move_story(state, task, "removed_from_project", {"project": ref(project)})
    state.record("removed", task, parent=project, silent=not state.dialect.moves_modify_tasks)
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
    """Write a new task down, in a project, under another task, or in nobody's project; its gid.

    A new subtask leaves its parent's clock alone. Without a project and a parent, `workspace`
    says where; `assignee` makes it reachable.
    """
    task = create_task(state, workspace_of(state, project, parent, workspace))
    if project:
        place_in_project(state, task, project)
    if parent:
        make_subtask(state, task, state.tasks[parent])
    if assignee:
        task.assignee = state.users[assignee]
        task.assignee.assigned[task.gid] = task
    state.record("added", task, parent=task.parent)
    return task.gid


def workspace_of(state: State, project: str | None, parent: str | None, workspace: str | None) -> Workspace:
    """The workspace of a new task."""
    if project:
        return state.projects[project].workspace
    return state.tasks[parent].workspace if parent else state.workspaces[workspace or next(iter(state.workspaces))]


def create_task(state: State, workspace: Workspace) -> Task:
    """A new task that lies nowhere yet."""
    serial = state.take()
    task = Task(gid(serial), serial, mix(state.seed, serial), workspace, state.now())
    state.tasks[task.gid] = task
    state.past.record_created(task.gid, state.now())
    return task


def make_subtask(state: State, task: Task, parent: Task) -> None:
    """Make a task a subtask: its parent counts one more, and its clock stands still."""
    task.parent = parent
    parent.subtasks = parent.subtasks or {}
    parent.subtasks[task.gid] = task
    state.record("changed", parent, field="num_subtasks", silent=True)


def track_time(state: State, task_gid: str, minutes: int = 25) -> str:
    """Track time on a task, whose minutes grow and whose clock stands still; the gid of the entry."""
    task = state.tasks[task_gid]
    entry = Entry(*state.fresh(), task, minutes, state.now())
    seeding.spend(state, entry)
    state.record("added", entry, parent=task, silent=True)
    state.record("changed", task, field="actual_time_minutes", silent=True)
    return entry.gid
