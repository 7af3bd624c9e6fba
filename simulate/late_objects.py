"""Judges objects that runs see late: no pass names their deletion, or no event the objects themselves.

A deletion is missing if an increment was the first to read an old object, which is older than the bookmark of the run
before (docs/deletions.md). A new row is missing if its list showed it too late for the run that read the list, and no
event names it (docs/freshness.md).
"""

from __future__ import annotations

from collections.abc import Collection

from harness import Message

from fake_asana.model.events import Event
from fake_asana.model.tasks import Task
from simulate.attempt import SECOND_MS
from simulate.history import LOOKBACK_SECONDS
from simulate.passing_settings import passing_start
from simulate.player import Played
from simulate.told import GONE, has_passed, is_pass_between, uncertain_milliseconds
from simulate.unread import parents_without_plan
from tap_asana.tasks.events import TASKS


def arrived_late(played: Played, stream: str, row: Message) -> bool:
    """Return whether an increment has read an old object first, and it was deleted before a whole pass."""
    workspace = row.get("workspace_gid") or row["workspace"]["gid"]
    task = row["gid"] if stream == "tasks" else _holder(row)
    if any(_is_shown_late(played, workspace, gid) for gid in {row["gid"], task}):
        return True
    came = _came_without_project(played, {row["gid"], task}) or _came_with_change(played, row, task)
    came = came or (_came_after_first_read(played, row["gid"]) if stream == "attachments" else None)
    is_left = _was_unplanned(played, stream, row, task) or _came_for_refused_list(played, task)
    is_left = is_left or str(row.get("created_at")) < passing_start(played.history)
    came = 0.0 if came is None and is_left else came
    if came is None:
        return False
    events = [each for each in played.api.world.history if each.gid in {row["gid"], _holder(row)}]
    added = min((each.at for each in events if (each.gid, each.action) == (row["gid"], "added")), default=0.0)
    deleted = max((each.at for each in events if each.action in GONE - {"removed"}), default=None)
    return deleted is not None and not is_pass_between(played, workspace, max(came, added), deleted)


def _is_shown_late(played: Played, workspace: str, gid: str) -> bool:
    """Return whether a run did not see an object that its bookmark covers, and it was deleted before a whole pass.

    The index of searches or a list showed it late, or it was created during the run, and both clocks that can name the
    time were ahead. Where tasks are read by list, searches ask for those outside of all projects.
    """
    history, events = played.history, played.api.world.history
    last = {each.action: each for each in events if each.gid == gid}
    deleted = max((last[each].at for each in GONE & last.keys()), default=None)
    if "added" not in last or deleted is None:
        return False
    added = last["added"]
    has_project = not added.scope.isdisjoint(played.api.world.projects)
    for run, attempt in zip(played.runs, (*history.attempts, *history.quiet_attempts), strict=False):
        is_searched = workspace in run.searched | (set() if has_project else run.searched_unlisted)
        lag = max(history.limits.search_lag if is_searched else 0, history.dialect.freshness.late_seconds)
        bookmark, shown = run.start_ms + attempt.seconds_ahead(history.dialect) * SECOND_MS, added.at + lag * SECOND_MS
        is_covered = run.start_ms < shown and added.at <= bookmark and not played.had_written(gid, run)
        if is_covered and not is_pass_between(played, workspace, shown, deleted):
            return True
    return False


def _was_unplanned(played: Played, stream: str, row: Message, task: str) -> bool:
    """Return whether the plan lacked the list of an object in some run, or the list that leads to its task."""
    if _holder(row) in parents_without_plan(played, stream):
        return True
    tasks, leading = played.kept.rows("tasks"), parents_without_plan(played, "tasks")
    while leading and (parent := tasks.get(task, {}).get("parent")):
        task = parent["gid"]
        if task in leading:
            return True
    return False


def _came_without_project(played: Played, gids: Collection[str]) -> float | None:
    """Return when the task of an object came into sight with its project, if it left that before the next run."""
    events = [each for each in played.api.world.history if each.gid in gids]
    for shown in (each.at for each in events if each.action == "shared"):
        until = next((run.start_ms for run in played.runs if run.start_ms >= shown), 0.0)
        if any(each.action == "removed" and shown <= each.at <= until for each in events):
            return shown
    return None


