"""A local Asana that refuses some of its lists: the kinds of lists, and the replies to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from typing_extensions import override

from fake_asana.messages import API_PREFIX, ApiError, HttpRequest, HttpResponse
from fake_asana.server import downloads
from fake_asana.server.api import Api
from fake_asana.server.faults import HTML, Fault
from fake_asana.server.routes import TABLE
from fake_asana.world import ManualClock, Sizes, World

Answer = Callable[[], HttpResponse]


def refusal_with(status: int) -> Answer:
    """Return a function that replies with Asana's own refusal."""
    return lambda: ApiError(status, "This is not to be had.").response()


ANSWERS: Mapping[str, Answer] = {
    **{str(status): refusal_with(status) for status in (403, 404, 400, 410, 500)},
    "HTML": lambda: HttpResponse(403, {"Content-Type": "text/html"}, HTML),
}
"""Permanent replies to a refused list."""

BY = ("project", "assignee", "section", "parent")
"""Parameters that name the parent of a list."""


def kind_of(request: HttpRequest, world: World) -> str:
    """Return the kind of list of a request: its template, and the kind of parent in its parameters."""
    if request.path.startswith(downloads.DOWNLOAD_ROOT):
        return downloads.TEMPLATE
    match = TABLE.match(request.method, request.path.removeprefix(API_PREFIX))
    template = match.route.template if match else request.path
    for name in BY:
        if name in request.query:
            return f"{template} of {name if name != 'parent' else parent_of(request.query[name], world)}"
    return template


def parent_of(gid: str, world: World) -> str:
    """Return the resource kind of a gid."""
    kinds: Mapping[str, Collection[str]] = {
        "task": world.tasks,
        "project": world.projects,
        "portfolio": world.portfolios.rows,
        "goal": world.goals.rows,
    }
    return next((kind for kind, gids in kinds.items() if gid in gids), "project brief")


def identity(request: HttpRequest) -> str:
    """Return a text that identifies a list: its path, and its parent or workspace."""
    named = (*BY, "workspace")
    return " ".join([request.path, *(f"{name}={request.query[name]}" for name in named if name in request.query)])


class RefusingApi(Api):
    """An Asana that refuses some lists until they are reopened."""

    refused: Mapping[str, Answer] = {}
    met_refusals: set[str]

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if answer := self.refused.get(identity(request)):
            self.met_refusals.add(identity(request))
            return answer()
        return super().handle(request)

    def refuse_lists(self, lists: Iterable[str], answer: Answer) -> None:
        """Refuse these lists too, with this reply."""
        self.refused, self.met_refusals = {**self.refused, **dict.fromkeys(lists, answer)}, set()

    def reopen(self) -> None:
        """Serve all lists again."""
        self.refused = {}


class Rewriting(Api):
    """An Asana that sends other rows than it has in the lists of some kinds."""

    kinds: Collection[str] = ()
    rewrite: Callable[[list[Any]], list[Any]]

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        answer = super().handle(request)
        body = json.loads(answer.body) if answer.status == 200 and kind_of(request, self.world) in self.kinds else {}
        if not body.get("data"):
            return answer
        return replace(answer, body=json.dumps({**body, "data": self.rewrite(body["data"])}).encode())


def rewriting(sizes: Sizes, kinds: Collection[str], rewrite: Callable[[list[Any]], list[Any]]) -> Rewriting:
    """Return such an Asana with a world of its own."""
    api = Rewriting(World.seeded(1, sizes, ManualClock()))
    api.kinds, api.rewrite = kinds, rewrite
    return api


def failing(times: int, kind: str) -> Callable[[HttpRequest], Fault | None]:
    """Return a plan of faults: each list fails so many times before it is served."""
    failed: Counter[str] = Counter()

    def plan(request: HttpRequest) -> Fault | None:
        name = f"{request.path} {sorted(item for item in request.query.items() if item[0] != 'limit')}"
        failed[name] += 1
        return Fault(kind) if failed[name] <= times else None

    return plan


def sample(lists: Collection[str], most: int = 3) -> list[str]:
    """Return a fixed selection of some lists."""
    return sorted(lists, key=lambda each: crc32(each.encode()))[:most]
