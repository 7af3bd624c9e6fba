"""Delete tasks, restore them and purge them, and apply the same to the rows below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.attachments import attachments_of_task
from fake_asana.model.custom_types import CustomType
from fake_asana.model.stories import materialize, stories_of_task
from fake_asana.mutations.comments import touch
from fake_asana.mutations.tasks import make_subtask

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row
    from fake_asana.model.projects import Project
    from fake_asana.model.resources import Resource
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task


def delete_task(state: State, task_gid: str) -> None:
    """Delete a task with the rows below it; events report the task and its subtasks, not stories and files."""
    task = state.tasks[task_gid]
    state.past_tasks.record_changed(task, state.now())
    materialize(task)
    state.trash.children[task_gid] = list(task.subtasks or ())
    for child in state.trash.children[task_gid]:
        delete_task(state, child)
    unlink(state, task)
    for story in stories_of_task(task):
        state.record_event("deleted", story, parent=task, is_streamed=False)
    for file in attachments_of_task(task):
        state.record_event("deleted", file, parent=task, is_streamed=False)
    cascade(state, "deleted", task)
    state.record_event("deleted", task, parent=task.parent)
    state.trash.tasks[task_gid] = state.tasks.pop(task_gid)
    state.trash.deleted_at[task_gid] = state.now()
    if state.dialect.trash.searched:
        task.stories, task.attachments = stories_of_task(task), attachments_of_task(task)
        task.modified = max(task.modified, state.now())


def undelete_task(state: State, task_gid: str) -> None:
    """Restore a task and the subtasks deleted with it; their clocks move.

    The task returns to those of its projects that still exist. Raises KeyError if it is not in the trash.
    """
    task = state.trash.tasks.pop(task_gid)
    state.tasks[task_gid] = task
    state.past_tasks.record_created(task_gid, state.now())
    relink(state, task)
    touch(state, task)
    state.record_event("undeleted", task, parent=task.parent)
    for story in stories_of_task(task):
        state.record_event("undeleted", story, parent=task, is_streamed=False)
    for file in attachments_of_task(task):
        state.record_event("undeleted", file, parent=task, is_streamed=False)
    cascade(state, "undeleted", task)
    for child in state.trash.children.pop(task_gid, ()):
        if child in state.trash.tasks:
            undelete_task(state, child)


def purge_task(state: State, task_gid: str) -> None:
    """Delete a trashed task and the subtasks deleted with it forever."""
    for child in state.trash.children.pop(task_gid, ()):
        if child in state.trash.tasks:
            purge_task(state, child)
    state.record_event("purged", state.trash.tasks.pop(task_gid))


def unlink(state: State, task: Task) -> None:
    """Remove a task from every list."""
    for project in task.projects():
        project.tasks.pop(task.gid, None)
        project.order = None
    for tag in task.tags:
        tag.tasks.pop(task.gid, None)
    if task.assignee:
        task.assignee.assigned.pop(task.gid, None)
    for other in task.dependencies:
        other.dependents = tuple(dependency for dependency in other.dependents if dependency is not task)
        state.record_event("changed", other, field="dependents", untimestamped=True)
    for other in task.dependents:
        other.dependencies = tuple(dependency for dependency in other.dependencies if dependency is not task)
        state.record_event("changed", other, field="dependencies", untimestamped=True)
    if task.parent and task.parent.subtasks:
        task.parent.subtasks.pop(task.gid, None)
        state.record_event("changed", task.parent, field="num_subtasks", untimestamped=True)


def relink(state: State, task: Task) -> None:
    """Return a task to every list that still exists."""
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
        state.record_event("changed", other, field="dependents", untimestamped=True)
    for other in task.dependents:
        other.dependencies = (*other.dependencies, task)
        state.record_event("changed", other, field="dependencies", untimestamped=True)


def cascade(state: State, action: str, row: Row) -> None:
    """Record the same action for every row below a row."""
    if action == "deleted":
        state.deleted.add(row.gid)
    else:
        state.deleted.discard(row.gid)
    for resource in state.resources_of(row):
        if action != "deleted" or not is_still_used(state, resource):
            state.record_event(action, resource, parent=row, is_streamed=False)


def is_still_used(state: State, resource: Resource) -> bool:
    """Return True if another project uses a custom type."""
    return isinstance(resource, CustomType) and any(project.gid not in state.deleted for project in resource.projects)


def cascade_project(state: State, action: str, project: Project) -> None:
    """Record the same action for every row below a project, including its brief and fields."""
    cascade(state, action, project)
    if project.brief:
        state.record_event(action, project.brief, is_streamed=False)
    for nested in project.settings:
        state.record_event(action, nested.row, is_streamed=False)
        if nested.row.field.owner is project:
            state.record_event(action, nested.row.field, is_streamed=False)