def _came_with_change(played: Played, row: Message, task: str) -> float | None:
    """Return when the task of an object from before `start_date` changed for the first time; None for others.

    Its deletion is a change where searches find the trash.
    """
    if str(row.get("created_at")) >= str(played.history.settings.get("start_date", "")):
        return None
    events = (each for each in played.api.world.history if each.gid == task and not each.untimestamped)
    ends = frozenset[str]() if played.history.dialect.trash.searched else GONE
    return min((each.at for each in events if each.action not in ends), default=None)


def _came_for_refused_list(played: Played, task: str) -> bool:
    """Return whether a task from before `start_date` was written, as one may be that comes for a refused list."""
    history, row = played.history, played.kept.rows("tasks").get(task, {})
    is_old = str(row.get("modified_at", "")) < str(history.settings.get("start_date", ""))
    return is_old and bool(history.lasting or any(attempt.refused for attempt in history.attempts))


def _came_after_first_read(played: Played, file: str) -> float | None:
    """Return the start of the run that read a file first, if a complete run had left it to passes; None for others.

    With `attachment_lists: auto`, that is a file that no story and no description announces.
    """
    is_left = played.history.settings.get("attachment_lists", "auto") == "auto"
    first = next((place for place, run in enumerate(played.runs) if is_left and played.had_written(file, run)), 0)
    return played.runs[first].start_ms if any(run.is_complete for run in played.runs[:first]) else None


def _holder(row: Message) -> str:
    """Return the gid of what holds an object; empty for a task without a parent."""
    holder = row.get("target") or row.get("parent") or {"gid": row.get("task_gid")}
    return holder["gid"] or ""


def was_listed_late(played: Played, stream: str, task: Task, gid: str) -> bool:
    """Return whether the list below a task did not show a new object yet, and nothing tells later runs of it.

    It moved no clock of the task.
    """
    late = played.history.dialect.freshness.late_seconds * SECOND_MS
    added = next((each for each in played.api.world.history if (each.gid, each.action) == (gid, "added")), None)
    if added is None or not _is_passed_by(played, stream, added, task, late):
        return False
    return not any(is_named(played, each) for each in _telling(played, added, task))


def was_shown_late(played: Played, stream: str, task: Task) -> bool:
    """Return whether neither a list nor a task itself may have shown the task's last change without a clock in time."""
    form = played.history.dialect.freshness
    events = reversed(played.api.world.history)
    last = next((each for each in events if each.gid == task.gid and each.untimestamped), None)
    late = max(form.late_changes, form.late_counts) * SECOND_MS
    return stream == TASKS and last is not None and _is_passed_by(played, stream, last, task, late)


def _is_passed_by(played: Played, stream: str, event: Event, task: Task, late: int) -> bool:
    """Return whether a run read events less than so many milliseconds after one, and no later run reads again for it.

    The task has not changed since: not even less than a lookback before the run. A pass reads every list again, and so
    does each run that reads the whole stream.
    """
    if not late or not event.untimestamped or has_passed(played) or stream in played.history.full_table:
        return False
    lookback = played.history.settings.get("lookback_seconds", LOOKBACK_SECONDS) * SECOND_MS
    lookback -= late + uncertain_milliseconds(played)
    is_early = any(each.at - late < event.at <= each.at for each in played.event_reads)
    return is_early and task.modified <= event.at - lookback


def _telling(played: Played, added: Event, task: Task) -> list[Event]:
    """Return the events that tell of a new object: its own, or that of the task whose minutes changed with it."""
    if added.is_streamed:
        return [added]
    return [each for each in played.api.world.history if (each.at, each.gid) == (added.at, task.gid) and each.field]


def is_named(played: Played, event: Event) -> bool:
    """Return whether a run has read an event: one of its holders had a sync token from before it."""
    late = played.history.dialect.logs.late_seconds * SECOND_MS
    for gid in event.scope:
        reads = [each for each in played.event_reads if each.gid == gid]
        end = next((each.at for each in reads if each.has_token and each.at >= event.at + late), None)
        starts = [each.at for each in reads if not each.has_token and end is not None and each.at <= end]
        if starts and max(starts) - late < event.at:
            return True
    return False
