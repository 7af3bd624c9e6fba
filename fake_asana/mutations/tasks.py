"""Tasks as people change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import attachments, stories
from fake_asana.model.gids import gid
from fake_asana.model.kinds import ref
from fake_asana.model.seeded_random import mix
from fake_asana.model.tasks import Task
from fake_asana.mutations.talk import TalkDeeds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.kinds import Record
    from fake_asana.model.people import Workspace


class TaskDeeds(TalkDeeds):
    """What people do to tasks."""

    def rename_task(self, task_gid: str, name: str = "Renamed ✓") -> None:
        """Give a task another name; a story tells of it."""
        task = self.tasks[task_gid]
        self.tell(task, "name_changed", {"old_name": task.name, "new_name": name})
        task.title = name

    def complete_task(self, task_gid: str) -> None:
        """Complete a task; a story tells of it."""
        task = self.tasks[task_gid]
        self.tell(task, "marked_complete")
        task.completed = self.now()

    def assign_task(self, task_gid: str, user_gid: str | None) -> None:
        """Give a task to somebody, or to nobody; a story tells of it."""
        task, user = self.tasks[task_gid], self.users[user_gid] if user_gid else None
        told = user or task.assignee
        self.tell(task, "assigned" if user else "unassigned", {"assignee": ref(told)} if told else None)
        if task.assignee:
            task.assignee.assigned.pop(task_gid, None)
        task.assignee = user
        if user:
            user.assigned[task_gid] = task

    def set_value(self, task_gid: str, field_gid: str, data: Record) -> None:
        """Fill in a custom field of a task: its clock moves."""
        task = self.tasks[task_gid]
        self.touch(task, "custom_fields")
        task.given = {**(task.given or {}), field_gid: data}

    def like_task(self, task_gid: str) -> None:
        """Like a task: no clock moves."""
        task = self.tasks[task_gid]
        task.likes += 1
        self.record("changed", task, field="likes", silent=True)

    def bulk_edit(self, task_gids: Iterable[str]) -> None:
        """Change many tasks at one and the same instant."""
        for task_gid in task_gids:
            self.touch(self.tasks[task_gid], "custom_fields")

    def move_task(self, task_gid: str, section_gid: str) -> None:
        """Move a task to another section of a project it lies in; a story tells of it."""
        task, section = self.tasks[task_gid], self.sections[section_gid]
        old = next(found for found in task.sections if found.project is section.project)
        self.tell_of_move(task, "section_changed", {"old_section": ref(old), "new_section": ref(section)})
        task.sections = tuple(section if found is old else found for found in task.sections)
        if section.project:
            section.project.order = None

    def drag_task(self, task_gid: str, holder_gid: str, *, to_front: bool = True) -> None:
        """Drag a task to the front or the end of a list that holds it; no story tells of it, and no clock moves.

        The list is that of a project (where its section stays), a person, a tag, or a parent.
        """
        rank = -self.take() if to_front else (1 << 16) + self.take()
        project = self.projects.get(holder_gid)
        if project:
            project.ranks[task_gid], project.order = rank, None
        else:
            self.ranks.setdefault(holder_gid, {})[task_gid] = rank

    def add_to_project(self, task_gid: str, project_gid: str) -> None:
        """Lay a task in one more project; a story tells of it."""
        task, project = self.tasks[task_gid], self.projects[project_gid]
        if project in task.projects():
            return
        self.tell_of_move(task, "added_to_project", {"project": ref(project)})
        self.lay(task, project_gid)
        self.record("added", task, parent=project, silent=not self.dialect.moves_modify_tasks)

    def lay(self, task: Task, project_gid: str) -> None:
        """Put a task in the first section of a project."""
        project = self.projects[project_gid]
        task.sections = (*task.sections, next(iter(project.sections.values())))
        project.tasks[task.gid] = task
        project.order = None

    def add_task(
        self,
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
        task = self.sprout(self.place_of(project, parent, workspace))
        if project:
            self.lay(task, project)
        if parent:
            self.hang(task, self.tasks[parent])
        if assignee:
            task.assignee = self.users[assignee]
            task.assignee.assigned[task.gid] = task
        self.record("added", task, parent=task.parent)
        return task.gid

    def place_of(self, project: str | None, parent: str | None, workspace: str | None) -> Workspace:
        """The workspace of a new task."""
        if project:
            return self.projects[project].workspace
        return self.tasks[parent].workspace if parent else self.workspaces[workspace or next(iter(self.workspaces))]

    def sprout(self, workspace: Workspace) -> Task:
        """A new task that lies nowhere yet."""
        serial = self.take()
        task = Task(gid(serial), serial, mix(self.seed, serial), workspace, self.now())
        self.tasks[task.gid] = task
        self.past.record_created(task.gid, self.now())
        return task

    def hang(self, task: Task, parent: Task) -> None:
        """Make a task a subtask: its parent counts one more, and its clock stands still."""
        task.parent = parent
        parent.subtasks = parent.subtasks or {}
        parent.subtasks[task.gid] = task
        self.record("changed", parent, field="num_subtasks", silent=True)

    def delete_task(self, task_gid: str) -> None:
        """Trash a task with all that hangs from it; events tell of it and of its subtasks, not of stories and files."""
        task = self.tasks[task_gid]
        self.past.keep(task, self.now())
        self.trash.children[task_gid] = list(task.subtasks or ())
        for child in self.trash.children[task_gid]:
            self.delete_task(child)
        self.unlink(task)
        for story in stories.of_task(task):
            self.record("deleted", story, parent=task, told=False)
        for file in attachments.of_task(task):
            self.record("deleted", file, parent=task, told=False)
        self.follow("deleted", task)
        self.record("deleted", task, parent=task.parent)
        self.trash.tasks[task_gid] = self.tasks.pop(task_gid)
        self.trash.since[task_gid] = self.now()

    def unlink(self, task: Task) -> None:
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
            self.record("changed", other, field="dependents", silent=True)
        for other in task.dependents:
            other.dependencies = tuple(found for found in other.dependencies if found is not task)
            self.record("changed", other, field="dependencies", silent=True)
        if task.parent and task.parent.subtasks:
            task.parent.subtasks.pop(task.gid, None)
            self.record("changed", task.parent, field="num_subtasks", silent=True)
