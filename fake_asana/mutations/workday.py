"""A stretch of work in a world: some of everything that people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import stories
from fake_asana.model.portfolios import inside
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.mutations import comments, people, planning, projects, tasks, trash

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.access import Viewer
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

LOOK = 4000  # tasks looked at for something to work on
SHORT = 60  # stories: tasks with more are left alone, to keep a day small


def simulate_workday(world: State, seed: int) -> None:
    """Let people work: on tasks, with each other, and on what holds them together."""
    desk = TaskPool(world, seed)
    edit_tasks(desk)
    talk(desk)
    grow(desk)
    shrink(desk)
    organize(desk)
    plan(desk)


class TaskPool:
    """The tasks that people pick from, each at most once a day."""

    def __init__(self, world: State, seed: int) -> None:
        """A desk with a sample of the tasks that the person behind the token sees."""
        self.world = world
        self.dice = SeededRandom(world.seed, len(world.history), seed)
        self.viewer: Viewer = next(iter(world.access.viewers.values()))
        every = list(world.tasks.values())
        start, step = self.dice.below(len(every)), max(1, len(every) // LOOK)
        rolled = (every[start:] + every[:start])[::step]
        shown = {task.gid for workspace in world.workspaces.values() for task in workspace.scenery.tasks}
        self.pile = [t for t in rolled if t.n_stories <= SHORT and t.gid not in shown and self.viewer.sees_task(t)]
        self.used: set[str] = set()

    def take(self, fits: Callable[[Task], object], count: int = 1) -> list[str]:
        """The gids of up to `count` unused tasks that fit."""
        found: list[str] = []
        for task in self.pile:
            if len(found) == count:
                break
            if task.gid not in self.used and task.gid in self.world.tasks and fits(task):
                self.used.add(task.gid)
                found.append(task.gid)
        return found


def leaf(task: Task) -> bool:
    """Nothing else shows this task's name or counts on it."""
    return not (task.subtasks or task.dependents or task.dependencies)


def leave_parent(desk: TaskPool, gid: str) -> None:
    """Keep the parent of a task out of everybody's hands for the day."""
    parent = desk.world.tasks[gid].parent
    if parent:
        desk.used.add(parent.gid)


def edit_tasks(desk: TaskPool) -> None:
    """Rename, complete, hand over and move tasks; change subtasks under parents that stay as they are."""
    world = desk.world
    for gid in desk.take(leaf, 3):
        tasks.rename_task(world, gid, f"Renamed {desk.dice.below(1000)} ✓")
    for gid in desk.take(lambda t: t.completed is None, 3):
        tasks.complete_task(world, gid)
    for gid in desk.take(lambda t: t.parent and leaf(t) and t.parent.gid not in desk.used, 2):
        leave_parent(desk, gid)
        tasks.rename_task(world, gid, "Subtask renamed")
    for gid in desk.take(lambda t: not t.sections and not t.parent, 2):
        tasks.complete_task(world, gid)
    for gid in desk.take(lambda t: t.sections and t.assignee):
        tasks.assign_task(world, gid, world.tasks[gid].workspace.roster[0].gid)
    for gid in desk.take(lambda t: len(t.sections) == 1):
        project = next(world.tasks[gid].projects())
        tasks.move_task(world, gid, list(project.sections)[-1])
    fill_in(desk)


def fill_in(desk: TaskPool) -> None:
    """Set a number on a task that has a number field."""
    for gid in desk.take(lambda t: any(f.make.subtype == "number" for f in t.fields().values())):
        fields = desk.world.tasks[gid].fields().values()
        field = next(found for found in fields if found.make.subtype == "number")
        tasks.set_custom_field(desk.world, gid, field.gid, {"number_value": 0.1 + 0.2, "display_value": "0.3"})


def talk(desk: TaskPool) -> None:
    """Comment on old tasks, edit and like comments, hang files on tasks and take them away."""
    world = desk.world
    for gid in desk.take(lambda t: t.sections, 4):
        comments.comment(world, gid)
    for gid in desk.take(lambda t: comments.comment_gids(world, t.gid)):
        comments.comment(world, gid)
        comments.edit_comment(world, gid, comments.comment_gids(world, gid)[0])
    for gid in desk.take(lambda t: comments.comment_gids(world, t.gid)):
        comments.edit_comment(world, gid, comments.comment_gids(world, gid)[0])
        comments.like_comment(world, gid, comments.comment_gids(world, gid)[0])
    for gid in desk.take(lambda t: len(stories.of_task(t)) > 1 and comments.comment_gids(world, t.gid)):
        comments.delete_comment(world, gid, comments.comment_gids(world, gid)[-1])
    for gid in desk.take(lambda t: t.sections):
        comments.attach(world, gid)
    for gid in desk.take(lambda t: t.n_attachments):
        comments.detach(world, gid)
    for gid in desk.take(leaf):
        tasks.like_task(world, gid)


