"""Streams are replicated by the method in the catalog, or the run ends with one line (law 8)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache

import methods
import pytest
from harness import PERSON, TINY, Message, Output, asana, attempt, clock, discovered, selecting, stream_metadata, sync
from interruptions import Killed, interrupted
from methods import HOUR, TASK_STREAMS, VERSIONED

from fake_asana.server.api import Api
from tap_asana.errors import AsanaError

METHODS: dict[str, Message] = {method: {**methods.METHODS[method], **VERSIONED} for method in methods.FORCED_METHODS}
every_method = pytest.mark.parametrize("method", METHODS)


def by_entry(entry: Message, method: object) -> None:
    """Set a method as people do who edit the catalog."""
    entry["replication_method"] = method


def by_metadata(entry: Message, method: object) -> None:
    """Set a method in the metadata of Singer's specification."""
    stream_metadata(entry)["replication-method"] = method


def by_force(entry: Message, method: object) -> None:
    """Set a method by the name that the SDK reads."""
    stream_metadata(entry)["forced-replication-method"] = method


def by_meltano(entry: Message, method: object) -> None:
    """Set a method as Meltano does, in both places."""
    by_metadata(entry, method)
    by_entry(entry, method)


WAYS = (by_entry, by_metadata, by_force, by_meltano)
every_way = pytest.mark.parametrize("way", WAYS)


def catalog_with(
    select: tuple[str, ...], methods: Mapping[str, object], way: Callable[[Message, object], None] = by_entry
) -> Message:
    """Return a catalog with some streams selected, some with their own method."""
    catalog = selecting(discovered(), select)
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] in methods:
            way(entry, methods[entry["tap_stream_id"]])
    return catalog


def full_tables(*streams: str, way: Callable[[Message, object], None] = by_entry) -> Message:
    """Return a catalog of the task streams, with these ones as FULL_TABLE."""
    return catalog_with(TASK_STREAMS, dict.fromkeys(streams, "FULL_TABLE"), way)


def announced(output: Output) -> dict[str, int]:
    """Return the announced version by stream."""
    return {message["stream"]: message["version"] for message in output.of("ACTIVATE_VERSION")}


def rows_kept(output: Output, stream: str) -> set[str]:
    """Return the gids that a version keeps in the table: those of its records."""
    version = announced(output)[stream]
    records = (message for message in output.of("RECORD") if message["stream"] == stream)
    return {message["record"]["gid"] for message in records if message.get("version") == version}


def visible_gids(api: Api, stream: str, config: Mapping[str, object]) -> set[str]:
    """Return the gids of all objects visible to a token."""
    return set(api.world.expected_records(stream, str(config["access_token"])))


def with_all_features() -> Api:
    """Return an Asana with all features, because a missing feature could explain a missing row."""
    api = asana(TINY)
    for workspace in api.world.workspaces.values():
        workspace.missing_features.clear()
    return api


def simulate_an_hour(api: Api) -> None:
    """Simulate an hour of work."""
    clock(api).advance(HOUR)
    api.world.mutate()
    clock(api).advance(HOUR)


@every_way
def test_a_full_table_is_read_completely_in_every_run(way: Callable[[Message, object], None]) -> None:
    """With the method in any place, the second run reads every task again, and its version keeps all rows."""
    api = with_all_features()
    first = sync(api, config=METHODS["list"], catalog=full_tables("tasks", way=way))
    assert rows_kept(first, "tasks") == visible_gids(api, "tasks", PERSON)
    simulate_an_hour(api)
    second = sync(api, config=METHODS["list"], catalog=full_tables("tasks", way=way), state=first.state)
    assert rows_kept(second, "tasks") == visible_gids(api, "tasks", PERSON)
    assert announced(second)["tasks"] > announced(first)["tasks"]
    assert second.counts()["stories"] < first.counts()["stories"]


@cache
def increment(method: str) -> Output:
    """Return an incremental run of all task streams after an hour of work."""
    api, config = with_all_features(), METHODS[method]
    first = sync(api, config=config, select=TASK_STREAMS)
    simulate_an_hour(api)
    return sync(api, config=config, select=TASK_STREAMS, state=first.state)


