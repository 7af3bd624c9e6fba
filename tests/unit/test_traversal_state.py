"""What a traversal knows of its tasks: those that wait for their children, and where it met each first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tap_asana.tasks.context import FirstKeys
from tap_asana.tasks.pending_tasks import PendingTasks

gids = st.integers(0, 2**63)


@given(st.lists(st.tuples(gids, gids, st.sampled_from([(), ("stories",), ("stories", "time_tracking_entries")]))))
def test_pending_tasks_keep_their_order(added: list[tuple[int, int, tuple[str, ...]]]) -> None:
    """Pending tasks keep their order, the ends of their keys and their child streams."""
    waiting = PendingTasks()
    for first, gid, names in added:
        waiting.add((first, 0, gid), names)
    assert list(waiting) == added


def test_no_read_resumes_between_two_lists_of_a_task() -> None:
    """A task met in a later list first may not be in it any more when a resumed read comes there."""
    keys = FirstKeys()
    keys.add(7, (1, 30, 7), None, is_new=True)
    keys.add(7, (1, 20, 7), None, is_new=False)
    assert keys.can_resume_at((1, 10, 5))
    assert not keys.can_resume_at((1, 25, 5))
    assert keys.can_resume_at((1, 30, 8))
