"""Comments and files: adding or trashing one moves its task's clock, editing or liking one does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import attachments, stories
from fake_asana.model.attachments import Attachment
from fake_asana.model.stories import COMMENT, Story
from fake_asana.mutations.hanging import HangingDeeds

if TYPE_CHECKING:
    from fake_asana.model.kinds import Record
    from fake_asana.model.tasks import Task

FIELDS = {
    "name_changed": "name",
    "marked_complete": "completed",
    "assigned": "assignee",
    "unassigned": "assignee",
}


class TalkDeeds(HangingDeeds):
    """What people say under tasks and hang on them."""

    def touch(self, task: Task, field: str | None = None) -> None:
        """Move a task's clock to now, after writing down what was derived from the old one."""
        stories.owned(task)
        task.attachments = attachments.of_task(task)
        self.past.keep(task, self.now())
        task.modified = max(task.modified, self.now())
        self.record("changed", task, parent=task.parent, field=field)

    def tell(self, task: Task, subtype: str, given: Record | None = None) -> Story:
        """Write a story under a task: that moves the task's clock."""
        self.touch(task, FIELDS.get(subtype))
        return self.write(task, subtype, given or {})

    def write(self, task: Task, subtype: str, given: Record, *, silent: bool = False) -> Story:
        """Put a story under a task; one that is silent came without moving the task's clock."""
        gid, seed = self.fresh()
        story = Story(gid, seed, task, subtype, self.now())
        story.given = given
        stories.owned(task).append(story)
        self.record("added", story, parent=task, silent=silent)
        return story

    def tell_of_move(self, task: Task, subtype: str, given: Record) -> Story:
        """Write a story of a task that was moved: that moves its clock only in some dialects."""
        if self.dialect.moves_modify_tasks:
            return self.tell(task, subtype, given)
        self.record("changed", task, field="memberships", silent=True)
        return self.write(task, subtype, given, silent=True)

    def comment(self, task_gid: str, text: str = "One more thing … ✍️") -> str:
        """Comment on a task; the gid of the comment."""
        story = self.tell(self.tasks[task_gid], COMMENT)
        story.text = text
        return story.gid

    def edit_comment(self, task_gid: str, story_gid: str, text: str = "Edited.") -> None:
        """Edit a comment: no clock moves."""
        story = self.story(task_gid, story_gid)
        story.text, story.edited = text, True
        self.record("changed", story, parent=story.task, field="text", silent=True)

    def like_comment(self, task_gid: str, story_gid: str) -> None:
        """Like a comment: no clock moves."""
        story = self.story(task_gid, story_gid)
        story.likes += 1
        self.record("changed", story, parent=story.task, field="likes", silent=True)

    def delete_comment(self, task_gid: str, story_gid: str) -> None:
        """Trash a story: that moves the task's clock."""
        task, story = self.tasks[task_gid], self.story(task_gid, story_gid)
        self.touch(task)
        stories.owned(task).remove(story)
        self.record("deleted", story, parent=task)

    def story(self, task_gid: str, story_gid: str) -> Story:
        """A story of a task, to be changed; KeyError when there is none."""
        found = {story.gid: story for story in stories.owned(self.tasks[task_gid])}
        return found[story_gid]

    def comments(self, task_gid: str) -> list[str]:
        """The gids of a task's comments."""
        return [story.gid for story in stories.of_task(self.tasks[task_gid]) if story.subtype == COMMENT]

    def attach(self, task_gid: str) -> str:
        """Hang a file on a task; its gid. A story tells of it."""
        task = self.tasks[task_gid]
        self.tell(task, "attachment_added")
        made = Attachment(*self.fresh(), task, self.now())
        attachments.of_task(task).append(made)
        self.record("added", made, parent=task)
        return made.gid

    def detach(self, task_gid: str) -> str | None:
        """Trash a task's first file: that moves the task's clock; its gid, or None when it has none."""
        task = self.tasks[task_gid]
        if not attachments.of_task(task):
            return None
        self.touch(task)
        gone = attachments.of_task(task).pop(0)
        self.record("deleted", gone, parent=task)
        return gone.gid
