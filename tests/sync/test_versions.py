"""A version is only announced if the run has read the complete content of the table (law 8)."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from client_fixture import REQUEST
from harness import KEYS, TINY, Message, Output, discovered, key, selecting, stream_metadata, sync
from methods import VERSIONED
from refused_lists import rewriting

from fake_asana.server.api import Api
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, more_severe

LOGS = ("deletions", "audit_log_events")
STREAMS = tuple(name for name in KEYS if name not in LOGS)
PARENTS = {
    "users": "GET /users",
    "projects": "GET /projects",
    "goals": "GET /goals",
    "tasks": "GET /tasks of project",
    "stories": "GET /tasks/{task_gid}/stories",
}
"""The lists of parents, and their names in the fake."""


def with_null(rows: list[Message]) -> list[Message | None]:
    """Return the rows of a list with null in place of the first."""
    return [None, *rows[1:]]


def with_all_features(*kinds: str) -> Api:
    """Return an Asana whose plans include every feature, with null in place of a row in some kinds of lists."""
    api = rewriting(TINY, kinds, with_null)
    for workspace in api.world.workspaces.values():
        workspace.missing_features.clear()
    return api


def full_table_catalog() -> Message:
    """Return a catalog with all streams except logs as FULL_TABLE."""
    catalog = selecting(discovered(), STREAMS)
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] in STREAMS:
            entry["replication_method"] = stream_metadata(entry)["replication-method"] = "FULL_TABLE"
    return catalog


def read_all(api: Api, **config: object) -> Output:
    """Read all streams, with versions."""
    return sync(api, config={**VERSIONED, **config}, catalog=full_table_catalog())


def announced_streams(output: Output) -> set[str]:
    """Return the streams whose versions were announced."""
    return {message["stream"] for message in output.of("ACTIVATE_VERSION")}


def missing_rows(api: Api, output: Output) -> dict[str, int]:
    """Return the number of rows that each announced version would delete from a complete table."""
    missing = {}
    for stream in announced_streams(output):
        truth = {key(stream, {**row}) for row in api.world.records(stream, "0/fake")}
        missing[stream] = len(truth - output.rows(stream).keys())
    return {stream: rows for stream, rows in missing.items() if rows}


def test_a_complete_run_announces_every_version() -> None:
    """If nothing is missing, a version is announced for each stream."""
    api = with_all_features()
    output = read_all(api)
    assert announced_streams(output) == set(STREAMS)
    assert missing_rows(api, output) == {}


@pytest.mark.parametrize("stream", PARENTS)
def test_a_lost_row_blocks_the_versions_of_its_children(stream: str) -> None:
    """After a list with null instead of a row, no version is announced; earlier ones were already announced."""
    api = with_all_features(PARENTS[stream])
    output = read_all(api)
    assert missing_rows(api, output) == {}
    assert stream not in announced_streams(output)
    assert "workspaces" in announced_streams(output)


def test_a_missing_feature_blocks_no_version() -> None:
    """A free workspace next to a paid one has no paid objects, so each table is complete without them."""
    api = with_all_features()
    api.world.downgrade(list(api.world.workspaces.values())[1])
    output = read_all(api)
    assert any(handled.status == HTTPStatus.PAYMENT_REQUIRED for handled in api.log)
    assert announced_streams(output) == set(STREAMS)
    assert missing_rows(api, output) == {}


def test_a_403_next_to_a_402_blocks_versions() -> None:
    """A 403 does not mean that the plan excludes the feature, even next to a 402: the table may hold its rows."""
    for stream in ("portfolios", "goals"):
        api = with_all_features()
        api.world.downgrade(list(api.world.workspaces.values())[1])
        complete = api.world.expected_records(stream)
        api.world.access.deny(next(iter(api.world.workspaces)))
        output = read_all(api)
        assert complete
        assert stream not in announced_streams(output)
        assert missing_rows(api, output) == {}


REFUSED = {status: Page(REQUEST, unavailable=Unavailable(status, "No.")) for status in (402, 403, 404)}


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [(None, 402, 402), (402, 403, 403), (403, 402, 403), (403, 404, 403), (402, None, 402), (None, None, None)],
)
def test_a_402_never_hides_another_status(first: int | None, second: int | None, result: int | None) -> None:
    """If one list answers 402 and another list of the kind 403, the kind is not completely read."""
    page = REFUSED[second] if second else Page(REQUEST)
    assert more_severe(REFUSED[first] if first else None, page) == (REFUSED[result] if result else None)
