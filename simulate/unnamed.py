"""Judges what is deleted and no pass names: the log tells why not (docs/deletions.md)."""

from __future__ import annotations

import re
from collections.abc import Collection

from harness import Message

from simulate.comparing import refused_in_trash
from simulate.player import Played
from simulate.told import GONE, is_from_trash, is_pass_between, lines_of, milliseconds, uncertain_milliseconds
from tap_asana.sync.changed_objects import STREAM_OF_TYPE
from tap_asana.tasks.events import TASKS

UNNAMED = re.compile(
    r": more (tasks|stories, \S+ and \S+ \S+) than state can name were deleted or moved since (\S+), in "
)
"""The line that tells of deletions that no pass names: of which objects, and since when."""

LIKE_HIDDEN = "that Asana refuses are hidden, or in the trash"
"""A part of the line of a pass that tells of missing objects whose requests are refused."""

UNDATED = "the created_at of {} is unknown"
"""A part of the line that tells of a stream without times of creation."""

UNNAMED_BEFORE = re.compile(r"between \S+ and (\S+): deletions are found from the next pass on")


def is_unnamed_deletion(played: Played, stream: str, workspace: str, gids: Collection[str]) -> bool:
    """Return whether the log tells that passes cannot name the deletion of an object of a stream, or of its task.

    The first pass may know nothing of what is deleted before its end.
    """
    lines = lines_of(played, workspace)
    if any(_is_among_too_many(played, stream, found, gids) for found in filter(None, map(UNNAMED.search, lines))):
        return True
    if any(LIKE_HIDDEN in line for line in lines) and not refused_in_trash(played).isdisjoint(gids):
        return True
    if any(_is_restored_between_passes(played, workspace, gid) for gid in gids):
        return True
    is_undated = any(UNDATED.format(stream) in line for line in lines)
    if is_undated and any(_is_deleted_before_pass(played, workspace, stream, gid) for gid in gids):
        return True
    ends = [milliseconds(found[1]) for found in filter(None, map(UNNAMED_BEFORE.search, lines))]
    latest = max(ends, default=0.0) + uncertain_milliseconds(played)
    return bool(ends) and any(
        each.gid in gids and each.action in GONE and each.at <= latest for each in played.api.world.history
    )


def stays_in_trash(played: Played, stream: str, row: Message) -> bool:
    """Return whether a search has found a task in the trash, and the last pass has not searched (docs/deletions.md)."""
    if stream != TASKS or row["workspace"]["gid"] in played.runs[-1].searched:
        return False
    return is_from_trash(played, row)


def _is_among_too_many(played: Played, stream: str, found: re.Match[str], gids: Collection[str]) -> bool:
    """Return whether a line tells of objects like this one, and this one or its task is gone since then."""
    since = milliseconds(found[2]) - uncertain_milliseconds(played)
    gone = (each.at for each in played.api.world.history if each.gid in gids and each.action in GONE)
    return (stream == "tasks") == (found[1] == "tasks") and any(at >= since for at in gone)


def _is_restored_between_passes(played: Played, workspace: str, gid: str) -> bool:
    """Return whether an object was restored, and deleted again before a whole pass (docs/deletions.md)."""
    restored, deleted = (
        max((each.at for each in played.api.world.history if each.gid == gid and each.action == action), default=0)
        for action in ("undeleted", "deleted")
    )
    return 0 < restored < deleted and not is_pass_between(played, workspace, restored, deleted)


def _is_deleted_before_pass(played: Played, workspace: str, stream: str, gid: str) -> bool:
    """Return whether an object of a stream was deleted before a whole pass."""
    events = (each for each in played.api.world.history if each.gid == gid)
    times = {each.action: each.at for each in events if STREAM_OF_TYPE.get(each.resource_type) == stream}
    return "deleted" in times and not is_pass_between(played, workspace, times.get("added", 0), times["deleted"])
