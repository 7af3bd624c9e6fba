"""Comments, other stories and files: adding or deleting one moves its task's clock, editing or liking one does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import attachments, stories
from fake_asana.model.attachments import Attachment
from fake_asana.model.stories import COMMENT, Story

if TYPE_CHECKING:
    from fake_asana.model.kinds import Record
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

FIELDS = {
    "name_changed": "name",
    "marked_complete": "completed",
    "assigned": "assignee",
    "unassigned": "assignee",
}


def touch(state: State, task: Task, field: str | None = None) -> None:
    """Move a task's clock to now, after writing down what was derived from the old one."""
    stories.owned(task)
    task.attachments = attachments.of_task(task)
    state.past.keep(task, state.now())
    task.modified = max(task.modified, state.now())
    state.record("changed", task, parent=task.parent, field=field)


def add_story(state: State, task: Task, subtype: str, given: Record | None = None) -> Story:
    """Write a story under a task: that moves the task's clock."""
    touch(state, task, FIELDS.get(subtype))
    return write_story(state, task, subtype, given or {})


def write_story(state: State, task: Task, subtype: str, given: Record, *, silent: bool = False) -> Story:
    """Put a story under a task; one that is silent came without moving the task's clock."""
    gid, seed = state.fresh()
    story = Story(gid, seed, task, subtype, state.now())
    story.given = given
    stories.owned(task).append(story)
    state.record("added", story, parent=task, silent=silent)
    return story


def add_move_story(state: State, task: Task, subtype: str, given: Record) -> Story:
    """Write a story of a task that was moved: that moves its clock only in some dialects."""
    if state.dialect.moves_modify_tasks:
        return add_story(state, task, subtype, given)
    state.record("changed", task, field="memberships", silent=True)
    return write_story(state, task, subtype, given, silent=True)


def comment(state: State, task_gid: str, text: str = "One more thing … ✍️") -> str:
    """Comment on a task; the gid of the comment."""
    story = add_story(state, state.tasks[task_gid], COMMENT)
    story.text = text
    return story.gid


def edit_comment(state: State, task_gid: str, story_gid: str, text: str = "Edited.") -> None:
    """Edit a comment: no clock moves."""
    story = find_story(state, task_gid, story_gid)
    story.text, story.edited = text, True
    state.record("changed", story, parent=story.task, field="text", silent=True)


def like_comment(state: State, task_gid: str, story_gid: str) -> None:
    """Like a comment: no clock moves."""
    story = find_story(state, task_gid, story_gid)
    story.likes += 1
    state.record("changed", story, parent=story.task, field="likes", silent=True)


def delete_comment(state: State, task_gid: str, story_gid: str) -> None:
    """Trash a story: that moves the task's clock."""
    task, story = state.tasks[task_gid], find_story(state, task_gid, story_gid)
    touch(state, task)
    stories.owned(task).remove(story)
    state.record("deleted", story, parent=task)


def find_story(state: State, task_gid: str, story_gid: str) -> Story:
    """A story of a task, to be changed; KeyError when there is none."""
    found = {story.gid: story for story in stories.owned(state.tasks[task_gid])}
    return found[story_gid]


def comment_gids(state: State, task_gid: str) -> list[str]:
    """The gids of a task's comments."""
    return [story.gid for story in stories.of_task(state.tasks[task_gid]) if story.subtype == COMMENT]


def attach(state: State, task_gid: str) -> str:
    """Hang a file on a task; its gid. A story tells of it."""
    task = state.tasks[task_gid]
    add_story(state, task, "attachment_added")
    made = Attachment(*state.fresh(), task, state.now())
    attachments.of_task(task).append(made)
    state.record("added", made, parent=task)
    return made.gid


def detach(state: State, task_gid: str) -> str | None:
    """Trash a task's first file: that moves the task's clock; its gid, or None when it has none."""
    task = state.tasks[task_gid]
    if not attachments.of_task(task):
        return None
    touch(state, task)
    gone = attachments.of_task(task).pop(0)
    state.record("deleted", gone, parent=task)
    return gone.gid
