"""Which way the tasks of a workspace are read, and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow, short_hash
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.tasks.by_export import Export, ExportUnavailableError
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.by_search import (
    INDEX_LAG,
    SUBTASKS,
    TOP_LEVEL,
    UNASSIGNED,
    WITH_ATTACHMENTS,
    SearchSource,
    TooManyAlikeError,
)
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, Batch, Checkpoint
from tap_asana.tasks.list_scope import ListScope
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.traversal import (
    SearchRefusedError,
    SearchUnavailableError,
    TaskSource,
    TaskTraversal,
    TraversalContext,
)

LIST, SEARCH, EXPORT, AUTO = "list", "search", "export", "auto"

REACHES = (LIST, SEARCH, EXPORT)
"""Methods by what they reach, the narrowest first: lists miss tasks without project, tag, parent and listed assignee,
and only service accounts, which see everything, have exports."""

ALL_BUT_ATTACHMENTS = tuple(name for name in CHILD_PATHS if name != ATTACHMENTS)
"""What hangs from tasks and cannot be searched for, as attachments can."""

UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE = "unassigned", "departed", "top"
GAINED = "gained"
"""How lanes begin that bring what lists do not reach."""

WIDENED = "workspace %s: what the last run could not reach is read once, because it can be by %s"
UNREACHED = "workspace %s: not all tasks without project, tag and listed assignee could be read, because %s"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PriorSync:
    """What earlier runs leave to this one in a workspace.

    `bookmark` is where the last read began, None if nothing was read before, and `reach` the method that it was by,
    None if that is not known; `new` are the projects that the token could not see then, and `start_date` bounds what
    they bring. `new_by_lists` returns the marks of the users and tags that are new; only a read by lists asks for them.
    The marks of parents whose lists cannot be read are added to `refused`.
    """

    bookmark: str | None
    new_projects: Collection[str] = ()
    start_date: str | None = None
    reach: str | None = None
    unavailable: set[str] = field(default_factory=set)
    new_by_lists: Callable[[], Collection[str]] = frozenset

    @property
    def is_first_read(self) -> bool:
        """Tell whether nothing was read before."""
        return self.bookmark is None

    def widens(self, method: str) -> bool:
        """Tell whether a method reaches what the last read could not."""
        return not self.is_first_read and REACHES.index(method) > REACHES.index(self.reach or LIST)


class ExtractionStrategy:
    """The method of each workspace, found once a run: `setting` is extraction_method."""

    def __init__(self, setting: str) -> None:
        """Probe nothing yet."""
        self._setting = setting
        self._methods: dict[str, str] = {}
        self._reaches: dict[str, str] = {}

    def reach(self, workspace: Workspace) -> str:
        """Return the method that says what a read of a workspace, which has come to its end, could reach."""
        return self._reaches.get(workspace.gid, self._methods[workspace.gid])

    def events(self, scope: TraversalContext, past: PriorSync) -> Iterator[Batch | Checkpoint]:
        """Yield what the workspace's method finds; one that Asana refuses gives way to the next best.

        What it reaches and the last complete read could not is brought whatever the bookmark.
        """
        self._reaches.pop(scope.workspace.gid, None)
        if self._method(scope, past) == EXPORT:
            widens = past.widens(EXPORT)
            if widens:
                logger.info(WIDENED, scope.workspace.gid, EXPORT)
            try:
                yield from Export(_from(scope, past.start_date) if widens else scope).events()
            except ExportUnavailableError as error:
                self._methods[scope.workspace.gid] = self._probe(scope, past, AUTO, f"{error}")
            else:
                # An export has of a project that is new to the token what changed.
                if past.new_projects and not past.is_first_read and not widens:
                    yield from TaskTraversal(scope, [_unread(scope, past)], past.unavailable).events()
                return
        try:
            yield from _walk(self._method(scope, past), scope, past)
        except SearchUnavailableError as error:
            self._methods[scope.workspace.gid] = _log_method(scope, LIST, f"{error}")
            yield from _walk(LIST, scope, past)
            yield from self._search_beside_lists(scope, past)
        if past.widens(self._methods[scope.workspace.gid]):
            yield from self._widen(scope, past)

    def _search_beside_lists(self, scope: TraversalContext, past: PriorSync) -> Iterator[Batch | Checkpoint]:
        """Yield what lists do not reach, after searches failed: one for fewer tasks may succeed."""
        gid = scope.workspace.gid
        everything = past.is_first_read or past.widens(SEARCH)
        begin = past.start_date if everything else _begin(scope, past)
        try:
            yield from _search_unlisted(scope, past, begin)
        except SearchUnavailableError as error:
            logger.warning(UNREACHED, gid, error)
        else:
            self._reaches[gid] = SEARCH

    def _widen(self, scope: TraversalContext, past: PriorSync) -> Iterator[Batch | Checkpoint]:
        """Yield once what lists could not reach, after an increment by search."""
        gid = scope.workspace.gid
        logger.info(WIDENED, gid, SEARCH)
        try:
            yield from _search_unlisted(scope, past, past.start_date)
        except TooManyAlikeError as error:
            logger.warning(UNREACHED, gid, error)
        except SearchUnavailableError as error:
            logger.warning(UNREACHED, gid, error)
            self._reaches[gid] = LIST  # another run may have it

    def _method(self, scope: TraversalContext, past: PriorSync) -> str:
        gid = scope.workspace.gid
        if gid not in self._methods:
            self._methods[gid] = self._choose(scope, past)
        return self._methods[gid]

    def _choose(self, scope: TraversalContext, past: PriorSync) -> str:
        if not scope.directory.include_archived:
            return _log_method(scope, LIST, "only lists can leave out archived projects")
        if self._setting in {LIST, EXPORT}:
            return _log_method(scope, self._setting, "the setting extraction_method asks for it")
        return self._probe(scope, past, self._setting)

    @staticmethod
    def _probe(scope: TraversalContext, past: PriorSync, setting: str, before: str = "") -> str:
        """Choose search or list by the first search that a read takes; where none is to be had, lists lose nothing.

        Its answer is kept for the walk: to find out costs no request of its own.
        """
        reasons = [before] if before else []
        first = next(next(sources(SEARCH, scope, past)).work_items(), None)
        if first is None:
            return _log_method(scope, SEARCH, *reasons, "the read that was cut off has searched")
        page = scope.client.fetch(replace(first.requests[0], is_probe=True))
        if page.unavailable is None:
            scope.fetcher.put(page)
            return _log_method(scope, SEARCH, *reasons, "the plan of the workspace has search")
        level = logging.WARNING if setting == SEARCH else logging.INFO
        return _log_method(scope, LIST, *reasons, f"search is refused there ({page.unavailable.label})", level=level)


def narrowest(reaches: Iterable[str | None]) -> str:
    """Return the method that reaches the least; what is not known reaches no more than lists."""
    return min((reach or LIST for reach in reaches), key=REACHES.index)


def drop_search_positions(window: SyncWindow) -> SyncWindow:
    """Return a read that was cut off without its places in searches that leave tasks to projects.

    Where such a project is refused now, nobody knows any more what was left to it.
    """
    leaving = {UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE}
    return replace(
        window, positions=tuple(each for each in window.positions if each[0].partition(":")[0] not in leaving)
    )


def _log_method(scope: TraversalContext, method: str, *reasons: str, level: int = logging.INFO) -> str:
    because = ", and ".join(reasons)
    logger.log(level, "workspace %s: tasks are read by %s, because %s", scope.workspace.gid, method, because)
    return method


def _walk(method: str, scope: TraversalContext, past: PriorSync) -> Iterator[Batch | Checkpoint]:
    return TaskTraversal(scope, list(sources(method, scope, past)), past.unavailable).events()


def sources(method: str, scope: TraversalContext, past: PriorSync) -> Iterator[TaskSource]:
    """Yield the lanes that together reach every task of the workspace; one that searches is the first of search."""
    if method == LIST:
        new = {*past.new_projects, *past.new_by_lists()}
        yield ListSource("lists", scope, ListScope(new=new), past.start_date)
        return
    begin = _begin(scope, past)
    if past.is_first_read:
        reached, ownership = ListScope(kinds=("project", "user"), subtasks=False), scope.ownership()
        yield SearchSource("subtasks", scope, begin, SUBTASKS, hanging=ALL_BUT_ATTACHMENTS)
        yield ListSource("reached", scope, reached, past.start_date, ALL_BUT_ATTACHMENTS, ownership=ownership)
        yield from _orphan_task_searches(scope, begin, ownership)
    else:
        yield SearchSource("changes", scope, begin, hanging=ALL_BUT_ATTACHMENTS)
        yield _unread(scope, past)
    if ATTACHMENTS in scope.fields:
        yield SearchSource("attached", scope, begin, WITH_ATTACHMENTS, hanging=[ATTACHMENTS], silent=True)


def _from(scope: TraversalContext, begin: str | None) -> TraversalContext:
    """Return what is walked as it were if it began at another instant."""
    return replace(scope, window=replace(scope.window, since=begin))


def _search_unlisted(scope: TraversalContext, past: PriorSync, begin: str | None) -> Iterator[Batch | Checkpoint]:
    """Yield what lists do not reach, with what lies below it; raises SearchUnfitError."""
    try:
        yield from TaskTraversal(
            scope, list(_unlisted(scope, past, begin, _nobody_listed(scope))), past.unavailable
        ).events()
    except SearchRefusedError:
        # Nobody knows whether a search may ask for tasks of no assignee.
        yield from TaskTraversal(
            scope, list(_unlisted(scope, past, begin, {TOP_LANE: TOP_LEVEL})), past.unavailable
        ).events()


def _unlisted(
    scope: TraversalContext, past: PriorSync, begin: str | None, lanes: Mapping[str, Mapping[str, str]]
) -> Iterator[TaskSource]:
    """Yield lanes for what lists do not reach.

    What is in projects was read, now or by earlier runs, unless the list of the project is refused.
    """
    ownership = replace(scope, window=replace(scope.window, unavailable=tuple(past.unavailable))).ownership()
    for project in scope.directory.parents("project", scope.workspace):
        ownership.pass_by(project.gid)
    for name, filters in lanes.items():
        yield SearchSource(
            f"{GAINED}-{name}", scope, begin, filters, hanging=tuple(CHILD_PATHS), ownership=ownership, below=True
        )


def _orphan_task_searches(scope: TraversalContext, begin: str | None, ownership: TaskOwnership) -> list[TaskSource]:
    """Return lanes for what no list reaches, beside the walk of the lists."""
    lanes = _nobody_listed(scope).items()
    return [
        SearchSource(name, scope, begin, filters, hanging=ALL_BUT_ATTACHMENTS, ownership=ownership)
        for name, filters in lanes
    ]


def _nobody_listed(scope: TraversalContext) -> Mapping[str, Mapping[str, str]]:
    """Return filters for tasks without a project that are assigned to nobody, or to people who are not listed any more.

    Where there are more people than a search can leave out by name, all tasks but subtasks are searched.
    """
    listed = [user.gid for user in scope.directory.parents("user", scope.workspace)]
    others = {**TOP_LEVEL, "assignee.not": ",".join(listed)}
    # Who joins between two attempts is left out by the second one, which the place of the first knows nothing of.
    lanes: dict[str, Mapping[str, str]] = {
        UNASSIGNED_LANE: UNASSIGNED,
        f"{DEPARTED_LANE}:{short_hash(listed)}": others,
    }
    if not 0 < len(listed) <= scope.limits.max_excluded_people:
        lanes = {TOP_LANE: TOP_LEVEL}
    return lanes


def _begin(scope: TraversalContext, past: PriorSync) -> str | None:
    """Return where searches begin: what the index had not caught up with is read again, however short the lookback."""
    since = scope.window.since
    if since is None or past.bookmark is None:
        return since
    lagging = format_instant(parse_instant(past.bookmark) - INDEX_LAG)
    bounds = [min(since, lagging, key=parse_instant), *([past.start_date] if past.start_date else [])]
    return max(bounds, key=parse_instant)


def _unread(scope: TraversalContext, past: PriorSync) -> TaskSource:
    return ListSource(
        "new", scope, ListScope(kinds=("project",), new=past.new_projects, new_only=True), past.start_date
    )
