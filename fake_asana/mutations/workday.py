"""A simulated workday: a bit of everything that people do in Asana."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.portfolios import items_in
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.stories import stories_of_task
from fake_asana.mutations import comments, people, planning, projects, tasks, tracking, trash

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.access import Viewer
    from fake_asana.model.people import Workspace
    from fake_asana.model.projects import Section
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

CANDIDATE_TASKS = 4000  # tasks considered for a workday
MAX_STORIES = 60  # stories: tasks with more stay unchanged, to keep a workday small


def simulate_workday(world: State, seed: int) -> None:
    """Change tasks, comments, projects, people and plans."""
    pool = TaskPool(world, seed)
    edit_tasks(pool)
    comment_and_attach(pool)
    add_rows(pool)
    delete_rows(pool)
    edit_projects(pool)
    report_and_track(pool)


class TaskPool:
    """The tasks of a workday, each used at most once."""

    def __init__(self, world: State, seed: int) -> None:
        """Sample the tasks visible to the token's person."""
        self.world = world
        self.rng = SeededRandom(world.seed, len(world.history), seed)
        self.viewer: Viewer = next(iter(world.access.viewers.values()))
        all_tasks = list(world.tasks.values())
        start, step = self.rng.below(len(all_tasks)), max(1, len(all_tasks) // CANDIDATE_TASKS)
        rotated = (all_tasks[start:] + all_tasks[:start])[::step]
        story_targets = {task.gid for workspace in world.workspaces.values() for task in workspace.story_targets.tasks}
        self.candidates = [
            t for t in rotated if t.n_stories <= MAX_STORIES and t.gid not in story_targets and self.viewer.sees_task(t)
        ]
        self.used: set[str] = set()

    def take(self, fits: Callable[[Task], object], count: int = 1) -> list[str]:
        """Return the gids of up to `count` unused tasks that fit."""
        gids: list[str] = []
        for task in self.candidates:
            if len(gids) == count:
                break
            if task.gid not in self.used and task.gid in self.world.tasks and fits(task):
                self.used.add(task.gid)
                gids.append(task.gid)
        return gids


def is_independent(task: Task) -> bool:
    """Return True if no other task shows this one or depends on it."""
    return not (task.subtasks or task.dependents or task.dependencies)


def last_section(task: Task) -> Section:
    """Return the last section of the task's first project."""
    return list(next(task.projects()).sections.values())[-1]


def can_be_tracked(task: Task) -> bool:
    """Return True if the task is independent, and its plan has time tracking."""
    return is_independent(task) and "time_tracking" not in task.workspace.missing_features


def exclude_parent(pool: TaskPool, gid: str) -> None:
    """Exclude the parent of a task from the rest of the day."""
    parent = pool.world.tasks[gid].parent
    if parent:
        pool.used.add(parent.gid)


def edit_tasks(pool: TaskPool) -> None:
    """Rename, complete, reopen, reassign and move tasks; change subtasks without touching their parents."""
    world = pool.world
    for gid in pool.take(is_independent, 3):
        tasks.rename_task(world, gid, f"Renamed {pool.rng.below(1000)} ✓")
    for gid in pool.take(lambda t: t.completed is None, 3):
        tasks.complete_task(world, gid)
    for gid in pool.take(lambda t: t.parent and is_independent(t) and t.parent.gid not in pool.used, 2):
        exclude_parent(pool, gid)
        tasks.rename_task(world, gid, "Subtask renamed")
    for gid in pool.take(lambda t: not t.sections and not t.parent, 2):
        (tasks.reopen_task if world.tasks[gid].completed else tasks.complete_task)(world, gid)
    for gid in pool.take(lambda t: t.sections and t.assignee):
        tasks.assign_task(world, gid, world.tasks[gid].workspace.roster[0].gid)
    for gid in pool.take(lambda t: len(t.sections) == 1 and t.sections[0] is not last_section(t)):
        tasks.move_task(world, gid, last_section(world.tasks[gid]).gid)
    set_number(pool)
    for gid in pool.take(lambda t: t.completed is not None and t.sections and is_independent(t), 2):
        tasks.reopen_task(world, gid)


def set_number(pool: TaskPool) -> None:
    """Set a number on a task with a number field."""
    for gid in pool.take(lambda t: any(f.type.subtype == "number" for f in t.fields().values())):
        fields = pool.world.tasks[gid].fields().values()
        field = next(candidate for candidate in fields if candidate.type.subtype == "number")
        tasks.set_custom_field(pool.world, gid, field.gid, {"number_value": 0.1 + 0.2, "display_value": "0.3"})


def comment_and_attach(pool: TaskPool) -> None:
    """Comment on old tasks, edit and like comments, add and delete files."""
    world = pool.world
    for gid in pool.take(lambda t: t.sections, 4):
        comments.comment(world, gid)
    for gid in pool.take(lambda t: comments.comment_gids(world, t.gid)):
        comments.comment(world, gid)
        comments.edit_comment(world, gid, comments.comment_gids(world, gid)[0])
    for gid in pool.take(lambda t: comments.comment_gids(world, t.gid)):
        comments.edit_comment(world, gid, comments.comment_gids(world, gid)[0])
        comments.like_comment(world, gid, comments.comment_gids(world, gid)[0])
    for gid in pool.take(lambda t: len(stories_of_task(t)) > 1 and comments.comment_gids(world, t.gid)):
        comments.delete_comment(world, gid, comments.comment_gids(world, gid)[-1])
    for gid in pool.take(lambda t: t.sections):
        comments.attach(world, gid)
    for gid in pool.take(lambda t: t.n_attachments):
        comments.detach(world, gid)
    for gid in pool.take(is_independent):
        tasks.like_task(world, gid)


def add_rows(pool: TaskPool) -> None:
    """Add tasks in a project, under a task and in no project; add people, teams, tags and projects."""
    world, workspace = pool.world, first_workspace(pool.world)
    visible = [project for project in workspace.projects.values() if pool.viewer.sees(project)]
    project = pool.rng.pick(visible)
    for _ in range(2):
        comments.comment(world, tasks.add_task(world, project=project.gid, assignee=workspace.roster[0].gid))
    for gid in pool.take(lambda t: t.sections):
        tasks.add_task(world, parent=gid)
    tasks.add_task(world, workspace=workspace.gid, assignee=workspace.roster[0].gid)
    comments.attach(world, tasks.add_task(world, project=projects.add_project(world, workspace.gid)))
    projects.add_section(world, project.gid)
    projects.add_tag(world, workspace.gid)
    people.add_user(world, workspace.gid)
    people.add_team(world, workspace.gid)


def delete_rows(pool: TaskPool) -> None:
    """Delete tasks, restore one of an earlier day, and remove a person.

    The person who leaves has no tasks outside projects. One task leaves one of its projects.
    """
    world, workspace = pool.world, first_workspace(pool.world)
    old = [
        gid for gid, task in world.trash.tasks.items() if not task.parent and world.trash.deleted_at[gid] < world.now()
    ]
    for gid in old[:1]:
        trash.undelete_task(world, gid)
    for gid in pool.take(lambda t: len(t.sections) > 1):
        tasks.remove_from_project(world, gid, next(world.tasks[gid].projects()).gid)
    for gid in pool.take(lambda t: is_independent(t) and not t.parent, 2):
        trash.delete_task(world, gid)
    for gid in pool.take(lambda t: t.subtasks and not t.parent and not t.dependents):
        trash.delete_task(world, gid)
    leavers = [
        user
        for user in workspace.roster[1:]
        if workspace.gid in user.workspaces and all_listed_elsewhere(user.assigned)
    ]
    if leavers:
        people.remove_user(world, leavers[-1].gid, workspace.gid)


def all_listed_elsewhere(assigned: dict[str, Task]) -> bool:
    """Return True if each task is also in another list."""
    return all(task.sections or task.parent or task.tags for task in assigned.values())


def edit_projects(pool: TaskPool) -> None:
    """Edit a project, archive one, and share a hidden one."""
    world, workspace = pool.world, first_workspace(pool.world)
    visible = [project for project in workspace.projects.values() if pool.viewer.sees(project)]
    projects.annotate_project(world, visible[0].gid)
    projects.archive_project(world, visible[-2].gid)
    for gid in sorted(world.hidden_projects & world.projects.keys())[:1]:
        projects.share_project(world, gid)


def report_and_track(pool: TaskPool) -> None:
    """Report on a project and a goal, track time on new and old tasks, and add an absence."""
    world, workspace = pool.world, first_workspace(pool.world)
    visible = [project for project in workspace.projects.values() if pool.viewer.sees(project)]
    planning.post_status_update(world, next((project for project in visible if project.status), visible[0]).gid)
    for gid in pool.take(can_be_tracked, 2):
        tracking.track_time(world, gid)
    for gid in pool.take(can_be_tracked):
        tracking.track_time(world, gid)
        comments.comment(world, gid)
    people.add_absence(world, workspace.roster[0].gid, workspace.gid)
    for goal in list(filter(pool.viewer.sees, world.goals.of(workspace)))[:1]:
        planning.advance_goal(world, goal.gid, pool.rng.below(1000) / 8)
        planning.post_status_update(world, goal.gid)
    for portfolio in list(filter(pool.viewer.sees, world.portfolios.of(workspace)))[:1]:
        item_gids = {item.resource.gid for item in items_in(world.portfolio_items, portfolio)}
        for project in [project for project in visible if project.gid not in item_gids][:1]:
            planning.put_in_portfolio(world, portfolio.gid, project.gid)


def first_workspace(world: State) -> Workspace:
    """Return the workspace with most of the work."""
    return next(iter(world.workspaces.values()))
