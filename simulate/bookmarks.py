"""Judges the bookmarks after a run: none is later than a change that the run has not seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from expected_losses import unlisted_tasks
from harness import Output

from fake_asana.model.clock import format_instant
from fake_asana.world import World
from simulate.history import History
from simulate.passing_settings import leaves_out_archived
from tap_asana.state.instants import parse_instant

ROUNDING_SECONDS = 2
"""What an index may round."""


def passed_changes(
    history: History, world: World, kept: Output, visible: Collection[str], lacking: Collection[str]
) -> Iterator[str]:
    """Yield a line for each task whose last change lies before the bookmark, and which the target has as it was before.

    `visible` are the tasks that the token saw when the run started, and each interrupted one that it resumed, and that
    nobody has shown since: a project that was hidden and is shown again is new to the next run, which reads it whole.
    `lacking` are the workspaces where tasks that no list has any more may be missing (README, "How it works"). What is
    refused or truncated is owed, and keeps its own account; archived projects that some run leaves out have one too.
    """
    is_refused = any(attempt.refused or attempt.truncate or attempt.circle_after for attempt in history.attempts)
    if history.lasting or history.dialect.breakage or is_refused or leaves_out_archived(history):
        return
    methods = {history.method, *(attempt.method for attempt in history.attempts if attempt.method)}
    lag = history.limits.search_lag + ROUNDING_SECONDS if methods != {"list"} else 0
    delay = max(lag, history.dialect.freshness.late_changes) + history.fast_seconds
    partitions = kept.state.get("bookmarks", {}).get("tasks", {}).get("partitions", ())
    bookmarks = {
        partition["context"]["workspace_gid"]: parse_instant(partition["replication_key_value"]).timestamp() - delay
        for partition in partitions
        if "replication_key_value" in partition
    }
    viewer = world.access.viewers[history.token]
    passed = []
    for gid, row in kept.rows("tasks").items():
        task = world.tasks.get(gid)
        is_seen = task is not None and gid in visible and viewer.sees_task(task)
        if task is None or not is_seen or task.workspace.gid not in bookmarks:
            continue
        is_old = row["modified_at"] != format_instant(task.modified)
        if is_old and task.modified / 1000 < bookmarks[task.workspace.gid]:
            passed.append(gid)
    unlisted = unlisted_tasks(world, (), history.token) if passed else set()
    for gid in passed:
        if gid not in unlisted or world.tasks[gid].workspace.gid not in lacking:
            yield f"tasks: the bookmark passes the last change of {gid}, which the target does not have"