@pytest.mark.parametrize(
    ("method", "members"),
    [
        *(("list", members) for members in (("tasks",), ("stories",), ("stories", "attachments"), TASK_STREAMS)),
        *(("search", members) for members in (("tasks",), ("stories", "attachments"))),
        *(("export", members) for members in (("stories",), TASK_STREAMS)),
    ],
)
def test_task_streams_with_different_methods_are_independent(method: str, members: tuple[str, ...]) -> None:
    """Incremental streams read the same records as without, and no version; full tables are complete."""
    config = METHODS[method]
    api = with_all_features()
    first = sync(api, config=config, select=TASK_STREAMS)
    simulate_an_hour(api)
    output = sync(api, config=config, catalog=full_tables(*members), state=first.state)
    assert set(announced(output)) == set(members)
    for stream in TASK_STREAMS:
        expected = visible_gids(api, stream, config) if stream in members else increment(method).gids(stream)
        assert output.gids(stream) == expected
    assert all(rows_kept(output, stream) == visible_gids(api, stream, config) for stream in members)


def test_status_updates_as_a_full_table() -> None:
    """As a full table, status updates are read without their filter by creation time."""
    api, select = with_all_features(), ("status_updates",)
    catalog = catalog_with(select, {"status_updates": "FULL_TABLE"})
    first = sync(api, config=METHODS["list"], select=select)
    assert announced(first) == {}
    simulate_an_hour(api)
    second = sync(api, config=METHODS["list"], catalog=catalog, state=first.state)
    assert rows_kept(second, "status_updates") == visible_gids(api, "status_updates", PERSON) != set()


@every_method
def test_back_to_incremental_only_changes_are_read(method: str) -> None:
    """A full table writes a bookmark from which incremental runs continue."""
    api, config = with_all_features(), METHODS[method]
    first = sync(api, config=config, catalog=full_tables(*TASK_STREAMS))
    clock(api).advance(HOUR)
    renamed = min(visible_gids(api, "tasks", config))
    api.world.rename_task(renamed)
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=TASK_STREAMS, state=first.state)
    assert (second.gids("tasks"), announced(second)) == ({renamed}, {})


def test_no_version_is_announced_with_a_start_date() -> None:
    """A start date is a filter: excluded rows stay in the table."""
    api = with_all_features()
    config = {**METHODS["list"], "start_date": "2026-03-01"}
    catalog = catalog_with(
        (*TASK_STREAMS, "users", "status_updates"), dict.fromkeys((*TASK_STREAMS, "status_updates"), "FULL_TABLE")
    )
    assert set(announced(sync(api, config=config, catalog=catalog))) == {"users"}


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"export"}))
@pytest.mark.parametrize("status", [402, 403, 404])
def test_no_version_is_announced_with_an_unavailable_project(method: str, status: int) -> None:
    """Its children stay in the tables of all task streams; an export requests no lists of projects."""
    api, config = with_all_features(), METHODS[method]
    api.world.access.deny(min(visible_gids(api, "projects", config)), status)
    assert announced(sync(api, config=config, catalog=full_tables(*TASK_STREAMS))) == {}


def test_unavailable_stories_do_not_block_the_version_of_tasks() -> None:
    """Unavailable stories of a task do not keep deleted tasks in the table."""
    api = with_all_features()
    task = next(gid for gid, row in api.world.expected_records("tasks", "0/fake").items() if not row["num_subtasks"])
    assert task

    api.world.access.deny(task, 403)
    assert set(announced(sync(api, config=METHODS["list"], catalog=full_tables(*TASK_STREAMS)))) == {"tasks"}


def test_a_resumed_run_announces_no_version() -> None:
    """The records of the first attempt have another version, so only the next full run can announce one."""
    api, catalog = with_all_features(), full_tables(*TASK_STREAMS)
    one_by_one = {**METHODS["list"], "max_concurrency": 1}
    first_attempt = Output()
    for request in range(20, 200, 10):
        first_attempt = interrupted(api, request, config=one_by_one, catalog=catalog)
        if "'window'" in str(first_attempt.state):
            break
    assert "'window'" in str(first_attempt.state)
    assert announced(first_attempt) == {}
    clock(api).advance(HOUR)
    second = sync(api, config=METHODS["list"], catalog=catalog, state=first_attempt.state)
    assert announced(second) == {}
    third = sync(api, config=METHODS["list"], catalog=catalog, state=second.state)
    assert all(rows_kept(third, stream) == visible_gids(api, stream, PERSON) for stream in TASK_STREAMS)


