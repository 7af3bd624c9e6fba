"""The size of state in a large organization."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness import CORE, asana, sync
from reads import Full

from fake_asana.world import Sizes
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.known_lists import HASH_BYTES, KnownLists
from tap_asana.state.visible_parents import VisibleParents
from tap_asana.tap import TapAsana

GIDS = [str(1200000000000000 + 37 * number) for number in range(10_000)]
WORKSPACE = "1199999999999999"
STREAMS = TapAsana(validate_config=False).streams.values()
INCREMENTAL = [stream for stream in STREAMS if stream.replication_key]
DAYS = 4
MAX_STATE_BYTES = 300_000
"""Maximum bytes of a state with ten thousand projects."""


def run_start(day: int) -> str:
    """Return the start of the run on a day."""
    return f"2026-06-{day:02}T06:00:00.000Z"


def state_after(days: int, state: dict[str, Any]) -> dict[str, Any]:
    """Simulate a run on each day that sees a hundred more projects and finishes the window of every stream."""
    for day in range(1, days + 1):
        visible = GIDS[: len(GIDS) - 100 * (days - day)]
        marks = [Bookmark(state.setdefault(each.name, {}), WORKSPACE, "").run for each in INCREMENTAL]
        VisibleParents(state.setdefault("projects", {}), WORKSPACE).update(visible, day, marks)
        hashes = [number.to_bytes(HASH_BYTES, "big") for number in range(len(GIDS))]
        KnownLists(state["projects"], WORKSPACE).store(day, hashes)
        for each in INCREMENTAL:
            Bookmark(state[each.name], WORKSPACE, str(each.replication_key)).close(
                SyncWindow(None, run_start(day), run=day)
            )
    return state


def groups(state: dict[str, Any]) -> list[tuple[int, int]]:
    """Return the groups of known projects: the run since which they are known, and their number."""
    (partition,) = state["projects"]["partitions"]
    return [(since, len(gids)) for since, gids in partition["visible_since"]]


def state_bytes(state: dict[str, Any]) -> int:
    """Return the bytes of a written state."""
    return len(json.dumps({"bookmarks": state}))


def test_state_of_ten_thousand_projects_is_small() -> None:
    """The state of all incremental streams stays below its limit and knows every project."""
    state = state_after(DAYS, {})
    assert state_bytes(state) < MAX_STATE_BYTES
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"10,000 projects take less than {MAX_STATE_BYTES // 1000} kB" in readme
    assert VisibleParents(state["projects"], WORKSPACE).at(DAYS) == set(GIDS)


def test_state_in_the_middle_of_a_read_is_small() -> None:
    """An unfinished window adds one position for each lane and stream."""
    state = state_after(DAYS, {})
    places = {lane: (0, int(GIDS[0]), int(GIDS[1])) for lane in ("lists", "new", "search", "export")}
    for each in INCREMENTAL:
        Bookmark(state[each.name], WORKSPACE, str(each.replication_key)).advance(
            SyncWindow(None, run_start(DAYS + 1)).advanced(places)
        )
    assert state_bytes(state) < MAX_STATE_BYTES


def test_groups_equal_for_all_bookmarks_are_joined() -> None:
    """After complete runs, two groups remain: one known to every bookmark, and the newest."""
    assert groups(state_after(DAYS, {})) == [(DAYS - 1, 9_900), (DAYS, 100)]


def test_a_lagging_stream_keeps_its_groups() -> None:
    """Projects known to one bookmark only stay a separate group, and so do projects known to none."""
    state: dict[str, Any] = {}
    visible = VisibleParents(state.setdefault("projects", {}), WORKSPACE)
    for day, count in ((1, 9_700), (2, 9_800), (3, 9_900), (4, 10_000)):
        visible.update(GIDS[:count], day, [1, 3])
    assert groups(state) == [(1, 9_700), (3, 200), (4, 100)]


def test_state_knows_no_task(full: Full) -> None:
    """State has no entry for a task (law 3)."""
    text = json.dumps(full.output.state)
    assert not [gid for gid in full.api.world.tasks if gid in text]


def test_state_does_not_grow_with_the_tasks() -> None:
    """Ten times as many tasks in the same number of projects do not increase the state (law 3)."""
    few, many = (Sizes(workspaces=1, projects=6, tasks=tasks, stories=1, busiest=5) for tasks in (20, 200))
    small, large = (sync(asana(sizes), select=["tasks"]) for sizes in (few, many))
    assert len(large.records("tasks")) > 5 * len(small.records("tasks"))
    assert len(json.dumps(large.state)) <= len(json.dumps(small.state))


def output_bytes(messages_: list[dict[str, object]]) -> int:
    """Return the bytes of written messages."""
    return sum(
        len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()) + 1 for message in messages_
    )


def test_state_is_a_small_part_of_the_output() -> None:
    """STATE is written often, but makes up less than one percent of the output (law 3)."""
    output = sync(asana(Sizes(stories=24)), select=CORE)
    states = output.of("STATE")
    assert len(states) > 20
    assert output_bytes(states) < output_bytes(output.messages) / 100
