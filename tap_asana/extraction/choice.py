"""Which way the tasks of a workspace are read, and why."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from tap_asana.extraction.export import Export, ExportUnavailableError
from tap_asana.extraction.homes import Homes
from tap_asana.extraction.listing import Extent, Listing
from tap_asana.extraction.members import ATTACHMENTS, PATHS, Batch, Checkpoint
from tap_asana.extraction.search import ATTACHED, LAG, SUBTASKS, TOP_LEVEL, UNASSIGNED, Search
from tap_asana.extraction.walk import Scope, SearchUnfitError, Source, Walk
from tap_asana.state import Sweep, fingerprint, format_instant, parse_instant

LIST, SEARCH, EXPORT, AUTO = "list", "search", "export", "auto"

UNATTACHED = tuple(name for name in PATHS if name != ATTACHMENTS)
"""What hangs from tasks and cannot be searched for, as attachments can."""

UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE = "unassigned", "departed", "top"

NAMED = 200
"""People whom one search leaves out by name: some 4,000 characters of its address."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs leave to this one in a workspace.

    `bookmark` is where the last read began, None if nothing was read before; `new` are the projects that the token
    could not see then, and `start_date` bounds what they bring. The marks of parents whose lists cannot be read are
    added to `refused`.
    """

    bookmark: str | None
    new: Collection[str] = ()
    start_date: str | None = None
    refused: set[str] = field(default_factory=set)

    @property
    def first(self) -> bool:
        """Tell whether nothing was read before."""
        return self.bookmark is None


class Choice:
    """The method of each workspace, found once a run: `setting` is extraction_method."""

    def __init__(self, setting: str) -> None:
        """Probe nothing yet."""
        self._setting = setting
        self._methods: dict[str, str] = {}

    def events(self, scope: Scope, past: Past) -> Iterator[Batch | Checkpoint]:
        """Yield what the workspace's method finds; one that Asana refuses gives way to the next best."""
        if self._method(scope, past) == EXPORT:
            try:
                yield from Export(scope).events()
            except ExportUnavailableError as error:
                self._methods[scope.workspace.gid] = self._probe(scope, past, AUTO, f"{error}")
            else:
                if past.new and not past.first:  # an export has of a project that is new to the token what changed
                    yield from Walk(scope, [_unread(scope, past)], past.refused).events()
                return
        try:
            yield from _walk(self._method(scope, past), scope, past)
        except SearchUnfitError as error:
            self._methods[scope.workspace.gid] = _say(scope, LIST, f"{error}")
            yield from _walk(LIST, scope, past)

    def _method(self, scope: Scope, past: Past) -> str:
        gid = scope.workspace.gid
        if gid not in self._methods:
            self._methods[gid] = self._choose(scope, past)
        return self._methods[gid]

    def _choose(self, scope: Scope, past: Past) -> str:
        if not scope.crawl.archived:
            return _say(scope, LIST, "only lists can leave out archived projects")
        if self._setting in {LIST, EXPORT}:
            return _say(scope, self._setting, "the setting extraction_method asks for it")
        return self._probe(scope, past, self._setting)

    @staticmethod
    def _probe(scope: Scope, past: Past, setting: str, before: str = "") -> str:
        """Choose search or list by the first search that a read takes; where none is to be had, lists lose nothing.

        Its answer is kept for the walk: to find out costs no request of its own.
        """
        reasons = [before] if before else []
        first = next(next(sources(SEARCH, scope, past)).units(), None)
        if first is None:
            return _say(scope, SEARCH, *reasons, "the read that was cut off has searched")
        page = scope.client.fetch(replace(first.asks[0], probing=True))
        if page.refused is None:
            scope.ahead.keep(page)
            return _say(scope, SEARCH, *reasons, "the plan of the workspace has search")
        level = logging.WARNING if setting == SEARCH else logging.INFO
        return _say(scope, LIST, *reasons, f"search is refused there ({page.refused.label})", level=level)


def unsettled(sweep: Sweep) -> Sweep:
    """Return a read that was cut off without its places in searches that leave tasks to projects.

    Where such a project is refused now, nobody knows any more what was left to it.
    """
    leaving = {UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE}
    return replace(sweep, done=tuple(each for each in sweep.done if each[0].partition(":")[0] not in leaving))


def _say(scope: Scope, method: str, *reasons: str, level: int = logging.INFO) -> str:
    because = ", and ".join(reasons)
    logger.log(level, "workspace %s: tasks are read by %s, because %s", scope.workspace.gid, method, because)
    return method


def _walk(method: str, scope: Scope, past: Past) -> Iterator[Batch | Checkpoint]:
    return Walk(scope, list(sources(method, scope, past)), past.refused).events()


def sources(method: str, scope: Scope, past: Past) -> Iterator[Source]:
    """Yield the lanes that together reach every task of the workspace; one that searches is the first of search."""
    if method == LIST:
        yield Listing("lists", scope, Extent(new=past.new), past.start_date)
        return
    begin = _begin(scope, past)
    if past.first:
        reached, homes = Extent(kinds=("project", "user"), subtasks=False), scope.homes()
        yield Search("subtasks", scope, begin, SUBTASKS, hanging=UNATTACHED)
        yield Listing("reached", scope, reached, past.start_date, UNATTACHED, homes=homes)
        yield from _of_nobody_listed(scope, begin, homes)
    else:
        yield Search("changes", scope, begin, hanging=UNATTACHED)
        yield _unread(scope, past)
    if ATTACHMENTS in scope.fields:
        yield Search("attached", scope, begin, ATTACHED, hanging=[ATTACHMENTS], silent=True)


def _of_nobody_listed(scope: Scope, begin: str | None, homes: Homes) -> list[Source]:
    """Return lanes for tasks without a project that are assigned to nobody, or to people who are not listed any more.

    Where there are more people than a search can leave out by name, all tasks but subtasks are searched.
    """
    listed = [user.gid for user in scope.crawl.parents("user", scope.workspace)]
    others = {**TOP_LEVEL, "assignee.not": ",".join(listed)}
    # Who joins between two attempts is left out by the second one, which the place of the first knows nothing of.
    lanes = {UNASSIGNED_LANE: UNASSIGNED, f"{DEPARTED_LANE}:{fingerprint(listed)}": others}
    if not 0 < len(listed) <= NAMED:
        lanes = {TOP_LANE: TOP_LEVEL}
    return [Search(name, scope, begin, filters, hanging=UNATTACHED, homes=homes) for name, filters in lanes.items()]


def _begin(scope: Scope, past: Past) -> str | None:
    """Return where searches begin: what the index had not caught up with is read again, however short the lookback."""
    since = scope.sweep.since
    if since is None or past.bookmark is None:
        return since
    lagging = format_instant(parse_instant(past.bookmark) - LAG)
    bounds = [min(since, lagging, key=parse_instant), *([past.start_date] if past.start_date else [])]
    return max(bounds, key=parse_instant)


def _unread(scope: Scope, past: Past) -> Source:
    return Listing("new", scope, Extent(kinds=("project",), new=past.new, new_only=True), past.start_date)
