"""Seed the tasks of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY_MS, HOUR_MS
from fake_asana.model.gids import gid
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.tasks import Task
from fake_asana.seeding.people import WORLD_AGE_MS

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes

MAX_DEPTH = 5
RECENT_TASKS = 25  # tasks among which a subtask finds its parent
BULK_EDIT_TASKS = 2000  # tasks in one bulk edit
HIDDEN_EVERY = 60  # one task in so many is in the hidden project
FULL_PROJECT_TASKS = 130  # tasks of the first project: more than a page
WITHOUT_STORIES_PERCENT = 15  # percent of the tasks without stories
STORY_TARGET_EVERY = 499
TASK_SUBTYPES = ("milestone", "approval", "default_task")


def add_tasks(state: State, workspace: Workspace, projects: list[Project], sizes: Sizes, count: int) -> None:
    """Add `count` tasks to the workspace."""
    seeder = TaskSeeder(state, workspace, projects, sizes)
    for index in range(count):
        seeder.add_task(index, count)
    workspace.story_targets.tasks.extend(seeder.story_targets)


class TaskSeeder:
    """Adds tasks in turn; each may be a subtask of a recent one."""

    def __init__(self, state: State, workspace: Workspace, projects: list[Project], sizes: Sizes) -> None:
        """Prepare to add the first task."""
        self.state, self.workspace, self.sizes = state, workspace, sizes
        self.open_projects = projects[:-1] if len(projects) > 1 else projects  # the last is empty or hidden
        self.hidden_project = projects[-1] if projects[-1].gid in state.hidden_projects else None
        self.sections = {project.gid: list(project.sections.values()) for project in projects}
        self.tags = list(workspace.tags.values())
        self.active_users = workspace.roster[:-1]
        self.permanent_users = workspace.roster[:-2] or workspace.roster
        self.recent: list[Task] = []
        self.story_targets: list[Task] = []
        self.now = state.now()

    def add_task(self, index: int, count: int) -> None:
        """Add the task at an index among `count`."""
        serial = self.state.next_serial()
        seed = mix(self.state.seed, serial)
        rng = SeededRandom(seed, 7)
        created = self.now - WORLD_AGE_MS + (index * (WORLD_AGE_MS - 3 * DAY_MS)) // count + rng.below(2 * DAY_MS)
        task = Task(gid(serial), serial, seed, self.workspace, created)
        self.set_dates(task, index, rng)
        self.place(task, index, rng)
        self.set_children(task, index, rng)
        self.state.next_serial(task.n_stories + task.n_attachments)
        self.state.tasks[task.gid] = task
        if index % STORY_TARGET_EVERY == 1 and not task.parent and not self.is_hidden(task):
            self.story_targets.append(task)

    def set_dates(self, task: Task, index: int, rng: SeededRandom) -> None:
        """Set the last change: usually soon after creation, for some in a bulk edit."""
        lifetime = self.now - HOUR_MS - task.created
        task.modified = task.created + int(lifetime * rng.fraction() ** 3)
        bulk_edited = self.now - 2 * DAY_MS - index // BULK_EDIT_TASKS * DAY_MS
        if rng.chance(5) and bulk_edited > task.created:
            task.modified = bulk_edited
        if rng.chance(40):
            task.completed = task.modified
        task.subtype = TASK_SUBTYPES[min(rng.below(25), len(TASK_SUBTYPES) - 1)]

    def place(self, task: Task, index: int, rng: SeededRandom) -> None:
        """Place the task under a parent, in one or two projects, or in none."""
        roll, sizes = rng.below(100), self.sizes
        if roll < sizes.subtasks and self.recent:
            self.make_subtask(task, rng)
        elif sizes.subtasks <= roll < sizes.subtasks + sizes.personal:
            self.assign(task, rng.pick(self.permanent_users))
        elif 0 <= roll - sizes.subtasks - sizes.personal < sizes.tagged:
            self.add_tag(task, rng)
        else:
            self.add_to_projects(task, index, rng)
            if rng.chance(60):
                self.assign(task, rng.pick(self.active_users))
        if rng.chance(8):
            self.add_tag(task, rng)
        self.recent = [*self.recent[-RECENT_TASKS:], task]

    def make_subtask(self, task: Task, rng: SeededRandom) -> None:
        """Make it a subtask, often of the previous one for depth; some are in a project too."""
        parent = self.recent[-1] if self.recent[-1].parent and rng.chance(70) else rng.pick(self.recent)
        while depth(parent) >= MAX_DEPTH and parent.parent:
            parent = parent.parent
        task.parent = parent
        parent.subtasks = parent.subtasks or {}
        parent.subtasks[task.gid] = task
        if rng.chance(20) and not self.is_hidden(task):
            self.add_to_project(task, rng.pick(self.open_projects), rng)
        if rng.chance(40):
            self.assign(task, rng.pick(self.active_users))

    def add_to_projects(self, task: Task, index: int, rng: SeededRandom) -> None:
        """Add it to a project, mostly to one of the first; some get a second one."""
        if self.hidden_project and index % HIDDEN_EVERY == HIDDEN_EVERY - 1:
            self.add_to_project(task, self.hidden_project, rng)
            return
        into_first = len(self.open_projects[0].tasks) < FULL_PROJECT_TASKS and rng.chance(35)
        first = 0 if into_first else int(len(self.open_projects) * rng.fraction() ** 2)
        self.add_to_project(task, self.open_projects[first], rng)
        if rng.chance(self.sizes.shared * 1.2) and len(self.open_projects) > 1:
            self.add_to_project(
                task,
                self.open_projects[(first + 1 + rng.below(len(self.open_projects) - 1)) % len(self.open_projects)],
                rng,
            )

    def add_to_project(self, task: Task, project: Project, rng: SeededRandom) -> None:
        """Put it in a section of the project."""
        task.sections = (*task.sections, rng.pick(self.sections[project.gid]))
        project.tasks[task.gid] = task

    def assign(self, task: Task, user: User) -> None:
        """Assign it to a user."""
        task.assignee = user
        user.assigned[task.gid] = task

    def add_tag(self, task: Task, rng: SeededRandom) -> None:
        """Tag it."""
        tag = rng.pick(self.tags)
        if tag not in task.tags:
            task.tags = (*task.tags, tag)
            tag.tasks[task.gid] = task

    def set_children(self, task: Task, index: int, rng: SeededRandom) -> None:
        """Set the number of its stories and files, and its dependencies."""
        roll = rng.below(100)
        if index == 0 or roll == 0:
            task.n_stories = self.sizes.busiest if index == 0 else self.sizes.busiest // 2 + rng.below(20)
        elif roll > WITHOUT_STORIES_PERCENT:
            task.n_stories = 1 + rng.below(2 * self.sizes.stories - 1) if self.sizes.stories else 0
        if rng.chance(self.sizes.attached):
            task.n_attachments = 1 + rng.below(3)
        other = self.recent[0]
        if rng.chance(3) and other is not task and not self.is_hidden(task) and not self.is_hidden(other):
            task.dependencies = (other,)
            other.dependents = (*other.dependents, task)

    def is_hidden(self, task: Task) -> bool:
        """Return True if its top task is in the hidden project."""
        top = root(task)
        return any(project is self.hidden_project for project in top.projects())


def root(task: Task) -> Task:
    """Return the top task above it."""
    while task.parent:
        task = task.parent
    return task


def depth(task: Task) -> int:
    """Return the number of tasks above it."""
    return 1 + depth(task.parent) if task.parent else 0
