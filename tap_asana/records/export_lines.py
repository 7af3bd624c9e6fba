"""Lines of an export, decoded at once into records that conform to their streams.

msgspec decodes into the record types of the streams, so each value is checked as it is decoded, and none is converted.
A line that is broken, or differs from the schemas in any way, is left to `decode_json` and to the streams' conformers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec
from ahocorasick_rs import BytesAhoCorasick
from msgspec import UNSET, to_builtins

from tap_asana.api.decoding import MAX_GID_DIGITS, Record
from tap_asana.records.fields import GID, Mask
from tap_asana.records.structs import Columns, build_type

DecodedTask: TypeAlias = Any
"""A task of the class that `ExportDecoder` compiles: the fields of its record, and others that its reader needs."""

TASK_GID, WORKSPACE_GID = "task_gid", "workspace_gid"
"""Fields of records inside tasks that the tap adds."""

ESCAPED_NUL = b"\\u0000"

IMAGE_MARKS = (b"<img", b"<IMG", b"\\u003", b"\\u004", b"\\u006")
"""What the JSON of a text with an image contains: the start of its tag, or an escaped character of it."""

NUL_PATTERN = 0
"""Index of ESCAPED_NUL among the patterns."""

_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_list_type: Any = list
_find_marks = BytesAhoCorasick([ESCAPED_NUL, *IMAGE_MARKS]).find_matches_as_indexes
_get_gid = attrgetter(GID)


@dataclass(frozen=True)
class ExportedStream:
    """A stream as an export holds it: its schema, and the selection of the catalog.

    `is_decoded` is false if its records inside tasks have to be conformed by the stream.
    """

    schema: Mapping[str, Any]
    mask: Mask | None = None
    is_decoded: bool = True

    def record_type(self, keys: Mapping[str, object]) -> Any:  # noqa: ANN401 - a type
        """Return the type of a record, with these values of the fields that Asana does not send."""
        return build_type(self.schema, self.mask, defaults=keys) if self.is_decoded else dict[str, Any]


class ExportDecoder:
    """Decodes the tasks of an export of a workspace, with the records of other streams inside them.

    `task_stream` is None if the tasks are not selected. `inline` are the streams whose records a task holds, by the
    name of the field. `facts` are the names of fields that the reader of the export needs of each task, `attributes` of
    others that it may look at.
    """

    def __init__(
        self,
        workspace_gid: str,
        task_stream: ExportedStream | None,
        inline: Mapping[str, ExportedStream],
        facts: Sequence[str],
        attributes: Sequence[str] = (),
    ) -> None:
        """Compile the classes."""
        keys = {TASK_GID: UNSET, WORKSPACE_GID: workspace_gid}
        types: dict[str, Any] = {name: each.record_type(keys) for name, each in inline.items()}
        base = task_stream.record_type(keys) if task_stream else msgspec.defstruct("Object", [(GID, str)], gc=False)
        needed = [name for name in dict.fromkeys((*facts, *attributes)) if name not in base.__struct_fields__]
        fields: list[Any] = [
            *((name, _list_type[row_type]) for name, row_type in types.items()),
            *((name, Any, UNSET) for name in needed),
        ]
        task_type = msgspec.defstruct("ExportedTask", fields, bases=(base,), kw_only=True, gc=False)
        self._decode_line = msgspec.json.Decoder(task_type).decode
        self._facts = facts
        self._more_fields = [field[0] for field in fields]
        self._task_columns = Columns(task_stream.schema, task_stream.mask) if task_stream else None
        self._columns = {name: Columns(each.schema, each.mask) for name, each in inline.items() if each.is_decoded}
        self._with_task_gid = {name for name in self._columns if TASK_GID in types[name].__struct_fields__}

    def decode(self, lines: Sequence[bytes]) -> Sequence[DecodedTask | None]:
        """Return the task of each line; None for a line that has to be decoded and conformed in the general way."""
        marks = list(map(_find_marks, lines))
        is_marked = any(marks)
        tasks = list(map(self._decode, lines, marks)) if is_marked else self._decode_unmarked(lines)
        if not self._is_valid([task for task in tasks if task is not None]):
            return [None] * len(lines)
        if is_marked:
            self._strip_images([task for task, found in zip(tasks, marks, strict=True) if found and task is not None])
        return tasks

    def _decode_unmarked(self, lines: Sequence[bytes]) -> list[DecodedTask | None]:
        try:
            return list(map(self._decode_line, lines))
        except _DECODE_ERRORS:
            return [self._decode(line, ()) for line in lines]

    def _decode(self, line: bytes, marks: Sequence[tuple[int, int, int]]) -> DecodedTask | None:
        if any(pattern == NUL_PATTERN for pattern, _, _ in marks):
            return None
        try:
            return self._decode_line(line)
        except _DECODE_ERRORS:
            return None

    def _strip_images(self, tasks: Sequence[DecodedTask]) -> None:
        if self._task_columns:
            self._task_columns.strip_images(tasks)
        for name, columns in self._columns.items():
            columns.strip_images(_rows(name, tasks))

    def _is_valid(self, tasks: Sequence[DecodedTask]) -> bool:
        """Return whether all gids and dates are valid, which are strings to the classes."""
        gids = list(map(_get_gid, tasks))
        if gids and not (
            _are_identifiers(gids) and "".join(gids).isdecimal() and max(map(len, gids)) <= MAX_GID_DIGITS
        ):
            return False
        try:
            if self._task_columns:
                self._task_columns.check_dates(tasks)
            for name, columns in self._columns.items():
                rows = _rows(name, tasks)
                if not _are_identifiers(list(map(_get_gid, rows))):
                    return False
                columns.check_dates(rows)
        except msgspec.ValidationError:
            return False
        return True

    def inline_records(self, name: str, tasks: Sequence[DecodedTask]) -> Sequence[Any] | None:
        """Return the records of a stream inside tasks; None if the stream has to conform them."""
        if name not in self._columns:
            return None
        if name in self._with_task_gid:
            get_rows = attrgetter(name)
            for task in tasks:
                for row in get_rows(task):
                    if row.task_gid is UNSET:
                        row.task_gid = task.gid
        return _rows(name, tasks)

    def task_records(self, tasks: Sequence[DecodedTask]) -> Sequence[DecodedTask]:
        """Return tasks as records of their stream: without the other fields, which are lost."""
        for name in self._more_fields:
            for task in tasks:
                setattr(task, name, UNSET)
        return tasks

    def facts(self, tasks: Sequence[DecodedTask]) -> list[Record]:
        """Return tasks as dictionaries of their gid and the facts; a missing field is missing there too."""
        return [
            {
                GID: task.gid,
                **{name: to_builtins(fact) for name in self._facts if (fact := getattr(task, name)) is not UNSET},
            }
            for task in tasks
        ]


def _rows(name: str, tasks: Sequence[DecodedTask]) -> list[Any]:
    return list(chain.from_iterable(map(attrgetter(name), tasks)))


def _are_identifiers(gids: Sequence[str]) -> bool:
    """Return whether all are gids as `rows_with_gid` accepts them: not empty, and printable ASCII."""
    text = "".join(gids)
    return "" not in gids and text.isascii() and text.isprintable()
