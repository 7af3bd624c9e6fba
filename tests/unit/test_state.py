"""Bookmarks and sync windows in the state (laws 1 to 4)."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_asana.config import EPOCH
from tap_asana.errors import AsanaError
from tap_asana.fetch.lane import END_OF_PARENT
from tap_asana.state.bookmarks import Bookmark, SyncWindow, start_window
from tap_asana.state.instants import format_instant, parse_instant

JUNE, JULY, AUGUST = "2026-06-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z", "2026-08-01T00:00:00.000Z"

moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants it naive
    lambda moment: format_instant(moment.replace(tzinfo=timezone.utc))
)
keys = st.lists(st.integers(0, END_OF_PARENT - 1) | st.just(END_OF_PARENT), max_size=3).map(tuple)
windows = st.builds(
    lambda since, until, places: SyncWindow(since, until).advanced(places),
    st.none() | moments,
    moments,
    st.dictionaries(st.text(max_size=5), keys, max_size=3),
)


def bookmark(state: dict[str, Any], workspace: str = "1") -> Bookmark:
    """Return a workspace's bookmark in a stream's state."""
    return Bookmark(state, workspace, "modified_at")


def closed_state(at: str, workspace: str = "1") -> dict[str, Any]:
    """Return the state after a complete read."""
    state: dict[str, Any] = {}
    bookmark(state, workspace).close(SyncWindow(None, at))
    return state


@given(window=windows)
def test_a_window_survives_json(window: SyncWindow) -> None:
    """The next run finds the window that a run stored, with gids of any size."""
    state: dict[str, Any] = {}
    bookmark(state).advance(window)
    stored = json.loads(json.dumps(state), parse_int=float)
    assert bookmark(stored).window() == window
    assert bookmark(stored).value is None


def test_each_lane_has_its_own_position() -> None:
    """Advancing one lane leaves the others unchanged, and a lane that never advanced has no position."""
    window = (
        SyncWindow(None, JULY).advanced({"lists": (0, 17, END_OF_PARENT), "search": (4,)}).advanced({"search": (5,)})
    )
    assert [window.position(lane) for lane in ("lists", "search", "export")] == [(0, 17, END_OF_PARENT), (5,), None]


def test_state_has_the_format_of_the_sdk() -> None:
    """A partition holds the workspace, replication key, bookmark and window in exactly this format."""
    state: dict[str, Any] = {}
    bookmark(state).close(SyncWindow(None, JUNE, run=3))
    bookmark(state).advance(SyncWindow(JUNE, JULY, run=4).advanced({"lists": (0, 17, END_OF_PARENT)}))
    assert state == {
        "partitions": [
            {
                "context": {"workspace_gid": "1"},
                "replication_key": "modified_at",
                "replication_key_value": JUNE,
                "run": 3,
                "window": {"since": JUNE, "until": JULY, "run": 4, "positions": {"lists": ["0", "17", "end"]}},
            }
        ]
    }


def test_a_bookmark_moves_only_when_its_read_is_complete() -> None:
    """An open window leaves the bookmark unchanged; a complete one moves it to its start and is removed."""
    state = closed_state(JUNE)
    window = SyncWindow(JUNE, JULY).advanced({"lists": (1,)})
    bookmark(state).advance(window)
    assert bookmark(state).value == JUNE
    bookmark(state).close(window)
    assert bookmark(state).value == JULY
    assert bookmark(state).window() is None


@given(starts=st.lists(moments, min_size=1, max_size=6))
def test_a_bookmark_never_moves_back(starts: list[str]) -> None:
    """After any sequence of reads, the bookmark is the latest of their starts."""
    state: dict[str, Any] = {}
    for start in starts:
        bookmark(state).close(SyncWindow(None, start))
    assert bookmark(state).value == max(starts)


def test_bookmarks_are_compared_as_instants() -> None:
    """A bookmark in another time zone, written by another tool, is compared by its instant."""
    state = closed_state("2026-07-01T01:00:00+02:00")
    bookmark(state).close(SyncWindow(None, "2026-06-30T23:30:00.000Z"))
    assert bookmark(state).value == "2026-06-30T23:30:00.000Z"
    bookmark(state).close(SyncWindow(None, "2026-06-30T23:00:00.000Z"))
    assert bookmark(state).value == "2026-06-30T23:30:00.000Z"


def test_other_workspaces_are_unchanged() -> None:
    """Reading one workspace changes neither the partition of another nor foreign keys in the state."""
    state = {**closed_state(JUNE, "2"), "signpost": "kept"}
    before = copy.deepcopy(state)
    here = bookmark(state, "1")
    here.advance(SyncWindow(None, JULY).advanced({"lists": (1,)}))
    here.close(SyncWindow(None, JULY))
    assert bookmark(state, "2").value == JUNE
    assert state["partitions"][0] == before["partitions"][0]
    assert state["signpost"] == "kept"
    assert [partition["context"] for partition in state["partitions"]] == [{"workspace_gid": gid} for gid in "21"]


def test_a_workspace_has_one_partition() -> None:
    """Closing a second window does not add a second partition."""
    state = closed_state(JUNE)
    bookmark(state).close(SyncWindow(None, JULY))
    assert len(state["partitions"]) == 1


@pytest.mark.parametrize(
    ("value", "start_date", "since"),
    [
        (None, None, None),
        (None, JUNE, JUNE),
        (JULY, None, "2026-06-30T23:50:00.000Z"),
        (JULY, JUNE, "2026-06-30T23:50:00.000Z"),
        (JULY, JULY, JULY),
        (JULY, "2026-06-30T23:55:00.000Z", "2026-06-30T23:55:00.000Z"),
        (JULY, AUGUST, AUGUST),
        ("2026-07-01T02:00:00+02:00", None, "2026-06-30T23:50:00.000Z"),
        ("2026-07-01", None, "2026-06-30T23:50:00.000Z"),
    ],
)
def test_a_window_starts_a_lookback_before_the_bookmark(
    value: str | None, start_date: str | None, since: str | None
) -> None:
    """A window starts ten minutes before the bookmark, but never before start_date."""
    state = {} if value is None else closed_state(value)
    start = parse_instant(start_date) if start_date else None
    assert start_window(bookmark(state), SyncWindow(None, AUGUST), start, 600) == SyncWindow(since, AUGUST)


def test_an_interrupted_window_is_resumed() -> None:
    """A stored window keeps its range and positions, regardless of the bookmark; a later start date cuts its range."""
    state = closed_state(JUNE)
    for since in (None, JUNE, AUGUST):
        window = SyncWindow(since, JULY).advanced({"lists": (0, 17, END_OF_PARENT)})
        bookmark(state).advance(window)
        new = SyncWindow(None, AUGUST)
        assert start_window(bookmark(state), new, None, 600) == window
        assert start_window(bookmark(state), new, parse_instant(AUGUST), 600) == replace(window, since=AUGUST)
        assert start_window(bookmark(state), new, parse_instant(JUNE), 600) == replace(window, since=since or JUNE)


@pytest.mark.parametrize("text", ["yesterday", "now", "", "12:30", "2026-13-01", "P1D", "17", "2026-07-01/2026-08-01"])
def test_an_invalid_bookmark_raises_a_one_line_error(text: str) -> None:
    """An invalid bookmark raises an error with the value and an example, and is never guessed."""
    state = {"partitions": [{"context": {"workspace_gid": "1"}, "replication_key_value": text}]}
    with pytest.raises(AsanaError) as raised:
        start_window(bookmark(state), SyncWindow(None, JULY), None, 600)
    assert str(raised.value) == f"state: {text!r} is not an ISO 8601 instant such as 2026-01-31T08:00:00Z"
    assert raised.value.__suppress_context__


@given(moment=st.datetimes(datetime(1970, 1, 2), datetime(9998, 12, 30), timezones=st.timezones()))  # noqa: DTZ001 - hypothesis wants it naive
def test_instants_survive_to_the_millisecond_and_are_never_rounded_up(moment: datetime) -> None:
    """An instant is formatted as by Asana and parsed to the same instant, at most a millisecond earlier."""
    text = format_instant(moment)
    assert text.endswith("Z")
    assert timedelta(0) <= moment - parse_instant(text) < timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["2026-07-01T00:00:00", "2026-07-01", "2026-07-01T02:00:00+02:00", JULY])
def test_an_instant_without_a_zone_is_in_utc(text: str) -> None:
    """An instant without a time zone is in UTC; otherwise the zone counts."""
    assert parse_instant(text) == datetime(2026, 7, 1, tzinfo=timezone.utc)


def test_a_future_bookmark_is_clamped_to_now() -> None:
    """A future bookmark is set to the start of the run, and a window from the future is dropped."""
    state = closed_state(AUGUST)
    bookmark(state).advance(SyncWindow(JUNE, AUGUST))
    assert bookmark(state).clamp_to_now(JUNE, parse_instant(JULY)) == AUGUST
    assert (bookmark(state).value, bookmark(state).window()) == (JUNE, None)
    assert bookmark(state).clamp_to_now(JUNE, parse_instant(JULY)) is None


@pytest.mark.parametrize("seconds", [10**11, 10**18, 10**400])
def test_no_lookback_passes_the_epoch(seconds: int) -> None:
    """With any lookback, a window starts at the epoch at the earliest."""
    assert start_window(bookmark(closed_state(JULY)), SyncWindow(None, AUGUST), None, seconds).since == format_instant(
        EPOCH
    )
