"""The sums in the state of a pass hold each object of the target once, however it was read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import pytest
from harness import Hook, Message, Output, clock, run_limits, sync
from methods import EXPORT, HOUR, LIST, SEARCH
from passes import FEW, WITHOUT_EVENTS, state_of, world_of

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from tap_asana.state.number_sets import NumberSet
from tap_asana.sync.inventory import KnownObject

STREAMS = ("tasks", "stories", "deletions")
HALF_DAY: Message = {**WITHOUT_EVENTS, "reconcile_days": 1}
IN_PARTS: Message = {"requests_per_minute": 50, "reconcile_percent": 1}
"""A share of the request rate that a pass over few tasks needs several runs for."""

EVERY = 15
"""Requests between two comments of people at work."""


def sums(output: Output) -> tuple[Message, Message]:
    """Return the sums of what is known in the last state, and those of what the target holds."""
    known = state_of(output)["known"]
    expected = {kind: NumberSet(NumberSet.from_text(text).buckets) for kind, text in known.items()}
    expected["tasks"].update(KnownObject("tasks", gid).number for gid in output.gids("tasks"))
    stories = output.rows("stories").items()
    gids = [gid for gid, story in stories if story["target"]["gid"] in output.gids("tasks")]
    expected["below"].update(KnownObject("stories", gid).number for gid in gids)
    return known, {kind: numbers.to_text() for kind, numbers in expected.items()}


def commenting(api: Api) -> Hook:
    """Return a hook that has people comment on tasks during a run."""
    numbers, gids = count(1), sorted(api.world.gids("tasks"))

    def comment(_: HttpRequest) -> None:
        if (number := next(numbers)) % EVERY == 0:
            api.world.comment(gids[number % len(gids)])

    return comment


@pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])
def test_each_object_is_known_once(method: Mapping[str, str]) -> None:
    """What was created while a run or a pass read is known once, and so is what two parts of a pass have searched."""
    api, config = world_of(FEW), {**method, **HALF_DAY}
    with run_limits(max_search_tasks=8):
        output = sync(api, config=config, select=STREAMS)
        for more in (IN_PARTS, IN_PARTS, IN_PARTS, {}):
            clock(api).advance(4 * HOUR)
            hook = commenting(api)
            output = output.then(
                sync(api, config={**config, **more}, select=STREAMS, state=output.state, on_request=hook)
            )
        for _ in range(2):
            clock(api).advance(12 * HOUR)
            output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert "missing" not in state_of(output)
    known, held = sums(output)
    assert known == held
