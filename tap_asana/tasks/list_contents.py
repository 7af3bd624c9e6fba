"""The contents of short task lists: one page tells that nothing has changed in a list since the last read.

A subtask changes without its parent, so an incremental read needs each list as a whole: it shows which tasks have
subtasks. Asana's filter `modified_since` decides which of its tasks are new. By its description the filter knows of
more changes than `modified_at`: of a task that was added to a project, for example. So the filter is left out only
where no task has changed in any field that would be written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from tap_asana.api.decoding import Record
from tap_asana.state.known_lists import HASH_BYTES
from tap_asana.tasks.task_lists import LIST_FIELDS

DATED_FIELDS = frozenset(
    {
        *("name", "notes", "html_notes", "completed", "completed_at", "completed_by", "due_on", "due_at"),
        *("assignee", "assigned_by", "custom_fields"),
    }
)
"""Task fields whose changes move `modified_at`, as Asana documents."""

CONSTANT_FIELDS = frozenset({"gid", "resource_type", "workspace", "created_by", "permalink_url"})

WITHOUT_GID = "memberships"
"""The field with objects that have no gid of their own, but fields with gids."""

SECTION = f"{WITHOUT_GID}.section"
"""A field that is needed even if it is not selected: a task that moves to another section gets a story."""


class ListContents:
    """The contents of task lists with one page, as hashes: of the last read, and of this one.

    `last` is empty if nothing is known of the last read.
    """

    def __init__(self, selected_fields: Iterable[str] = (), last: Collection[bytes] = ()) -> None:
        """Start without lists of this read."""
        self.fields = tuple(dict.fromkeys((*LIST_FIELDS, SECTION, *_undated(selected_fields))))
        self._paths = [name.split(".") for name in self.fields]
        self._last = last
        self._hashes: dict[str, bytes] = {}

    @property
    def hashes(self) -> Collection[bytes]:
        """Return the hashes of this read."""
        return self._hashes.values()

    def add(self, name: str, tasks: Iterable[Record]) -> bool:
        """Add a list; return whether the last read saw the same tasks in it, with the same values."""
        rows = sorted(([int(task["gid"]), *(_value(task, path) for path in self._paths)] for task in tasks), key=ascii)
        content = ascii((name, self.fields, rows)).encode()
        self._hashes[name] = hashlib.blake2b(content, digest_size=HASH_BYTES).digest()
        return self._hashes[name] in self._last

    def remove(self, name: str) -> None:
        """Remove a list that was not read completely."""
        self._hashes.pop(name, None)


def _undated(names: Iterable[str]) -> list[str]:
    """Return those of the opt_fields of tasks whose changes may leave `modified_at` as it is; of objects, the gids."""
    parts = (name.split(".") for name in names)
    return sorted(
        ".".join(part[: 2 if part[0] == WITHOUT_GID else 1])
        for part in parts
        if part[0] not in DATED_FIELDS | CONSTANT_FIELDS
    )


def _value(record: object, path: Sequence[str]) -> object:
    """Return the value at a path, with gids in place of objects; the order of a list does not matter."""
    if isinstance(record, list):
        return sorted((_value(row, path) for row in record), key=ascii)
    if not isinstance(record, dict):
        return record
    return _value(record.get(path[0]), path[1:]) if path else record.get("gid")
