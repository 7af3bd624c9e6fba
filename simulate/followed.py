"""What a target holds of changes that move no clock: with events all of them, without them those of tracked time.

What cannot arrive is excused by its kind, as docs/freshness.md lists the kinds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta, timezone

from expected import withheld
from harness import Message

from fake_asana.model.clock import format_instant
from fake_asana.model.events import event_scope
from fake_asana.model.stories import stories_of_task
from fake_asana.model.tasks import Task
from fake_asana.server.search import topmost_listed
from simulate.comparing import (
    comparable,
    differs,
    read_last,
    renamed,
    selected,
    tolerance_of,
    truth_of,
    unreachable,
    written,
)
from simulate.history import TASK_STREAMS
from simulate.late_objects import was_listed_late, was_shown_late
from simulate.passing_settings import leaves_out_archived, passing_start
from simulate.player import Played
from simulate.told import (
    ENTRIES,
    has_lost_arrival,
    has_lost_events,
    has_passed,
    may_lack_attachments,
    may_lack_entries,
    refused_records,
    tasks_passed_by,
)
from simulate.unread import is_behind_expired_token, is_unread, unplanned_tasks

HOLDER = {"stories": "target", "attachments": "parent", ENTRIES: "task"}
"""The field of the object that holds a record."""

WINDOW = timedelta(days=7)
"""Each run lists the entries of so many days."""

PROJECT_OF_ENTRY = "attributable_to"
"""The field of an entry that goes with its task to another project; events name the task then, not the entry."""

SIGN, FILE_STORY = "<img", "attachment_added"
"""What announces an attachment, in the description of its task and as the subtype of a story."""

NAMES = ("name",)
"""What a record shows of other objects as of the time at which it was read."""


def unfollowed(played: Played) -> Iterator[str]:
    """Yield the rows that are not as events tell, unless the log tells that those of their task are lost.

    Without `follow_events`, only deletions are read from events; what changes while it is off stays as it was.
    """
    settings = (played.history.settings, *(attempt.settings for attempt in played.history.attempts))
    if not follows(played) or any(each.get("follow_events") is False for each in settings):
        return
    refused, closed = refused_records(played), _unread_workspaces(played)
    hidden = unreachable(played) | unplanned_tasks(played)
    below = hidden | tasks_passed_by(played)
    for stream in _read_by_last_run(played):
        rows, schema = played.kept.rows(stream), played.kept.schemas[stream]
        truth = truth_of(played, stream)
        wrong = []
        for gid, record in truth.items():
            if gid in refused.get(stream, ()):
                continue
            task = task_of(played, stream, record)
            unknown = hidden if stream == "tasks" else below
            if task is None or task.gid in unknown or not is_followed(played, task, closed):
                continue
            expected = comparable(played, {**record, **withheld(stream, record)}, schema)
            if stream == ENTRIES:
                expected.pop(PROJECT_OF_ENTRY, None)
            if gid in rows:
                row = renamed(rows[gid], record, tolerance_of(played))
                is_wrong = differs(played, row, expected, besides=NAMES) and not was_shown_late(played, stream, task)
            else:
                is_wrong = not (may_be_unfound(played, stream, record) or was_listed_late(played, stream, task, gid))
            if is_wrong and not _may_be_unnamed(played, task, gid) and not is_unread(played, stream, record):
                wrong.append(gid)
        if wrong:
            yield f"{stream}: not as events tell {sorted(wrong)}"


def _read_by_last_run(played: Played) -> Sequence[str]:
    """Return the streams that the last run has read; if it has resumed another one, the next reads whole ones again."""
    has_resumed = any(not run.is_complete for run in played.runs[-2:-1])
    whole = played.history.full_table if has_resumed else ()
    return [stream for stream in read_last(played, written(played, TASK_STREAMS)) if stream not in whole]


def _may_be_unnamed(played: Played, task: Task, gid: str) -> bool:
    """Return whether the log tells that events are lost: those of an object, or of the moves of tasks above its task.

    A task in no project has no events of its own until the move of a task above it, which is read with all below it.
    """
    return has_lost_events(played, task.gid, gid) or has_lost_arrival(played, task.gid)


def _unread_workspaces(played: Played) -> set[str]:
    """Return the workspaces whose events the last run has not read, because page tokens of the audit log expired."""
    return {
        gid
        for gid in played.api.world.workspaces
        if is_behind_expired_token(played, "deletions", {"workspace": {"gid": gid}})
    }


def may_be_unfound(played: Played, stream: str, record: Message) -> bool:
    """Return whether the log tells that this file or time entry may be missing, or whether a pass brings the file."""
    if stream == ENTRIES:
        is_listed = _is_in_workspace_list(played, record["gid"])
        return not is_listed and may_lack_entries(played, record["workspace_gid"])
    if stream != "attachments":
        return False
    return may_lack_attachments(played, record["workspace_gid"]) or _waits_for_pass(played, record)


def _waits_for_pass(played: Played, attachment: Message) -> bool:
    """Return whether neither a story nor the description of its task announces an attachment.

    With reconcile_days, lists of attachments are requested by these signs (docs/settings.md, attachment_lists).
    """
    if not played.history.reconcile_days or has_passed(played):
        return False
    task = task_of(played, "attachments", attachment)
    if task is None or SIGN in str(truth_of(played, "tasks")[task.gid].get("html_notes")):
        return False
    return not any(story.subtype == FILE_STORY for story in stories_of_task(task))


def unlisted_entries(played: Played) -> Iterator[str]:
    """Yield the entries of the last days that are not as in Asana, if it names their tasks in lists.

    Without `start_date`, a run that reads all entries (FULL_TABLE) finds them below the tasks of readable lists alone.
    Asana may list those of the token's user alone (docs/freshness.md, "Tracked time").
    """
    if not played.history.dialect.unlisted_fields or ENTRIES not in _read_by_last_run(played):
        return
    world, rows, schema = played.api.world, played.kept.rows(ENTRIES), played.kept.schemas[ENTRIES]
    first_day = (datetime.fromtimestamp(world.clock(), timezone.utc) - WINDOW).date().isoformat()
    is_whole = ENTRIES in played.history.full_table and "start_date" not in played.history.settings
    refused, unlisted = (refused_records(played).get(ENTRIES, set()), unreachable(played)) if is_whole else ((), ())
    entries = truth_of(played, ENTRIES).items()
    truth = {gid: row for gid, row in entries if gid not in refused and row["task_gid"] not in unlisted}
    truth = {gid: row for gid, row in truth.items() if _is_in_workspace_list(played, gid)}
    truth = {gid: row for gid, row in truth.items() if not _was_left_out(played, world.tasks[row["task_gid"]])}
    recent = {gid: comparable(played, row, schema) for gid, row in truth.items() if str(row["entered_on"]) >= first_day}
    wrong = {gid for gid, row in recent.items() if gid not in rows or differs(played, rows[gid], row, besides=NAMES)}
    if wrong:
        yield f"{ENTRIES}: of the last days, but not as in Asana {sorted(wrong)}"


def _is_in_workspace_list(played: Played, entry: str) -> bool:
    """Return whether the list of a workspace has an entry."""
    world, viewer = played.api.world, played.api.world.access.viewers[played.history.token]
    is_whole = played.history.dialect.tracking.lists_others or viewer.service
    return is_whole or world.time_entries.rows[entry].author is viewer.user


def follows(played: Played) -> bool:
    """Return whether events were followed."""
    return bool(selected(played, ["deletions"]))


def task_of(played: Played, stream: str, record: Message) -> Task | None:
    """Return the task of a record, None if another object holds it."""
    holder = record if stream == "tasks" else record.get(HOLDER[stream]) or {}
    return played.api.world.tasks.get(holder.get("gid", ""))


def _may_have_been_excluded(played: Played, task: Task) -> bool:
    """Return whether the settings of some runs may have excluded a task when it changed without a clock."""
    if (format_instant(task.modified) or "") < passing_start(played.history):
        return True
    projects = {project.gid for project in topmost_listed(task).projects()}
    archived = {each.gid for each in played.api.world.history if each.field == "archived"}
    archived |= {gid for gid, project in played.api.world.projects.items() if project.archived}
    return leaves_out_archived(played.history) and not projects.isdisjoint(archived)


def _was_left_out(played: Played, task: Task) -> bool:
    """Return whether the settings of some runs left out what changed on a task, and no pass has read it since."""
    is_old = (format_instant(task.modified) or "") < str(played.history.settings.get("start_date", ""))
    return (is_old or not has_passed(played)) and _may_have_been_excluded(played, task)


def is_followed(played: Played, task: Task, closed: Collection[str]) -> bool:
    """Return whether events of the token name a task: those of its projects, or of its workspace.

    `closed` are the workspaces whose events are not read. The settings of some runs may have excluded the task then.
    """
    if task.workspace.gid in closed or _may_have_been_excluded(played, task):
        return False
    world, viewer = played.api.world, played.api.world.access.viewers[played.history.token]
    visible = {project.gid for project in world.projects.values() if viewer.sees(project)}
    return viewer.service or bool(event_scope(task) & visible)
