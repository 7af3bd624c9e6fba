"""The tasks of a traversal that wait for the requests of their children."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tap_asana.tasks.traversal import PendingTasks

gids = st.integers(0, 2**63)


@given(st.lists(st.tuples(gids, gids, st.sampled_from([(), ("stories",), ("stories", "time_tracking_entries")]))))
def test_pending_tasks_keep_their_order(added: list[tuple[int, int, tuple[str, ...]]]) -> None:
    """Pending tasks keep their order, the ends of their keys and their child streams."""
    waiting = PendingTasks()
    for first, gid, names in added:
        waiting.add((first, 0, gid), names)
    assert list(waiting) == added
