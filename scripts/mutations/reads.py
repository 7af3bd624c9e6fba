"""Protections of reads: searches, lists, resumed runs and prefetched pages."""

from scripts.mutations.mutation import Mutation

SEARCH = (
    *("tests/unit/test_search_cursor.py", "tests/sync/test_search.py"),
    *("tests/sync/test_search_windows.py", "tests/sync/test_search_dialects.py"),
)
DEBTS = ("tests/sync/test_debts.py", "tests/sync/test_debt_limits.py", "tests/sync/test_refusals.py")
RESUMED = ("tests/sync/test_resumed_runs.py", "tests/sync/test_resuming.py")
FETCH = ("tests/unit/test_fetcher.py", "tests/unit/test_scheduler.py")
PREFETCH = ("tests/sync/test_idle_slots.py", "tests/sync/test_requests.py", "tests/sync/test_deletions.py")

READS = (
    Mutation(
        "a project unread in this run counts as never seen",
        "tap_asana/sync/task_tree_read.py",
        "self._session.parents.forget(workspace, unavailable)",
        "pass",
        DEBTS,
    ),
    Mutation(
        "a user or tag outside of the plan in this run counts as never seen",
        "tap_asana/sync/cursor.py",
        'kind in ("project", *LISTED_FOR_TASKS) if self._run',
        'kind in ("project",) if self._run',
        ("tests/sync/test_refused_users_and_tags.py", *DEBTS),
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
        ("tests/sync/test_start_date.py",),
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
        ("tests/sync/test_hints.py",),
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
        ("tests/sync/test_partial_lists.py",),
    ),
    Mutation(
        "a resumed read does not rely on a project refused now",
        "tap_asana/tasks/lanes.py",
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
        "no read resumes between two lists of a task",
        "tap_asana/tasks/context.py",
        "return all(watermark < key for key, _ in self._gaps)",
        "return True",
        ("tests/unit/test_traversal_state.py",),
    ),
    Mutation(
        "an owed list whose parent is gone is given up only by a list that was read",
        "tap_asana/sync/created_since.py",
        "if debt.gid in parent_gids or directory.unavailable_reason(kind, workspace):",
        "if debt.gid in parent_gids:",
        DEBTS,
    ),
    Mutation(
        "a prefetched page is handed out once",
        "tap_asana/fetch/fetcher.py",
        "self._prefetched.pop(query, None) or self._send(request)",
        "self._prefetched.get(query) or self._send(request)",
        FETCH,
    ),
    Mutation(
        "few prefetched pages wait",
        "tap_asana/fetch/fetcher.py",
        "while len(self._pending) + len(self._prefetched) < self._max_prefetched:",
        "while True:",
        FETCH,
    ),
    Mutation(
        "nothing that events name is prefetched before they are read",
        "tap_asana/sync/deletion_sources.py",
        "if later is not None and later.name in NAMED_BY_EVENTS:",
        "if False:",
        PREFETCH,
    ),
    Mutation(
        "nothing is prefetched before the first read of deletions",
        "tap_asana/sync/deletion_sources.py",
        "return any(bookmark.value is None for bookmark in bookmarks)",
        "return False",
        ("tests/sync/test_event_costs.py", *PREFETCH),
    ),
    Mutation(
        "lists of parents wait for a read that goes first",
        "tap_asana/sync/shared_lists.py",
        "and not self._must_wait(stream, None):",
        "and True:",
        PREFETCH,
    ),
    Mutation(
        "lists of parents are requested before other prefetched pages",
        "tap_asana/fetch/fetcher.py",
        "query = max(self._pending, key=lambda query: self._pending[query].urgency)",
        "query = next(iter(self._pending))",
        FETCH,
    ),
    Mutation(
        "no request waits for ever behind urgent ones",
        "tap_asana/api/ordered_lock.py",
        "if overtaken and self._overtaken >= self._max_overtaken:",
        "if False:",
        ("tests/unit/test_ordered_lock.py",),
    ),
    Mutation(
        "page tokens are used before they expire",
        "tap_asana/fetch/scheduler.py",
        "stale = [number for number, (since, _, _) in list(self._tokens.items()) if since <= before]",
        "stale = list[int]()",
        (*FETCH, "tests/sync/test_long_runs.py", "tests/process/test_slow_target.py"),
    ),
    Mutation(
        "a request with an old page token goes first",
        "tap_asana/fetch/lane.py",
        "if self._with_token and self._with_token[0].since <= stale_before:",
        "if False:",
        ("tests/unit/test_scheduler.py",),
    ),
    Mutation(
        "an ending run sends nothing more",
        "tap_asana/fetch/fetcher.py",
        "        if self._closed.is_set():\n            raise RunCancelled",
        "        if False:\n            raise RunCancelled",
        FETCH,
    ),
)
