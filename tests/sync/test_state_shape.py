"""The validation of a manually edited state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import TINY, asana, attempt, clock, sync

from tap_asana.errors import AsanaError
from tap_asana.state.shape import validate_state


def state_with(**parts: object) -> dict[str, Any]:
    """Return a state with one partition of the tasks."""
    return {"bookmarks": {"tasks": {"partitions": [{"context": {"workspace_gid": "1"}, **parts}]}}}


UNTIL = "2026-01-31T08:00:00.000Z"
BROKEN = {
    "bookmarks as a list": ({"bookmarks": []}, "bookmarks"),
    "a stream as text": ({"bookmarks": {"tasks": "2026"}}, "bookmarks.tasks"),
    "partitions as an object": ({"bookmarks": {"tasks": {"partitions": {}}}}, "partitions"),
    "a bookmark as a number": (state_with(replication_key_value=2026), "replication_key_value"),
    "a bookmark as a word": (state_with(replication_key_value="yesterday"), "$.partitions[0].replication_key_value"),
    "an empty bookmark": (state_with(replication_key_value=""), "$.partitions[0].replication_key_value"),
    "a window from nowhere": (state_with(window={"until": ""}), "$.partitions[0].window.until"),
    "a bookmark of another tap": ({"bookmarks": {"tasks": {"replication_key_value": UNTIL}}}, "replication_key_value"),
    "a whole STATE message": ({"type": "STATE", "value": state_with()}, "`type`, `value`"),
    "a state as Meltano exports it": ({"singer_state": state_with()}, "`singer_state`"),
    "a window without its end": (state_with(window={"since": None}), "until"),
    "a window from an invalid instant": (
        state_with(window={"until": UNTIL, "since": "soon"}),
        "$.partitions[0].window.since",
    ),
    "a position without a number": (
        state_with(window={"until": UNTIL, "positions": {"lists": ["0", "x"]}}),
        "positions",
    ),
    "a position as text": (state_with(window={"until": UNTIL, "positions": {"lists": "0"}}), "positions"),
    "a position without numbers": (state_with(window={"until": UNTIL, "positions": {"lists": []}}), "positions"),
    "unavailable projects as text": (state_with(window={"until": UNTIL, "unavailable": "17"}), "unavailable"),
    "unavailable projects without gids": (state_with(window={"until": UNTIL, "unavailable": ["all"]}), "unavailable"),
    "debts as a list": (state_with(debts=["17"]), "debts"),
    "debts without gids": (state_with(debts={"stories": ["all"]}), "debts"),
    "debts of an invalid instant": (state_with(debts_full="often"), "$.partitions[0].debts_full"),
    "an unfinished run as text": ({"bookmarks": {"workspaces": {"completed": "tasks"}}}, "completed"),
    "an unfinished run without its selection": (
        {"bookmarks": {"workspaces": {"completed": {"at": UNTIL, "since": UNTIL, "streams": []}}}},
        "selection",
    ),
    "an unfinished run at no instant": (
        {"bookmarks": {"workspaces": {"completed": {"at": "now", "selection": "9ae0daaf", "streams": []}}}},
        "$.completed.at",
    ),
    "visible projects without a run": (state_with(visible_since=[["17", "18"]]), "visible_since"),
    "visible projects before all runs": (state_with(visible_since=[[-1, ["18"]]]), "visible_since"),
    "a run as text": (state_with(run="7"), "run"),
    "sync tokens as a list": (state_with(sync_tokens=[]), "sync_tokens"),
}


@pytest.mark.parametrize(("state", "line_part"), BROKEN.values(), ids=BROKEN)
def test_an_invalid_state_is_one_error_line(state: dict[str, Any], line_part: str) -> None:
    """An invalid state ends the run before the first request, with one line that names the place."""
    api = asana(TINY)
    with pytest.raises(AsanaError, match=r"^state: ") as raised:
        sync(api, state=state)
    assert line_part in str(raised.value)
    assert "\n" not in str(raised.value)
    assert api.log == []


@pytest.mark.usefixtures("eager")
def test_every_written_state_is_valid() -> None:
    """Each STATE of a run and of the next one is valid."""
    api = asana(TINY)
    first = sync(api)
    clock(api).advance(3600)
    later = sync(api, state=first.state)
    states = [message["value"] for run in (first, later) for message in run.of("STATE")]
    assert any("window" in json.dumps(state) for state in states)
    for state in states:
        validate_state(state)


def test_unknown_parts_of_a_state_are_ignored() -> None:
    """Unknown streams, and keys added by the SDK or a person, are not errors."""
    state = {
        "bookmarks": {"gone": {"starting_replication_value": None}, **state_with(note="mine")["bookmarks"]},
        "x": 1,
    }
    validate_state(state)
    assert attempt(asana(TINY), state=state, select=["users"]).error is None


@pytest.mark.parametrize(
    "mark", ["1200000000000001", str(16**15 - 1), str(2**63 - 2)], ids=["a gid", "the order of a person", "a file"]
)
def test_63_bit_numbers_are_positions(mark: str) -> None:
    """Pseudonymized people and export files have numbers of up to 19 digits: valid positions and names of lists."""
    window = {"until": UNTIL, "positions": {"lists": ["1", mark, "end"]}, "unavailable": [mark]}
    validate_state(state_with(window=window, debts={"user": [mark]}))
