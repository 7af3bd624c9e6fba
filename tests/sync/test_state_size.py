"""What state costs in a large organization."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness import CORE, asana, sync
from reads import Full

from fake_asana.world import Sizes
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.visible_parents import VisibleParents
from tap_asana.tap import TapAsana

GIDS = [str(1200000000000000 + 37 * number) for number in range(10_000)]
WORKSPACE = "1199999999999999"
STREAMS = TapAsana(validate_config=False).streams.values()
INCREMENTAL = [stream for stream in STREAMS if stream.replication_key]
DAYS = 4
BOUND = 300_000
"""Bytes that a state with ten thousand projects stays under."""


def morning(day: int) -> str:
    """Return when the run of a day began."""
    return f"2026-06-{day:02}T06:00:00.000Z"


def after(days: int, state: dict[str, Any]) -> dict[str, Any]:
    """Let a run note what it sees each day, a hundred more projects each time, and close every stream's read."""
    for day in range(1, days + 1):
        visible = GIDS[: len(GIDS) - 100 * (days - day)]
        marks = [Bookmark(state.setdefault(each.name, {}), WORKSPACE, "").run for each in INCREMENTAL]
        VisibleParents(state.setdefault("projects", {}), WORKSPACE).update(visible, day, marks)
        for each in INCREMENTAL:
            Bookmark(state[each.name], WORKSPACE, str(each.replication_key)).close(
                SyncWindow(None, morning(day), run=day)
            )
    return state


def groups(state: dict[str, Any]) -> list[tuple[int, int]]:
    """Return since when how many projects are known, group by group."""
    (partition,) = state["projects"]["partitions"]
    return [(since, len(gids)) for since, gids in partition["visible_since"]]


def size(state: dict[str, Any]) -> int:
    """Return the bytes of a state as it is written."""
    return len(json.dumps({"bookmarks": state}))


def test_state_of_ten_thousand_projects_is_small() -> None:
    """Whatever was seen when, the state of all incremental streams stays under its bound, and knows every project."""
    state = after(DAYS, {})
    assert size(state) < BOUND
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"10,000 projects take less than {BOUND // 1000} kB" in readme
    assert VisibleParents(state["projects"], WORKSPACE).at(DAYS) == set(GIDS)


def test_state_in_the_middle_of_a_read_is_small() -> None:
    """A read in progress adds a place for each of its lanes and stream, not more."""
    state = after(DAYS, {})
    places = {lane: (0, int(GIDS[0]), int(GIDS[1])) for lane in ("lists", "new", "search", "export")}
    for each in INCREMENTAL:
        Bookmark(state[each.name], WORKSPACE, str(each.replication_key)).advance(
            SyncWindow(None, morning(DAYS + 1)).advanced(places)
        )
    assert size(state) < BOUND


def test_groups_that_no_bookmark_tells_apart_are_joined() -> None:
    """After runs that all were complete, there is the group that every bookmark knows and the newest."""
    assert groups(after(DAYS, {})) == [(DAYS - 1, 9_900), (DAYS, 100)]


def test_a_stream_that_lags_keeps_its_groups_apart() -> None:
    """What one bookmark knows and another does not, stays two groups, and so do the projects that neither knows."""
    state: dict[str, Any] = {}
    seen = VisibleParents(state.setdefault("projects", {}), WORKSPACE)
    for day, count in ((1, 9_700), (2, 9_800), (3, 9_900), (4, 10_000)):
        seen.update(GIDS[:count], day, [1, 3])
    assert groups(state) == [(1, 9_700), (3, 200), (4, 100)]


def test_state_knows_no_task(full: Full) -> None:
    """State has no entry for a task (law 3)."""
    text = json.dumps(full.output.state)
    assert not [gid for gid in full.api.world.tasks if gid in text]


def test_state_does_not_grow_with_the_tasks() -> None:
    """Ten times as many tasks in as many projects make no more state (law 3)."""
    few, many = (Sizes(workspaces=1, projects=6, tasks=tasks, stories=1, busiest=5) for tasks in (20, 200))
    small, large = (sync(asana(sizes), select=["tasks"]) for sizes in (few, many))
    assert len(large.records("tasks")) > 5 * len(small.records("tasks"))
    assert len(json.dumps(large.state)) <= len(json.dumps(small.state))


def written(messages_: list[dict[str, object]]) -> int:
    """Return the bytes of messages as they were written."""
    return sum(
        len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()) + 1 for message in messages_
    )


def test_state_is_a_small_part_of_the_output() -> None:
    """STATE is written often, and yet is less than a hundredth of all that is written (law 3)."""
    output = sync(asana(Sizes(stories=12)), select=CORE)
    states = output.of("STATE")
    assert len(states) > 20
    assert written(states) < written(output.messages) / 100
