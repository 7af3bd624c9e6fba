"""A version is announced where a read has brought all that the table should hold, and nowhere else (law 8)."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus

import pytest
from client_fixture import REQUEST
from closing import kind_of
from harness import KEYS, TINY, Message, Output, discovered, key, selecting, sync
from replication import VERSIONED, root
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, World
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
"""The lists that others hang from, and what the fake calls them."""


def null_row(answer: Message) -> Message:
    """Lose the first row of a list: there is null in its place."""
    return {**answer, "data": [None, *answer["data"][1:]]}


class Damaged(Api):
    """An Asana with one kind of list in which something is missing."""

    kind = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        answer = super().handle(request)
        body = json.loads(answer.body) if answer.status == 200 and kind_of(request, self.world) == self.kind else {}
        if not body.get("data"):
            return answer
        return replace(answer, body=json.dumps(null_row(body)).encode())


def rich(api_class: type[Damaged] = Damaged) -> Damaged:
    """Return an Asana whose plans have everything."""
    api = api_class(World.seeded(1, TINY, ManualClock()))
    for workspace in api.world.workspaces.values():
        workspace.missing_features.clear()
    return api


def everything() -> Message:
    """Return a catalog of all streams that can be read whole, as FULL_TABLE."""
    found = selecting(discovered(), STREAMS)
    for entry in found["streams"]:
        if entry["tap_stream_id"] in STREAMS:
            entry["replication_method"] = root(entry)["replication-method"] = "FULL_TABLE"
    return found


def read(api: Api, **config: object) -> Output:
    """Read all of it, with versions."""
    return sync(api, config={**VERSIONED, **config}, catalog=everything())


def announced(output: Output) -> set[str]:
    """Return the streams whose versions were announced."""
    return {message["stream"] for message in output.of("ACTIVATE_VERSION")}


def lacking(api: Api, output: Output) -> dict[str, int]:
    """Return how many rows each announced version would take from a table that held all."""
    found = {}
    for stream in announced(output):
        truth = {key(stream, {**row}) for row in api.world.records(stream, "0/fake")}
        found[stream] = len(truth - output.rows(stream).keys())
    return {stream: rows for stream, rows in found.items() if rows}


def test_a_sound_read_announces_everything() -> None:
    """Where nothing is missing, each stream has its version."""
    api = rich()
    output = read(api)
    assert announced(output) == set(STREAMS)
    assert lacking(api, output) == {}


@pytest.mark.parametrize("stream", PARENTS)
def test_a_lost_row_keeps_back_all_that_may_hang_from_it(stream: str) -> None:
    """Behind a list with null in the place of a row no version is announced; those before it stand."""
    api = rich()
    api.kind = PARENTS[stream]
    output = read(api)
    assert lacking(api, output) == {}
    assert stream not in announced(output)
    assert "workspaces" in announced(output)


def test_what_a_plan_lacks_keeps_no_version_back() -> None:
    """A free workspace beside a paid one has none of what is paid for: each table is whole without."""
    api = rich()
    api.world.downgrade(list(api.world.workspaces.values())[1])
    output = read(api)
    assert any(handled.status == HTTPStatus.PAYMENT_REQUIRED for handled in api.log)
    assert announced(output) == set(STREAMS)
    assert lacking(api, output) == {}


def test_a_refusal_beside_what_a_plan_lacks_keeps_versions_back() -> None:
    """A 403 is none of the plan's, whatever else is answered with 402: what is refused so may be in the table."""
    for stream in ("portfolios", "goals"):
        api = rich()
        api.world.downgrade(list(api.world.workspaces.values())[1])
        whole = api.world.expected_records(stream)
        api.world.access.deny(next(iter(api.world.workspaces)))
        output = read(api)
        assert whole
        assert stream not in announced(output)
        assert lacking(api, output) == {}


REFUSED = {status: Page(REQUEST, unavailable=Unavailable(status, "No.")) for status in (402, 403, 404)}


@pytest.mark.parametrize(
    ("known", "came", "kept"),
    [(None, 402, 402), (402, 403, 403), (403, 402, 403), (403, 404, 403), (402, None, 402), (None, None, None)],
)
def test_of_several_refusals_the_plan_s_weighs_least(known: int | None, came: int | None, kept: int | None) -> None:
    """Where one list is answered with 402 and another one of the kind is forbidden, not all is read."""
    page = REFUSED[came] if came else Page(REQUEST)
    assert more_severe(REFUSED[known] if known else None, page) == (REFUSED[kept] if kept else None)
