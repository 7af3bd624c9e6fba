"""Judges a played history: what the target holds equals the world, or the log told every difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deleted import deleted_gids
from harness import Message

from fake_asana.model.audit import log_entries
from fake_asana.model.clock import format_instant
from fake_asana.model.tasks import Task
from simulate.comparing import comparable, differs, is_of_people, read_last, selected, truth_of, unreachable
from simulate.followed import NAMES, may_be_unfound, unfollowed, unlisted_entries
from simulate.history import TASK_STREAMS
from simulate.late_objects import arrived_late
from simulate.messages import AUDIT, leaks_in_log
from simulate.passing_settings import passing_start
from simulate.player import Played, secrets
from simulate.reported import misreported, undeleted, undeleted_projects
from simulate.told import (
    ENTRIES,
    has_lost_arrival,
    has_passed,
    is_behind_open_end,
    refused_records,
    tasks_passed_by,
    unproven_subtasks,
    unseen_tasks,
)
from simulate.unnamed import is_unnamed_deletion, stays_in_trash
from simulate.unread import is_behind_expired_token, is_unread, unplanned_tasks
from tap_asana.errors import AsanaError

FIELDS_OF_ALL: Mapping[str, str] = {"tasks": "name", "stories": "resource_subtype", "attachments": "name"}
"""A field of each stream that every object has, in lists, searches and exports."""

COMMENT, FILE_STORY = "comment_added", "attachment_added"
"""The subtypes of stories about comments and files."""

MOVE_STORIES = {"added_to_project", "removed_from_project", "section_changed"}
"""Stories that arrive with the next change of their task, if a move changes no timestamp."""


def verdicts(played: Played) -> list[str]:
    """Return every violation after any of the quiet runs in one line each; an empty list is a pass.

    After the first one, the target holds all that a run brings (docs/freshness.md); after those of `reconcile_days`,
    also what only passes bring.
    """
    found: dict[str, int] = {}
    for moment in (*played.earlier, played):
        for line in _violations(moment):
            found.setdefault(line, moment.quiet_runs)
    return [f"{line} (quiet runs: {runs})" for line, runs in found.items()]


def _violations(played: Played) -> list[str]:
    return [
        *_unexpected_ends(played),
        *_lost(played),
        *_stale(played),
        *_cut_short(played),
        *unfollowed(played),
        *unlisted_entries(played),
        *undeleted(played),
        *undeleted_projects(played),
        *misreported(played),
        *_unreconciled(played),
        *_snapshots(played),
        *_unlogged(played),
        *sorted(set(played.findings)),
        *leaks_in_log(played.log, played.api.world, secrets(played.history)),
    ]


def _unexpected_ends(played: Played) -> Iterator[str]:
    """An error of the tap is a plain line for the operator; any other exception is a traceback."""
    for error in played.errors:
        if not isinstance(error, AsanaError):
            yield f"a run ended with {type(error).__name__}: {error}"


def _lost(played: Played) -> Iterator[str]:
    world, token = played.api.world, played.history.token
    hidden = unreachable(played) | unseen_tasks(played) | unplanned_tasks(played) | unproven_subtasks(played)
    hidden |= set() if has_passed(played) else played.changed_while_hidden()
    below = hidden | tasks_passed_by(played)
    refused = refused_records(played)
    for stream in read_last(played, TASK_STREAMS):
        lost = set(world.gids(stream, token)) - played.kept.gids(stream) - hidden - refused.get(stream, set())
        records = truth_of(played, stream) if lost else {}
        lost -= {gid for gid in lost if _is_excused(played, stream, records[gid], below)}
        if lost:
            yield f"{stream}: lost {sorted(lost)}"


def _stale(played: Played) -> Iterator[str]:
    if not read_last(played, ["tasks"]) or played.history.dialect.breakage:
        return
    truth = truth_of(played, "tasks")
    kept = played.kept.rows("tasks")
    stale = sorted(gid for gid, row in truth.items() if gid in kept and kept[gid]["modified_at"] != row["modified_at"])
    unread = unreachable(played) | unplanned_tasks(played) | refused_records(played).get("tasks", set())
    unread |= set() if has_passed(played) else played.changed_while_hidden()
    unread |= {gid for gid in stale if gid in tasks_passed_by(played) and _has_moved_since(played, truth[gid])}
    if stale := [gid for gid in stale if gid not in unread]:
        yield f"tasks: without their last change {stale}"


def _cut_short(played: Played) -> Iterator[str]:
    """A row that lacks what each object has was read for another purpose, with few fields; privacy hides names."""
    if played.history.dialect.breakage or "privacy" in played.history.settings:
        return
    for stream, name in FIELDS_OF_ALL.items():
        rows = {} if name in played.history.deselected else played.kept.rows(stream)
        if cut_short := sorted(gid for gid, row in rows.items() if row.get(name) is None):
            yield f"{stream}: without {name} {cut_short}"


def _has_moved_since(played: Played, task: Message) -> bool:
    """Return whether a task came into a project after its last change, so that its next change comes with the move."""
    arrivals = (each.at for each in played.api.world.history if each.gid == task["gid"] and each.action == "added")
    return any((format_instant(at) or "") >= task["modified_at"] for at in arrivals)


def _unreconciled(played: Played) -> Iterator[str]:
    """A pass brings every silent change, and names what is gone unless the log tells that it cannot."""
    if not has_passed(played):
        return
    hidden, refused, deleted = unreachable(played), refused_records(played), deleted_gids(played.kept)
    for stream in read_last(played, TASK_STREAMS):
        kept, truth = played.kept.rows(stream), truth_of(played, stream)
        if not kept:
            continue
        schema = played.kept.schemas[stream]
        wrong = [
            gid
            for gid in kept.keys() & truth.keys()
            if differs(played, kept[gid], comparable(played, truth[gid], schema))
        ]
        unread = refused.get(stream, set())
        if wrong := [gid for gid in sorted(wrong) if gid not in unread and not _is_below(stream, truth[gid], hidden)]:
            yield f"{stream}: not as a pass reads {wrong}"
        gone = {gid for gid in kept if (stream, gid) in played.rows.covered} - truth.keys() - deleted
        left = {gid for gid in gone if _has_visible_place(played, stream, gid, kept[gid])}
        left -= {gid for gid in left if is_unnamed_deletion(played, stream, *_workspace_and_gids(kept[gid]))}
        left -= {gid for gid in left if arrived_late(played, stream, kept[gid])}
        left -= {gid for gid in left if stays_in_trash(played, stream, kept[gid])}
        if left and selected(played, ["deletions"]):
            yield f"{stream}: deleted, and no pass names {sorted(left)}"


def _is_below(stream: str, record: Message, tasks: set[str]) -> bool:
    """Return whether a record is one of these tasks, or of something below them."""
    holder = record if stream == "tasks" else record.get("target") or record.get("parent") or record.get("task") or {}
    return holder.get("gid") in tasks


def _workspace_and_gids(row: Message) -> tuple[str, set[str]]:
    """Return the gid of a row's workspace, and those of itself and its task."""
    return row.get("workspace_gid") or row["workspace"]["gid"], {row["gid"], row.get("task_gid") or row["gid"]}


