"""Signs of attachments, by which lists of attachments are requested only of tasks that may have some.

Asana writes a story about a file that is attached to a task. A picture inside a description or a comment is an
attachment too, without a story of its own. The attachments of a copied task have neither.
"""

from __future__ import annotations

from collections.abc import Iterable

from tap_asana.api.decoding import Record
from tap_asana.config import Settings

HTML_DESCRIPTION = "html_notes"
"""The task field whose pictures are attachments."""

SUBTYPE, COMMENT_HTML = "resource_subtype", "html_text"

STORY_FIELDS = (SUBTYPE, COMMENT_HTML)
"""The story fields that announce attachments."""

PICTURE = "<img"
ATTACHMENT = "attachment"
"""Part of the subtypes of stories about files, and of links to files in HTML."""


ONLY_ANNOUNCED, AUTO_ANNOUNCED = "announced", "auto"
"""The values of the setting attachment_lists that leave out tasks without a sign: always, or if a pass reads all tasks
again, whatever announces their attachments."""


def only_announced(settings: Settings) -> bool:
    """Return whether attachments are requested only of tasks with a sign of one."""
    is_auto = settings.attachment_lists == AUTO_ANNOUNCED and settings.reconcile_days is not None
    return is_auto or settings.attachment_lists == ONLY_ANNOUNCED


def task_announces(task: Record) -> bool:
    """Return whether the description of a task may hold an attachment; an unknown one may."""
    html = task.get(HTML_DESCRIPTION)
    return not isinstance(html, str) or _names_file(html)


def stories_announce(stories: Iterable[Record]) -> bool:
    """Return whether stories tell of an attachment, or hold one; one of unknown subtype may."""
    return any(_announces(story.get(SUBTYPE), story.get(COMMENT_HTML)) for story in stories)


def stories_name_file(stories: Iterable[Record]) -> bool:
    """Return whether a story tells of a file that was attached."""
    return any(ATTACHMENT in subtype for story in stories if isinstance(subtype := story.get(SUBTYPE), str))


def _announces(subtype: object, html: object) -> bool:
    return not isinstance(subtype, str) or ATTACHMENT in subtype or (isinstance(html, str) and _names_file(html))


def _names_file(html: str) -> bool:
    return PICTURE in html or ATTACHMENT in html
