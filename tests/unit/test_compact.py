"""Compact storage of tasks during a traversal."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from tap_asana.tasks.compact import GidSet, PendingTasks

gids = st.integers(0, 2**63)


@given(st.lists(gids | st.integers(0, 50), max_size=200))
def test_a_gid_set_behaves_like_a_set(added: list[int]) -> None:
    """Adding a gid reports it as new once, as with any set."""
    gid_set, expected = GidSet(), set[int]()
    for gid in added:
        assert gid_set.add(gid) == (gid not in expected)
        expected.add(gid)
    assert len(gid_set) == len(expected)


def test_many_gids_are_distinct_and_small() -> None:
    """Consecutive gids, as Asana assigns them, stay distinct and take less than 24 bytes each."""
    gid_set, many = GidSet(), range(1_200_000_000_000_000, 1_200_000_000_060_000, 2)
    assert all(gid_set.add(gid) for gid in many)
    assert not any(gid_set.add(gid) for gid in many)
    assert all(gid_set.add(gid + 1) for gid in many[:100])
    assert sys.getsizeof(gid_set) < 24 * len(gid_set) + 1000


@given(st.lists(st.tuples(gids, gids, st.sampled_from([(), ("stories",), ("stories", "time_tracking_entries")]))))
def test_pending_tasks_keep_their_order(added: list[tuple[int, int, tuple[str, ...]]]) -> None:
    """Pending tasks keep their order, the ends of their keys and their child streams."""
    waiting = PendingTasks()
    for first, gid, names in added:
        waiting.add((first, 0, gid), names)
    assert list(waiting) == added
