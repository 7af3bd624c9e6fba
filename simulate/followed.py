"""What a target holds of changes that move no clock: with events all of them, without them those of tracked time.

What cannot arrive is excused by its kind, as docs/freshness.md lists the kinds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, timezone

from deleted import deleted_gids
from expected import withheld
from harness import Message

from fake_asana.model.access import Viewer
from fake_asana.model.events import event_scope
from fake_asana.model.stories import stories_of_task
from fake_asana.model.tasks import Task
from fake_asana.oracle.streams import STREAMS
from simulate.comparing import comparable, differs, renamed, selected, tolerance_of, truth_of, unreachable, written
from simulate.history import TASK_STREAMS
from simulate.late_objects import was_listed_late, was_shown_late
from simulate.player import Played
from simulate.told import (
    ENTRIES,
    GONE,
    has_lost_arrival,
    has_lost_events,
    has_passed,
    is_behind_open_end,
    is_from_trash,
    may_lack_attachments,
    refused_records,
    tasks_passed_by,
    uncertain_milliseconds,
)
from simulate.unread import is_behind_expired_token, is_unread, owed_parents, unplanned_tasks
from tap_asana.state.instants import parse_instant

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

    Without `follow_events`, only deletions are read from events.
    """
    if not follows(played) or played.history.settings.get("follow_events") is False:
        return
    refused, closed = refused_records(played), _unread_workspaces(played)
    hidden = unreachable(played) | unplanned_tasks(played)
    below = hidden | tasks_passed_by(played)
    for stream in written(played, TASK_STREAMS):
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
    """Return whether the log tells that this attachment may be missing, or whether a pass has to bring it."""
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
    """
    if not played.history.dialect.unlisted_fields or not written(played, [ENTRIES]):
        return
    world, rows, schema = played.api.world, played.kept.rows(ENTRIES), played.kept.schemas[ENTRIES]
    first_day = (datetime.fromtimestamp(world.clock(), timezone.utc) - WINDOW).date().isoformat()
    is_whole = ENTRIES in played.history.full_table and "start_date" not in played.history.settings
    refused, unlisted = (refused_records(played).get(ENTRIES, set()), unreachable(played)) if is_whole else ((), ())
    entries = truth_of(played, ENTRIES).items()
    truth = {gid: row for gid, row in entries if gid not in refused and row["task_gid"] not in unlisted}
    recent = {gid: comparable(played, row, schema) for gid, row in truth.items() if str(row["entered_on"]) >= first_day}
    wrong = {gid for gid, row in recent.items() if gid not in rows or differs(played, rows[gid], row, besides=NAMES)}
    if wrong:
        yield f"{ENTRIES}: of the last days, but not as in Asana {sorted(wrong)}"


def undeleted(played: Played) -> Iterator[str]:
    """Yield the rows of deleted objects that no row of `deletions` names, neither itself nor what held it.

    The log may tell that the events of their task are lost. Deleted time entries have no events, and tasks outside of
    projects are in no events of a person.
    """
    if not follows(played):
        return
    world, gone = played.api.world, deleted_gids(played.kept)
    tasks, everyone = played.kept.rows("tasks"), Viewer(None, list(world.workspaces), deleted=world.access.deleted)
    for stream in selected(played, TASK_STREAMS[:3]):
        existing = {row.gid for row in STREAMS[stream].rows(world, everyone)}
        left = _heard(played, stream) - existing - gone
        left = {gid for gid in left if _events_name_deletion(played, stream, gid, tasks)} - _owed_in_trash(played)
        if left:
            yield f"{stream}: deleted, but not named {sorted(left)}"


def undeleted_projects(played: Played) -> Iterator[str]:
    """Yield the rows of deleted projects that no row of `deletions` names, although the target may know no versions.

    The log may tell that their events are lost. They are written before the first events are requested, so that a run
    may be killed between; the next one does not know those that no STATE covers (docs/deletions.md, "After a kill"). A
    run without `deletions` follows nothing that it writes.
    """
    runs = [attempt.streams or played.history.streams for attempt in played.history.attempts]
    if not follows(played) or any(streams and "deletions" not in streams for streams in runs):
        return
    rows = played.kept.rows("projects")
    left = {gid for gid in rows if ("projects", gid) in played.rows.covered} - deleted_gids(played.kept)
    left -= played.api.world.projects.keys()
    left = {gid for gid in left if not has_lost_events(played, gid, actions=GONE)}
    if left := {gid for gid in left if not _is_unread_log(played, rows[gid])}:
        yield f"projects: deleted, but not named {sorted(left)}"


def misreported(played: Played) -> Iterator[str]:
    """Yield the existing objects that `deletions` reports as deleted, unless restored unheard (docs/deletions.md).

    If the last runs do not select `deletions`, they report nothing that is restored.
    """
    if "deletions" not in played.history.streams:
        return
    world, gone = played.api.world, deleted_gids(played.kept)
    for stream in ("projects", *TASK_STREAMS):
        existing = gone & set(world.gids(stream, played.history.token))
        wrong = {gid for gid in existing if not _is_restored_unheard(played, gid)}
        if wrong := {gid for gid in wrong if not _is_restored_behind(played, gid, truth_of(played, stream)[gid])}:
            yield f"{stream}: exists, but reported as deleted {sorted(wrong)}"


def _is_restored_unheard(played: Played, gid: str) -> bool:
    """Return whether no event that the token can read tells that an object was restored, such as one with its task."""
    restored = [each for each in played.api.world.history if each.gid == gid and each.action == "undeleted"]
    if restored and not restored[-1].scope:
        return _last_report(played, gid) <= restored[-1].at + uncertain_milliseconds(played)
    return _happened_outside(played, gid, "undeleted") or has_lost_events(played, gid, actions={"undeleted"})


def _is_restored_behind(played: Played, gid: str, record: Message) -> bool:
    """Return whether the log tells that entries may be missing among which is the one of a restored object."""
    is_restored = any(each.gid == gid and each.action == "undeleted" for each in played.api.world.history)
    return is_restored and _is_unread_log(played, record)


def _last_report(played: Played, gid: str) -> float:
    """Return when an object was deleted last, as `deletions` reports it; 0 if it names no time."""
    rows = (row for row in played.kept.records("deletions") if row["gid"] == gid and row["action"] == "deleted")
    return max(
        (parse_instant(row["occurred_at"]).timestamp() * 1000 for row in rows if row["occurred_at"]), default=0.0
    )


def _heard(played: Played, stream: str) -> set[str]:
    """Return the gids of the rows of which later runs read events (docs/deletions.md)."""
    return {gid for gid in played.kept.rows(stream) if (stream, gid) not in played.rows.unheard}


def _is_unread_log(played: Played, row: Message) -> bool:
    """Return whether the log tells that deletions in the workspace of a row may be missing."""
    return is_behind_expired_token(played, "deletions", row) or is_behind_open_end(played, "deletions", row)


def _owed_in_trash(played: Played) -> set[str]:
    """Return the tasks of which the first complete run still owes lists: searches may have found them in the trash.

    The next run requests the tasks themselves (docs/deletions.md, "Tasks in the trash").
    """
    if not played.history.dialect.trash.searched or played.quiet_runs > 1:
        return set()
    return owed_parents(played, "stories") | owed_parents(played, "attachments")


def _events_name_deletion(played: Played, stream: str, gid: str, tasks: dict[str, Message]) -> bool:
    """Return whether events of the token name the deletion of a row, going by its last content."""
    gone, row = deleted_gids(played.kept), played.kept.rows(stream)[gid]
    task = row if stream == "tasks" else tasks.get(row.get("task_gid") or "")
    if (
        _is_unread_log(played, row)
        or has_lost_events(played, gid, actions=GONE)
        or _happened_outside(played, gid, "deleted")
    ):
        return False
    seen: set[str] = set()
    while task is not None and task["gid"] not in seen:
        seen.add(task["gid"])
        projects = {project["gid"] for project in task.get("projects") or ()}  # the catalog may leave out fields
        if task["gid"] in gone or projects & gone:
            return False
        if has_lost_events(played, task["gid"], actions=GONE) or _happened_outside(played, task["gid"], "deleted"):
            return False
        if is_from_trash(played, task):
            return False
        if projects:
            has_log = played.api.world.access.viewers[played.history.token].service
            is_known = played.rows.is_known(stream, gid, projects)
            return has_log or is_known or not selected(played, ["projects"])
        task = tasks.get((task.get("parent") or {}).get("gid", ""))
    return False


def _happened_outside(played: Played, gid: str, action: str) -> bool:
    """Return whether an object was last deleted or restored outside of all projects, so that no event tells a person.

    What is deleted or restored with its task has no event of its own.
    """
    world = played.api.world
    scopes = [each.scope for each in world.history if each.gid == gid and each.action == action]
    is_of_person = not world.access.viewers[played.history.token].service
    projects = world.projects.keys() | world.trash.projects.keys()
    return is_of_person and any(scopes[-1:]) and not scopes[-1] & projects


def follows(played: Played) -> bool:
    """Return whether events were followed."""
    return bool(selected(played, ["deletions"]))


def task_of(played: Played, stream: str, record: Message) -> Task | None:
    """Return the task of a record, None if another object holds it."""
    holder = record if stream == "tasks" else record.get(HOLDER[stream]) or {}
    return played.api.world.tasks.get(holder.get("gid", ""))


def is_followed(played: Played, task: Task, closed: Collection[str]) -> bool:
    """Return whether events of the token name a task: those of its projects, or of its workspace.

    `closed` are the workspaces whose events are not read.
    """
    if task.workspace.gid in closed:
        return False
    world, viewer = played.api.world, played.api.world.access.viewers[played.history.token]
    visible = {project.gid for project in world.projects.values() if viewer.sees(project)}
    return viewer.service or bool(event_scope(task) & visible)
