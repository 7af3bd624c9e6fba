"""The kinds of change of projects, sections, status updates and goals, and the renaming of what tasks name."""

from __future__ import annotations

from collections.abc import Mapping

from scene import Change, Row, Scene


def share_project(scene: Scene) -> list[Row]:
    """Share a project with everything in it."""
    world = scene.world
    gid = next(gid for gid in sorted(world.hidden_projects) if world.projects[gid].workspace is scene.workspace)
    tasks = list(world.projects[gid].tasks)
    world.share_project(gid)
    return [("projects", gid), *(("tasks", task) for task in tasks)]


def like_status(scene: Scene) -> list[Row]:
    """Like a status update."""
    scene.world.like_status_update(scene.status)
    return [("status_updates", scene.status)]


def rename(kind: str, stream: str) -> Change:
    """Return the renaming of an object that no private project shows, which its own row shows."""

    def change(scene: Scene) -> list[Row]:
        gid = scene.newcomer if kind == "user" else min(scene.names(kind))
        getattr(scene.world, f"rename_{kind}")(gid, f"Renamed {kind}")
        return [(stream, gid)]

    return change


def archive_project(scene: Scene) -> list[Row]:
    """Archive a project."""
    scene.world.archive_project(scene.project)
    return [("projects", scene.project)]


def unarchive_project(scene: Scene) -> list[Row]:
    """Take the first archived project out of the archive."""
    gid = min(gid for gid in scene.names("project") if scene.world.projects[gid].archived)
    scene.world.unarchive_project(gid)
    return [("projects", gid)]


def annotate_project(scene: Scene) -> list[Row]:
    """Rewrite the notes of a project."""
    gid = min(scene.names("project"))
    scene.world.annotate_project(gid)
    return [("projects", gid)]


def delete_project(scene: Scene) -> list[Row]:
    """Delete a project with its task."""
    gid = scene.doomed_projects.pop()
    rows = [("projects", gid), *(("tasks", each) for each in scene.world.projects[gid].tasks)]
    scene.world.delete_project(gid)
    return rows


def add_project(scene: Scene) -> list[Row]:
    """Add a project with a section."""
    gid = scene.world.add_project(scene.workspace.gid)
    return [("projects", gid), *(("sections", each) for each in scene.world.projects[gid].sections)]


def add_section(scene: Scene) -> list[Row]:
    """Add a section to a project."""
    return [("sections", scene.world.add_section(min(scene.names("project"))))]


def delete_section(scene: Scene) -> list[Row]:
    """Delete a section without tasks, and another one with its project."""
    gid = scene.doomed_projects.pop()
    rows = [("sections", each) for each in (scene.section, *scene.world.projects[gid].sections)]
    scene.world.delete_section(scene.section)
    scene.world.delete_project(gid)
    return rows


def add_tag(scene: Scene) -> list[Row]:
    """Add a tag."""
    return [("tags", scene.world.add_tag(scene.workspace.gid))]


def add_user(scene: Scene) -> list[Row]:
    """Add a person to the workspace."""
    return [("users", scene.world.add_user(scene.workspace.gid))]


def remove_user(scene: Scene) -> list[Row]:
    """Remove a person from the workspace."""
    scene.world.remove_user(scene.leaver, scene.workspace.gid)
    return [("users", scene.leaver)]


def post_status(scene: Scene) -> list[Row]:
    """Report on a project, which names its latest report."""
    gid = min(scene.names("project"))
    return [("status_updates", scene.world.post_status_update(gid)), ("projects", gid)]


def comment_on_goal(scene: Scene) -> list[Row]:
    """Comment on a goal."""
    world = scene.world
    goals = (world.goals.rows[gid] for gid in world.gids("goals"))
    return [("stories", world.comment_on_goal(next(goal.gid for goal in goals if goal.workspace is scene.workspace)))]


def advance_goal(scene: Scene) -> list[Row]:
    """Set the progress of a goal."""
    world = scene.world
    goals = (world.goals.rows[gid] for gid in world.gids("goals"))
    gid = next(goal.gid for goal in goals if goal.workspace is scene.workspace)
    world.advance_goal(gid)
    return [("goals", gid)]


CHANGES_OF_PROJECTS: Mapping[str, Change] = {
    "new project, with its section": add_project,
    "project with new notes": annotate_project,
    "project archived": archive_project,
    "project taken out of the archive": unarchive_project,
    "project deleted, with its task": delete_project,
    "new section": add_section,
    "section deleted, alone or with its project": delete_section,
    "new tag": add_tag,
    "new user": add_user,
    "user removed": remove_user,
    "new status update, also in its project": post_status,
    "status update liked": like_status,
    "new comment on a goal": comment_on_goal,
    "new progress of a goal": advance_goal,
}
"""Every change of them but their renaming, in the order of the table."""

RENAMINGS: Mapping[str, Change] = {
    f"{kind.replace('_', ' ')} renamed, in `{stream}`": rename(kind, stream)
    for kind, stream in {
        "project": "projects",
        "section": "sections",
        "tag": "tags",
        "user": "users",
        "custom_field": "custom_fields",
    }.items()
}
"""The renaming of each kind of object that tasks name."""
