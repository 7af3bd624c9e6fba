"""A gid that is not a number does not stop a run (law 11)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from closing import kind_of
from harness import PERSON, TINY, Message, asana, clock, sync
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.server.api import Api

ODD: tuple[object, ...] = ("abc", "-5", "1.5", " 7 ", "1" * 19, "1" * 25, 10**19, -5, "\u0667")
SELECT = ("workspaces", "users", "projects", "sections", "goals", "status_updates", "tasks", "stories", "attachments")
KINDS = (
    *("GET /workspaces", "GET /users", "GET /projects", "GET /tags", "GET /portfolios", "GET /goals"),
    *("GET /tasks of project", "GET /tasks of assignee", "GET /tasks/{task_gid}/subtasks"),
    *("GET /workspaces/{workspace_gid}/tasks/search", "GET /tasks/{task_gid}/stories"),
)
METHODS: dict[str, Message] = {
    "list": {**PERSON},
    "search": {**PERSON, "extraction_method": "search"},
}


class Odd(Api):
    """An Asana whose lists of a kind hold an additional row for each odd gid."""

    kind = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        answer = super().handle(request)
        body = json.loads(answer.body) if answer.status == 200 and kind_of(request, self.world) == self.kind else {}
        if not body.get("data"):
            return answer
        odd = [{**body["data"][0], "gid": gid} for gid in ODD]
        return replace(answer, body=json.dumps({**body, "data": [*odd, *body["data"]]}).encode())


@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_gid_stops_no_run(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """A first and an incremental run read everything else, by list and by search, and one line reports the rows."""
    for config in METHODS.values():
        clean, api = asana(TINY), Odd(asana(TINY).world)
        api.kind = kind
        for each in (clean, api):
            clock(each).advance(3600)
        wanted = sync(clean, config=config, select=SELECT)
        first = sync(api, config=config, select=SELECT)
        clock(api).advance(3600)
        sync(api, config=config, select=SELECT, state=first.state)
        for stream in SELECT:
            assert wanted.gids(stream) <= first.gids(stream)
    assert "without a valid gid" in caplog.text or kind == "GET /tasks/{task_gid}/stories"
