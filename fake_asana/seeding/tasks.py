"""The tasks of a workspace: where they lie, whose they are, and how much hangs from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY, HOUR
from fake_asana.model.gids import gid
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.tasks import Task
from fake_asana.seeding.people import AGE

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes

DEEPEST = 5
RECENT = 25  # how far back a subtask looks for its parent
BATCH = 2000  # tasks among which one bulk edit took place
SECRET = 60  # one task in so many is in the hidden project
FULL = 130  # tasks that the first project soon has: more than a page
SILENT = 15  # percent of the tasks without stories
PROBE = 499
SUBTYPES = ("milestone", "approval", "default_task")


def tasks(state: State, workspace: Workspace, projects: list[Project], sizes: Sizes, count: int) -> None:
    """Fill the workspace with `count` tasks."""
    planter = Planter(state, workspace, projects, sizes)
    for at in range(count):
        planter.plant(at, count)
    workspace.scenery.tasks.extend(planter.probes)


class Planter:
    """Plants tasks one after another; each may hang from one of the last few."""

    def __init__(self, state: State, workspace: Workspace, projects: list[Project], sizes: Sizes) -> None:
        """Ready to plant the first."""
        self.state, self.workspace, self.sizes = state, workspace, sizes
        self.open = projects[:-1] if len(projects) > 1 else projects  # the last is empty or hidden
        self.secret = projects[-1] if projects[-1].gid in state.hidden else None
        self.sections = {project.gid: list(project.sections.values()) for project in projects}
        self.tags = list(workspace.tags.values())
        self.workers = workspace.roster[:-1]
        self.stayers = workspace.roster[:-2] or workspace.roster
        self.recent: list[Task] = []
        self.probes: list[Task] = []
        self.now = state.now()

    def plant(self, at: int, count: int) -> None:
        """Plant the task at its place among `count`."""
        serial = self.state.take()
        seed = mix(self.state.seed, serial)
        dice = SeededRandom(seed, 7)
        created = self.now - AGE + (at * (AGE - 3 * DAY)) // count + dice.below(2 * DAY)
        task = Task(gid(serial), serial, seed, self.workspace, created)
        self.age(task, at, dice)
        self.home(task, at, dice)
        self.burden(task, at, dice)
        self.state.take(task.n_stories + task.n_attachments)
        self.state.tasks[task.gid] = task
        if at % PROBE == 1 and not task.parent and not self.is_secret(task):
            self.probes.append(task)

    def age(self, task: Task, at: int, dice: SeededRandom) -> None:
        """When the task last changed: mostly soon after it was made, some all at once by a bulk edit."""
        room = self.now - HOUR - task.created
        task.modified = task.created + int(room * dice.fraction() ** 3)
        bulk = self.now - 2 * DAY - at // BATCH * DAY
        if dice.chance(5) and bulk > task.created:
            task.modified = bulk
        if dice.chance(40):
            task.completed = task.modified
        task.subtype = SUBTYPES[min(dice.below(25), len(SUBTYPES) - 1)]

    def home(self, task: Task, at: int, dice: SeededRandom) -> None:
        """Where the task lies: under another, in nobody's project, or in one or two projects."""
        roll, sizes = dice.below(100), self.sizes
        if roll < sizes.subtasks and self.recent:
            self.hang(task, dice)
        elif sizes.subtasks <= roll < sizes.subtasks + sizes.personal:
            self.assign(task, dice.pick(self.stayers))
        elif 0 <= roll - sizes.subtasks - sizes.personal < sizes.tagged:
            self.label(task, dice)
        else:
            self.enter(task, at, dice)
            if dice.chance(60):
                self.assign(task, dice.pick(self.workers))
        if dice.chance(8):
            self.label(task, dice)
        self.recent = [*self.recent[-RECENT:], task]

    def hang(self, task: Task, dice: SeededRandom) -> None:
        """Make it a subtask: often of the one before, so that some lie deep; some are in a project too."""
        parent = self.recent[-1] if self.recent[-1].parent and dice.chance(70) else dice.pick(self.recent)
        while depth(parent) >= DEEPEST and parent.parent:
            parent = parent.parent
        task.parent = parent
        parent.subtasks = parent.subtasks or {}
        parent.subtasks[task.gid] = task
        if dice.chance(20) and not self.is_secret(task):
            self.lay(task, dice.pick(self.open), dice)
        if dice.chance(40):
            self.assign(task, dice.pick(self.workers))

    def enter(self, task: Task, at: int, dice: SeededRandom) -> None:
        """Lay it in a project, the first ones being the fullest; some in a second one too."""
        if self.secret and at % SECRET == SECRET - 1:
            self.lay(task, self.secret, dice)
            return
        busy = len(self.open[0].tasks) < FULL and dice.chance(35)
        first = 0 if busy else int(len(self.open) * dice.fraction() ** 2)
        self.lay(task, self.open[first], dice)
        if dice.chance(self.sizes.shared * 1.2) and len(self.open) > 1:
            self.lay(task, self.open[(first + 1 + dice.below(len(self.open) - 1)) % len(self.open)], dice)

    def lay(self, task: Task, project: Project, dice: SeededRandom) -> None:
        """Put it in a section of the project."""
        task.sections = (*task.sections, dice.pick(self.sections[project.gid]))
        project.tasks[task.gid] = task

    def assign(self, task: Task, user: User) -> None:
        """Make it somebody's."""
        task.assignee = user
        user.assigned[task.gid] = task

    def label(self, task: Task, dice: SeededRandom) -> None:
        """Put a tag on it."""
        tag = dice.pick(self.tags)
        if tag not in task.tags:
            task.tags = (*task.tags, tag)
            tag.tasks[task.gid] = task

    def burden(self, task: Task, at: int, dice: SeededRandom) -> None:
        """How many stories and files it has, and what it waits for."""
        share = dice.below(100)
        if at == 0 or share == 0:
            task.n_stories = self.sizes.busiest if at == 0 else self.sizes.busiest // 2 + dice.below(20)
        elif share > SILENT:
            task.n_stories = 1 + dice.below(2 * self.sizes.stories - 1) if self.sizes.stories else 0
        if dice.chance(self.sizes.attached):
            task.n_attachments = 1 + dice.below(3)
        other = self.recent[0]
        if dice.chance(3) and other is not task and not self.is_secret(task) and not self.is_secret(other):
            task.dependencies = (other,)
            other.dependents = (*other.dependents, task)

    def is_secret(self, task: Task) -> bool:
        """True for what lies in the hidden project, or under something there."""
        top = root(task)
        return any(project is self.secret for project in top.projects())


def root(task: Task) -> Task:
    """The task that it hangs from in the end."""
    while task.parent:
        task = task.parent
    return task


def depth(task: Task) -> int:
    """How many tasks it hangs from."""
    return 1 + depth(task.parent) if task.parent else 0
