"""The way in which the tasks of a workspace are read: by list, by search or by export, and why."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import Bookmark
from tap_asana.state.instants import format_instant
from tap_asana.state.search_reach import ASKED, CHANGED_KIND, FOUND, MISSING, PRIVATE_KIND, SUBTASK_KIND, SearchReach
from tap_asana.tasks.attachment_comparison import compare_attachments
from tap_asana.tasks.by_export import EXPORT_LANE, Export
from tap_asana.tasks.by_search import TooManyAlikeError
from tap_asana.tasks.context import ExportUnavailableError, SearchUnavailableError, TraversalContext
from tap_asana.tasks.events import INLINE, TASKS, Batch, ParentUnavailable, TaskEvent
from tap_asana.tasks.export_reach import UnprovenExportError
from tap_asana.tasks.gap_lists import archived_projects, leaves_to_lists
from tap_asana.tasks.lanes import (
    new_projects,
    search_start,
    search_subtasks,
    search_unlisted,
    sources,
    starting_at,
    traverse,
)
from tap_asana.tasks.methods import AUTO, EXPORT, LIST, SEARCH, PriorSync
from tap_asana.tasks.rotating_check import check_lists
from tap_asana.tasks.search_comparison import compare_search
from tap_asana.tasks.traversal import TaskTraversal
from tap_asana.tasks.unfound_subtasks import counting, unfound_subtasks

WIDENED = "workspace %s: reading once, by %s, the tasks that the last run could not find"
UNREACHED = "workspace %s: not all tasks without project, tag and listed assignee could be read, because %s"
BELOW_UNLISTED = (
    "workspace %s: a changed subtask of a task without project, tag and listed assignee is read when that task "
    "changes, because nothing shows that searches find subtasks"
)
NOT_EXPORTED_YET = (
    "workspace %s: no export has shown yet that it contains tasks outside of all projects; everything is exported once"
)

logger = logging.getLogger(__name__)


class ExtractionStrategy:
    """The method of each workspace, chosen once a run by the setting `extraction_method`."""

    def __init__(self, setting: str) -> None:
        """Choose nothing yet."""
        self._setting = setting
        self._methods: dict[str, str] = {}
        self._reached: dict[str, str] = {}
        self._with_gaps: set[str] = set()
        self._read_whole: dict[str, set[str]] = {}
        self._compared: set[str] = set()
        self._archived: dict[str, set[str]] = {}
        self._leaving: set[str] = set()
        self.lacking: dict[str, str] = {}
        """Why this run may not have read all that searches or exports find of a workspace; no version may delete it."""

    @property
    def exports(self) -> bool:
        """Return whether the setting requires exports."""
        return self._setting == EXPORT

    def method_of(self, workspace: Workspace) -> str:
        """Return the method by which a workspace is read, or the setting as long as none is chosen."""
        return self._methods.get(workspace.gid, self._setting)

    def makes_up_for_searches(self, workspace: Workspace) -> bool:
        """Return whether this run reads everything again: a comparison of the read itself may have shown the gap."""
        return workspace.gid in self._read_whole

    def note_read(self, workspace: Workspace, bookmark: Bookmark, now: datetime) -> None:
        """Note in a bookmark how a read that is complete now has read a workspace."""
        gid = workspace.gid
        bookmark.method = self._reached.get(gid, self._methods[gid])
        bookmark.ended = format_instant(now) if gid in self._leaving else None
        bookmark.was_listed = self._methods[gid] == LIST and bookmark.method == SEARCH

    def end_reads(self, workspace: Workspace, reach: SearchReach) -> None:
        """Note that all streams of a workspace are read, some of them as a whole if that was due."""
        if workspace.gid in self._read_whole:
            reach.close_whole_read(self._read_whole[workspace.gid])
        if workspace.gid in self._archived:
            reach.keep_archived(self._archived[workspace.gid])

    def events(self, context: TraversalContext, prior: PriorSync) -> Iterator[TaskEvent]:
        """Yield the events of one read of a workspace; if Asana refuses the method, the next best one is used.

        Tasks that the last complete read could not find are read from `start_date` on.
        """
        unavailable = set(context.window.unavailable)
        for event in self._events(context, prior, unavailable):
            if isinstance(event, ParentUnavailable):
                unavailable.add(event.state_key)
            yield event

    def _events(self, context: TraversalContext, prior: PriorSync, unavailable: Collection[str]) -> Iterator[TaskEvent]:
        """Yield the events; `unavailable` are the state keys of the parents found unavailable so far."""
        gid = context.workspace.gid
        self._reached.pop(gid, None)
        if self._method(context, prior) == EXPORT:
            exported = set[int]()
            try:
                yield from self._export(context if prior.is_first_read else replace(context, exported=exported), prior)
            except ExportUnavailableError as error:
                self._methods[gid] = self._probe(context, prior, AUTO, f"{error}")
                if context.reach.verdict(PRIVATE_KIND) != FOUND:
                    self.lacking[gid] = "searches may leave out what exports contain"
            else:
                # The export contains only the changes of new projects, which are not read twice.
                if prior.new_projects and not prior.is_first_read and not prior.is_widened_by(EXPORT):
                    listing = context.after(exported)
                    yield from TaskTraversal(listing, [new_projects(listing, prior)]).events()
                return
        yield from self._without_export(context, prior, unavailable)
        if prior.is_widened_by(self._methods[gid]):
            yield from self._widen(context, prior, unavailable)

    def _export(self, context: TraversalContext, prior: PriorSync) -> Iterator[TaskEvent]:
        """Yield an export; then one of everything if only that can show whether exports contain all kinds of tasks."""
        gid, everything = context.workspace.gid, starting_at(context, prior.start_date)
        if prior.is_widened_by(EXPORT):
            logger.info(WIDENED, gid, EXPORT)
            yield from Export(everything, prior.start_date).events()
            return
        try:
            yield from Export(context, prior.start_date).events()
        except UnprovenExportError as error:
            logger.info(NOT_EXPORTED_YET, gid)
            # The window has the position of the first export, which is complete.
            second = replace(everything, window=everything.window.advanced({EXPORT_LANE: ()}))
            second = second.after(context.exported or (), (TASKS, *INLINE))
            try:
                yield from Export(second, prior.start_date, error.tasks).events()
            except ExportUnavailableError:
                context.reach.demand_whole_read()
                raise

    def _without_export(
        self, context: TraversalContext, prior: PriorSync, unavailable: Collection[str]
    ) -> Iterator[TaskEvent]:
        """Read by searches or lists; everything by lists, if reads have left out changes.

        If a search of this run has left them out, its streams are read already, so the next run reads all of these.
        """
        gid = context.workspace.gid
        self._archived[gid] = {project.state_key for project in archived_projects(context)}
        if context.reach.is_whole_read_due and self._methods[gid] == LIST:
            self._read_whole.setdefault(gid, set()).update(context.fields)
            context.recent.forget_last_read()
            context = replace(starting_at(context, prior.start_date), is_whole=True)
        listed = starting_at(context, self._begin_of_lists(context, prior))
        searched = counting(context)
        try:
            yield from traverse(self._methods[gid], searched if self._methods[gid] == SEARCH else listed, prior)
        except SearchUnavailableError as error:
            context.recent.forget()
            self._methods[gid] = _log_method(context, LIST, f"{error}")
            yield from traverse(LIST, listed, prior)
            yield from self._search_unlisted_after_lists(context, prior, unavailable)
            return
        yield from unfound_subtasks(searched)
        if gid in self._with_gaps:
            yield from self._search_unlisted_after_lists(context, prior, unavailable)
        elif self._methods[gid] == SEARCH and not prior.is_first_read and gid not in self._compared:
            check_lists(context, search_start(context, prior))
        if self._methods[gid] == SEARCH and leaves_to_lists(context):
            self._leaving.add(gid)

    def _begin_of_lists(self, context: TraversalContext, prior: PriorSync) -> str | None:
        """Return the start of a read by lists: that of a search if a last read relied on the index, which is late."""
        return search_start(context, prior) if prior.relied_on_index else context.window.since

    def _search_unlisted_after_lists(
        self, context: TraversalContext, prior: PriorSync, unavailable: Collection[str]
    ) -> Iterator[TaskEvent]:
        """Search for tasks outside of all lists after other searches failed: one for fewer tasks may succeed."""
        gid = context.workspace.gid
        if context.reach.verdict(PRIVATE_KIND) == MISSING:
            return
        is_widened = prior.is_widened_by(SEARCH)
        begin = prior.start_date if prior.is_first_read or is_widened else search_start(context, prior)
        listed = dict(context.gids)
        events = search_unlisted(context, unavailable, begin)
        try:
            yield from _late(events) if is_widened else events
            self._reached[gid] = SEARCH
            if not prior.is_first_read:  # a task may have moved past the lists before the index showed it
                self._leaving.add(gid)
            # A read of everything finds all tasks outside of all lists, and lists what is below them.
            is_whole = prior.is_first_read or is_widened or context.is_whole
            if not is_whole and (gid not in self._with_gaps or _finds_subtasks(context)):
                yield from search_subtasks(context, unavailable, begin, listed)
        except SearchUnavailableError as error:
            context.recent.forget()
            logger.warning(UNREACHED, gid, error)
            self.lacking[gid] = "searches have not found all tasks outside of all lists"
            if not isinstance(error, TooManyAlikeError):
                self._reached.pop(gid, None)  # the next run tries again

    def _widen(self, context: TraversalContext, prior: PriorSync, unavailable: Collection[str]) -> Iterator[TaskEvent]:
        """After the first incremental read by search, search once for tasks outside of all lists."""
        gid = context.workspace.gid
        logger.info(WIDENED, gid, SEARCH)
        # A search that fails has not read what is below its tasks: what only it has found is not remembered.
        context = replace(context, recent=context.recent.forgetful())
        try:
            yield from _late(search_unlisted(context, unavailable, prior.start_date))
        except TooManyAlikeError as error:
            logger.warning(UNREACHED, gid, error)
        except SearchUnavailableError as error:
            logger.warning(UNREACHED, gid, error)
            self._reached[gid] = LIST  # the next run tries again
            self._leaving.add(gid)  # and knows that this one has relied on the index

    def _method(self, context: TraversalContext, prior: PriorSync) -> str:
        gid = context.workspace.gid
        if gid not in self._methods:
            self._methods[gid] = self._choose(context, prior)
        return self._methods[gid]

    def _choose(self, context: TraversalContext, prior: PriorSync) -> str:
        if not context.directory.include_archived:
            return _log_method(context, LIST, "only lists can exclude archived projects")
        if self._setting == EXPORT and (missing := context.reach.missing_in_exports):
            return self._probe(context, prior, AUTO, f"exports leave out {' and '.join(missing)}")
        if self._setting in {LIST, EXPORT}:
            return _log_method(context, self._setting, "the setting extraction_method requires it")
        return self._probe(context, prior, self._setting)

    def _probe(self, context: TraversalContext, prior: PriorSync, setting: str, reason: str = "") -> str:
        """Choose search if the first search of the read succeeds and no subtask is lost by it, and lists otherwise.

        The answer is kept for the traversal, so the choice takes no request of its own.
        """
        reasons = [reason] if reason else []
        item = next(next(sources(SEARCH, context, prior)).work_items(), None)
        if item is None:
            reasons.append("the interrupted read used search")
        else:
            page = context.client.fetch(replace(item.requests[0], is_probe=True))
            if page.unavailable is not None:
                if prior.method != LIST or not page.is_not_in_plan:
                    self.lacking[context.workspace.gid] = "searches are refused"
                level = logging.WARNING if setting == SEARCH else logging.INFO
                return _log_method(
                    context, LIST, *reasons, f"search is refused ({page.unavailable.label})", level=level
                )
            context.fetcher.put(page)
            reasons.append("the workspace's plan includes search")
        if not context.reach.was_compared:
            self._compared.add(context.workspace.gid)
        compare_search(context, prior)
        compare_attachments(context)
        if context.reach.verdict(PRIVATE_KIND) == MISSING:
            logger.warning(UNREACHED, context.workspace.gid, "searches leave out tasks outside of all projects")
        gap = _gap(context)
        if gap is None:
            return _log_method(context, SEARCH, *reasons)
        self._with_gaps.add(context.workspace.gid)
        if not _finds_subtasks(context):
            logger.info(BELOW_UNLISTED, context.workspace.gid)
        return _log_method(context, LIST, *filter(None, (reason, gap)))


def _late(events: Iterable[TaskEvent]) -> Iterator[TaskEvent]:
    """Yield events whose records no earlier read could find."""
    for event in events:
        yield replace(event, is_late=True) if isinstance(event, Batch) else event


def _finds_subtasks(context: TraversalContext) -> bool:
    """Return whether a search for subtasks is known to find them."""
    return context.reach.verdict(SUBTASK_KIND) in {ASKED, FOUND}


def _log_method(context: TraversalContext, method: str, *reasons: str, level: int = logging.INFO) -> str:
    because = ", and ".join(reasons)
    logger.log(level, "workspace %s: tasks are read by %s, because %s", context.workspace.gid, method, because)
    return method


def _gap(context: TraversalContext) -> str | None:
    """Return why searches would lose subtasks, whose lists only reads of whole lists lead to; None if they do not."""
    verdict, directory = context.reach.verdict(SUBTASK_KIND), context.directory
    if context.reach.verdict(CHANGED_KIND) == MISSING:
        return "searches have left out changes"
    if context.reach.is_whole_read_due:
        return "earlier reads have left out changes"
    if verdict is not None:
        return "searches leave out subtasks" if verdict == MISSING else None
    count = sum(len(directory.parents(kind, context.workspace)) for kind in ("project", "user"))
    is_affordable = count <= context.limits.max_uncompared_lists
    return "no subtask is known that shows whether searches find subtasks" if is_affordable else None
