"""Change projects, sections and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model import attachments, stories
from fake_asana.model.projects import PRIVACY
from fake_asana.mutations.tasks import move_task
from fake_asana.mutations.trash import cascade, cascade_project, delete_task

if TYPE_CHECKING:
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task


def add_project(state: State, workspace_gid: str) -> str:
    """A new project with one section; its gid."""
    project = seeding.add_project(state, state.workspaces[workspace_gid])
    project.created = project.modified = state.now()
    project.archived, project.completed = False, None
    state.record("added", project)
    for member in seeding.admit(state, project):
        state.record("added", member, parent=project)
    add_section(state, project.gid, "Untitled section")
    return project.gid


def add_section(state: State, project_gid: str, name: str = "Doing 🚧") -> str:
    """A new section at the end of a project; its gid."""
    section = seeding.add_section(state, state.projects[project_gid], name)
    section.created = state.now()
    state.record("added", section)
    return section.gid


def delete_section(state: State, section_gid: str) -> None:
    """Delete a section that is not a project's only one: its tasks move to the first that is left."""
    section = state.sections[section_gid]
    project = section.project
    left = next(other for other in project.sections.values() if other is not section) if project else section
    for task in [task for task in project.tasks.values() if section in task.sections] if project else ():
        move_task(state, task.gid, left.gid)
    if project:
        del state.sections[section_gid], project.sections[section_gid]
    state.record("deleted", section, told=False)


def hide_project(state: State, project_gid: str) -> None:
    """Make a project private: those it is not shared with do not see it any more, and no clock moves."""
    state.hidden.add(project_gid)
    state.projects[project_gid].privacy = PRIVACY[-1]


def annotate_project(state: State, project_gid: str, notes: str = "Neue Notizen") -> None:
    """Rewrite a project's notes."""
    project = state.projects[project_gid]
    project.notes, project.modified = notes, state.now()
    state.record("changed", project, field="notes")


def archive_project(state: State, project_gid: str) -> None:
    """Archive a project."""
    project = state.projects[project_gid]
    project.archived, project.modified = True, state.now()
    state.record("changed", project, field="archived")


def share_project(state: State, project_gid: str) -> None:
    """Share a hidden project: everything in it becomes visible, and no clock moves."""
    project = state.projects[project_gid]
    state.hidden.discard(project_gid)
    project.privacy = PRIVACY[0]
    state.record("shared", project)
    for section in project.sections.values():
        state.record("shared", section)
    cascade_project(state, "shared", project)
    for file in (*state.files.get(project_gid, ()), *brief_files(state, project)):
        state.record("shared", file)
    for task in project.tasks.values():
        reveal_task(state, task)


def brief_files(state: State, project: Project) -> list[attachments.Attachment]:
    """The files of a project's brief."""
    return state.files.get(project.brief.gid, []) if project.brief else []


def reveal_task(state: State, task: Task) -> None:
    """Remember that a task and what hangs from it can now be seen."""
    state.record("shared", task, parent=task.parent)
    for story in stories.of_task(task):
        state.record("shared", story, parent=task)
    for file in attachments.of_task(task):
        state.record("shared", file, parent=task)
    cascade(state, "shared", task)
    for child in (task.subtasks or {}).values():
        reveal_task(state, child)


def delete_project(state: State, project_gid: str) -> None:
    """Trash a project, its sections and files; tasks stay where else they lie, the others go with it."""
    project = state.projects[project_gid]
    for task in list(project.tasks.values()):
        if task.gid not in state.tasks:
            continue
        if task.parent or len(task.sections) > 1:
            task.sections = tuple(section for section in task.sections if section.project is not project)
            state.record("changed", task, field="memberships", silent=True)
        else:
            delete_task(state, task.gid)
    for section_gid, section in project.sections.items():
        del state.sections[section_gid]
        state.record("deleted", section, told=False)
    for file in (*state.files.pop(project_gid, ()), *brief_files(state, project)):
        state.record("deleted", file, told=False)
    cascade_project(state, "deleted", project)
    state.trash.projects[project_gid] = state.projects.pop(project_gid)
    del project.workspace.projects[project_gid]
    state.record("deleted", project)


def add_tag(state: State, workspace_gid: str) -> str:
    """A new tag that nothing carries; its gid."""
    made = seeding.tag(state, state.workspaces[workspace_gid])
    made.workspace.scenery.tags.remove(made)
    made.created = state.now()
    state.record("added", made)
    return made.gid
