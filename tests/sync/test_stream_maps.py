"""The SDK's transformations of records: stream maps, flattening and selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from harness import TINY, Message, Output, asana, choose, discovered, selecting, sync
from jsonschema import Draft202012Validator

WALKED = ("tasks", "stories")


def run(config: Mapping[str, Any] | None = None, catalog: Message | None = None) -> Output:
    """Read tasks and stories of the same small world."""
    return sync(asana(TINY), config=config, select=None if catalog else WALKED, catalog=catalog)


@pytest.fixture(scope="module")
def plain() -> Output:
    """Run once with defaults."""
    return run()


def records_by_key(output: Output) -> dict[tuple[str, str], Message]:
    """Return the messages of all records by stream and gid, without their time of extraction."""
    found = {(message["stream"], message["record"]["gid"]): message for message in output.of("RECORD")}
    assert len(found) == len(output.of("RECORD"))
    return {key: {**message, "time_extracted": ""} for key, message in found.items()}


def test_a_map_that_changes_nothing_changes_nothing(plain: Output) -> None:
    """Records written one by one through a stream map equal those written in batches without one."""
    mapped = run({"stream_maps": {stream: {"gid": "gid"} for stream in WALKED}})
    assert records_by_key(mapped) == records_by_key(plain)
    assert len(plain.records("tasks")) > 20
    assert len(plain.records("stories")) > 20


def test_every_record_has_its_time_of_extraction(plain: Output) -> None:
    """Records written in batches have the time of extraction, like those written one by one."""
    mapped = run({"stream_maps": {"tasks": {"gid": "gid"}}})
    for record in (*plain.of("RECORD"), *mapped.of("RECORD")):
        assert record["time_extracted"].startswith("20")
        assert record["time_extracted"].endswith(("Z", "+00:00"))


def test_a_stream_map_renames_computes_and_filters(plain: Output) -> None:
    """A mapped stream has its new name and fields, without the filtered records."""
    titles = {gid: task["name"].upper() for gid, task in plain.rows("tasks").items() if task["completed"]}
    work = {"__alias__": "work", "__filter__": "completed", "title": "name.upper()", "name": "__NULL__"}
    mapped = run({"stream_maps": {"tasks": work}})
    assert mapped.records("tasks") == []
    assert {record["gid"]: record["title"] for record in mapped.records("work")} == titles
    assert not [record for record in mapped.records("work") if "name" in record]
    assert mapped.rows("stories") == plain.rows("stories")


def test_a_stream_mapped_to_null_is_not_written(plain: Output) -> None:
    """A stream map of null suppresses the records of a stream, and no others."""
    mapped = run({"stream_maps": {"stories": None}})
    assert mapped.records("stories") == []
    assert mapped.rows("tasks") == plain.rows("tasks")


def test_a_wildcard_map_ignores_deselected_streams(plain: Output) -> None:
    """A wildcard adds its field to each selected stream, and ignores the others."""
    mapped = run({"stream_maps": {"*": {"read_by": "'tap-asana'"}}})
    assert mapped.error is None
    for stream in WALKED:
        assert {gid: {**row, "read_by": "tap-asana"} for gid, row in plain.rows(stream).items()} == mapped.rows(stream)


def test_a_stream_can_be_written_twice(plain: Output) -> None:
    """A stream map with a source writes each record a second time under another name."""
    mapped = run({"stream_maps": {"copies": {"__source__": "tasks", "gid": "gid", "__else__": None}}})
    assert mapped.gids("copies") == plain.gids("tasks")
    assert mapped.rows("tasks") == plain.rows("tasks")


def test_flattened_records_obey_their_flattened_schema(plain: Output) -> None:
    """With flattening on, nested fields become columns, and the schema says so."""
    flat = run({"flattening_enabled": True, "flattening_max_depth": 1})
    for stream in WALKED:
        validator = Draft202012Validator(flat.schemas[stream])
        for record in flat.records(stream):
            validator.validate(record)
            assert record.keys() <= flat.schemas[stream]["properties"].keys()
    assigned = {task["gid"]: task["assignee"]["name"] for task in plain.records("tasks") if task["assignee"]}
    rows = flat.rows("tasks")
    assert {gid: rows[gid]["assignee__name"] for gid in assigned} == assigned
    assert assigned


def test_deselected_fields_are_not_emitted(plain: Output) -> None:
    """Deselected fields are missing at every depth, and all other fields are unchanged."""
    catalog = selecting(discovered(), WALKED)
    tasks = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "tasks")
    choose(tasks, ("properties", "notes"), selected=False)
    choose(tasks, ("properties", "assignee", "properties", "name"), selected=False)
    chosen = run(catalog=catalog)
    expected = {gid: dict(task) for gid, task in plain.rows("tasks").items()}
    for task in expected.values():
        del task["notes"]
        if task["assignee"]:
            task["assignee"] = {name: value for name, value in task["assignee"].items() if name != "name"}
    assert chosen.rows("tasks") == expected