def _has_visible_place(played: Played, stream: str, gid: str, row: Message) -> bool:
    """Return whether the token would see an object if it existed: a task is not only hidden, or it sees the task of it.

    What lies below a deleted task goes with it.
    """
    if stream == "tasks":
        return gid not in played.api.world.tasks
    holder = row.get("task_gid") or (row.get("parent") or {}).get("gid")
    return holder in played.api.world.gids("tasks", played.history.token)


def _snapshots(played: Played) -> Iterator[str]:
    """The last run read every snapshot completely, but for the lists that are refused to the end."""
    refused = refused_records(played)
    for stream, schema in played.last.schemas.items():
        if stream in TASK_STREAMS or stream in {"deletions", "audit_log_events", "status_updates"}:
            continue
        truth = truth_of(played, stream)
        rows = played.last.rows(stream)
        if is_of_people(played, truth):
            if len(rows) != len(truth):
                yield f"{stream}: {len(rows)} people, and {len(truth)} in Asana"
            continue
        wrong = set(rows.keys() ^ truth.keys())
        wrong |= {
            key
            for key in rows.keys() & truth.keys()
            if differs(played, rows[key], comparable(played, truth[key], schema))
        }
        missing = truth.keys() - rows.keys()
        wrong -= {key for key in missing if is_behind_open_end(played, stream, truth[key])}
        wrong -= {key for key in missing if is_behind_expired_token(played, stream, truth[key])}
        if wrong := wrong - refused.get(stream, set()):
            yield f"{stream}: not as in Asana {sorted(wrong)}"


