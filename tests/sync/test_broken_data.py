"""Data broken in Asana is repaired and emitted: it stops no run, and every loss is logged (law 11)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from expected import invalid
from harness import PERSON, SERVICE, STREAMS, TINY, Message, Output, asana, attempt, clock, sync
from methods import DAY, HOUR, TASK_STREAMS
from postgres import load
from reads import full_read

from fake_asana.model.breakage import (
    INVALID_DATES,
    INVALID_NUMBERS,
    INVALID_ROWS,
    INVALID_UNICODE,
    NUL,
    OTHER_TYPES,
    Breakage,
)
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from tap_asana.tasks.by_export import NOT_EXPORTED

METHODS: Mapping[str, Message] = {
    "list": {**PERSON, "extraction_method": "list"},
    "search": {**PERSON, "extraction_method": "search"},
    "service account": {**SERVICE, "extraction_method": "list"},
    "export": {**SERVICE, "extraction_method": "export"},
}

SELECTED: Mapping[str, Collection[str]] = {
    "list": STREAMS,
    "service account": STREAMS,
    "search": TASK_STREAMS,
    "export": TASK_STREAMS,
}
"""The streams with a code path of their own for each method; all streams once for each token."""

KINDS: Mapping[str, Breakage] = {
    "halves of pairs": Breakage(texts=INVALID_UNICODE),
    "U+0000": Breakage(texts=NUL),
    "numbers": Breakage(numbers=INVALID_NUMBERS, excluded=frozenset({"actual_time_minutes"})),
    "dates": Breakage(dates=INVALID_DATES),
    "numbers for texts": Breakage(numerals=(b"5", b"-2.5")),
    "rows": Breakage(rows=INVALID_ROWS),
}

WARNED = frozenset({"numbers", "dates", "rows"})
"""Kinds of breakage that lose data, and are therefore logged."""


SUBSTITUTES = (None, "5", "-2.5", *map(json.loads, INVALID_DATES), "17")
"""Values that may replace a broken one, besides a repaired text; no broken date remains in a date field."""


def broken(breakage: Breakage | None) -> Api:
    """Return a small Asana with this breakage."""
    return asana(TINY, dialect=Dialect(breakage=breakage))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """Yield each leaf of a value with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{at}]")
    else:
        yield path, value


def altered_values(clean: Output, output: Output, stream: str) -> list[tuple[str, Any, Any]]:
    """Return the values of a stream that differ from those of an intact Asana: path, intact and emitted value."""
    found = []
    sound, rows = clean.rows(stream), output.rows(stream)
    assert rows.keys() == sound.keys()
    for key, row in rows.items():
        before, after = dict(leaves(sound[key])), dict(leaves(row))
        found += [(f"{key}{at}", before.get(at), value) for at, value in after.items() if before.get(at) != value]
    return found


def is_repaired(before: object, after: object) -> bool:
    """Report whether a value is a valid repair of a broken one."""
    if after in SUBSTITUTES or not isinstance(before, str) or not isinstance(after, str):
        return after in SUBSTITUTES
    if before.startswith("{"):  # an open object, as JSON text
        return json.loads(after) is not None
    return after.rstrip("\ufffd") == before and len(after) <= len(before) + 2


