"""The streams that one traversal of the tasks reads, and the events that it yields."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tap_asana.fetch.lane import Key
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
"""The list of each stream of children below a task."""

REQUIRED_TASK_FIELD: Mapping[str, str] = {TIME: "actual_time_minutes"}
"""Task fields without which a task has no children of a stream."""

KIND_FIELDS = ("parent", "projects", "num_subtasks")
"""The fields of a task that show whether it is a subtask, and whether it has some."""

TASK_FIELD, TASK_NAME = "task", "task.name"
"""The field with the task of a time entry, and the one inside that is requested for it.

Asana documents them for single entries, but for no list of entries.
"""

INLINE = (STORIES, ATTACHMENTS)
"""The streams that an export contains inside its tasks."""


def exported_field(name: str) -> tuple[str, str]:
    """Return the stream of a field in an export, given by its dotted name, and the field's name in that stream."""
    first, _, rest = name.partition(".")
    return (first, rest) if first in INLINE and rest else (TASKS, name)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one stream, and the gids of their parents that they do not contain.

    With `is_conformed` the records are objects or dictionaries that conform to the stream already. `task_gids` are the
    gids of the tasks above the records of an incremental export, one for each record. `is_late` says that no earlier
    read could find the records, however old they are. `as_of` is the instant of the records, if it precedes the run:
    those of an export that an earlier run has requested.
    """

    stream: str
    records: Sequence[Any]
    parent_keys: Mapping[str, str] = field(default_factory=dict)
    is_conformed: bool = False
    task_gids: Sequence[str] = ()
    is_late: bool = False
    as_of: str | None = None


def value_of(record: Any, name: str) -> Any:  # noqa: ANN401 - a record of a batch, and a value of any type
    """Return a value of a dictionary, or of an object that an export brings; None if it has none."""
    return record.get(name) if isinstance(record, dict) else getattr(record, name, None)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything up to these positions was yielded, by lane; `progress` counts the parents done.

    `unavailable` are the state keys of unavailable parents below which nothing more will follow. A checkpoint with
    `force` is worth a STATE after little output, because much work would be repeated without it.
    """

    positions: Mapping[str, Key]
    progress: ProgressByKind
    unavailable: Collection[str] = ()
    force: bool = False


@dataclass(frozen=True, slots=True)
class ParentUnavailable:
    """The list of a project, user or tag could not be read."""

    state_key: str


@dataclass(frozen=True, slots=True)
class Found:
    """Tasks of a list that this read has written before; `parent_keys` have the gid of the list's parent."""

    gids: Collection[str]
    parent_keys: Mapping[str, str]


TaskEvent: TypeAlias = Batch | Checkpoint | ParentUnavailable | Found