def _unlogged(played: Played) -> Iterator[str]:
    """Yield the entries of the audit log that are missing or not as in Asana, unless its end was never known.

    The names in them are those of the time at which they were read (docs/freshness.md). A run that resumes a read which
    had a start date leaves older ones to the next run.
    """
    if any("audit_log_events returned a page" in line and "rows may be missing" in line for line in played.log):
        return
    for stream in selected(played, [AUDIT]):
        rows, schema = played.kept.rows(stream), played.kept.schemas.get(stream, {})
        truth = truth_of(played, stream)
        start = str(played.history.settings.get("start_date", ""))
        start = max(start, passing_start(played.history)) if played.quiet_runs == 1 else start
        expected = {gid for gid, row in truth.items() if row["created_at"] >= start}
        wrong = expected - rows.keys() - _unread_entries(played)
        wrong |= {
            gid
            for gid in truth.keys() & rows.keys()
            if differs(played, rows[gid], comparable(played, truth[gid], schema), besides=NAMES)
        }
        if wrong:
            yield f"{stream}: not as in Asana {sorted(wrong)}"


def _unread_entries(played: Played) -> set[str]:
    """Return the entries of logs that the last run has skipped because page tokens expired, as its summary says."""
    world = played.api.world
    logs = [each for gid, each in world.workspaces.items() if is_behind_expired_token(played, AUDIT, {"parent": gid})]
    return {entry.gid for log in logs for entry in log_entries(world, log)}


def _is_excused(played: Played, stream: str, record: Message, hidden: set[str]) -> bool:
    """Return whether the documentation says that this record comes later or never (README, "Limits").

    Whether events bring it is judged by `followed.unfollowed`. A pass brings all that moves no clock.
    """
    if stream == "tasks":
        return False
    parent = record.get("target") or record.get("parent") or {"gid": record.get("task_gid")}
    if parent["gid"] in hidden or is_unread(played, stream, record) or may_be_unfound(played, stream, record):
        return True
    return not has_passed(played) and _waits_for_clock(played, stream, record, parent["gid"])


def _waits_for_clock(played: Played, stream: str, record: Message, parent: str) -> bool:
    """Return whether no clock shows a record below a task or another parent, so that it waits for the next change."""
    world, moves_are_silent = played.api.world, not played.history.dialect.moves_modify_tasks
    if moves_are_silent and has_lost_arrival(played, parent):
        return True
    if stream == ENTRIES:
        task = world.tasks[parent]
        return bool(record["created_at"] > (format_instant(task.modified) or ""))
    if parent in world.tasks and _is_silent(played, stream, record, world.tasks[parent]):
        return True
    return stream == "stories" and moves_are_silent and record["resource_subtype"] in MOVE_STORIES


def _is_silent(played: Played, stream: str, record: Message, task: Task) -> bool:
    """Return whether a comment or a file has moved no clock, and so comes with its task's next change.

    docs/freshness.md says so.
    """
    clocks, subtype = played.history.dialect.clocks, record.get("resource_subtype")
    is_comment, is_file = (stream, subtype) == ("stories", COMMENT), stream == "attachments" or subtype == FILE_STORY
    is_moved = (clocks.comments or not is_comment) and (clocks.attachments or not is_file)
    is_newer = record["created_at"] > (format_instant(task.modified) or "")
    return not is_moved and is_newer
