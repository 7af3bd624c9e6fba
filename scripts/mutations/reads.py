"""Protections of reads: searches, lists, resumed runs, events and versions."""

from scripts.mutations.mutation import Mutation

LAWS = ("tests/sync/test_laws.py",)
SEARCH = ("tests/sync/test_search.py", "tests/sync/test_search_windows.py", "tests/sync/test_search_dialects.py")
DEBTS = ("tests/sync/test_debts.py", "tests/sync/test_debt_limits.py", "tests/sync/test_refusals.py")
RESUMED = ("tests/sync/test_resumed_runs.py", "tests/sync/test_resuming.py")
EVENTS = ("tests/sync/test_deletions.py", "tests/sync/test_follow_events.py")

READS = (
    Mutation(
        "a project unread in this run counts as never seen",
        "tap_asana/sync/task_tree_read.py",
        'self._session.parents.visible("project", workspace).remove(unavailable)',
        "pass",
        DEBTS,
    ),
    Mutation(
        "two searches overlap",
        "tap_asana/tasks/search_cursor.py",
        "bounds = [top - 1, top] if crowded else [top - OVERLAP_MS, top - 1, top]",
        "bounds = [top]",
        SEARCH,
    ),
    Mutation(
        "only an answer without a new task ends a search",
        "tap_asana/tasks/search_cursor.py",
        "if is_proven and not answer.new and top == self.reached and not is_open:",
        "if is_proven and not answer.is_full:",
        SEARCH,
    ),
    Mutation(
        "a search starts a second earlier than its bound",
        "tap_asana/tasks/by_search.py",
        "to_milliseconds(begin) // SECOND_MS * SECOND_MS - SECOND_MS if begin else 0",
        "to_milliseconds(begin) if begin else 0",
        SEARCH,
    ),
    Mutation(
        "a narrow overlap proves itself",
        "tap_asana/tasks/search_cursor.py",
        "is_proven = self.certain or any(created <= self.reached for created in answer.created)",
        "is_proven = True",
        SEARCH,
    ),
    Mutation(
        "a search is read from the other end too",
        "tap_asana/tasks/by_search.py",
        "if answer.is_full or self._has_searched_backward:",
        "if True:",
        SEARCH,
    ),
    Mutation(
        "subtasks are listed unless their number is 0",
        "tap_asana/tasks/by_list.py",
        'with_subtasks = (task for task in tasks if task.get("num_subtasks") != 0)',
        'with_subtasks = (task for task in tasks if task.get("num_subtasks"))',
        ("tests/sync/test_complete.py", "tests/sync/test_unlisted_fields.py", "tests/sync/test_deferred_subtasks.py"),
    ),
    Mutation(
        "all subtasks of a changed task count as changed",
        "tap_asana/tasks/by_list.py",
        "is_whole or self._lists.has_changed(task, request) for task in with_subtasks}",
        "is_whole for task in with_subtasks}",
        (
            "tests/sync/test_moved_tasks.py",
            "tests/sync/test_deferred_subtasks.py",
            "tests/sync/test_concurrent_changes.py",
        ),
    ),
    Mutation(
        "a list of several pages is listed again",
        "tap_asana/tasks/by_list.py",
        "if self._long.add_page(name, page, gids if is_resumed else None):",
        "if self._long.add_page(name, page, gids if is_resumed else None) and False:",
        ("tests/sync/test_concurrent_changes.py", "tests/sync/test_moved_tasks.py"),
    ),
    Mutation(
        "a refused project gives back the tasks left to it",
        "tap_asana/tasks/by_list.py",
        'requests += self._ownership.on_unavailable(request.parent_keys.get("gid", "0"))',
        "pass",
        (*DEBTS, "tests/sync/test_late_refusals.py"),
    ),
    Mutation(
        "a task left to a list and missing there is requested",
        "tap_asana/tasks/by_list.py",
        "if gid not in on_page and gid not in self._before_position and not self._is_known(gid, scan=scan):",
        "if False:",
        ("tests/sync/test_moved_tasks.py", "tests/sync/test_concurrent_changes.py", *RESUMED),
    ),
    Mutation(
        "a resumed read does not rely on a project refused now",
        "tap_asana/sync/task_tree_read.py",
        "return window != drop_search_positions(window) and not set(unavailable).issubset(window.unavailable)",
        "return False",
        (*RESUMED, "tests/sync/test_late_refusals.py"),
    ),
    Mutation(
        "a task in two lists is read once",
        "tap_asana/tasks/traversal.py",
        "is_first = gid not in own_gids\n",
        "is_first = True\n",
        ("tests/sync/test_complete.py", "tests/sync/test_requests.py"),
    ),
    Mutation(
        "a read resumes where a whole subtree is read",
        "tap_asana/tasks/traversal.py",
        "and self._context.first_keys_of(lane.name).can_resume_at(key):",
        ":",
        (*RESUMED, "tests/process/test_killed.py"),
    ),
    Mutation(
        "STATE is written behind its records",
        "tap_asana/sync/writer.py",
        "self._put(block)\n        return count",
        "self._late = getattr(self, '_late', b'') + block\n        return count",
        ("tests/sync/test_laws_output.py", *LAWS),
    ),
    Mutation(
        "a version is announced only for a whole table",
        "tap_asana/sync/sdk_stream.py",
        "if self._version is not None and self.is_whole:",
        "if self._version is not None:",
        ("tests/sync/test_versions.py",),
    ),
    Mutation(
        "a lost row anywhere blocks versions",
        "tap_asana/sync/stream.py",
        "and not metrics.rows_lost",
        "",
        ("tests/sync/test_versions.py", "tests/sync/test_broken_data.py"),
    ),
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
        "elif unavailable.is_permanent:",
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
        "an owed list whose parent is gone is given up only by a list that was read",
        "tap_asana/sync/created_since.py",
        "if debt.gid in parent_gids or directory.unavailable_reason(kind, workspace):",
        "if debt.gid in parent_gids:",
        DEBTS,
    ),
)
