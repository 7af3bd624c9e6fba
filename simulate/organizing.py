"""What people of a simulated Asana do besides the work on tasks: names, sections, teams, plans and exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from fake_asana.mutations.workday import all_listed_elsewhere

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace
    from fake_asana.world import World

MIN_PEOPLE = 3
"""People of a workspace that one of them may leave."""

FOREIGN_EXPORT_SECONDS = 300.0

Act: TypeAlias = Callable[["World", str, str], object]
"""A change of the world, near a task or a project chosen by their gids."""


def workspace_of(world: World, project: str) -> Workspace:
    """Return the workspace of a project."""
    return world.projects[project].workspace


def reassign(world: World, task: str, _: str) -> None:
    """Assign a task to the last person of the workspace, or to nobody if it has an assignee."""
    chosen = world.tasks[task]
    world.assign_task(task, None if chosen.assignee else chosen.workspace.roster[-1].gid)


def reopen(world: World, task: str, _: str) -> None:
    """Mark a task as incomplete, if it is completed."""
    if world.tasks[task].completed:
        world.reopen_task(task)


def fill_in(world: World, task: str, _: str) -> None:
    """Set the first number field of a task."""
    for field in [each for each in world.tasks[task].fields().values() if each.type.subtype == "number"][:1]:
        world.set_custom_field(task, field.gid, {"number_value": 7.5, "display_value": "7.5"})


def move_within(world: World, task: str, _: str) -> None:
    """Move a task to another section of its first project."""
    chosen = world.tasks[task]
    for project in list(chosen.projects())[:1]:
        for section in [each for each in project.sections.values() if each not in chosen.sections][:1]:
            world.move_task(task, section.gid)


def add_to_project(world: World, task: str, project: str) -> None:
    """Add a task to a project of its workspace, if it is not in it."""
    chosen, target = world.tasks[task], world.projects[project]
    if chosen.workspace is target.workspace and target not in chosen.projects():
        world.add_to_project(task, project)


def remove_from_project(world: World, task: str, _: str) -> None:
    """Remove a task from one of its projects, if it is in several."""
    if len(held := list(world.tasks[task].projects())) > 1:
        world.remove_from_project(task, held[-1].gid)


def purge(world: World, _: str, __: str) -> None:
    """Delete a task in the trash forever."""
    for task in list(world.trash.tasks)[-1:]:
        world.purge_task(task)


def delete_section(world: World, _: str, project: str) -> None:
    """Delete the last section of a project, unless it is the only one."""
    if len(sections := list(world.projects[project].sections)) > 1:
        world.delete_section(sections[-1])


def rename_section(world: World, _: str, project: str) -> None:
    """Rename the first section of a project."""
    for section in list(world.projects[project].sections)[:1]:
        world.rename_section(section)


def rename_tag(world: World, task: str, _: str) -> None:
    """Rename a tag of a task, or add one to its workspace."""
    chosen = world.tasks[task]
    for tag in chosen.tags[:1]:
        world.rename_tag(tag.gid)
    if not chosen.tags:
        world.add_tag(chosen.workspace.gid)


def rename_person(world: World, task: str, _: str) -> None:
    """Rename the assignee of a task, or the first person of the workspace."""
    chosen = world.tasks[task]
    world.rename_user((chosen.assignee or chosen.workspace.roster[0]).gid)


def rename_field(world: World, task: str, _: str) -> None:
    """Rename the first custom field of a task."""
    for field in list(world.tasks[task].fields())[:1]:
        world.rename_custom_field(field)


def remove_person(world: World, _: str, project: str) -> None:
    """Remove the last person of a workspace whose tasks are all in other lists too, but not that of the token."""
    workspace, owner = workspace_of(world, project), next(iter(world.users.values()))
    present = [user for user in workspace.roster if workspace.gid in user.workspaces]
    leavers = [user for user in present if user is not owner and all_listed_elsewhere(user.assigned)]
    if len(present) >= MIN_PEOPLE and leavers:
        world.remove_user(leavers[-1].gid, workspace.gid)


def add_team(world: World, _: str, project: str) -> None:
    """Add a team to a workspace with teams: other workspaces are no organizations."""
    if (workspace := workspace_of(world, project)).teams:
        world.add_team(workspace.gid)


def delete_team(world: World, _: str, project: str) -> None:
    """Delete the last team of a workspace, unless it is the only one."""
    if len(teams := list(workspace_of(world, project).teams)) > 1:
        world.delete_team(teams[-1])


def like_status(world: World, _: str, project: str) -> None:
    """Like the latest status update of a project, or post one."""
    status = world.projects[project].status
    if status is None:
        world.post_status_update(project)
    elif len(status.likers) < len(status.workspace.roster):
        world.like_status_update(status.gid)


def on_goal(change: Callable[[World, str], object]) -> Act:
    """Return a change of the first goal of a workspace, if it has one."""

    def on_first(world: World, _: str, project: str) -> None:
        for goal in list(world.goals.of(workspace_of(world, project)))[:1]:
            change(world, goal.gid)

    return on_first


def plan(world: World, _: str, project: str) -> None:
    """Put a project in the first portfolio of its workspace, or take it out of that."""
    for portfolio in list(world.portfolios.of(workspace_of(world, project)))[:1]:
        if f"{portfolio.gid}:{project}" in world.portfolio_items.rows:
            world.take_from_portfolio(portfolio.gid, project)
        else:
            world.put_in_portfolio(portfolio.gid, project)


def in_workspace(change: Callable[[World, str], object]) -> Act:
    """Return a change of the workspace of a project."""
    return lambda world, _, project: change(world, workspace_of(world, project).gid)


ORGANIZING: Mapping[str, Act] = {
    "reassign": reassign,
    "reopen": reopen,
    "set custom field": fill_in,
    "move to section": move_within,
    "add to project": add_to_project,
    "remove from project": remove_from_project,
    "add picture": lambda world, task, _: world.add_picture(task),
    "purge": purge,
    "annotate project": lambda world, _, project: world.annotate_project(project),
    "add section": lambda world, _, project: world.add_section(project),
    "delete section": delete_section,
    "rename project": lambda world, _, project: world.rename_project(project),
    "rename section": rename_section,
    "rename tag": rename_tag,
    "rename person": rename_person,
    "rename custom field": rename_field,
    "add tag": in_workspace(lambda world, gid: world.add_tag(gid)),
    "add person": in_workspace(lambda world, gid: world.add_user(gid)),
    "remove person": remove_person,
    "add team": add_team,
    "delete team": delete_team,
    "add absence": in_workspace(lambda world, gid: world.add_absence(world.workspaces[gid].roster[0].gid, gid)),
    "like status": like_status,
    "post status": lambda world, _, project: world.post_status_update(project),
    "advance goal": on_goal(lambda world, gid: world.advance_goal(gid)),
    "comment on goal": on_goal(lambda world, gid: world.comment_on_goal(gid)),
    "plan": plan,
    "export elsewhere": in_workspace(lambda world, gid: world.begin_foreign_export(gid, FOREIGN_EXPORT_SECONDS)),
    "break export": lambda world, _, __: world.fail_exports(),
}
"""The changes by name."""


def unarchive(world: World, _: str, project: str) -> None:
    """Take a project out of the archive: this one, or the first that is in it."""
    archived = [gid for gid in sorted(world.projects) if world.projects[gid].archived]
    for gid in [project] if project in archived else archived[:1]:
        world.unarchive_project(gid)


ARCHIVING: Mapping[str, Act] = {
    "archive": lambda world, _, project: world.archive_project(project),
    "unarchive": unarchive,
}
"""Changes of projects that simulations did not draw together at first."""