def is_listed_value(path: str, before: object, after: object) -> bool:
    """Report whether a value that exports do not contain is as in lists."""
    gid, _, field = path.partition(".")
    listed = full_read(config=METHODS["service account"], select=SELECTED["service account"]).output
    return before is None and field in NOT_EXPORTED and listed.rows("attachments")[gid][field] == after


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", METHODS)
def test_broken_values_are_repaired(method: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each record of each stream is emitted, repaired and valid, without a retry."""
    clean = full_read(config=METHODS[method], select=SELECTED[method]).output
    caplog.clear()
    caplog.set_level("INFO", "tap_asana")
    output = attempt(broken(KINDS[kind]), config=METHODS[method], select=SELECTED[method])
    assert output.error is None
    assert output.schemas == clean.schemas
    differences = {stream: altered_values(clean, output, stream) for stream in clean.schemas}
    if method == "export":  # tasks with skipped rows are requested singly, and have what files do not contain
        differences["attachments"] = [each for each in differences["attachments"] if not is_listed_value(*each)]
    wrong = [each for found in differences.values() for each in found if not is_repaired(*each[1:])]
    assert wrong == []
    assert set(re.findall(r"(\d+) retries", caplog.messages[-1])) == {"0"}
    assert invalid(output) == []
    for text in (value for message in output.of("RECORD") for _, value in leaves(message["record"])):
        assert not isinstance(text, str) or "\x00" not in text.encode().decode()
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert bool([line for line in warnings if "null" in line]) == (kind in WARNED)
    assert any(differences.values()) == (kind not in {"rows", "U+0000"})


ALL = Breakage(
    (*INVALID_UNICODE, *NUL),
    (b"5",),
    INVALID_NUMBERS,
    INVALID_DATES,
    INVALID_ROWS,
    every=3,
    excluded=frozenset({"actual_time_minutes"}),
)
"""All kinds of breakage at once."""


ANY = Breakage(
    others=OTHER_TYPES, every=5, excluded=frozenset({"actual_time_minutes", "project_brief", "stories", "attachments"})
)
"""Values of any type, including objects and lists, instead of others."""


@cache
def two_runs(breakage: Breakage | None, method: str, *, follows: bool = True) -> Output:
    """Return the output of a first run and of one after a workday."""
    api = broken(breakage)
    config = {**METHODS[method], "follow_events": follows}
    first = sync(api, config=config, select=SELECTED[method])
    clock(api).advance(DAY - clock(api)() % DAY)  # the same time with and without breakage
    api.world.mutate()
    clock(api).advance(HOUR)
    return first.then(sync(api, config=config, state=first.state, select=SELECTED[method]))


@pytest.mark.parametrize("broken_so", [ALL, ANY], ids=["all kinds", "any type"])
@pytest.mark.parametrize("method", METHODS)
def test_broken_changes_are_emitted(method: str, broken_so: Breakage) -> None:
    """In a second run after a workday, no broken value stops the run, and nothing is missing.

    What only events name is not counted, because a broken event names nothing.
    """
    clean, repaired = two_runs(None, method, follows=False), two_runs(broken_so, method)
    assert invalid(clean) == []
    assert invalid(repaired) == []
    for stream in {"tasks", "stories", "attachments", "projects", "users", "status_updates"} & {*SELECTED[method]}:
        assert repaired.gids(stream) >= clean.gids(stream)


def test_one_warning_per_stream_names_the_fields(caplog: pytest.LogCaptureFixture) -> None:
    """Each stream logs one warning for any number of broken values, and its line at the end counts them by field."""
    caplog.set_level("INFO", "tap_asana")
    sync(broken(Breakage(numbers=(b"1e400",), dates=(b'"soon"',), every=1)), select=["tasks", "attachments"])
    warnings = [line for line in caplog.messages if "unreadable value in" in line]
    assert sorted(line.partition(":")[0] for line in warnings) == ["attachments", "tasks"]
    (line,) = (line for line in caplog.messages if line.startswith("tasks: ") and "values set to null" in line)
    assert "modified_at" in line
    assert "values nulled" in caplog.messages[-1]
    assert "soon" not in caplog.text
    assert "1e400" not in caplog.text


def test_a_skipped_row_prevents_activate_version() -> None:
    """A row without a gid may be in the target's table, so no version may delete it (law 8)."""
    config = {"emit_activate_version_messages": True}
    select = ["tags", "teams"]
    assert len(sync(broken(None), config=config, select=select).of("ACTIVATE_VERSION")) == len(select)
    assert sync(broken(Breakage(rows=(b"null",))), config=config, select=select).of("ACTIVATE_VERSION") == []


def test_postgres_loads_repaired_data(database: str, tmp_path: Path) -> None:
    """A strict loader accepts every record of an Asana in which everything is broken."""
    output = sync(broken(ALL))
    load(output.messages, tmp_path, database)
