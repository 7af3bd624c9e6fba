"""Losses of runs with faults, by every method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from expected import missing
from harness import PERSON, SERVICE, Message, Output

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.faults import Fault

METHODS: Mapping[str, Message] = {
    "list": {**PERSON, "extraction_method": "list"},
    "search": {**PERSON, "extraction_method": "search"},
    "export": {**SERVICE, "extraction_method": "export"},
    "auto": {**SERVICE, "extraction_method": "auto"},
}


every_method = pytest.mark.parametrize("config", METHODS.values(), ids=METHODS)


def missing_records(api: Api, output: Output, config: Mapping[str, object]) -> dict[str, set[str]]:
    """Return, by stream, the keys that a first run missed; the fields of exported attachments are not compared."""
    token = str(config.get("access_token") or PERSON["access_token"])
    found = missing(api, output, token)
    exported = config["extraction_method"] == "export"  # which leaves out some fields of theirs
    if exported and output.gids("attachments") == set(api.world.gids("attachments", token)):
        found.pop("attachments", None)
    return found


def failing(times: int, kind: str) -> Callable[[HttpRequest], Fault | None]:
    """Return a plan of faults: each list fails so many times before it is served."""
    failed: Counter[str] = Counter()

    def plan(request: HttpRequest) -> Fault | None:
        name = f"{request.path} {sorted(item for item in request.query.items() if item[0] != 'limit')}"
        failed[name] += 1
        return Fault(kind) if failed[name] <= times else None

    return plan