def test_a_full_table_does_not_resume_an_incremental_run() -> None:
    """An incremental run covers less than the full table."""
    api = with_all_features()
    first = sync(api, config=METHODS["list"], select=TASK_STREAMS)
    simulate_an_hour(api)
    cut = [
        interrupted(api, at, config=METHODS["list"], select=TASK_STREAMS, state=first.state) for at in (14, 18, 22, 26)
    ]
    for attempted in cut:
        state = attempted.state or first.state
        second = sync(api, config=METHODS["list"], catalog=full_tables(*TASK_STREAMS), state=state)
        assert all(rows_kept(second, stream) == visible_gids(api, stream, PERSON) for stream in TASK_STREAMS)


def test_an_incremental_snapshot_is_read_completely_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Asana has no filter for snapshots; one warning names all such streams."""
    caplog.set_level(logging.WARNING)
    api, select = with_all_features(), ("users", "tags", "tasks")
    catalog = catalog_with(select, dict.fromkeys(select, "INCREMENTAL"), by_meltano)
    output = sync(api, config=METHODS["list"], catalog=catalog)
    assert set(announced(output)) == {"users", "tags"}
    warnings = [record.getMessage() for record in caplog.records if "FULL_TABLE" in record.getMessage()]
    assert warnings == ["read as FULL_TABLE, because Asana cannot filter them by change: users, tags"]


def test_a_catalog_without_keys_and_methods_changes_nothing() -> None:
    """Each stream has its own key and method."""
    api, catalog = with_all_features(), catalog_with(TASK_STREAMS, {})
    for entry in catalog["streams"]:
        for name in ("replication_method", "replication_key", "key_properties"):
            entry.pop(name, None)
        for name in ("table-key-properties", "valid-replication-keys", "replication-key"):
            stream_metadata(entry).pop(name, None)
    output = sync(api, config=METHODS["list"], catalog=catalog)
    assert output.gids("tasks") == visible_gids(api, "tasks", PERSON)
    assert announced(output) == {}
    assert {tuple(message["key_properties"]) for message in output.of("SCHEMA")} == {("gid",)}
    assert output.bookmark("tasks")["replication_key"] == "modified_at"


WRONG: dict[str, tuple[str, Callable[[Message], None], str]] = {
    "log based": (
        "tasks",
        lambda entry: by_entry(entry, "LOG_BASED"),
        '"LOG_BASED"; expected FULL_TABLE or INCREMENTAL',
    ),
    "unknown": ("users", lambda entry: by_metadata(entry, "full"), '"full"; expected FULL_TABLE or INCREMENTAL'),
    "no text": ("tasks", lambda entry: by_meltano(entry, {"a": 1}), '{"a": 1}; expected FULL_TABLE or INCREMENTAL'),
    "deletions": ("deletions", lambda entry: by_entry(entry, "FULL_TABLE"), '"FULL_TABLE"; expected INCREMENTAL, '),
    "log": ("audit_log_events", lambda entry: by_entry(entry, "FULL_TABLE"), '"FULL_TABLE"; expected INCREMENTAL, '),
    "key": ("tasks", lambda entry: entry.update(replication_key="created_at"), '"created_at"; expected modified_at'),
    "key in metadata": (
        "users",
        lambda entry: stream_metadata(entry).update({"replication-key": "name"}),
        '"name"; expected none',
    ),
    "primary key": ("tasks", lambda entry: entry.update(key_properties=["name"]), '["name"]; expected ["gid"]'),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_impossible_method_ends_the_run_with_one_line(wrong: str) -> None:
    """The line names the stream, the given and the expected value; nothing is written or requested."""
    stream, spoil, message = WRONG[wrong]
    catalog = selecting(discovered(), [stream])
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == stream:
            spoil(entry)
    api = with_all_features()
    result = attempt(api, catalog=catalog)
    assert isinstance(result.error, AsanaError)
    assert not isinstance(result.error, Killed)
    assert f"--catalog: {stream}: got " in str(result.error)
    assert message in str(result.error)
    assert "\n" not in str(result.error)
    assert (result.messages, api.log) == ([], [])


def test_errors_in_deselected_streams_are_ignored() -> None:
    """Meltano's rules often apply to all streams."""
    catalog = catalog_with(("users",), {"tasks": "LOG_BASED"})
    assert sync(with_all_features(), catalog=catalog).gids("users")
