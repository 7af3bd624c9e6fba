"""What people do in a simulated Asana."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_asana.model.tasks import followers_of_task
from fake_asana.world import World
from simulate.organizing import ARCHIVING, ORGANIZING, Act

MIN_PROJECTS_OF_A_DAY = 2


def move(world: World, task: str, project: str) -> None:
    """Move a task to another project of its workspace."""
    if world.tasks[task].workspace is not world.projects[project].workspace:
        return
    old_projects = [found.gid for found in world.tasks[task].projects()]
    world.add_to_project(task, project)
    for gid in old_projects:
        if gid != project:
            world.remove_from_project(task, gid)


def leave(world: World, task: str, _: str) -> None:
    """Remove a task from all its projects, so that only its assignee or a search leads to it."""
    world.assign_task(task, next(iter(world.tasks[task].workspace.members.values())).user.gid)
    for project in list(world.tasks[task].projects()):
        world.remove_from_project(task, project.gid)


def restore(world: World, _: str, project: str) -> None:
    """Restore the first task in the trash, or create a new one."""
    deleted = next(iter(world.trash.tasks), None)
    if deleted and not world.trash.tasks[deleted].parent:
        world.undelete_task(deleted)
    else:
        world.add_task(project=project)


def share(world: World, _: str, project: str) -> None:
    """Share a hidden project, or hide one; its tasks are old."""
    hidden = world.hidden_projects & world.projects.keys()
    if hidden:
        world.share_project(min(hidden))
    else:
        world.hide_project(project)


def add_unlisted(world: World, task: str, _: str) -> None:
    """Add a task to the list of a person, outside all projects."""
    workspace = world.tasks[task].workspace
    world.comment(world.add_task(workspace=workspace.gid, assignee=workspace.roster[0].gid))


def add_project(world: World, task: str, _: str) -> None:
    """Add a project with a task."""
    world.comment(world.add_task(project=world.add_project(world.tasks[task].workspace.gid)))


def edit_together(world: World, task: str, _: str) -> None:
    """Edit every second task of the workspace at the same instant."""
    workspace = world.tasks[task].workspace
    world.bulk_edit([gid for gid in sorted(world.tasks) if world.tasks[gid].workspace is workspace][::2])


def delete_project(world: World, _: str, project: str) -> None:
    """Delete a project, unless it is the last one of its workspace."""
    if len(world.projects[project].workspace.projects) > 1:
        world.delete_project(project)


def work_a_day(world: World, _: str, __: str) -> None:
    """Change some of everything, unless the person sees hardly a project of the first workspace."""
    viewer, workspace = next(iter(world.access.viewers.values())), next(iter(world.workspaces.values()))
    if sum(viewer.sees(project) for project in workspace.projects.values()) >= MIN_PROJECTS_OF_A_DAY:
        world.mutate()


def drag(world: World, task: str, project: str) -> None:
    """Drag a task to the front of a project, if it is in it, or of its assignee's tasks."""
    assignee = world.tasks[task].assignee
    if world.projects[project] in world.tasks[task].projects():
        world.drag_task(task, project)
    elif assignee is not None:
        world.drag_task(task, assignee.gid)


def on_comment(change: Callable[[World, str, str], object]) -> Act:
    """Return a change of the first comment on a task, if it has one."""

    def on_first(world: World, task: str, _: str) -> None:
        for story in world.comment_gids(task)[:1]:
            change(world, task, story)

    return on_first


def follow(world: World, task: str, _: str) -> None:
    """Have a person follow a task."""
    world.add_follower(task, world.tasks[task].workspace.roster[0].gid)


def depend(world: World, task: str, project: str) -> None:
    """Make a task depend on the first one of a project."""
    for other in list(world.projects[project].tasks)[:1]:
        if world.tasks[other].workspace is world.tasks[task].workspace:
            world.add_dependency(task, other)


def free(world: World, task: str, _: str) -> None:
    """Take the first dependency of a task away."""
    for other in world.tasks[task].dependencies[:1]:
        world.remove_dependency(task, other.gid)


def unfollow(world: World, task: str, _: str) -> None:
    """Have the first follower of a task leave it."""
    for follower in followers_of_task(world.tasks[task])[:1]:
        world.remove_follower(task, follower.gid)


def on_entry(change: Callable[[World, str], object]) -> Act:
    """Return a change of the last time entry of a task, if it has one."""

    def on_last(world: World, task: str, _: str) -> None:
        for entry in world.time_entries.of(world.tasks[task])[-1:]:
            change(world, entry.gid)

    return on_last


def reveal(world: World, _: str, project: str) -> None:
    """Add a task of a hidden project to a visible one of its workspace."""
    hidden = [world.projects[gid] for gid in sorted(world.hidden_projects & world.projects.keys())]
    workspace = world.projects[project].workspace
    for task in [task for each in hidden if each.workspace is workspace for task in each.tasks][:1]:
        world.add_to_project(task, project)


SILENT_CHANGES: Mapping[str, Act] = {
    "edit comment": on_comment(lambda world, task, story: world.edit_comment(task, story)),
    "like comment": on_comment(lambda world, task, story: world.like_comment(task, story)),
    "pin comment": on_comment(lambda world, task, story: world.pin_comment(task, story)),
    "like task": lambda world, task, _: world.like_task(task),
    "follow": follow,
    "depend": depend,
    "unfollow": unfollow,
    "free": free,
    "reveal": reveal,
    "only track time": lambda world, task, _: world.track_time(task),
    "track time of last month": lambda world, task, _: world.track_time(task, days_back=31),
    "edit time": on_entry(lambda world, entry: world.edit_time(entry)),
    "delete time": on_entry(lambda world, entry: world.delete_time(entry)),
    "delete comment": on_comment(lambda world, task, story: world.delete_comment(task, story)),
    "detach": lambda world, task, _: world.detach(task),
}
"""The changes that no timestamp shows; events name them."""

CHANGES: Mapping[str, Act] = {
    "rename": lambda world, task, _: world.rename_task(task),
    "complete": lambda world, task, _: world.complete_task(task),
    "comment": lambda world, task, _: world.comment(task),
    "attach": lambda world, task, _: world.attach(task),
    "add": lambda world, _, project: world.comment(world.add_task(project=project)),
    "add below": lambda world, task, _: world.comment(world.add_task(parent=task)),
    "add unlisted": add_unlisted,
    "add project": add_project,
    "archive": lambda world, _, project: world.archive_project(project),
    "delete": lambda world, task, _: world.delete_task(task),
    "delete project": delete_project,
    "drag": drag,
    "edit together": edit_together,
    "restore": restore,
    "move": move,
    "leave": leave,
    "share": share,
    "track time": lambda world, task, _: (world.track_time(task), world.comment(task)),
    "a day": work_a_day,
}
"""The changes by name. All are visible in a timestamp, unless the dialect keeps moves from one."""

ALL_CHANGES: Mapping[str, Act] = {**CHANGES, **SILENT_CHANGES, **ORGANIZING, **ARCHIVING}


def act(world: World, token: str, name: str, number: int) -> str | None:
    """Make one change to objects that a token sees, if there are any; return the gid of the chosen task."""
    tasks, projects = sorted(world.gids("tasks", token)), sorted(world.gids("projects", token))
    if not tasks or not projects:
        return None
    task = tasks[number % len(tasks)]
    ALL_CHANGES[name](world, task, projects[number % len(projects)])
    return task
