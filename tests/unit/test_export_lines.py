"""Lines of an export decoded at once have the same records as lines decoded and conformed value by value."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

import msgspec
import pytest
from client_fixture import ClientFixture
from hypothesis import example, given
from hypothesis import strategies as st

from tap_asana.api.decoding import Record
from tap_asana.limits import Limits
from tap_asana.parents.kinds import Workspace
from tap_asana.records import fields as f
from tap_asana.records.conform import _Coercion, batch_conformer
from tap_asana.records.export_lines import ExportDecoder, ExportedStream
from tap_asana.records.images import image_url_stripper
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.export_file import ExportFile
from tap_asana.tasks.export_reach import ExportReach
from tap_asana.tasks.exported_tasks import ExportedTasks
from tap_asana.tasks.project_counts import ProjectCounts

URL = "https://files.example.com/export.gz"
DATES = f.obj("…", day=f.day("…"), moment=f.instant("…"))
TASK = f.entity(
    name=f.prose("…"),
    html_notes=f.prose("…"),
    modified_at=f.instant("…"),
    due_on=f.day("…"),
    num_likes=f.number("…"),
    completed=f.flag("…"),
    assignee=f.person("…"),
    memberships=f.objs("…", project=f.ref("…", "projects"), dates=DATES),
    custom_fields=f.refs(
        "…", "custom_fields", number_value=f.number("…"), html_text_value=f.prose("…"), date_value=DATES
    ),
    color=f.unlisted(f.text("…")),
)
STORY = f.entity(
    workspace_gid=f.parent_gid("…", "workspaces"),
    task_gid=f.parent_gid("…", "tasks"),
    goal_gid=f.parent_gid("…", "goals"),
    created_at=f.instant("…"),
    html_text=f.narrative("…"),
    old_dates=DATES,
)
ATTACHMENT = f.entity(
    workspace_gid=f.parent_gid("…", "workspaces"),
    resource_subtype=f.text("…"),
    view_url=f.unless(f.prose("…"), "resource_subtype", "asana"),
)
SCHEMAS: Mapping[str, f.Schema] = {"tasks": TASK, "stories": STORY, "attachments": ATTACHMENT}

ODD = (
    *("null", "true", "-0", "1.5", "1e5", "1e400", "NaN", "9223372036854775808", f"{10**40}", "[]", "{}", "[null]"),
    *(r'"\ud800"', r'"\udc00x"', r'"\ud83d\ude00"', r'"a\u0000b"', r'"\u00e9"', '"é"', '""', '"1"', '"\x07"'),
    *(
        '"2024-02-29"',
        '"2023-02-29"',
        '"2023-04-31"',
        '"0000-01-01"',
        '"2026-01-01T00:00:00.5Z"',
        '"2026-01-01T24:00:00Z"',
    ),
    *(
        '"2026-01-01T00:00:00+02:00"',
        '"2026-01-01T00:00:00"',
        '"2026-01-01 00:00:00Z"',
        '"2026-01-01T00:00:00.1234567Z"',
    ),
    *(r'"<img src=\"x\" alt=\"y\">"', r'"\u003cimg src=1>"', '"<IMG SRC=1>"'),
)
PLAIN = {
    "string": ('"a"', r'"<b>\"ü\"</b>\n"', "null"),
    "number": ("0", "-1.25", "123456789012", "null"),
    "boolean": ("true", "false", "null"),
    "date-time": ('"2026-01-31T12:30:00.123Z"', '"2025-12-01T00:00:00Z"', "null"),
    "date": ('"2026-01-31"', "null"),
}
GIDS = ('"12"', '"345"', '"12 "', '"x"', '""', "7", "null")


class Line:
    """Draws the JSON of a line, with odd values in at most two places and plain ones in all others."""

    def __init__(self, draw: st.DrawFn) -> None:
        """Choose the places."""
        self.draw = draw
        self.odd_places = draw(st.sets(st.integers(0, 60), max_size=2))
        self.place = 0

    def value(self, schema: Mapping[str, Any], name: str) -> str:
        """Return a value of the declared type, or an odd one."""
        self.place += 1
        if self.place in self.odd_places:
            return self.draw(st.sampled_from(GIDS if name == "gid" else ODD))
        if name == "gid":
            return f'"{self.place}"'
        if "items" in schema:
            return f"[{','.join(self.value(schema['items'], '') for _ in range(self.draw(st.integers(0, 2))))}]"
        if "properties" in schema:
            return self.object(schema) if not name or self.draw(st.booleans()) else "null"
        return self.draw(st.sampled_from(PLAIN[schema.get("format") or f.value_type(schema)]))

    def object(self, schema: Mapping[str, Any], more: Mapping[str, str] = MappingProxyType({})) -> str:
        """Return an object with most of its fields, and perhaps an unknown one, or one twice."""
        present = [name for name in schema["properties"] if name == "gid" or self.draw(st.integers(0, 3))]
        fields = [(name, self.value(schema["properties"][name], name)) for name in present]
        if self.place + 1 in self.odd_places:
            fields.append((self.draw(st.sampled_from(["unknown", "name", "gid"])), self.draw(st.sampled_from(ODD))))
        return "{" + ",".join(f'"{name}":{text}' for name, text in [*fields, *more.items()]) + "}"


ROWS = ("null", '[null,{"gid":"1"}]', "{}", '[{"gid":"1","task_gid":null}]', '[{"gid":""}]')


@st.composite
def exported_lines(draw: st.DrawFn) -> str:
    """Draw a line of an export: a task with stories and attachments."""
    line = Line(draw)
    rows = {
        name: "[]" if draw(st.booleans()) else f"[{line.object(SCHEMAS[name])}]" for name in SCHEMAS if name != "tasks"
    }
    if line.place + 2 in line.odd_places:
        rows["stories"] = draw(st.sampled_from(ROWS))
    return line.object(TASK, rows)


class Reader:
    """Reads lines as an export's file, at once where they can be, or each value by value."""

    def __init__(self, *, at_once: bool) -> None:
        """Prepare a client, and count what is lost."""
        self.fixture = ClientFixture()
        self.at_once = at_once
        self.losses: list[tuple[str, str]] = []

    def records(self, *lines: str) -> dict[str, list[Record]]:
        """Return the records in lines, by stream."""
        content = gzip.compress("\n".join(lines).encode("utf-8", "surrogatepass"))
        self.fixture.asana.register_uri("GET", URL, content=content)
        client, workspace = self.fixture.client, Workspace("99", is_organization=True)
        decoder = new_decoder() if self.at_once else None
        fields = {name: ["gid"] for name in SCHEMAS}
        nothing: Any = None
        context = TraversalContext(
            client, nothing, nothing, nothing, workspace, nothing, fields, new_decoder=lambda: decoder
        )
        tasks = ExportedTasks(
            context, cast("ProjectCounts", _NoCounts()), list[TaskChildSource](), ExportReach(context)
        )
        found: dict[str, list[Record]] = {name: [] for name in SCHEMAS}
        file = ExportFile(client, URL, Limits(export_batch_bytes=1), decoder.decode if decoder else None)
        for batch in file.batches():
            for event in tasks.batches(batch):
                rows: list[Any] = [row if event.is_conformed else {**event.parent_keys, **row} for row in event.records]
                found[event.stream] += rows if event.is_conformed else self._conform(event.stream, rows)
        return cast("dict[str, list[Record]]", json.loads(msgspec.json.encode(found)))

    def _conform(self, stream: str, rows: list[Record]) -> list[Any]:
        schema = SCHEMAS[stream]

        def report(field: str) -> None:
            self.losses.append((stream, field))

        return batch_conformer(schema, report=report)(rows) if self.at_once else list(walked(schema, rows, report))

    @property
    def lost_rows(self) -> list[int]:
        """Return the number of rows without a gid, by stream."""
        return [self.fixture.client.metrics[name].unusable_rows for name in SCHEMAS]


