"""The projects that each run could see, by run number instead of clock time."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.visible_parents import VisibleParents, may_be_new, next_run

JUNE, JULY, AUGUST = "2026-06-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z", "2026-08-01T00:00:00.000Z"


def bookmark(state: dict[str, Any], workspace: str = "1") -> Bookmark:
    """Return a workspace's bookmark in a stream's state."""
    return Bookmark(state, workspace, "modified_at")


gids = st.sets(st.integers(1, 9).map(str))


@given(
    runs=st.lists(gids, min_size=1, max_size=5),
    run_numbers=st.lists(st.none() | st.integers(0, 6), max_size=3),
    other_run=st.integers(0, 6),
)
def test_a_run_number_gives_the_projects_visible_to_it(
    runs: list[set[str]], run_numbers: list[int | None], other_run: int
) -> None:
    """When groups are merged, each run number of a bookmark still gives exactly the projects visible since then.

    Any other number may give fewer, which costs a read, but never more, which would lose one.
    """
    state: dict[str, Any] = {}
    since: dict[str, int] = {}
    for run, visible in enumerate(runs, 1):
        VisibleParents(state, "1").update(visible, run, run_numbers)
        since = {gid: since.get(gid, run) for gid in visible}
    visible_parents = VisibleParents(json.loads(json.dumps(state), parse_int=float), "1")
    for number in (number for number in run_numbers if number is not None):
        assert visible_parents.at(number) == {gid for gid, first in since.items() if first <= number}
    assert visible_parents.at(other_run) <= {gid for gid, first in since.items() if first <= other_run}
    assert visible_parents.at(len(runs)) == set(since)
    assert visible_parents.at(None) == set()


def test_projects_are_kept_in_few_groups() -> None:
    """State does not grow with the number of runs: there is at most one group more than there are bookmarks."""
    state: dict[str, Any] = {}
    for number in range(50):
        visible = [str(gid) for gid in range(number + 1)]
        VisibleParents(state, "1").update(visible, number, [60, 70, None])
    (partition,) = state["partitions"]
    assert len(partition["visible_since"]) == 1
    assert len(VisibleParents(state, "1").at(60)) == 50


def test_a_project_that_reappears_is_new() -> None:
    """A project invisible to one run is read completely when it reappears."""
    visible_parents = VisibleParents({}, "1")
    visible_parents.update(["17"], 1, [1])
    visible_parents.update([], 2, [1])
    visible_parents.update(["17"], 3, [2])
    assert visible_parents.at(2) == set()
    assert visible_parents.at(3) == {"17"}


def test_a_removed_project_is_new() -> None:
    """A removed project is read completely as soon as it can be; the others stay known."""
    visible_parents = VisibleParents({}, "1")
    visible_parents.update(["17", "18"], 1, [])
    visible_parents.remove({"17"}, 1)
    assert visible_parents.at(1) == {"18"}


def test_removed_parents_are_looked_for() -> None:
    """State shows that parents were removed, until a later run has seen all that there are."""
    state: dict[str, Any] = {}
    visible_parents = VisibleParents(state, "1")
    visible_parents.update(["17", "18"], 1, [])
    assert not may_be_new(state, "1", [1])
    visible_parents.remove({"17"}, 1)
    assert may_be_new(state, "1", [1])
    assert not may_be_new(state, "2", [1])
    visible_parents.update(["17", "18"], next_run({"bookmarks": {"users": state}}), [1])
    assert may_be_new(state, "1", [1])
    assert not may_be_new(state, "1", [3, None])


def test_run_numbers_are_unique() -> None:
    """A new run number exceeds all in the state: those of bookmarks, of open windows and of visible parents."""
    state: dict[str, Any] = {"tasks": {}, "projects": {}}
    assert next_run({}) == next_run({"bookmarks": state}) == 1
    VisibleParents(state["projects"], "1").update(["17"], 4, [])
    assert next_run({"bookmarks": state}) == 5
    bookmark(state["tasks"]).close(SyncWindow(None, JUNE, run=6))
    assert next_run({"bookmarks": state}) == 7
    bookmark(state["tasks"]).advance(SyncWindow(None, JUNE, run=7))
    assert next_run(json.loads(json.dumps({"bookmarks": state}), parse_int=float)) == 8
