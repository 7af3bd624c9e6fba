"""Extreme settings and states work, or end the run with one line."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from harness import TINY, Message, Output, asana, attempt, clock, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_asana.server.api import Api
from tap_asana.errors import AsanaError
from tap_asana.state.shape import validate_state

few = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))

NUMBERS = st.sampled_from([-1, 0, 1, 60, 86_400, 86_401, 10**9, 10**9, 10**12, 2**63, 10**30, 10**400])
MOMENTS = st.sampled_from(
    [
        *("0001-01-01", "0001-01-01T00:00:00+14:00", "1900-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z"),
        *("1970-01-01", "2026-01-31T08:00:00Z", "2026-06", "9998-12-31", "9999-12-31", "9999-12-31T23:59:59-12:00"),
        *("10000-01-01", "0000-01-01", "2026-02-30", "now", "", "9" * 5000),
    ]
)
GIDS = st.sampled_from(["1", "17", "0", "9" * 18, "9" * 5000, "17\n", "x", "", 17, 17.0, None, 10**30, ["17"]])


@cache
def world() -> tuple[Api, Message]:
    """Return an unchanging Asana, and the state after a read."""
    api = asana(TINY)
    state = sync(api, select=["tasks", "status_updates"]).state
    clock(api).advance(3600)
    return api, state


def run_to_a_line(api: Api, config: Message, state: Message | None) -> Output:
    """Run the tap, and check that it succeeds or ends with one-line errors."""
    try:
        output = attempt(api, config=config, state=state, select=["tasks", "status_updates"])
    except AsanaError as error:
        output = Output(error=error)
    assert output.error is None or isinstance(output.error, AsanaError), output.error
    assert all("\n" not in line for line in getattr(output.error, "lines", [str(output.error)]))
    return output


@few
@given(
    config=st.fixed_dictionaries(
        {},
        optional={
            "start_date": MOMENTS,
            "lookback_seconds": NUMBERS,
            "request_timeout": NUMBERS,
            "requests_per_minute": NUMBERS,
            "page_size": NUMBERS,
            "max_concurrency": NUMBERS,
            "extraction_method": st.sampled_from(["list", "search"]),
        },
    )
)
def test_extreme_settings_work_or_end_with_a_line(config: Message) -> None:
    """The first run and the next one succeed or end with a one-line error."""
    api, state = world()
    run_to_a_line(api, config, None)
    run_to_a_line(api, config, state)


windows = st.fixed_dictionaries(
    {"since": st.none() | MOMENTS, "until": MOMENTS},
    optional={
        "positions": st.dictionaries(
            st.sampled_from(["lists", "changes", "reached"]),
            st.lists(GIDS | st.just("end"), min_size=1, max_size=4),
            max_size=2,
        ),
        "unavailable": st.lists(GIDS, max_size=2),
        "run": NUMBERS,
    },
)
partitions = st.fixed_dictionaries(
    {"context": st.fixed_dictionaries({"workspace_gid": GIDS | st.just("1200000000000239")})},
    optional={
        "replication_key_value": MOMENTS,
        "read_since": MOMENTS,
        "run": NUMBERS,
        "window": windows,
        "visible_since": st.lists(st.tuples(NUMBERS | MOMENTS, st.lists(GIDS, max_size=2)), max_size=2),
        "sync_tokens": st.dictionaries(GIDS.map(str), st.text(max_size=3), max_size=2),
    },
)


def plausible(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy that prefers valid partitions."""
    return parts | parts.filter(passes)


def passes(partition: Any) -> bool:  # noqa: ANN401 - JSON of any shape
    """Report whether a state with this partition is valid."""
    try:
        validate_state({"bookmarks": {"tasks": {"partitions": [json.loads(json.dumps(partition))]}}})
    except AsanaError:
        return False
    return True


@few
@given(
    bookmarks=st.dictionaries(
        st.sampled_from(["tasks", "status_updates", "projects"]),
        st.lists(plausible(partitions), max_size=2),
        max_size=2,
    ),
    method=st.sampled_from(["list", "search"]),
    lookback=NUMBERS.filter(lambda number: number >= 0),
)
def test_extreme_states_work_or_end_with_a_line(bookmarks: dict[str, list[Any]], method: str, lookback: int) -> None:
    """A state with extreme times, or with numbers instead of texts, works or ends the run with one line."""
    api, _ = world()
    state = json.loads(json.dumps({"bookmarks": {name: {"partitions": parts} for name, parts in bookmarks.items()}}))
    run_to_a_line(api, {"extraction_method": method, "lookback_seconds": lookback}, state)


@pytest.mark.parametrize("method", ["list", "search"])
@pytest.mark.parametrize(
    ("config", "value"),
    [
        ({"start_date": "1900-01-01T00:00:00Z"}, None),
        ({"lookback_seconds": 10**9}, None),
        ({}, "0001-01-01"),
        ({}, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_before_asana_read_everything(config: Message, value: str | None, method: str) -> None:
    """The year 1900, a bookmark of the year 1, and a lookback of thirty years return every task."""
    api, first = world()
    state = json.loads(json.dumps(first))
    for partition in state["bookmarks"]["tasks"]["partitions"] if value else ():
        partition["replication_key_value"] = value
    output = sync(
        api,
        config={**config, "extraction_method": method},
        state=state if "start_date" not in config else None,
        select=["tasks"],
    )
    assert output.gids("tasks") == set(api.world.gids("tasks", "0/fake"))


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (
            {"request_timeout": 10**12},
            "request_timeout: got 1000000000000; expected a whole number from 1 to 86400.",
        ),
        (
            {"start_date": "9999-12-31"},
            (
                'start_date: got "9999-12-31"; expected an ISO 8601 date or date-time from 1900 to 9998, such as '
                "2024-01-31 or 2024-01-31T08:00:00Z."
            ),
        ),
    ],
)
def test_excessive_values_are_reported_with_the_allowed_range(config: Message, line: str) -> None:
    """The line names the setting, its value and the allowed values."""
    assert str(run_to_a_line(world()[0], config, None).error) == line


def test_a_numeric_gid_in_the_state_is_rejected() -> None:
    """A number instead of a text would be ignored silently, and everything read again."""
    state = {"bookmarks": {"tasks": {"partitions": [{"context": {"workspace_gid": 1200000000000239}}]}}}
    error = run_to_a_line(world()[0], {}, state).error
    assert "bookmarks.tasks cannot be used: Expected `str`, got `int`" in str(error)
    assert "workspace_gid" in str(error)
