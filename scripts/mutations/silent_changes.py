"""Protections of changes that move no clock: those that only events, lists of recent days and passes show."""

from scripts.mutations.mutation import Mutation

UNDONE = ("tests/sync/test_undone_changes_of_entries.py",)
MISSED = ("tests/sync/test_missed_events.py",)

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
    Mutation(
        "no export is requested before the events that tasks wait for",
        "tap_asana/sync/session.py",
        "if any(self.goes_first(other, later) for later in rest if later.name in TASK_STREAMS for other in rest):",
        "if False:",
        ("tests/sync/test_changes_during_exports.py",),
    ),
    Mutation(
        "a file that an earlier run has requested lacks what events have told since",
        "tap_asana/sync/changed_objects.py",
        "if as_of := batch.as_of:",
        "if False and (as_of := batch.as_of):",
        ("tests/sync/test_changes_during_exports.py",),
    ),
    Mutation(
        "no day of time entries is known while one of any day is written",
        "tap_asana/sync/recent_entries.py",
        "if workspace_gid not in self._stored or self._listed.get(gid, entry_hash) != entry_hash:",
        "if day >= first:",
        UNDONE,
    ),
    Mutation(
        "a STATE that knows no day precedes the time entries of a workspace's list",
        "tap_asana/sync/recent_entries.py",
        "if is_known and isinstance(event, Batch):",
        "if False:",
        UNDONE,
    ),
    Mutation(
        "a list that may still be late stays owed after it was read",
        "tap_asana/state/debts.py",
        "if is_gone or not owner.may_be_late(debt, self._until):",
        "if True:",
        ("tests/sync/test_late_lists.py",),
    ),
    Mutation(
        "a deleted project is named although the events of all others are refused",
        "tap_asana/sync/deletions.py",
        "for gid, each in departed_gids.items())",
        "for gid, each in departed_gids.items() if len(refusals) < len(requests))",
        MISSED,
    ),
)
