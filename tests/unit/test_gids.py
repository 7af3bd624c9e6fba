"""What is kept of tasks while they are walked: little."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from tap_asana.tasks.compact import GidSet
from tap_asana.tasks.waiting import PendingTasks

gids = st.integers(0, 2**63)


@given(st.lists(gids | st.integers(0, 50), max_size=200))
def test_a_gid_is_new_once(added: list[int]) -> None:
    """A gid is new when it is added first and never again, like in any set."""
    kept, known = GidSet(), set[int]()
    for gid in added:
        assert kept.add(gid) == (gid not in known)
        known.add(gid)
    assert len(kept) == len(known)


def test_many_gids_stay_told_apart_and_small() -> None:
    """Neighbouring gids, as Asana gives them, are kept apart in at most 24 bytes each."""
    kept, many = GidSet(), range(1_200_000_000_000_000, 1_200_000_000_060_000, 2)
    assert all(kept.add(gid) for gid in many)
    assert not any(kept.add(gid) for gid in many)
    assert all(kept.add(gid + 1) for gid in many[:100])
    assert sys.getsizeof(kept) < 24 * len(kept) + 1000


@given(st.lists(st.tuples(gids, gids, st.sampled_from([(), ("stories",), ("stories", "time_tracking_entries")]))))
def test_tasks_that_wait_come_as_they_were_added(added: list[tuple[int, int, tuple[str, ...]]]) -> None:
    """Tasks come out in their order, each with the ends of its key and the names that it came with."""
    waiting = PendingTasks()
    for first, gid, names in added:
        waiting.add((first, 0, gid), names)
    assert list(waiting) == added
