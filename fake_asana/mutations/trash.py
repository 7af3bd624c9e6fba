"""Delete tasks, restore them and purge them, and let the objects below a deleted one follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import attachments, stories
from fake_asana.model.custom_types import CustomType
from fake_asana.mutations.comments import touch
from fake_asana.mutations.tasks import make_subtask

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row
    from fake_asana.model.projects import Project
    from fake_asana.model.resources import Resource
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task


def delete_task(state: State, task_gid: str) -> None:
    """Trash a task with all that hangs from it; events tell of it and of its subtasks, not of stories and files."""
    task = state.tasks[task_gid]
    state.past.keep(task, state.now())
    state.trash.children[task_gid] = list(task.subtasks or ())
    for child in state.trash.children[task_gid]:
        delete_task(state, child)
    unlink(state, task)
    for story in stories.of_task(task):
        state.record("deleted", story, parent=task, told=False)
    for file in attachments.of_task(task):
        state.record("deleted", file, parent=task, told=False)
    cascade(state, "deleted", task)
    state.record("deleted", task, parent=task.parent)
    state.trash.tasks[task_gid] = state.tasks.pop(task_gid)
    state.trash.since[task_gid] = state.now()


def undelete_task(state: State, task_gid: str) -> None:
    """Take a task out of the trash, with the subtasks that went there with it: their clocks move.

    It lies again in those of its projects that still exist. KeyError when it is not in the trash.
    """
    task = state.trash.tasks.pop(task_gid)
    state.tasks[task_gid] = task
    state.past.record_created(task_gid, state.now())
    relink(state, task)
    touch(state, task)
    state.record("undeleted", task, parent=task.parent)
    for story in stories.of_task(task):
        state.record("undeleted", story, parent=task, told=False)
    for file in attachments.of_task(task):
        state.record("undeleted", file, parent=task, told=False)
    cascade(state, "undeleted", task)
    for child in state.trash.children.pop(task_gid, ()):
        if child in state.trash.tasks:
            undelete_task(state, child)


def purge_task(state: State, task_gid: str) -> None:
    """Empty the trash of a task and of the subtasks that went with it: they cannot come back."""
    for child in state.trash.children.pop(task_gid, ()):
        if child in state.trash.tasks:
            purge_task(state, child)
    state.record("purged", state.trash.tasks.pop(task_gid))


def unlink(state: State, task: Task) -> None:
    """Take a task out of everything that lists it."""
    for project in task.projects():
        project.tasks.pop(task.gid, None)
        project.order = None
    for tag in task.tags:
        tag.tasks.pop(task.gid, None)
    if task.assignee:
        task.assignee.assigned.pop(task.gid, None)
    for other in task.dependencies:
        other.dependents = tuple(found for found in other.dependents if found is not task)
        state.record("changed", other, field="dependents", silent=True)
    for other in task.dependents:
        other.dependencies = tuple(found for found in other.dependencies if found is not task)
        state.record("changed", other, field="dependencies", silent=True)
    if task.parent and task.parent.subtasks:
        task.parent.subtasks.pop(task.gid, None)
        state.record("changed", task.parent, field="num_subtasks", silent=True)


def relink(state: State, task: Task) -> None:
    """Put a task back into everything that listed it and still exists."""
    task.sections = tuple(section for section in task.sections if section.gid in state.sections)
    for project in task.projects():
        project.tasks[task.gid] = task
        project.order = None
    for tag in task.tags:
        tag.tasks[task.gid] = task
    if task.assignee:
        task.assignee.assigned[task.gid] = task
    if task.parent:
        make_subtask(state, task, task.parent)
    task.dependencies = tuple(other for other in task.dependencies if other.gid in state.tasks)
    task.dependents = tuple(other for other in task.dependents if other.gid in state.tasks)
    for other in task.dependencies:
        other.dependents = (*other.dependents, task)
        state.record("changed", other, field="dependents", silent=True)
    for other in task.dependents:
        other.dependencies = (*other.dependencies, task)
        state.record("changed", other, field="dependencies", silent=True)


def cascade(state: State, action: str, row: Row) -> None:
    """Let everything that hangs from a row be deleted, undeleted or shared with it."""
    if action == "deleted":
        state.gone.add(row.gid)
    else:
        state.gone.discard(row.gid)
    for thing in state.under(row):
        if action != "deleted" or not is_still_used(state, thing):
            state.record(action, thing, parent=row, told=False)


def is_still_used(state: State, thing: Resource) -> bool:
    """Whether a type is still in use in another project."""
    return isinstance(thing, CustomType) and any(project.gid not in state.gone for project in thing.projects)


def cascade_project(state: State, action: str, project: Project) -> None:
    """The same for a project, with its brief, the fields on it and those of its own."""
    cascade(state, action, project)
    if project.brief:
        state.record(action, project.brief, told=False)
    for inside in project.settings:
        state.record(action, inside.row, told=False)
        if inside.row.field.owner is project:
            state.record(action, inside.row.field, told=False)
