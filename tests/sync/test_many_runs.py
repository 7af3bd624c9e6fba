"""The records of several runs together equal the world, with changes and kills at any request, by every method."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TypeAlias

import pytest
from conditions import Conditions, any_conditions, followed, quieted
from harness import PERSON, TINY, Output, asana, clock, run_limits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import Killed, Moments
from methods import HOUR, METHODS, missing_or_stale

from fake_asana.server.api import Api
from simulate.people import act, share

WORK = (
    *("rename", "complete", "comment", "attach", "add", "add below", "delete"),
    *("restore", "move", "leave", "share", "a day"),
)
"""Changes that keep each task in a list."""


def change(api: Api, token: str, name: str, number: int) -> None:
    """Make one change, a second after the previous one."""
    with api.world.lock:
        clock(api).advance(1)
        act(api.world, token, name, number)


work = st.dictionaries(st.integers(1, 70), st.tuples(st.sampled_from(WORK), st.integers(0, 1000)), max_size=8)
"""The changes, and the requests of an attempt before which they happen."""

Attempt: TypeAlias = tuple[dict[int, tuple[str, int]], "int | None", bool]

attempts = st.lists(st.tuples(work, st.none() | st.integers(3, 70), st.booleans()), min_size=1, max_size=4)
"""The changes during each attempt, the request before which it is killed, and whether a project is shared first."""


def _killed() -> None:
    raise Killed


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=attempts, conditions=any_conditions)
def test_all_runs_together_equal_the_world(method: str, plan: list[Attempt], conditions: Conditions) -> None:
    """After changes and kills at any request, two runs without changes leave nothing unread.

    Here moves change modified_at; `test_moved_tasks` covers moves that do not.
    """
    api = asana(TINY, limits=conditions.limits, dialect=replace(conditions.dialect, moves_modify_tasks=True))
    pages = {"max_concurrency": conditions.concurrency, "page_size": conditions.page_size}
    config = {**METHODS[method], **pages}
    union = Output()

    with run_limits(output_per_state_byte=conditions.share_of_state):
        for changes, kill, shared in plan:
            clock(api).advance(HOUR)
            if shared:
                share(api.world, "", min(api.world.gids("projects", PERSON["access_token"])))
            actions = {at: partial(change, api, config["access_token"], *work) for at, work in changes.items()}
            moments = Moments(actions | ({kill: _killed} if kill else {}))
            union = followed(api, config, union, moments)
        union = quieted(api, config, union)
    assert missing_or_stale(api, union, config["access_token"]) == {}
