"""Comments, other stories and files; which of their changes move the clock of the task depends on the dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import stories
from fake_asana.model.attachments import Attachment, attachments_of_task
from fake_asana.model.stories import Story, stories_of_task
from fake_asana.model.story_history import COMMENT, FIELD_SUBTYPES

if TYPE_CHECKING:
    from fake_asana.model.kinds import Record
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

CHANGED_FIELDS = {
    "name_changed": "name",
    "marked_complete": "completed",
    "marked_incomplete": "completed",
    "assigned": "assignee",
    "unassigned": "assignee",
    **dict.fromkeys(FIELD_SUBTYPES, "custom_fields"),
}


def touch(state: State, task: Task, field: str | None = None) -> None:
    """Move a task's clock to now, and first fix the values derived from the old one."""
    stories.materialize(task)
    task.attachments = attachments_of_task(task)
    state.past_tasks.record_changed(task, state.now())
    task.modified = max(task.modified, state.now())
    state.record_event("changed", task, parent=task.parent, field=field)


def change_quietly(state: State, task: Task, field: str, *, change: str = "changed") -> None:
    """Record a change of a task that moves its clock in some dialects only; call it before the change."""
    is_silent = field not in state.dialect.also_modify
    if is_silent:
        task.moved = state.now()
    else:
        touch(state, task)
    state.record_event("changed", task, field=field, untimestamped=is_silent, change=change)


def change_below(state: State, task: Task, *, moves_clock: bool) -> None:
    """Move a task's clock if a change below it does so; call it before the change."""
    if moves_clock:
        touch(state, task)
        return
    stories.materialize(task)
    task.attachments, task.moved = attachments_of_task(task), state.now()


def add_story(state: State, task: Task, subtype: str, given: Record | None = None) -> Story:
    """Add a story to a task and move the task's clock."""
    touch(state, task, CHANGED_FIELDS.get(subtype))
    return write_story(state, task, subtype, given or {})


def write_story(state: State, task: Task, subtype: str, given: Record, *, untimestamped: bool = False) -> Story:
    """Add a story to a task and leave the clock alone; `untimestamped` marks the story as untimestamped."""
    gid, seed = state.new_gid()
    story = Story(gid, seed, task, subtype, state.now())
    story.details = given
    stories.materialize(task).append(story)
    state.record_event("added", story, parent=task, untimestamped=untimestamped)
    return story


def add_move_story(state: State, task: Task, subtype: str, given: Record) -> Story:
    """Add a story of a moved task; its clock moves in some dialects only."""
    if state.dialect.moves_modify_tasks:
        return add_story(state, task, subtype, given)
    task.moved = state.now()
    state.record_event("changed", task, field="memberships", untimestamped=True)
    return write_story(state, task, subtype, given, untimestamped=True)


def comment(state: State, task_gid: str, text: str = "One more thing … ✍️") -> str:
    """Comment on a task and return the gid of the comment."""
    task, moves_clock = state.tasks[task_gid], state.dialect.clocks.comments
    change_below(state, task, moves_clock=moves_clock)
    story = write_story(state, task, COMMENT, {}, untimestamped=not moves_clock)
    story.comment = text
    return story.gid


def edit_comment(state: State, task_gid: str, story_gid: str, text: str = "Edited.") -> None:
    """Edit a comment."""
    moves_clock = state.dialect.clocks.edited_comments
    if moves_clock:
        touch(state, state.tasks[task_gid])
    story = find_story(state, task_gid, story_gid)
    story.comment, story.edited = text, True
    state.record_event("changed", story, parent=story.task, field="text", untimestamped=not moves_clock)


def like_comment(state: State, task_gid: str, story_gid: str) -> None:
    """Like a comment; no clock moves."""
    story = find_story(state, task_gid, story_gid)
    story.likes += 1
    state.record_event("changed", story, parent=story.task, field="likes", untimestamped=True)


def pin_comment(state: State, task_gid: str, story_gid: str) -> None:
    """Pin a comment to the top of its task, or unpin it; no clock moves."""
    story = find_story(state, task_gid, story_gid)
    story.pinned = not story.pinned
    state.record_event("changed", story, parent=story.task, field="is_pinned", untimestamped=True)


def delete_comment(state: State, task_gid: str, story_gid: str) -> None:
    """Delete a story."""
    task, story = state.tasks[task_gid], find_story(state, task_gid, story_gid)
    change_below(state, task, moves_clock=state.dialect.clocks.comments)
    stories.materialize(task).remove(story)
    state.record_event("deleted", story, parent=task)


def find_story(state: State, task_gid: str, story_gid: str) -> Story:
    """Return a story of a task, to be changed; KeyError if there is none."""
    stories_by_gid = {story.gid: story for story in stories.materialize(state.tasks[task_gid])}
    return stories_by_gid[story_gid]


def comment_gids(state: State, task_gid: str) -> list[str]:
    """Return the gids of a task's comments."""
    return [story.gid for story in stories_of_task(state.tasks[task_gid]) if story.subtype == COMMENT]


def attach(state: State, task_gid: str) -> str:
    """Attach a file to a task, add a story about it, and return the gid of the file."""
    task, moves_clock = state.tasks[task_gid], state.dialect.clocks.attachments
    change_below(state, task, moves_clock=moves_clock)
    write_story(state, task, "attachment_added", {}, untimestamped=not moves_clock)
    attachment = Attachment(*state.new_gid(), task, state.now())
    attachments_of_task(task).append(attachment)
    state.record_event("added", attachment, parent=task, untimestamped=not moves_clock)
    return attachment.gid


def add_picture(state: State, task_gid: str) -> str:
    """Put a picture into a task's description, and return its gid: it is an attachment without a story."""
    task = state.tasks[task_gid]
    touch(state, task, "notes")
    task.picture = Attachment(*state.new_gid(), task, state.now())
    attachments_of_task(task).append(task.picture)
    state.record_event("added", task.picture, parent=task)
    return task.picture.gid


def detach(state: State, task_gid: str) -> str | None:
    """Delete a task's first file, and return its gid; None for a task without files."""
    task = state.tasks[task_gid]
    if not attachments_of_task(task):
        return None
    change_below(state, task, moves_clock=state.dialect.clocks.attachments)
    attachment = attachments_of_task(task).pop(0)
    state.record_event("deleted", attachment, parent=task)
    return attachment.gid
