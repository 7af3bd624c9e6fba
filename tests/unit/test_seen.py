"""Which projects were seen by which run: an order of runs, and not of clocks."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.visible_parents import VisibleParents, next_run

JUNE, JULY, AUGUST = "2026-06-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z", "2026-08-01T00:00:00.000Z"


def bookmark(state: dict[str, Any], workspace: str = "1") -> Bookmark:
    """Return a workspace's bookmark in a stream's state."""
    return Bookmark(state, workspace, "modified_at")


gids = st.sets(st.integers(1, 9).map(str))


@given(
    runs=st.lists(gids, min_size=1, max_size=5),
    marks=st.lists(st.none() | st.integers(0, 6), max_size=3),
    asked=st.integers(0, 6),
)
def test_a_project_is_known_to_the_reads_that_saw_it(runs: list[set[str]], marks: list[int | None], asked: int) -> None:
    """However groups are joined, each mark knows just the projects that were visible to the run that it stands at.

    A mark that was not there when they were joined may know less, which costs a read; never more, which loses one.
    """
    state: dict[str, Any] = {}
    since: dict[str, int] = {}
    for run, visible in enumerate(runs, 1):
        VisibleParents(state, "1").update(visible, run, marks)
        since = {gid: since.get(gid, run) for gid in visible}
    seen = VisibleParents(json.loads(json.dumps(state), parse_int=float), "1")
    for mark in (mark for mark in marks if mark is not None):
        assert seen.at(mark) == {gid for gid, first in since.items() if first <= mark}
    assert seen.at(asked) <= {gid for gid, first in since.items() if first <= asked}
    assert seen.at(len(runs)) == set(since)
    assert seen.at(None) == set()


def test_projects_are_kept_in_few_groups() -> None:
    """State does not grow with the number of runs: there are at most as many groups as bookmarks, and one."""
    state: dict[str, Any] = {}
    for number in range(50):
        visible = [str(gid) for gid in range(number + 1)]
        VisibleParents(state, "1").update(visible, number, [60, 70, None])
    (partition,) = state["partitions"]
    assert len(partition["visible_since"]) == 1
    assert len(VisibleParents(state, "1").at(60)) == 50


def test_a_project_that_went_and_came_is_new() -> None:
    """A project that was out of sight for a run is read whole when it is back."""
    seen = VisibleParents({}, "1")
    seen.update(["17"], 1, [1])
    seen.update([], 2, [1])
    seen.update(["17"], 3, [2])
    assert seen.at(2) == set()
    assert seen.at(3) == {"17"}


def test_a_project_that_could_not_be_read_is_new() -> None:
    """A project that is forgotten is read whole when it can be; the others stay known."""
    seen = VisibleParents({}, "1")
    seen.update(["17", "18"], 1, [])
    seen.remove({"17"})
    assert seen.at(1) == {"18"}


def test_a_run_has_a_number_of_its_own() -> None:
    """It is higher than each in the state: of bookmarks, of reads in progress, and of what was seen first."""
    state: dict[str, Any] = {"tasks": {}, "projects": {}}
    assert next_run({}) == next_run({"bookmarks": state}) == 1
    VisibleParents(state["projects"], "1").update(["17"], 4, [])
    assert next_run({"bookmarks": state}) == 5
    bookmark(state["tasks"]).close(SyncWindow(None, JUNE, run=6))
    assert next_run({"bookmarks": state}) == 7
    bookmark(state["tasks"]).advance(SyncWindow(None, JUNE, run=7))
    assert next_run(json.loads(json.dumps({"bookmarks": state}), parse_int=float)) == 8
