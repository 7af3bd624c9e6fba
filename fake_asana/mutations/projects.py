"""Change projects, sections and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.attachments import Attachment, attachments_of_task
from fake_asana.model.projects import PRIVACY
from fake_asana.model.stories import materialize, stories_of_task
from fake_asana.mutations.tasks import move_task
from fake_asana.mutations.trash import cascade, cascade_project, delete_task

if TYPE_CHECKING:
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task


def add_project(state: State, workspace_gid: str) -> str:
    """Add a project with one section and return its gid."""
    project = seeding.seed_project(state, state.workspaces[workspace_gid])
    project.created = project.modified = state.now()
    project.archived, project.completed = False, None
    state.record_event("added", project)
    for member in seeding.add_project_memberships(state, project):
        state.record_event("added", member, parent=project)
    add_section(state, project.gid, "Untitled section")
    return project.gid


def add_section(state: State, project_gid: str, name: str = "Doing 🚧") -> str:
    """Add a section at the end of a project and return its gid."""
    section = seeding.seed_section(state, state.projects[project_gid], name)
    section.created = state.now()
    state.record_event("added", section)
    return section.gid


def delete_section(state: State, section_gid: str) -> None:
    """Delete a section and move its tasks to the first other section of the project."""
    section = state.sections[section_gid]
    project = section.project
    freeze_histories(project)
    first = next(other for other in project.sections.values() if other is not section) if project else section
    for task in [task for task in project.tasks.values() if section in task.sections] if project else ():
        move_task(state, task.gid, first.gid)
    if project:
        del state.sections[section_gid], project.sections[section_gid]
    state.record_event("deleted", section, is_streamed=False)


def freeze_histories(project: Project | None) -> None:
    """Keep the stories of a project's tasks as they are, before its sections or fields go."""
    for task in project.tasks.values() if project else ():
        materialize(task)


def hide_project(state: State, project_gid: str) -> None:
    """Make a project private, so that outsiders lose it; no clock moves."""
    state.hidden_projects.add(project_gid)
    state.projects[project_gid].privacy = PRIVACY[-1]


def annotate_project(state: State, project_gid: str, notes: str = "Neue Notizen") -> None:
    """Rewrite a project's notes."""
    project = state.projects[project_gid]
    project.notes, project.modified = notes, state.now()
    state.record_event("changed", project, field="notes")


def archive_project(state: State, project_gid: str, *, archived: bool = True) -> None:
    """Archive a project, or take it out of the archive; searches know one that is archived already as such."""
    project = state.projects[project_gid]
    if project.archived is not archived:
        project.archive_changed = state.now()
    project.archived, project.modified = archived, state.now()
    state.record_event("changed", project, field="archived")


def unarchive_project(state: State, project_gid: str) -> None:
    """Take a project out of the archive."""
    archive_project(state, project_gid, archived=False)


def share_project(state: State, project_gid: str) -> None:
    """Share a hidden project with everything in it; no clock moves."""
    project = state.projects[project_gid]
    state.hidden_projects.discard(project_gid)
    project.privacy = PRIVACY[0]
    state.record_event("shared", project)
    for section in project.sections.values():
        state.record_event("shared", section)
    cascade_project(state, "shared", project)
    for file in (*state.files.get(project_gid, ()), *brief_files(state, project)):
        state.record_event("shared", file)
    for task in project.tasks.values():
        reveal_task(state, task)


def brief_files(state: State, project: Project) -> list[Attachment]:
    """Return the files of a project's brief."""
    return state.files.get(project.brief.gid, []) if project.brief else []


def reveal_task(state: State, task: Task) -> None:
    """Record that a task and the rows below it became visible."""
    state.record_event("shared", task, parent=task.parent)
    for story in stories_of_task(task):
        state.record_event("shared", story, parent=task)
    for file in attachments_of_task(task):
        state.record_event("shared", file, parent=task)
    cascade(state, "shared", task)
    for child in (task.subtasks or {}).values():
        reveal_task(state, child)


def delete_project(state: State, project_gid: str) -> None:
    """Delete a project with its sections, its files, and the tasks outside other projects."""
    project = state.projects[project_gid]
    freeze_histories(project)
    for task in list(project.tasks.values()):
        if task.gid not in state.tasks:
            continue
        if task.parent or len(task.sections) > 1:
            task.sections = tuple(section for section in task.sections if section.project is not project)
            state.record_event("changed", task, field="memberships", untimestamped=True)
        else:
            delete_task(state, task.gid)
    for section_gid, section in project.sections.items():
        del state.sections[section_gid]
        state.record_event("deleted", section, is_streamed=False)
    for file in (*state.files.pop(project_gid, ()), *brief_files(state, project)):
        state.record_event("deleted", file, is_streamed=False)
    cascade_project(state, "deleted", project)
    state.trash.projects[project_gid] = state.projects.pop(project_gid)
    del project.workspace.projects[project_gid]
    state.record_event("deleted", project)


def add_tag(state: State, workspace_gid: str) -> str:
    """Add an unused tag and return its gid."""
    tag = seeding.seed_tag(state, state.workspaces[workspace_gid])
    tag.workspace.story_targets.tags.remove(tag)
    tag.created = state.now()
    state.record_event("added", tag)
    return tag.gid
