"""The way in which the tasks of a workspace are read: by list, by search or by export, and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow, short_hash
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.tasks.by_export import Export, ExportUnavailableError
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.by_search import (
    INDEX_LAG,
    ONLY_SUBTASKS,
    TOP_LEVEL,
    UNASSIGNED,
    WITH_ATTACHMENTS,
    SearchSource,
    TooManyAlikeError,
)
from tap_asana.tasks.context import SearchRefusedError, SearchUnavailableError, TaskSource, TraversalContext
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, ParentUnavailable, TaskEvent
from tap_asana.tasks.task_lists import ListScope
from tap_asana.tasks.traversal import TaskTraversal

LIST, SEARCH, EXPORT, AUTO = "list", "search", "export", "auto"

METHODS_BY_REACH = (LIST, SEARCH, EXPORT)
"""The methods, those that find fewer tasks first: lists miss tasks without project, tag, parent and listed assignee,
and only service accounts, which see everything, have exports."""

ALL_BUT_ATTACHMENTS = tuple(name for name in CHILD_PATHS if name != ATTACHMENTS)
"""The child streams that a search cannot filter by; it can filter by attachments."""

UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE = "unassigned", "departed", "top"
UNLISTED_PREFIX = "gained"
"""Prefix of the lanes for tasks outside of all lists."""

WIDENED = "workspace %s: reading once, by %s, the tasks that the last run could not find"
UNREACHED = "workspace %s: not all tasks without project, tag and listed assignee could be read, because %s"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PriorSync:
    """The results of earlier runs in a workspace.

    `bookmark`: the start of the last complete read, None if there is none.
    `new_projects`: the state keys of the projects that the token could not see then; they are read from `start_date`.
    `method`: the method of the last complete read, None if it is not known.
    `new_by_lists`: returns the state keys of new users and tags; only a read by list calls it.
    """

    bookmark: str | None
    new_projects: Collection[str] = ()
    start_date: str | None = None
    method: str | None = None
    new_by_lists: Callable[[], Collection[str]] = frozenset

    @property
    def is_first_read(self) -> bool:
        """Return whether nothing was read before."""
        return self.bookmark is None

    def is_widened_by(self, method: str) -> bool:
        """Return whether a method finds tasks that the last read could not find."""
        is_wider = METHODS_BY_REACH.index(method) > METHODS_BY_REACH.index(self.method or LIST)
        return is_wider and not self.is_first_read


class ExtractionStrategy:
    """The method of each workspace, chosen once a run by the setting `extraction_method`."""

    def __init__(self, setting: str) -> None:
        """Choose nothing yet."""
        self._setting = setting
        self._methods: dict[str, str] = {}
        self._reached: dict[str, str] = {}

    @property
    def exports(self) -> bool:
        """Return whether the setting requires exports."""
        return self._setting == EXPORT

    def method_of(self, workspace: Workspace) -> str:
        """Return the method by which a workspace is read, or the setting as long as none is chosen."""
        return self._methods.get(workspace.gid, self._setting)

    def method_reached(self, workspace: Workspace) -> str:
        """Return the method whose tasks a complete read of a workspace has found."""
        return self._reached.get(workspace.gid, self._methods[workspace.gid])

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
            is_widened = prior.is_widened_by(EXPORT)
            if is_widened:
                logger.info(WIDENED, gid, EXPORT)
            try:
                yield from Export(starting_at(context, prior.start_date) if is_widened else context).events()
            except ExportUnavailableError as error:
                self._methods[gid] = self._probe(context, prior, AUTO, f"{error}")
            else:
                # The export contains only the changes of new projects.
                if prior.new_projects and not prior.is_first_read and not is_widened:
                    yield from TaskTraversal(context, [_new_projects(context, prior)]).events()
                return
        try:
            yield from _traverse(self._method(context, prior), context, prior)
        except SearchUnavailableError as error:
            self._methods[gid] = _log_method(context, LIST, f"{error}")
            yield from _traverse(LIST, context, prior)
            yield from self._search_unlisted_after_lists(context, prior, unavailable)
        if prior.is_widened_by(self._methods[gid]):
            yield from self._widen(context, prior, unavailable)

    def _search_unlisted_after_lists(
        self, context: TraversalContext, prior: PriorSync, unavailable: Collection[str]
    ) -> Iterator[TaskEvent]:
        """Search for tasks outside of all lists after other searches failed: one for fewer tasks may succeed."""
        gid = context.workspace.gid
        reads_everything = prior.is_first_read or prior.is_widened_by(SEARCH)
        begin = prior.start_date if reads_everything else _search_start(context, prior)
        try:
            yield from _search_unlisted(context, unavailable, begin)
        except SearchUnavailableError as error:
            logger.warning(UNREACHED, gid, error)
        else:
            self._reached[gid] = SEARCH

    def _widen(self, context: TraversalContext, prior: PriorSync, unavailable: Collection[str]) -> Iterator[TaskEvent]:
        """After the first incremental read by search, search once for tasks outside of all lists."""
        gid = context.workspace.gid
        logger.info(WIDENED, gid, SEARCH)
        try:
            yield from _search_unlisted(context, unavailable, prior.start_date)
        except TooManyAlikeError as error:
            logger.warning(UNREACHED, gid, error)
        except SearchUnavailableError as error:
            logger.warning(UNREACHED, gid, error)
            self._reached[gid] = LIST  # the next run tries again

    def _method(self, context: TraversalContext, prior: PriorSync) -> str:
        gid = context.workspace.gid
        if gid not in self._methods:
            self._methods[gid] = self._choose(context, prior)
        return self._methods[gid]

    def _choose(self, context: TraversalContext, prior: PriorSync) -> str:
        if not context.directory.include_archived:
            return _log_method(context, LIST, "only lists can exclude archived projects")
        if self._setting in {LIST, EXPORT}:
            return _log_method(context, self._setting, "the setting extraction_method requires it")
        return self._probe(context, prior, self._setting)

    @staticmethod
    def _probe(context: TraversalContext, prior: PriorSync, setting: str, reason: str = "") -> str:
        """Choose search if the first search of the read succeeds, and lists otherwise.

        The answer is kept for the traversal, so the choice takes no request of its own.
        """
        reasons = [reason] if reason else []
        item = next(next(sources(SEARCH, context, prior)).work_items(), None)
        if item is None:
            return _log_method(context, SEARCH, *reasons, "the interrupted read used search")
        page = context.client.fetch(replace(item.requests[0], is_probe=True))
        if page.unavailable is None:
            context.fetcher.put(page)
            return _log_method(context, SEARCH, *reasons, "the workspace's plan includes search")
        level = logging.WARNING if setting == SEARCH else logging.INFO
        return _log_method(context, LIST, *reasons, f"search is refused ({page.unavailable.label})", level=level)


def drop_search_positions(window: SyncWindow) -> SyncWindow:
    """Return an interrupted read without its positions in the searches that left tasks to projects.

    If such a project is unavailable now, nobody knows which tasks were left to it.
    """
    lanes = {UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE}
    positions = tuple(entry for entry in window.positions if entry[0].partition(":")[0] not in lanes)
    return replace(window, positions=positions)


def sources(method: str, context: TraversalContext, prior: PriorSync) -> Iterator[TaskSource]:
    """Yield the sources that together find every task of a workspace; by search, the first one searches."""
    if method == LIST:
        new = {*prior.new_projects, *prior.new_by_lists()}
        yield ListSource("lists", context, ListScope(new=new), prior.start_date)
        return
    begin = _search_start(context, prior)
    if prior.is_first_read:
        scope, ownership = ListScope(kinds=("project", "user"), subtasks=False), context.ownership()
        yield SearchSource("subtasks", context, begin, ONLY_SUBTASKS, child_streams=ALL_BUT_ATTACHMENTS)
        yield ListSource("reached", context, scope, prior.start_date, ALL_BUT_ATTACHMENTS, ownership=ownership)
        for name, filters in _unlisted_filters(context).items():
            yield SearchSource(name, context, begin, filters, child_streams=ALL_BUT_ATTACHMENTS, ownership=ownership)
    else:
        yield SearchSource("changes", context, begin, child_streams=ALL_BUT_ATTACHMENTS)
        yield _new_projects(context, prior)
    if ATTACHMENTS in context.fields:
        yield SearchSource(
            "attached", context, begin, WITH_ATTACHMENTS, child_streams=[ATTACHMENTS], children_only=True
        )


def _log_method(context: TraversalContext, method: str, *reasons: str, level: int = logging.INFO) -> str:
    because = ", and ".join(reasons)
    logger.log(level, "workspace %s: tasks are read by %s, because %s", context.workspace.gid, method, because)
    return method


def _traverse(method: str, context: TraversalContext, prior: PriorSync) -> Iterator[TaskEvent]:
    return TaskTraversal(context, list(sources(method, context, prior))).events()


def starting_at(context: TraversalContext, begin: str | None) -> TraversalContext:
    """Return the context with another start of its window."""
    return replace(context, window=replace(context.window, since=begin))


def _search_unlisted(context: TraversalContext, unavailable: Collection[str], begin: str | None) -> Iterator[TaskEvent]:
    """Search for tasks outside of all lists, with their subtrees; raises SearchUnavailableError."""
    try:
        yield from _traverse_unlisted(context, unavailable, begin, _unlisted_filters(context))
    except SearchRefusedError:
        # Asana does not document whether a search may ask for tasks without an assignee.
        yield from _traverse_unlisted(context, unavailable, begin, {TOP_LANE: TOP_LEVEL})


def _traverse_unlisted(
    context: TraversalContext, unavailable: Collection[str], begin: str | None, lanes: Mapping[str, Mapping[str, str]]
) -> Iterator[TaskEvent]:
    """Search with these filters, without the tasks in projects.

    Those were read, by this run or by earlier ones, unless the project's list is unavailable.
    """
    window = replace(context.window, unavailable=tuple(unavailable))
    ownership = replace(context, window=window).ownership()
    for project in context.directory.parents("project", context.workspace):
        ownership.mark_finished(project.gid)
    searches = [
        SearchSource(
            f"{UNLISTED_PREFIX}-{name}",
            context,
            begin,
            filters,
            child_streams=tuple(CHILD_PATHS),
            ownership=ownership,
            lists_subtasks=True,
        )
        for name, filters in lanes.items()
    ]
    return TaskTraversal(context, searches).events()


def _unlisted_filters(context: TraversalContext) -> Mapping[str, Mapping[str, str]]:
    """Return the filters, by lane, for tasks without a project that nobody, or nobody listed, is assigned to.

    If there are more people than a search can exclude, all tasks but subtasks are searched.
    """
    people = [user.gid for user in context.directory.parents("user", context.workspace)]
    if not 0 < len(people) <= context.limits.max_excluded_people:
        return {TOP_LANE: TOP_LEVEL}
    # The lane's name depends on the people: a second attempt excludes somebody who joined since the first one, so it
    # cannot resume at the first one's position.
    departed = f"{DEPARTED_LANE}:{short_hash(people)}"
    return {UNASSIGNED_LANE: UNASSIGNED, departed: {**TOP_LEVEL, "assignee.not": ",".join(people)}}


def _search_start(context: TraversalContext, prior: PriorSync) -> str | None:
    """Return the start of searches, early enough for an index that lagged behind the last read."""
    since = context.window.since
    if since is None or prior.bookmark is None:
        return since
    lagging = format_instant(parse_instant(prior.bookmark) - INDEX_LAG)
    bounds = [min(since, lagging, key=parse_instant), *([prior.start_date] if prior.start_date else [])]
    return max(bounds, key=parse_instant)


def _new_projects(context: TraversalContext, prior: PriorSync) -> TaskSource:
    """Return the source of the projects new to the token, which are read whole."""
    scope = ListScope(kinds=("project",), new=prior.new_projects, only_new=True)
    return ListSource("new", context, scope, prior.start_date)
