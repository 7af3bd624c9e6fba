"""Protections of what a read by search leaves to the next one, or to the run that resumes it."""

from scripts.mutations.mutation import Mutation

RECENT = ("tests/sync/test_recent_tasks.py",)
BELOW = ("tests/sync/test_below_changed.py",)
WHOLE = ("tests/sync/test_whole_reads.py",)
RESUMED = ("tests/sync/test_resumed_searches.py",)

NEWCOMERS = ("tests/sync/test_departing_newcomers.py",)

SEARCH_STATE = (
    Mutation(
        "a search that left tasks to new projects resumes only with the same ones",
        "tap_asana/tasks/lanes.py",
        'return f"{NEW_MARK}{short_hash(sorted(prior.new_projects))}" if has_new else ""',
        'return NEW_MARK if has_new else ""',
        NEWCOMERS,
    ),
    Mutation(
        "a search that left tasks to a new project begins again if that is refused",
        "tap_asana/tasks/lanes.py",
        "for entry in kept if NEW_MARK not in entry[0]",
        "for entry in kept",
        NEWCOMERS,
    ),
    Mutation(
        "a task behind the position of a resumed search does not count as written",
        "tap_asana/tasks/by_search.py",
        " and is_beyond(self.name, self.child_key(key, task))",
        "",
        RECENT,
    ),
    Mutation(
        "the tasks of a search that fails do not count as written",
        "tap_asana/tasks/strategy.py",
        "            context.recent.forget()\n            self._methods",
        "            self._methods",
        RECENT,
        "none: lists and further searches follow, which read what is below these tasks, or fail and forget them too",
    ),
    Mutation(
        "nor do those of a search after lists that fails",
        "tap_asana/tasks/strategy.py",
        "            context.recent.forget()\n            logger",
        "            logger",
        RECENT,
    ),
    Mutation(
        "nor do those of a search for older tasks that fails",
        "tap_asana/tasks/strategy.py",
        "        context = replace(context, recent=context.recent.forgetful())\n",
        "",
        RECENT,
    ),
    Mutation(
        "a read of everything skips no task that the last read has written",
        "tap_asana/tasks/strategy.py",
        "            context.recent.forget_last_read()\n",
        "",
        RECENT,
    ),
    Mutation(
        "a read of everything resumes at no position of a read of changes",
        "tap_asana/tasks/lanes.py",
        " if context.is_whole else name",
        " if False else name",
        RESUMED,
    ),
    Mutation(
        "nor at one of lists that have replaced a search for changes",
        "tap_asana/tasks/lanes.py",
        " if context.is_whole else name",
        " if context.reach.is_whole_read_due else name",
        WHOLE,
    ),
    Mutation(
        "a read of everything for some streams of a run is none for the others",
        "tap_asana/state/search_reach.py",
        "if left := due.difference(streams):",
        "if left := due - self._read:",
        WHOLE,
    ),
    Mutation(
        "what is below a task that changed during a read by lists is read again if the read counts as one by search",
        "tap_asana/tasks/strategy.py",
        "            if not prior.is_first_read:",
        "            if False:",
        BELOW,
    ),
    Mutation(
        "a person's task that searches have not found is not left to a project whose changes they read",
        "tap_asana/tasks/ownership.py",
        "if owner in self._projects_searched and not encounter.scan:",
        "if False:",
        ("tests/sync/test_moves_of_private_tasks.py",),
    ),
    Mutation(
        "searches that leave out archived projects begin again if others are archived when a read resumes",
        "tap_asana/tasks/lanes.py",
        'searched_mark = f"{mark}{_new_mark(prior)}{archived_mark(context)}"',
        'searched_mark = f"{mark}{_new_mark(prior)}"',
        RESUMED,
    ),
    Mutation(
        "so do the lists of archived projects",
        "tap_asana/tasks/gap_lists.py",
        'f"archived{archived_mark(context)}"',
        '"archived"',
        RESUMED,
    ),
    Mutation(
        "a project restored since the last read is listed once more",
        "tap_asana/tasks/gap_lists.py",
        "only = archived | context.reach.restored(keys - archived)",
        "only = archived",
        ("tests/sync/test_restored_projects.py",),
    ),
    Mutation(
        "lists that replace searches for once begin as early as these would",
        "tap_asana/tasks/strategy.py",
        "if prior.relied_on_index else",
        "if prior.relied_on_index and context.workspace.gid not in self._with_gaps else",
        ("tests/sync/test_late_index.py",),
    ),
    Mutation(
        "so do lists for several streams if the last read of any of them has searched",
        "tap_asana/sync/prior_reads.py",
        "any(map(_relied_on_index, bookmarks))",
        "all(map(_relied_on_index, bookmarks))",
        ("tests/sync/test_late_index.py",),
    ),
    Mutation(
        "all streams of a run follow from one comparison of searches with lists",
        "tap_asana/tasks/search_comparison.py",
        "if prior.have_searched and any(",
        "if not prior.is_first_read and prior.have_searched and any(",
        WHOLE,
    ),
    Mutation(
        "so do the streams that this run leaves out",
        "tap_asana/sync/session.py",
        "for each in self._kept_cursors() if each.name in TASK_STREAMS",
        "for each in map(self.cursor, self.streams) if each.name in TASK_STREAMS",
        WHOLE,
    ),
    Mutation(
        "a search in place of lists is no read of everything",
        "tap_asana/tasks/strategy.py",
        "if context.reach.is_whole_read_due and self._methods[gid] == LIST:",
        "if context.reach.is_whole_read_due:",
        WHOLE,
    ),
    Mutation(
        "everything is read again later for a stream that the run which does so leaves out",
        "tap_asana/state/search_reach.py",
        ' or not self._read.isdisjoint(search.get("whole_for", ()))',
        "",
        WHOLE,
    ),
    Mutation(
        "a newly archived project is read whole later for a stream that the next run leaves out",
        "tap_asana/state/search_reach.py",
        "hash_of(key) in unread or ",
        "",
        WHOLE,
    ),
    Mutation(
        "subtasks that searches have not found are listed",
        "tap_asana/tasks/strategy.py",
        "yield from unfound_subtasks(searched)",
        "yield from ()",
        ("tests/sync/test_unfound_subtasks.py",),
    ),
    Mutation(
        "counts of subtasks say nothing where a start date leaves some out",
        "tap_asana/tasks/unfound_subtasks.py",
        "is_whole = window.since is None and",
        "is_whole =",
        ("tests/sync/test_unfound_subtasks.py",),
    ),
    Mutation(
        "stories lead to files that a search without archived projects lacks",
        "tap_asana/tasks/traversal.py",
        " or reach.verdict(ARCHIVED_KIND) == MISSING)",
        ")",
        ("tests/sync/test_unfound_subtasks.py",),
    ),
    Mutation(
        "a restored project is listed once more for such a stream",
        "tap_asana/state/search_reach.py",
        "known = self._archived_before() | self._changed_unread()",
        "known = self._archived_before()",
        ("tests/sync/test_restored_projects.py",),
    ),
)
