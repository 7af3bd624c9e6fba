"""The walk of a pass over all tasks of a workspace: its method, its tasks, and the requests before the first one."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial

from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.fetch.lane import Key
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.state.search_reach import ARCHIVED_KIND, SUBTASK_KIND
from tap_asana.sync.decoders import new_decoder
from tap_asana.sync.facts import StreamFacts
from tap_asana.sync.inventory import Inventory
from tap_asana.sync.session import SyncSession
from tap_asana.tasks.context import SearchUnavailableError, TraversalContext
from tap_asana.tasks.events import CHILD_PATHS, TASKS
from tap_asana.tasks.gap_lists import needs_lists
from tap_asana.tasks.methods import EXPORT, LIST, SEARCH
from tap_asana.tasks.walk import (
    FIRST_PLACE,
    Stage,
    WalkEvent,
    listed_gids,
    searched_gids,
    walk_by_export,
    walk_by_gid,
    walk_by_search,
)
from tap_asana.tasks.whole_tasks import WHOLE_LANE

MIN_FIRST_REQUESTS: Mapping[str, int] = {EXPORT: 10, SEARCH: 3}
"""Requests to expect before the first stage of a walk in a run: for a small export, or for the first searches."""

UNSEARCHED = "workspace %s: a pass reads no tasks outside of all lists but those that state knows, because %s"

MAX_SEARCH_OVERLAP = timedelta(days=1)
"""Time before the last pass that the searches of later runs include at most."""

logger = logging.getLogger(__name__)


class PassWalk:
    """The walk of one run over the tasks beyond the place of the pass.

    `listing_requests` are the requests that this run has sent for a list of all tasks, which is of no other use.
    """

    def __init__(
        self, session: SyncSession, workspace: Workspace, inventory: Inventory, streams: Mapping[str, StreamFacts]
    ) -> None:
        """Request nothing yet."""
        self.listing_requests = 0
        self._session = session
        self._run = session.run
        self._workspace = workspace
        self._inventory = inventory
        self._state = inventory.state
        self._streams = streams
        self._method_of_run = self._run.strategy.method_of(workspace)
        self._listed_gids: frozenset[int] | None = None
        self.method = self._method()

    def _method(self) -> str:
        """Return the method of the pass: that of the run, but lists where searches leave tasks out, or may do so.

        A pass that reads lists continues so: its first searches may have failed.
        """
        if self._method_of_run != SEARCH:
            return self._method_of_run
        if self._state.began is not None and self._state.fits(LIST, self._streams):
            return LIST
        context = replace(self.context(), reach=self._session.reach_of(self._workspace))
        return LIST if needs_lists(context) else SEARCH

    def events(self, stage_tasks: int) -> Iterator[WalkEvent]:
        """Yield the tasks in stages of so many."""
        place, context = self._state.place, self.context()
        if self.method == EXPORT:
            if self._is_reach_unknown:
                context = replace(context, reach=self._session.reach_of(self._workspace))
            return walk_by_export(context, place, stage_tasks)
        if self.method == SEARCH:
            return walk_by_search(context, place, self._since_last_pass, stage_tasks)
        return self._by_gid(context, place or FIRST_PLACE, stage_tasks)

    @property
    def _is_reach_unknown(self) -> bool:
        """Return whether it is unknown what exports contain: an export of everything shows it best."""
        reach = self._session.reach_of(self._workspace)
        projects = self._run.directory.parents("project", self._workspace)
        has_archived = any(project.attributes.get("archived") is True for project in projects)
        return reach.exported(SUBTASK_KIND) is None or (has_archived and reach.exported(ARCHIVED_KIND) is None)

    def _by_gid(self, context: TraversalContext, place: Key, stage_tasks: int) -> Iterator[WalkEvent]:
        gids, changed = self._free_gids, set[int]()
        if gids is None:
            gids, changed = self._listing(context)
            yield Stage(place, 0)
        self._listed_gids = frozenset(gids)
        yield from walk_by_gid(context, gids[bisect_right(gids, place[0]) :], stage_tasks, changed)

    @cached_property
    def _free_gids(self) -> Sequence[int] | None:
        """Return the gids of all tasks, if the run has listed them anyway.

        A resumed run has not listed everything, and one by search has only searched.
        """
        return None if self._method_of_run == SEARCH else self._inventory.listed_gids

    def _listing(self, context: TraversalContext) -> tuple[Sequence[int], set[int]]:
        """Return the gids of all tasks from lists, and searches if the run reads by search; and of those changed.

        If the searches fail, those that only they find are looked for at the end of the pass, as far as they are known;
        a line says that the others are not read.
        """
        metrics, searched, changed = self._run.client.metrics, set[int](), set[int]()
        before = metrics.requests()
        if self._method_of_run == SEARCH:
            try:
                searched, changed = searched_gids(context, self._since_last_pass)
            except SearchUnavailableError as error:
                logger.warning(UNSEARCHED, self._workspace.gid, error)
        gids = sorted({*listed_gids(context), *searched})
        self.listing_requests = metrics.requests() - before
        self._state.note_first_requests(self.listing_requests)
        self._state.note_total(len(gids))
        return gids, changed

    @property
    def first_requests(self) -> int:
        """Return the requests to expect before the first stage."""
        if self.method == LIST:
            return self._state.first_requests if self._free_gids is None else 0
        return max(MIN_FIRST_REQUESTS[self.method], self._state.first_requests if self.method == EXPORT else 0)

    @property
    def expected_tasks(self) -> int | None:
        """Return the number of tasks that the pass reads, if it is known."""
        missing = self._state.missing
        if self.method == SEARCH:
            return self._state.tasks_read + len(missing[TASKS]) if missing else None
        gids = self._free_gids
        return None if self.method == EXPORT else self._state.total if gids is None else len(gids)

    @property
    def listed_gids(self) -> frozenset[int] | None:
        """Return the tasks that the walk can have read; None if it has read all that exist.

        A run that only ends a pass does not list them, unless it has done so anyway.
        """
        if self.method != LIST:
            return None
        return frozenset(self._free_gids or ()) if self._listed_gids is None else self._listed_gids

    @property
    def _since_last_pass(self) -> str | None:
        """Return an instant before all changes that searches can have found since the last pass."""
        last = self._state.last
        return format_instant(parse_instant(last) - MAX_SEARCH_OVERLAP) if last else None

    def context(self) -> TraversalContext:
        """Return the context of a traversal that reads whole tasks, whatever announces attachments."""
        run, start = self._run, self._run.settings.start_date
        fields = {TASKS: list[str](), **{name: stream.opt_fields() for name, stream in self._streams.items()}}
        return TraversalContext(
            *(run.client, run.fetcher, run.limits, run.directory, self._workspace),
            window=SyncWindow(format_instant(start) if start else None, run.start),
            fields=fields,
            on_unavailable=self._owe,
            new_decoder=partial(new_decoder, self._workspace, self._streams),
            is_probing=True,
            time_hints=run.time_hints,
        )

    def _owe(self, request: Request, refusal: Unavailable) -> None:
        """Count and owe a refused list below a task, and note that the pass has not read all of its stream."""
        gid = request.parent_keys.get("task_gid", "0")
        is_lasting = refusal.status not in GONE_STATUSES
        if request.label == WHOLE_LANE and is_lasting and int(gid) in (self._listed_gids or ()):
            self._state.note_unread(self._streams)
        if request.label not in CHILD_PATHS:
            return
        self._state.note_unread([request.label])
        self._session.cursor(self._streams[request.label]).owe_children(self._workspace, request, refusal)
