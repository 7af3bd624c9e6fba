"""Projects, sections and tags as people change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model import attachments, stories
from fake_asana.model.projects import PRIVACY
from fake_asana.mutations.tasks import TaskDeeds

if TYPE_CHECKING:
    from fake_asana.model.projects import Project
    from fake_asana.model.tasks import Task


class ProjectDeeds(TaskDeeds):
    """What people do to projects."""

    def add_project(self, workspace_gid: str) -> str:
        """A new project with one section; its gid."""
        project = seeding.add_project(self, self.workspaces[workspace_gid])
        project.created = project.modified = self.now()
        project.archived, project.completed = False, None
        self.record("added", project)
        for member in seeding.admit(self, project):
            self.record("added", member, parent=project)
        self.add_section(project.gid, "Untitled section")
        return project.gid

    def add_section(self, project_gid: str, name: str = "Doing 🚧") -> str:
        """A new section at the end of a project; its gid."""
        section = seeding.add_section(self, self.projects[project_gid], name)
        section.created = self.now()
        self.record("added", section)
        return section.gid

    def delete_section(self, section_gid: str) -> None:
        """Delete a section that is not a project's only one: its tasks move to the first that is left."""
        section = self.sections[section_gid]
        project = section.project
        left = next(other for other in project.sections.values() if other is not section) if project else section
        for task in [task for task in project.tasks.values() if section in task.sections] if project else ():
            self.move_task(task.gid, left.gid)
        if project:
            del self.sections[section_gid], project.sections[section_gid]
        self.record("deleted", section, told=False)

    def hide_project(self, project_gid: str) -> None:
        """Make a project private: those it is not shared with do not see it any more, and no clock moves."""
        self.hidden.add(project_gid)
        self.projects[project_gid].privacy = PRIVACY[-1]

    def annotate_project(self, project_gid: str, notes: str = "Neue Notizen") -> None:
        """Rewrite a project's notes."""
        project = self.projects[project_gid]
        project.notes, project.modified = notes, self.now()
        self.record("changed", project, field="notes")

    def archive_project(self, project_gid: str) -> None:
        """Archive a project."""
        project = self.projects[project_gid]
        project.archived, project.modified = True, self.now()
        self.record("changed", project, field="archived")

    def share_project(self, project_gid: str) -> None:
        """Share a hidden project: everything in it becomes visible, and no clock moves."""
        project = self.projects[project_gid]
        self.hidden.discard(project_gid)
        project.privacy = PRIVACY[0]
        self.record("shared", project)
        for section in project.sections.values():
            self.record("shared", section)
        self.follow_project("shared", project)
        for file in (*self.files.get(project_gid, ()), *self.brief_files(project)):
            self.record("shared", file)
        for task in project.tasks.values():
            self.reveal(task)

    def brief_files(self, project: Project) -> list[attachments.Attachment]:
        """The files of a project's brief."""
        return self.files.get(project.brief.gid, []) if project.brief else []

    def reveal(self, task: Task) -> None:
        """Remember that a task and what hangs from it can now be seen."""
        self.record("shared", task, parent=task.parent)
        for story in stories.of_task(task):
            self.record("shared", story, parent=task)
        for file in attachments.of_task(task):
            self.record("shared", file, parent=task)
        self.follow("shared", task)
        for child in (task.subtasks or {}).values():
            self.reveal(child)

    def delete_project(self, project_gid: str) -> None:
        """Trash a project, its sections and files; tasks stay where else they lie, the others go with it."""
        project = self.projects[project_gid]
        for task in list(project.tasks.values()):
            if task.gid not in self.tasks:
                continue
            if task.parent or len(task.sections) > 1:
                task.sections = tuple(section for section in task.sections if section.project is not project)
                self.record("changed", task, field="memberships", silent=True)
            else:
                self.delete_task(task.gid)
        for section_gid, section in project.sections.items():
            del self.sections[section_gid]
            self.record("deleted", section, told=False)
        for file in (*self.files.pop(project_gid, ()), *self.brief_files(project)):
            self.record("deleted", file, told=False)
        self.follow_project("deleted", project)
        self.trash.projects[project_gid] = self.projects.pop(project_gid)
        del project.workspace.projects[project_gid]
        self.record("deleted", project)

    def add_tag(self, workspace_gid: str) -> str:
        """A new tag that nothing carries; its gid."""
        made = seeding.tag(self, self.workspaces[workspace_gid])
        made.workspace.scenery.tags.remove(made)
        made.created = self.now()
        self.record("added", made)
        return made.gid
