"""Protections of changes that move no clock: those that only events, lists of recent days and passes show."""

from scripts.mutations.mutation import Mutation

SILENT_CHANGES = (
    Mutation(
        "a project whose list is refused does not tell that a task which stays in it was read",
        "tap_asana/sync/moved_tasks.py",
        "known = now.intersection(self._known_projects(workspace_gid))",
        "known = now",
        ("tests/sync/test_moves_from_unread.py",),
    ),
    Mutation(
        "a list of time entries just changed is read again if an interrupted run has written all tasks",
        "tap_asana/sync/follow_up.py",
        "TASKS in changes.streams and self._session.includes(TASKS)",
        "TASKS in changes.streams",
        ("tests/sync/test_late_lists.py",),
    ),
)
