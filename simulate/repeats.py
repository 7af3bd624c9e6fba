"""Judges the rows that a quiet run writes twice, although nothing has changed in between (docs/laws.md, law 5)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from http import HTTPStatus

import harness
from harness import Message, Output

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import LoggedRequest
from simulate.messages import AUDIT

METHOD = re.compile(r"workspace (\d+): tasks are read by ")
EXPORTED = re.compile(r"workspace \d+: tasks are read by export")
CUT_EXPORT = re.compile(r"workspace (\d+): the export contains at most \d+ (\w+) of a task; .* requested singly")

FROM_LOG = "audit_log"
"""The source of deletions that the audit log tells."""


class RepeatedRows:
    """The rows that a run writes twice."""

    def __init__(self, state: Message) -> None:
        """Take the state before the run, which the run changes.

        A run may write rows twice if it resumes a read, perhaps of streams that the last run did not select. It is a
        first read if no stream has a bookmark.
        """
        bookmarks = state.get("bookmarks", {}).values()
        partitions = [partition for bookmark in bookmarks for partition in bookmark.get("partitions", ())]
        self._is_resuming = any("window" in partition for partition in partitions)
        self._is_first = not any("replication_key_value" in partition for partition in partitions)

    def lines(
        self, output: Output, log: Collection[str], requests: Collection[LoggedRequest], dialect: Dialect
    ) -> Iterator[str]:
        """Yield a line for each stream with such rows.

        Law 5 names what is left: an export or a list leaves out fields of a row, and what `_excuse` returns.
        """
        if self._is_resuming:
            return
        is_excused, is_exported = _excuse(log, requests, dialect), any(map(EXPORTED.match, log))
        schemas = () if self._is_first else output.of("SCHEMA")
        incremental = {each["stream"] for each in schemas if each.get("bookmark_properties")}
        last: dict[tuple[str, str], Message] = {}
        repeated = set[tuple[str, str]]()
        for message in output.of("RECORD"):
            stream, record = message["stream"], message["record"]
            row = stream, harness.key(stream, record)
            is_complement = is_exported and row in last and _differ_in_fields(last[row], record, dialect.unknown_hints)
            if row in last and not is_complement and (stream in incremental or not is_excused(stream, record)):
                repeated.add(row)
            last[row] = record
        for stream in sorted({stream for stream, _ in repeated}):
            yield f"{stream}: written twice by one run {sorted(key for name, key in repeated if name == stream)}"


def _differ_in_fields(first: Message, second: Message, hints: Collection[str]) -> bool:
    """Return whether two rows of an object differ, but only in values of fields that one of them does not have.

    A list may have null in place of `hints`, which an export has.
    """
    first, second = (
        {name: value for name, value in row.items() if value is not None or name not in hints}
        for row in (first, second)
    )
    names = first.keys() ^ second.keys()
    are_same = all(first[name] == second[name] for name in first.keys() & second.keys())
    return are_same and any({**first, **second}[name] is not None for name in names)


def _excuse(
    lines: Collection[str], requests: Collection[LoggedRequest], dialect: Dialect
) -> Callable[[str, Message], bool]:
    """Return a function: may a first read, or a stream that is read whole in each run, write a row twice (law 5)?

    Asana may send a row twice itself. If an export or a search turns out to be incomplete, lists are read in its place,
    as a second line on the method of a workspace tells, or one on the rows of a task. The list below a task, or the
    audit log, begins again if its page token has expired, or if a further page may not be the last.
    """
    repeats = (
        dialect.pages.repeats_rows,
        dialect.repeats_last_row,
        dialect.logs.repeats_entries,
        dialect.repeats_events,
    )
    methods = Counter(found[1] for line in lines if (found := METHOD.match(line)))
    if any(repeats) or max(methods.values(), default=0) > 1:
        return lambda _, __: True
    restarted = _restarted_lists(requests) | (set() if dialect.null_next_page else _reopened_lists(requests))
    cut = {found.groups() for found in map(CUT_EXPORT.match, lines) if found}
    return lambda stream, record: (record.get("workspace_gid"), stream) in cut or _list_of(stream, record) in restarted


def _restarted_lists(requests: Iterable[LoggedRequest]) -> set[str]:
    """Return the gids and names in those requests for further pages that Asana has refused."""
    refused = (each for each in requests if each.status == HTTPStatus.BAD_REQUEST and "offset" in each.query)
    return {name for each in refused for name in _names(each)}


def _reopened_lists(requests: Iterable[LoggedRequest]) -> set[str]:
    """Return the gids and names in those requests that follow a further page of a list, and ask for all of it at once.

    The tap sends such a request without a limit if a full page does not say whether another one follows.
    """
    further: set[tuple[str, str]] = set()
    names: set[str] = set()
    for each in requests:
        parent = each.path, each.query.get("parent", "")
        if "offset" in each.query:
            further.add(parent)
        elif "limit" not in each.query and parent in further:
            names.update(_names(each))
    return names


def _names(request: LoggedRequest) -> set[str]:
    """Return the gids and names in the path of a request, and the gid of its parent."""
    return {*request.path.split("/"), request.query.get("parent", "")}


def _list_of(stream: str, record: Message) -> str | None:
    """Return the name of the audit log for what it tells, and otherwise the gid of the task above a record."""
    if stream == AUDIT or record.get("source") == FROM_LOG:
        return AUDIT
    gid: str | None = record.get("task_gid") or (record.get("target") or record.get("parent") or {}).get("gid")
    return gid
