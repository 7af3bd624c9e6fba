"""The kinds of change that people make, each made once in a world, and the rows that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from changes_of_projects import CHANGES_OF_PROJECTS, RENAMINGS, share_project
from scene import Change, Row, Scene

from fake_asana.model.attachments import attachments_of_task
from fake_asana.model.tasks import followers_of_task
from fake_asana.world import World


def on_task(act: Callable[[World, str], object]) -> Change:
    """Return a change of a task that its own row shows."""

    def change(scene: Scene) -> list[Row]:
        gid = scene.take()
        act(scene.world, gid)
        return [("tasks", gid)]

    return change


def on_comment(act: Callable[[World, str, str], object]) -> Change:
    """Return a change of a comment that its own row shows."""

    def change(scene: Scene) -> list[Row]:
        task, story = scene.commented()
        act(scene.world, task, story)
        return [("stories", story)]

    return change


def add_comment(scene: Scene) -> list[Row]:
    """Comment on a task."""
    return [("stories", scene.world.comment(scene.take()))]


def attach(scene: Scene) -> list[Row]:
    """Attach a file to a task."""
    return [("attachments", scene.world.attach(scene.take()))]


def add_picture(scene: Scene) -> list[Row]:
    """Put a picture into the description of a task."""
    return [("attachments", scene.world.add_picture(scene.take()))]


def detach(scene: Scene) -> list[Row]:
    """Delete a file of a task."""
    scene.taken.append(scene.attached)
    return [("attachments", str(scene.world.detach(scene.attached)))]


def delete_comment(scene: Scene) -> list[Row]:
    """Delete a comment."""
    task, story = scene.commented()
    scene.world.delete_comment(task, story)
    return [("stories", story)]


def add_task(scene: Scene) -> list[Row]:
    """Add a task to a project."""
    project = next(scene.world.tasks[scene.take()].projects())
    return [("tasks", scene.world.add_task(project=project.gid))]


def add_subtask(scene: Scene) -> list[Row]:
    """Add a subtask."""
    return [("tasks", scene.world.add_task(parent=scene.take()))]


def delete_task(scene: Scene) -> list[Row]:
    """Delete a task."""
    gid = scene.take()
    scene.world.delete_task(gid)
    return [("tasks", gid)]


def restore_task(scene: Scene) -> list[Row]:
    """Restore a task that was in the trash at the first run, with its comment."""
    gid = scene.trashed
    scene.world.undelete_task(gid)
    scene.taken.append(gid)
    return [("tasks", gid), *(("stories", each) for each in scene.world.comment_gids(gid))]


def reopen_task(scene: Scene) -> list[Row]:
    """Mark a completed task as incomplete."""
    gid = scene.take(lambda task: task.completed)
    scene.world.reopen_task(gid)
    return [("tasks", gid)]


def move_task(scene: Scene) -> list[Row]:
    """Move a task to another section."""
    gid = scene.take(lambda task: len(next(task.projects()).sections) > 1)
    task = scene.world.tasks[gid]
    other = next(section for section in next(task.projects()).sections.values() if section not in task.sections)
    scene.world.move_task(gid, other.gid)
    return [("tasks", gid), ("stories", scene.world.tasks[gid].stories[-1].gid)]  # type: ignore[index]  # a move adds one


def add_to_project(scene: Scene) -> list[Row]:
    """Add a task to another project."""
    gid = scene.take()
    held = set(scene.world.tasks[gid].projects())
    visible = (scene.world.projects[project] for project in scene.world.gids("projects"))
    other = next(each for each in visible if each not in held and each.workspace is scene.workspace)
    scene.world.add_to_project(gid, other.gid)
    return [("tasks", gid)]


def remove_from_project(scene: Scene) -> list[Row]:
    """Remove a task from one of its two projects."""
    gid = scene.in_two_projects
    *_, project = scene.world.tasks[gid].projects()
    scene.world.remove_from_project(gid, project.gid)
    scene.taken.append(gid)
    return [("tasks", gid)]


def reveal(scene: Scene) -> list[Row]:
    """Add a task of a private project to a visible one; a comment, a file, time and a subtask are below it."""
    world = scene.world
    gid = scene.revealed
    world.add_to_project(gid, next(world.tasks[scene.take()].projects()).gid)
    scene.taken.append(gid)
    below = {gid, *(world.tasks[gid].subtasks or ())}
    return [
        *(("tasks", each) for each in below),
        *(("stories", each) for each in world.comment_gids(gid)),
        *(("attachments", each.gid) for each in attachments_of_task(world.tasks[gid])),
        *(("time_tracking_entries", each.gid) for each in world.time_entries.of(world.tasks[gid])),
    ]


def set_custom_field(scene: Scene) -> list[Row]:
    """Set the number of a custom field."""
    gid = scene.take(lambda task: any(field.type.subtype == "number" for field in task.fields().values()))
    fields = scene.world.tasks[gid].fields().values()
    field = next(field for field in fields if field.type.subtype == "number")
    scene.world.set_custom_field(gid, field.gid, {"number_value": 7.5, "display_value": "7.5"})
    return [("tasks", gid)]


def follow(scene: Scene) -> list[Row]:
    """Have somebody else follow a task."""
    gid = scene.take()
    task = scene.world.tasks[gid]
    new = next(user for user in task.workspace.roster if user not in followers_of_task(task))
    scene.world.add_follower(gid, new.gid)
    return [("tasks", gid)]


def unfollow(scene: Scene) -> list[Row]:
    """Have a follower leave a task."""
    gid = scene.take(followers_of_task)
    scene.world.remove_follower(gid, followers_of_task(scene.world.tasks[gid])[0].gid)
    return [("tasks", gid)]


def depend(scene: Scene) -> list[Row]:
    """Make a task depend on another one."""
    first, second = scene.take(), scene.take()
    scene.world.add_dependency(first, second)
    return [("tasks", first), ("tasks", second)]


def free(scene: Scene) -> list[Row]:
    """Make a task independent of another one."""
    first, second = scene.dependent
    scene.world.remove_dependency(first, second)
    scene.taken += scene.dependent
    return [("tasks", first), ("tasks", second)]


def track_time(days_back: int) -> Change:
    """Return the tracking of time on a task, for a day some days ago."""

    def change(scene: Scene) -> list[Row]:
        return [("time_tracking_entries", scene.world.track_time(scene.take(), days_back=days_back))]

    return change


def edit_time(place: int) -> Change:
    """Return the change of the minutes of an entry."""

    def change(scene: Scene) -> list[Row]:
        entry = scene.take_entry(place)
        scene.world.edit_time(entry)
        return [("time_tracking_entries", entry)]

    return change


def delete_time(scene: Scene) -> list[Row]:
    """Delete an entry."""
    entry = scene.take_entry()
    scene.world.delete_time(entry)
    return [("time_tracking_entries", entry)]


def like_personal(scene: Scene) -> list[Row]:
    """Like a task outside of all projects."""
    tasks = (scene.world.tasks[gid] for gid in scene.world.gids("tasks"))
    outside = (task for task in tasks if not (task.sections or task.parent) and task.assignee)
    gid = next(task.gid for task in outside if task.workspace is scene.workspace)
    scene.world.like_task(gid)
    scene.taken.append(gid)
    return [("tasks", gid)]


def rename_assignee(scene: Scene) -> list[Row]:
    """Rename the assignee of a task; its row shows the name."""
    scene.world.rename_user(scene.newcomer, "Renamed assignee")
    scene.taken.append(scene.assigned)
    return [("tasks", scene.assigned)]


CHANGES: Mapping[str, Change] = {
    "task renamed": on_task(lambda world, gid: world.rename_task(gid)),
    "task completed": on_task(lambda world, gid: world.complete_task(gid)),
    "task reopened": reopen_task,
    "task assigned": on_task(lambda world, gid: world.assign_task(gid, world.tasks[gid].workspace.roster[-1].gid)),
    "custom field set": set_custom_field,
    "new task": add_task,
    "new subtask": add_subtask,
    "new comment": add_comment,
    "new attachment": attach,
    "new picture in a description": add_picture,
    "task moved to another section, with the story of it": move_task,
    "task added to another project": add_to_project,
    "task removed from one of two projects": remove_from_project,
    "task of a private project added to a visible one, with all below it": reveal,
    "project shared, with its tasks": share_project,
    "comment edited": on_comment(lambda world, task, story: world.edit_comment(task, story)),
    "comment liked": on_comment(lambda world, task, story: world.like_comment(task, story)),
    "comment pinned": on_comment(lambda world, task, story: world.pin_comment(task, story)),
    "task liked": on_task(lambda world, gid: world.like_task(gid)),
    "task without a project liked": like_personal,
    "follower added": follow,
    "follower removed": unfollow,
    "dependency added, on both tasks": depend,
    "dependency removed, on both tasks": free,
    "time tracked for this week": track_time(2),
    "time tracked for last month": track_time(31),
    "tracked time of this week edited": edit_time(-1),
    "tracked time of last month edited": edit_time(0),
    "tracked time deleted": delete_time,
    "comment deleted": delete_comment,
    "attachment deleted": detach,
    "task deleted": delete_task,
    "deleted task restored, with its comments": restore_task,
    **CHANGES_OF_PROJECTS,
    **RENAMINGS,
    "user renamed, inside a task": rename_assignee,
}
"""Every kind of change, in the order of the table."""