def grow(desk: TaskPool) -> None:
    """New tasks: in a project, under an old task, in nobody's project; new people, teams, tags, projects."""
    world, workspace = desk.world, first(desk.world)
    seen = [project for project in workspace.projects.values() if desk.viewer.sees(project)]
    project = desk.dice.pick(seen)
    for _ in range(2):
        comments.comment(world, tasks.add_task(world, project=project.gid, assignee=workspace.roster[0].gid))
    for gid in desk.take(lambda t: t.sections):
        tasks.add_task(world, parent=gid)
    tasks.add_task(world, workspace=workspace.gid, assignee=workspace.roster[0].gid)
    comments.attach(world, tasks.add_task(world, project=projects.add_project(world, workspace.gid)))
    projects.add_section(world, project.gid)
    projects.add_tag(world, workspace.gid)
    people.add_user(world, workspace.gid)
    people.add_team(world, workspace.gid)


def shrink(desk: TaskPool) -> None:
    """Tasks deleted, one of them with its subtasks, and one of an earlier day brought back; a person who left.

    No project-less task names who leaves. One task leaves one of its projects.
    """
    world, workspace = desk.world, first(desk.world)
    old = [gid for gid, task in world.trash.tasks.items() if not task.parent and world.trash.since[gid] < world.now()]
    for gid in old[:1]:
        trash.undelete_task(world, gid)
    for gid in desk.take(lambda t: len(t.sections) > 1):
        tasks.remove_from_project(world, gid, next(world.tasks[gid].projects()).gid)
    for gid in desk.take(lambda t: leaf(t) and not t.parent, 2):
        trash.delete_task(world, gid)
    for gid in desk.take(lambda t: t.subtasks and not t.parent and not t.dependents):
        trash.delete_task(world, gid)
    leavers = [user for user in workspace.roster[1:] if workspace.gid in user.workspaces and reachable(user.assigned)]
    if leavers:
        people.remove_user(world, leavers[-1].gid, workspace.gid)


def reachable(assigned: dict[str, Task]) -> bool:
    """Every one of the tasks is listed somewhere else too."""
    return all(task.sections or task.parent or task.tags for task in assigned.values())


def organize(desk: TaskPool) -> None:
    """Projects rewritten, archived and newly shared."""
    world, workspace = desk.world, first(desk.world)
    seen = [project for project in workspace.projects.values() if desk.viewer.sees(project)]
    projects.annotate_project(world, seen[0].gid)
    projects.archive_project(world, seen[-2].gid)
    for gid in sorted(world.hidden)[:1]:
        projects.share_project(world, gid)


def plan(desk: TaskPool) -> None:
    """Reports on a project and a goal, time tracked on a task of today and on an old one, and somebody who is away."""
    world, workspace = desk.world, first(desk.world)
    seen = [project for project in workspace.projects.values() if desk.viewer.sees(project)]
    planning.post_status_update(world, next((project for project in seen if project.status), seen[0]).gid)
    for gid in desk.take(leaf, 2):
        tasks.track_time(world, gid)
    for gid in desk.take(leaf):
        tasks.track_time(world, gid)
        comments.comment(world, gid)
    people.add_absence(world, workspace.roster[0].gid, workspace.gid)
    for goal in list(filter(desk.viewer.sees, world.goals.of(workspace)))[:1]:
        planning.advance_goal(world, goal.gid, desk.dice.below(1000) / 8)
        planning.post_status_update(world, goal.gid)
    for portfolio in list(filter(desk.viewer.sees, world.portfolios.of(workspace)))[:1]:
        held = {item.thing.gid for item in inside(world.items, portfolio)}
        for project in [project for project in seen if project.gid not in held][:1]:
            planning.put_in_portfolio(world, portfolio.gid, project.gid)


def first(world: State) -> Workspace:
    """The workspace that most work happens in."""
    return next(iter(world.workspaces.values()))
