"""What `deletions` reports, and what it should: the deleted and the existing objects of a target."""

from __future__ import annotations

from collections.abc import Iterator

from deleted import deleted_gids
from harness import Message

from fake_asana.model.access import Viewer
from fake_asana.oracle.streams import STREAMS
from simulate.comparing import selected, truth_of
from simulate.followed import follows
from simulate.history import TASK_STREAMS
from simulate.late_objects import is_named
from simulate.player import Played
from simulate.told import GONE, has_lost_events, is_behind_open_end, is_from_trash, uncertain_milliseconds
from simulate.unread import is_behind_expired_token, owed_parents
from tap_asana.state.instants import NEW_SECONDS, parse_instant


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

    If the last runs do not select `deletions`, they report nothing that is restored. Without a true clock, nobody knows
    that a task is so new that Asana may not know its gid.
    """
    if "deletions" not in played.history.streams or _has_no_true_clock(played):
        return
    world, gone = played.api.world, deleted_gids(played.kept)
    for stream in ("projects", *TASK_STREAMS):
        existing = gone & set(world.gids(stream, played.history.token))
        wrong = {gid for gid in existing if not _is_restored_unheard(played, gid)}
        if wrong := {gid for gid in wrong if not _is_restored_behind(played, gid, truth_of(played, stream)[gid])}:
            yield f"{stream}: exists, but reported as deleted {sorted(wrong)}"


def _has_no_true_clock(played: Played) -> bool:
    """Return whether a new task may look old: Asana knows its gid late, sends no Date, and a clock was ahead."""
    dialect = played.history.dialect
    ahead = max((each.clock_ahead_seconds for each in played.history.attempts), default=0)
    return dialect.freshness.late_gids > 0 and not dialect.sends_date and ahead > NEW_SECONDS


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
        if has_lost_events(played, task["gid"], actions=GONE) or _is_gone_unheard(played, task["gid"]):
            return False
        if is_from_trash(played, task):
            return False
        if projects:
            has_log = played.api.world.access.viewers[played.history.token].service
            return has_log or played.rows.is_known(stream, gid, projects)
        task = tasks.get((task.get("parent") or {}).get("gid", ""))
    return False


def _is_gone_unheard(played: Played, task: str) -> bool:
    """Return whether a task was deleted outside of all projects, or together with those whose events no run has read.

    It may have moved there unseen (docs/deletions.md).
    """
    if _happened_outside(played, task, "deleted"):
        return True
    world = played.api.world
    last = next((each for each in reversed(world.history) if (each.gid, each.action) == (task, "deleted")), None)
    projects = last.scope & (world.projects.keys() | world.trash.projects.keys()) if last else frozenset[str]()
    return last is not None and projects <= world.trash.projects.keys() and not is_named(played, last)


def _happened_outside(played: Played, gid: str, action: str) -> bool:
    """Return whether an object was last deleted or restored outside of all projects, so that no event tells a person.

    What is deleted or restored with its task has no event of its own.
    """
    world = played.api.world
    scopes = [each.scope for each in world.history if each.gid == gid and each.action == action]
    is_of_person = not world.access.viewers[played.history.token].service
    projects = world.projects.keys() | world.trash.projects.keys()
    return is_of_person and any(scopes[-1:]) and not scopes[-1] & projects
