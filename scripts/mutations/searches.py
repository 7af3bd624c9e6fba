"""Protections against what the search of a workspace may leave out, and against a late index."""

from scripts.mutations.mutation import Mutation

GAPS = ("tests/sync/test_search_gaps.py", "tests/sync/test_search_dialects.py")
GAINS = ("tests/sync/test_method_gains.py", "tests/sync/test_methods.py")
ATTACHMENTS = ("tests/sync/test_attachment_search.py", "tests/sync/test_announced_attachments.py")

SEARCHES = (
    Mutation(
        "searches are compared with lists",
        "tap_asana/tasks/strategy.py",
        "        compare_search(context, prior)\n",
        "",
        GAPS,
    ),
    Mutation(
        "what earlier searches have left out is read as a whole",
        "tap_asana/tasks/search_comparison.py",
        "if relied and any(",
        "if False and any(",
        GAPS,
    ),
    Mutation(
        "each increment by search checks two lists",
        "tap_asana/tasks/strategy.py",
        "            check_lists(context, search_start(context, prior))",
        "            pass",
        GAPS,
    ),
    Mutation(
        "a late index lets later searches begin earlier",
        "tap_asana/tasks/rotating_check.py",
        "reach.extend_lag(2 * int((self._until - oldest).total_seconds()))",
        "pass",
        GAPS,
    ),
    Mutation(
        "after a change that no search has found, everything is read",
        "tap_asana/tasks/rotating_check.py",
        "            logger.warning(LEFT_OUT, *facts)\n        reach.demand_whole_read()\n",
        "            logger.warning(LEFT_OUT, *facts)\n",
        GAPS,
    ),
    Mutation(
        "archived projects that searches leave out are listed",
        "tap_asana/tasks/lanes.py",
        "    if _needs_archived_lists(context):\n",
        "    if False:\n",
        GAPS,
    ),
    Mutation(
        "a newly archived project is read whole",
        "tap_asana/tasks/lanes.py",
        "new = () if prior.is_first_read else context.reach.newly_archived(keys)",
        "new = ()",
        GAPS,
    ),
    Mutation(
        "the lists of people are read if searches leave out tasks without a project",
        "tap_asana/tasks/lanes.py",
        "are_needed, may_be_new = _needs_private_lists(context), ",
        "are_needed, may_be_new = False, ",
        GAPS,
    ),
    Mutation(
        "subtasks that searches find only if asked are asked for",
        "tap_asana/tasks/lanes.py",
        "        if asks:\n",
        "        if False:\n",
        GAPS,
    ),
    Mutation(
        "searches begin before the last read, whose index may have lagged",
        "tap_asana/tasks/lanes.py",
        "lag = max(INDEX_LAG, timedelta(seconds=context.reach.lag_seconds))",
        "lag = timedelta()",
        ("tests/sync/test_search.py", *GAPS),
    ),
    Mutation(
        "each task is asked for attachments if searches know uploads alone",
        "tap_asana/tasks/lanes.py",
        "all_asked = ATTACHMENTS in context.fields and context.reach.verdict(ATTACHED_KIND) == MISSING",
        "all_asked = False",
        ATTACHMENTS,
    ),
    Mutation(
        "searches for attachments are compared with lists",
        "tap_asana/tasks/strategy.py",
        "        compare_attachments(context)\n        if",
        "        if",
        ATTACHMENTS,
    ),
    Mutation(
        "a search that does not reach the youngest task is no search",
        "tap_asana/tasks/by_search.py",
        "if step.following is None and not self._has_reached_end(step.reached):",
        "if False:",
        ("tests/sync/test_search_windows.py", "tests/sync/test_search.py", *GAPS),
    ),
    Mutation(
        "tasks created together are searched for in parts",
        "tap_asana/tasks/by_search.py",
        "        if step.divide is None:\n            return\n        query, instant",
        "        if True:\n            return\n        query, instant",
        ("tests/sync/test_search_windows.py", "tests/sync/test_search.py", *GAPS),
    ),
    Mutation(
        "too many tasks that look alike are no search",
        "tap_asana/tasks/by_search.py",
        "if name is None and query.was_full:",
        "if False:",
        ("tests/sync/test_method_gains.py",),
    ),
    Mutation(
        "lists replace a search that is refused later",
        "tap_asana/tasks/strategy.py",
        "            yield from traverse(LIST, listed, prior)\n",
        "",
        ("tests/sync/test_methods.py", "tests/sync/test_search.py", *GAPS),
    ),
    Mutation(
        "a method that finds more reads older tasks once",
        "tap_asana/tasks/strategy.py",
        "if prior.is_widened_by(self._methods[gid]):",
        "if False:",
        GAINS,
    ),
    Mutation(
        "the list of a task counts as unchanged only with all fields whose changes move no clock",
        "tap_asana/tasks/list_contents.py",
        "(*LIST_FIELDS, SECTION, *_undated(selected_fields))",
        "LIST_FIELDS",
        ("tests/sync/test_known_lists.py", "tests/sync/test_moved_tasks.py"),
    ),
    Mutation(
        "known lists are those of the read before this one",
        "tap_asana/state/known_lists.py",
        'if not entry or {*runs} != {entry["run"]}:',
        "if not entry:",
        ("tests/sync/test_known_lists.py", "tests/sync/test_many_runs.py"),
    ),
    Mutation(
        "null in a field that saves requests is not believed unseen",
        "tap_asana/parents/hints.py",
        "if not nulls or any(parent.attributes.get(hint) for parent in parents):",
        "if True:",
        ("tests/sync/test_hints.py",),
    ),
    Mutation(
        "null in the tracked minutes is not believed unseen",
        "tap_asana/tasks/time_hint.py",
        "self.has_misled = any(task.get(FIELD) is None for task in tasks)",
        "self.has_misled = False",
        ("tests/sync/test_hints.py", "tests/sync/test_unlisted_fields.py"),
    ),
)