class _NoCounts:
    """No projects to count."""

    expected_counts: Mapping[str, int] = {}

    def add(self, _: object) -> None:
        """Count nothing."""


def new_decoder() -> ExportDecoder:
    """Return a decoder of the three streams."""
    streams = {name: ExportedStream(schema, is_decoded=name != "attachments") for name, schema in SCHEMAS.items()}
    return ExportDecoder("99", streams.pop("tasks"), streams, ["projects"])


def walked(schema: f.Schema, rows: list[Record], report: Any) -> Iterator[Record]:  # noqa: ANN401 - a function
    """Conform rows value by value, as before there were record types."""
    coerce, strip = _Coercion(None, report).of(schema, (), ""), image_url_stripper(schema) or (lambda row: row)
    for row in rows:
        is_asanas = row.get("resource_subtype") == "asana" or not isinstance(row.get("resource_subtype"), str)
        visible = {**row, "view_url": None} if "view_url" in row and is_asanas else row
        if (record := coerce(strip(visible))) is not None:
            yield record


@given(line=exported_lines())
@example(line='{"gid":"1","stories":[{"gid":"2","created_at":""}],"attachments":[]}')
@example(line='{"gid":"1","modified_at":"","stories":[],"attachments":[]}')
@example(line=r'{"gid":"1","name":"\ud800","stories":[],"attachments":[]}')
@example(line='{"gid":"1","num_likes":1e400,"stories":[],"attachments":[]}')
@example(line='{"gid":"1","stories":[{"gid":"2","task_gid":"3","workspace_gid":null}],"attachments":[]}')
@example(line='{"gid":"1","stories":[{"gid":"2","created_at":"2023-02-29"}],"attachments":[]}')
@example(line='{"gid":"1","stories":[{"gid":"2","old_dates":{"day":"2023-04-31"}}],"attachments":[]}')
@example(line='{"gid":"1","stories":[{"gid":""}],"attachments":[]}')
@example(line='{"gid":"1","stories":[{"gid":"2","html_text":"<img src=1>"}],"attachments":[]}')
@example(line=r'{"gid":"1","html_notes":"<\u0069mg src=1>","stories":[{"gid":"2","html_text":"<IM\u0047 src=1>"}]}')
@example(line='{"gid":"1","stories":[],"attachments":[{"gid":"2","view_url":"x","resource_subtype":"asana"}]}')
def test_a_line_decoded_at_once_has_the_same_records(line: str) -> None:
    """For any line, the records, the reported losses and the lost rows are those of the way value by value."""
    at_once, by_value = Reader(at_once=True), Reader(at_once=False)
    try:
        expected = by_value.records(line)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
        with pytest.raises(type(error), match=str(error)):
            at_once.records(line)
        return
    assert at_once.records(line) == expected
    assert at_once.lost_rows == by_value.lost_rows
    assert at_once.losses == by_value.losses


def test_plain_lines_are_decoded_at_once() -> None:
    """A line without anything odd needs no other way; any of these needs it."""
    line = (
        '{"gid":"1","modified_at":"2024-02-29T00:00:00.001Z","memberships":[{"dates":{"day":"2026-01-31"}}],'
        '"stories":[{"gid":"3","html_text":"<b>"}],"attachments":[{"gid":"4"}],"unknown":[1]}'
    )
    odd = [line.replace("2026-01-31", "2026-02-31"), line.replace("<b>", r"\u0000"), line.replace('"1"', '"a"')]
    assert [bool(new_decoder().decode([each.encode()])[0]) for each in [line, *odd]] == [True, False, False, False]


def test_dates_keep_their_text() -> None:
    """A date is checked, and written as it came."""
    texts = ["2026-01-31T12:30:00.1Z", "2026-01-31T12:30:00Z", "2026-01-31T12:30:00+01:00"]
    lines = [f'{{"gid":"1","modified_at":"{text}","stories":[],"attachments":[]}}' for text in texts]
    assert [task["modified_at"] for task in Reader(at_once=True).records(*lines)["tasks"]] == texts
