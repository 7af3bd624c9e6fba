"""Judges deletions of old objects that an increment has read first: no pass names them (docs/deletions.md).

To the run that reads such an object, it is older than the run before.
"""

from __future__ import annotations

from harness import Message

from simulate.attempt import SECOND_MS
from simulate.player import Played
from simulate.told import GONE, is_pass_between
from simulate.unread import parents_without_plan


def arrived_late(played: Played, stream: str, row: Message) -> bool:
    """Return whether an increment has read an old object first, and it was deleted before a whole pass."""
    workspace = row.get("workspace_gid") or row["workspace"]["gid"]
    if any(_is_indexed_late(played, workspace, gid) for gid in {row["gid"], row.get("task_gid") or row["gid"]}):
        return True
    came = _came_without_project(played, row) or _came_with_change(played, row)
    came = 0.0 if came is None and _was_unplanned(played, stream, row) else came
    if came is None:
        return False
    events = [each for each in played.api.world.history if each.gid in {row["gid"], _holder(row)}]
    added = min((each.at for each in events if (each.gid, each.action) == (row["gid"], "added")), default=0.0)
    deleted = max((each.at for each in events if each.action in GONE - {"removed"}), default=None)
    return deleted is not None and not is_pass_between(played, workspace, max(came, added), deleted)


def _is_indexed_late(played: Played, workspace: str, gid: str) -> bool:
    """Return whether the index of searches hid a new object from a run, and it was deleted before a whole pass.

    That run has not written it. To the run that finds it, it is older than the last run. Where tasks are read by list,
    searches ask for those outside of all projects.
    """
    last = {each.action: each for each in played.api.world.history if each.gid == gid}
    deleted = max((last[each].at for each in GONE & last.keys()), default=None)
    if "added" not in last or deleted is None or is_pass_between(played, workspace, last["added"].at, deleted):
        return False
    added, lag = last["added"], played.history.limits.search_lag * SECOND_MS
    has_project = not added.scope.isdisjoint(played.api.world.projects)
    late = [run for run in played.runs if 0 <= run.start_ms - added.at < lag and not played.had_written(gid, run)]
    return any(workspace in run.searched | (set() if has_project else run.searched_unlisted) for run in late)


def _was_unplanned(played: Played, stream: str, row: Message) -> bool:
    """Return whether the plan lacked the list of an object in some run, or the list that leads to its task."""
    if _holder(row) in parents_without_plan(played, stream):
        return True
    tasks, leading = played.kept.rows("tasks"), parents_without_plan(played, "tasks")
    task = tasks.get(row.get("task_gid") or row["gid"])
    while leading and task is not None and (parent := task.get("parent")):
        if parent["gid"] in leading:
            return True
        task = tasks.get(parent["gid"])
    return False


def _came_without_project(played: Played, row: Message) -> float | None:
    """Return when the task of an object came into sight with its project, if it left that before the next run."""
    events = [each for each in played.api.world.history if each.gid in {row["gid"], row.get("task_gid")}]
    for shown in (each.at for each in events if each.action == "shared"):
        until = next((run.start_ms for run in played.runs if run.start_ms >= shown), 0.0)
        if any(each.action == "removed" and shown <= each.at <= until for each in events):
            return shown
    return None


def _came_with_change(played: Played, row: Message) -> float | None:
    """Return when the task of an object from before `start_date` changed for the first time; None for others."""
    start, task = str(played.history.settings.get("start_date", "")), row.get("task_gid") or row["gid"]
    if str(row.get("created_at")) >= start:
        return None
    return min(
        (each.at for each in played.api.world.history if each.gid == task and each.action not in GONE), default=None
    )


def _holder(row: Message) -> str:
    """Return the gid of what holds an object; empty for a task without a parent."""
    holder = row.get("target") or row.get("parent") or {"gid": row.get("task_gid")}
    return holder["gid"] or ""
