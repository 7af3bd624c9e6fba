"""What is taken away, and what comes back from the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import attachments, stories
from fake_asana.model.kinds import ref
from fake_asana.mutations.projects import ProjectDeeds

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.people import Team
    from fake_asana.model.tasks import Task
    from fake_asana.model.templates import ProjectTemplate


class TrashDeeds(ProjectDeeds):
    """Removals, and ways back."""

    def remove_from_project(self, task_gid: str, project_gid: str) -> None:
        """Take a task out of one of its projects; a story tells of it."""
        task, project = self.tasks[task_gid], self.projects[project_gid]
        self.tell_of_move(task, "removed_from_project", {"project": ref(project)})
        self.record("removed", task, parent=project, silent=not self.dialect.moves_modify_tasks)
        task.sections = tuple(section for section in task.sections if section.project is not project)
        project.tasks.pop(task_gid, None)
        project.order = None

    def undelete_task(self, task_gid: str) -> None:
        """Take a task out of the trash, with the subtasks that went there with it: their clocks move.

        It lies again in those of its projects that still exist. KeyError when it is not in the trash.
        """
        task = self.trash.tasks.pop(task_gid)
        self.tasks[task_gid] = task
        self.past.record_created(task_gid, self.now())
        self.relink(task)
        self.touch(task)
        self.record("undeleted", task, parent=task.parent)
        for story in stories.of_task(task):
            self.record("undeleted", story, parent=task, told=False)
        for file in attachments.of_task(task):
            self.record("undeleted", file, parent=task, told=False)
        self.follow("undeleted", task)
        for child in self.trash.children.pop(task_gid, ()):
            if child in self.trash.tasks:
                self.undelete_task(child)

    def relink(self, task: Task) -> None:
        """Put a task back into everything that listed it and still exists."""
        task.sections = tuple(section for section in task.sections if section.gid in self.sections)
        for project in task.projects():
            project.tasks[task.gid] = task
            project.order = None
        for tag in task.tags:
            tag.tasks[task.gid] = task
        if task.assignee:
            task.assignee.assigned[task.gid] = task
        if task.parent:
            self.hang(task, task.parent)
        task.dependencies = tuple(other for other in task.dependencies if other.gid in self.tasks)
        task.dependents = tuple(other for other in task.dependents if other.gid in self.tasks)
        for other in task.dependencies:
            other.dependents = (*other.dependents, task)
            self.record("changed", other, field="dependents", silent=True)
        for other in task.dependents:
            other.dependencies = (*other.dependencies, task)
            self.record("changed", other, field="dependencies", silent=True)

    def purge_task(self, task_gid: str) -> None:
        """Empty the trash of a task and of the subtasks that went with it: they cannot come back."""
        for child in self.trash.children.pop(task_gid, ()):
            if child in self.trash.tasks:
                self.purge_task(child)
        self.record("purged", self.trash.tasks.pop(task_gid))

    def delete_team(self, team_gid: str) -> None:
        """Delete a team: nobody is in it any more, and its projects belong to none."""
        team = self.teams.pop(team_gid)
        del team.workspace.teams[team_gid]
        for member in team.members.values():
            del self.team_memberships[member.gid]
            self.record("deleted", member)
        for inside in team.settings:
            if self.custom_fields.pop(inside.row.field.gid, None):
                self.record("deleted", inside.row.field, told=False)
        for project in team.workspace.projects.values():
            if project.team is team:
                project.team, project.modified = None, self.now()
                self.record("changed", project, field="team")
        self.leave(team)
        self.record("deleted", team)

    def leave(self, team: Team) -> None:
        """Take a deleted team off everything that it was in, or that named it."""
        self.gone.add(team.gid)
        for inside in team.settings:
            self.record("deleted", inside.row, told=False)
        for membership in [membership for membership in self.memberships if membership.member is team]:
            self.memberships.drop(membership)
            self.record("deleted", membership, told=False)
        named: list[Goal | ProjectTemplate] = [*self.goals, *self.project_templates]
        for thing in named:
            if thing.team is team:
                thing.team = None
                self.record("changed", thing, field="team")
