"""Protections of deletions, followed events and time entries."""

from scripts.mutations.mutation import Mutation

EVENTS = ("tests/sync/test_deletions.py", "tests/sync/test_follow_events.py")
FOLLOW = ("tests/sync/test_follow_events.py", "tests/sync/test_follow_scope.py")
ENTRIES = ("tests/sync/test_recent_entries.py",)

FOLLOWED_EVENTS = (
    Mutation(
        "sync tokens wait for the changed objects",
        "tap_asana/sync/deletions.py",
        "        if waits:\n            self._changes.wait",
        "        if False:\n            self._changes.wait",
        EVENTS,
    ),
    Mutation(
        "after a passing failure no other source of deletions takes over",
        "tap_asana/sync/deletions.py",
        "elif unavailable.is_permanent or self._refuses_for_good(workspace, unavailable):",
        "else:",
        EVENTS,
    ),
    Mutation(
        "a departed project's last events are read",
        "tap_asana/sync/deletions.py",
        "gids = tokens.gids - requests.keys() - {workspace.gid}",
        "gids = set[str]()",
        (*EVENTS, "tests/sync/test_departed_projects.py"),
    ),
    Mutation(
        "expired sync tokens are named",
        "tap_asana/sync/deletions.py",
        "        if (renewed or is_empty) and expired_gids:\n",
        "        if False:\n",
        (*EVENTS, "tests/unit/test_sync_tokens.py"),
    ),
    Mutation(
        "new sync tokens are kept after the warning that names the lost events",
        "tap_asana/sync/deletions.py",
        "and gid in requests and gid not in renewed:",
        "and gid in requests:",
        (*EVENTS, "tests/repo/test_failed_seeds.py"),
    ),
    Mutation(
        "changes that no run has followed are named",
        "tap_asana/sync/selection_gaps.py",
        "    if gaps:\n",
        "    if False:\n",
        ("tests/sync/test_selection_gaps.py",),
    ),
    Mutation(
        "events are followed from a first run whose audit log fails",
        "tap_asana/sync/deletions.py",
        "return is_first and workspace not in unlogged",
        "return False",
        EVENTS,
    ),
    Mutation(
        "two streams share pages of the audit log only at one position",
        "tap_asana/sync/deletions.py",
        " if session.cursor(follower).window(workspace).since == since]",
        "]",
        ("tests/sync/test_audit_log.py", *EVENTS),
    ),
    Mutation(
        "the bookmark of the log does not hide that events are unread",
        "tap_asana/sync/deletions.py",
        "yield Commit(partial(tokens.keep_gap, workspace.gid, start))",
        "pass",
        ("tests/sync/test_missed_events.py",),
    ),
    Mutation(
        "a run that resumes one reads the events of both",
        "tap_asana/sync/session.py",
        " and each.replication_method == FULL_TABLE for each in self.selected",
        " for each in self.selected",
        EVENTS,
    ),
    Mutation(
        "sync tokens wait for changed objects that failed",
        "tap_asana/sync/follow_up.py",
        'self.is_complete = not self._counts["failed"]',
        "self.is_complete = True",
        FOLLOW,
    ),
    Mutation(
        "what events name and Asana refuses is named",
        "tap_asana/sync/follow_up.py",
        "            self._name_refusal(page)\n",
        "",
        ("tests/sync/test_refused_events.py",),
    ),
    Mutation(
        "a task that came into a project is read with everything below it",
        "tap_asana/sync/follow_up.py",
        "unread = [task for task in tasks if self._is_unread(task)]",
        "unread = list[Record]()",
        (*FOLLOW, "tests/sync/test_freshness.py"),
    ),
    Mutation(
        "what is below such a task is read although a search has written the task",
        "tap_asana/sync/follow_up.py",
        "[*self._changes.pop_unread(self._workspace.gid), *self._unread]",
        "self._unread",
        FOLLOW,
    ),
    Mutation(
        "only tasks that the settings include are followed",
        "tap_asana/sync/follow_up.py",
        "tasks = [task for task in page.records if self._scope.includes(task)]",
        "tasks = list(page.records)",
        FOLLOW,
    ),
    Mutation(
        "the last event of an object decides, in whatever order events come",
        "tap_asana/sync/changed_objects.py",
        "objects[gid] = max(objects.get(gid, last), last)",
        "objects[gid] = last",
        ("tests/sync/test_follow_scope.py",),
    ),
    Mutation(
        "time entries are listed from a week before the last run",
        "tap_asana/state/entry_days.py",
        "SECONDS_BACK = 7 * 86_400",
        "SECONDS_BACK = 0",
        ENTRIES,
    ),
    Mutation(
        "a day with other time entries is written",
        "tap_asana/sync/recent_entries.py",
        "if hashes.get(day) != known[day] for batch",
        "if False for batch",
        ENTRIES,
    ),
    Mutation(
        "a day is not known any more when an entry of it is written",
        "tap_asana/sync/recent_entries.py",
        "                days.forget(day)",
        "                pass",
        ENTRIES,
    ),
    Mutation(
        "no day is known after a list of time entries that was not read to its end",
        "tap_asana/sync/recent_entries.py",
        "                yield Commit(days.forget_all)\n",
        "",
        ENTRIES,
    ),
    Mutation(
        "time entries of excluded tasks are left out",
        "tap_asana/sync/recent_entries.py",
        "yield from self._in_scope(scope, self._sorted(page, workspace, found))",
        "yield from self._sorted(page, workspace, found)",
        (*ENTRIES, "tests/sync/test_follow_scope.py"),
    ),
)
