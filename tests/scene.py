"""A world with an unused task for each kind of change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fake_asana.model.attachments import attachments_of_task
from fake_asana.model.tasks import Task
from fake_asana.world import World

Row = tuple[str, str]
"""The stream and the gid of a row."""

NAMED: Mapping[str, Callable[[Task], set[str]]] = {
    "project": lambda task: {project.gid for project in task.projects()},
    "section": lambda task: {section.gid for section in task.sections},
    "tag": lambda task: {tag.gid for tag in task.tags},
    "user": lambda task: {task.assignee.gid} if task.assignee else set(),
    "custom_field": lambda task: set(task.fields()),
}
"""The gids of the objects of a kind whose names a task shows."""


class Scene:
    """A world with an unused task for each change.

    A first run reads `entries`, three time entries, the first one for a day of last month, and a person, `newcomer`, to
    whom one task, `assigned`, is assigned. A task, `revealed`, is only in a private project. A project has a status
    update, `status`. A task and the one that it needs are `dependent`. A task, `in_two_projects`, is also in `project`,
    which has an empty section, `section`; each of two `doomed_projects` has a task. A task, `attached`, has a file.
    A task with a comment, `trashed`, is deleted. A person, `leaver`, has no task.
    """

    def __init__(self, world: World) -> None:
        """Collect the tasks in visible projects of the first workspace, without relatives."""
        self.world = world
        self.workspace = next(iter(world.workspaces.values()))
        self.private = [task for gid in world.hidden_projects for task in world.projects[gid].tasks.values()]
        self.taken: list[str] = []
        seen = world.gids("tasks")
        tasks = (world.tasks[gid] for gid in seen)
        self.tasks = [
            task
            for task in tasks
            if task.workspace is self.workspace
            and task.sections
            and not (task.parent or task.subtasks or task.dependencies or task.dependents)
        ]
        self.entries = [world.track_time(self.take(), days_back=days) for days in (31, 0, 0)]
        private = world.add_project(self.workspace.gid)
        world.hide_project(private)
        self.revealed = world.add_task(project=private)
        world.comment(self.revealed)
        world.attach(self.revealed)
        world.track_time(self.revealed, days_back=31)
        world.add_task(parent=self.revealed)
        projects = (world.projects[gid] for gid in world.gids("projects"))
        self.status = world.post_status_update(next(each.gid for each in projects if each.workspace is self.workspace))
        self.newcomer, self.assigned = world.add_user(self.workspace.gid), self.take()
        world.assign_task(self.assigned, self.newcomer)
        self.prepare_removals()

    def prepare_removals(self) -> None:
        """Add what a later change removes, and delete the task that one restores."""
        world = self.world
        self.dependent = (self.take(), self.take())
        world.add_dependency(*self.dependent)
        self.leaver = world.add_user(self.workspace.gid)
        self.project, *self.doomed_projects = (world.add_project(self.workspace.gid) for _ in range(3))
        for gid in self.doomed_projects:
            world.add_task(project=gid)
        self.section = world.add_section(self.project)
        self.in_two_projects = self.take()
        world.add_to_project(self.in_two_projects, self.project)
        self.attached = self.take(lambda task: not attachments_of_task(task))
        world.attach(self.attached)
        self.trashed = self.take()
        world.comment(self.trashed)
        world.delete_task(self.trashed)

    def take(self, fits: Callable[[Task], object] = bool) -> str:
        """Return an unused task that fits."""
        task = next(task for task in self.tasks if fits(task))
        self.tasks.remove(task)
        self.taken.append(task.gid)
        return task.gid

    def names(self, kind: str) -> set[str]:
        """Return the objects of a kind that tasks of visible projects show, and no task of a private one."""
        tasks = map(self.world.tasks.__getitem__, self.world.gids("tasks"))
        seen = [task for task in tasks if task.workspace is self.workspace]
        seen_gids, private_gids = (set().union(*map(NAMED[kind], each)) for each in (seen, self.private))
        return seen_gids - private_gids

    def commented(self) -> tuple[str, str]:
        """Return an unused task with a comment, and the comment."""
        task = self.take(lambda task: self.world.comment_gids(task.gid))
        return task, self.world.comment_gids(task)[0]

    def take_entry(self, place: int = -1) -> str:
        """Return an unused time entry."""
        entry = self.entries.pop(place)
        self.taken.append(self.world.time_entries.rows[entry].task.gid)
        return entry


Change = Callable[[Scene], Iterable[Row]]
"""Makes a change; returns the rows that show it."""
