"""The streams that one walk of the tasks serves, and what the walk hands out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tap_asana.api.decoding import Record
from tap_asana.fetch.scheduler import Key
from tap_asana.parents.kinds import ProgressByKind

TASKS = "tasks"
STORIES = "stories"
ATTACHMENTS = "attachments"
TIME = "time_tracking_entries"

CHILD_PATHS: Mapping[str, str] = {
    STORIES: "/tasks/{task_gid}/stories",
    ATTACHMENTS: "/attachments?parent={task_gid}",
    TIME: "/tasks/{task_gid}/time_tracking_entries",
}
"""Where what hangs from a task is listed."""

REQUIRED_TASK_FIELD: Mapping[str, str] = {TIME: "actual_time_minutes"}
"""Fields of a task that are set where it can have such things: others are not asked."""

INLINE = (STORIES, ATTACHMENTS)
"""What an export holds inside its tasks."""


def place_of(name: str) -> tuple[str, str]:
    """Return the stream that a field in a line of an export is of, by its dotted name, and its name in that stream."""
    first, _, rest = name.partition(".")
    return (first, rest) if first in INLINE and rest else (TASKS, name)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one stream, and the parent's gids that they lack."""

    stream: str
    records: Sequence[Record]
    parent_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything up to these places was handed out, by lane; `share` is what that is of all parents.

    `refused` are the marks of parents that could not be read, of which nothing is to come any more. A `dear` one is
    worth a STATE though little was written: much would be done again without it.
    """

    positions: Mapping[str, Key]
    progress: ProgressByKind
    unavailable: Collection[str] = ()
    force: bool = False
