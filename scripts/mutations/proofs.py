"""Protections against false proofs: what a comparison says of searches and exports holds for all later runs."""

from scripts.mutations.mutation import Mutation

VERDICTS = ("tests/sync/test_search_verdicts.py",)
ATTACHMENTS = ("tests/sync/test_attachment_search.py",)
ROWS = ("tests/sync/test_rows_in_exports.py",)
ARCHIVED = ("tests/sync/test_archived_in_exports.py",)
VERSIONS = ("tests/sync/test_versions_by_search.py",)

REPLACED = ("tests/sync/test_replaced_searches.py",)

PROOFS = (
    Mutation(
        "a search for subtasks after lists requests nothing below those that lists have shown",
        "tap_asana/tasks/lanes.py",
        "{*listed.get(names, ()), *context.gids.get(names, ())} for names in {*listed, *context.gids}",
        "{*context.gids.get(names, ())} for names in {*listed, *context.gids}",
        ("tests/sync/test_replaced_searches.py",),
    ),
    Mutation(
        "the private tasks of one person prove nothing of those of others",
        "tap_asana/tasks/search_comparison.py",
        "PRIVATE_KIND: len(assignees) >= MIN_PEOPLE,",
        "PRIVATE_KIND: bool(assignees),",
        VERDICTS,
    ),
    Mutation(
        "searches that find the private task of one person prove nothing while others have no answer",
        "tap_asana/tasks/search_comparison.py",
        "needed = MIN_PEOPLE if kind == PRIVATE_KIND else 1",
        "needed = 1",
        VERDICTS,
    ),
    Mutation(
        "a task changed just before a read proves nothing of unassigned ones",
        "tap_asana/tasks/lanes.py",
        "if any(is_settled(task, context.window.until) for task in unassigned):",
        "if unassigned:",
        VERDICTS,
    ),
    Mutation(
        "a project that is not archived any more after a search proves nothing",
        "tap_asana/tasks/search_comparison.py",
        "return any(all(is_still_archived(self._context, gid) for gid in gids) for gids in few)",
        "return bool(few)",
        VERDICTS,
    ),
    Mutation(
        "the first page of the attachments of a task proves nothing of searches for links",
        "tap_asana/tasks/attachment_comparison.py",
        "if page.next_request is not None or page.truncated:",
        "if False:",
        ATTACHMENTS,
    ),
    Mutation(
        "a task that has just changed proves nothing of searches for links",
        "tap_asana/tasks/attachment_comparison.py",
        "_are_links(page) and _is_unchanged(context, task) for",
        "_are_links(page) for",
        ATTACHMENTS,
    ),
    Mutation(
        "all of the tasks with as many rows in a file are counted",
        "tap_asana/tasks/inline_children.py",
        "MAX_COUNTED = 20",
        "MAX_COUNTED = 3",
        ROWS,
    ),
    Mutation(
        "an archived project whose list is refused while a file is compared is read later",
        "tap_asana/tasks/by_export.py",
        "                yield from map(ParentUnavailable, self._reach.archived.unread)\n",
        "",
        ARCHIVED,
    ),
    Mutation(
        "after a kill at the end of a file, such a project is read later too",
        "tap_asana/tasks/by_export.py",
        "yield replace(self._checkpoint(end, force=True), unavailable=self._reach.archived.unread)",
        "yield self._checkpoint(end, force=True)",
        ARCHIVED,
    ),
    Mutation(
        "refused lists of archived projects are named",
        "tap_asana/tasks/archived_samples.py",
        "            owe(page)",
        "            pass",
        ARCHIVED,
    ),
    Mutation(
        "archived projects that no export was compared with are named",
        "tap_asana/tasks/archived_samples.py",
        "        if self._unlisted:",
        "        if False:",
        ARCHIVED,
    ),
    Mutation(
        "a restored project in a file says nothing of other archived ones",
        "tap_asana/tasks/archived_samples.py",
        "unseen = [project for gid, project in self._archived.items() if gid not in self._shown]",
        "unseen = [] if self._is_seen else [*self._archived.values()]",
        ARCHIVED,
    ),
    Mutation(
        "no version of tasks is announced after a refused search that earlier reads relied on",
        "tap_asana/tasks/strategy.py",
        '                    self.lacking[context.workspace.gid] = "searches are refused"',
        "                    pass",
        VERSIONS,
    ),
    Mutation(
        "no version of tasks is announced if searches cannot divide those outside of all lists",
        "tap_asana/tasks/strategy.py",
        'self.lacking[gid] = "searches have not',
        '_ = "searches have not',
        VERSIONS,
    ),
    Mutation(
        "a line says why no version of tasks is announced",
        "tap_asana/sync/task_tree.py",
        "for gid, reason in lacking.items():",
        "for gid, reason in {}.items():",
        VERSIONS,
    ),
    Mutation(
        "no version of tasks is announced if searches replace an export, and may leave out what it contains",
        "tap_asana/tasks/strategy.py",
        "                if context.reach.verdict(PRIVATE_KIND) != FOUND:",
        "                if False:",
        VERSIONS,
    ),
    Mutation(
        "no version of tasks is announced if searches may not know whether a project is archived",
        "tap_asana/sync/restored_projects.py",
        "return is_refused or not all(is_settled(project, run.start) for project in projects)",
        "return is_refused",
        VERSIONS,
    ),
    Mutation(
        "subtasks below unchanged tasks in no list are searched for after lists have replaced a search",
        "tap_asana/tasks/strategy.py",
        "if not is_whole and (gid not in self._with_gaps or _finds_subtasks(context)):",
        "if False:",
        REPLACED,
    ),
    Mutation(
        "so are they where lists replace searches because these have left out other changes",
        "tap_asana/tasks/strategy.py",
        "(gid not in self._with_gaps or _finds_subtasks(context)):",
        "gid not in self._with_gaps:",
        REPLACED,
    ),
    Mutation(
        "if that search is refused too, the next run searches for everything outside of all lists",
        "tap_asana/tasks/strategy.py",
        "            self._reached.pop(gid, None)  # the next run tries again",
        "            pass",
        REPLACED,
    ),
    Mutation(
        "subtasks to which neither lists nor searches lead are named",
        "tap_asana/tasks/strategy.py",
        "            logger.info(BELOW_UNLISTED, context.workspace.gid)",
        "            pass",
        REPLACED,
    ),
)
