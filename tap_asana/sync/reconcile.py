"""The pass over all tasks: each run reads the next part of them again, below a share of the request rate."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.sync.decoders import new_decoder
from tap_asana.sync.deletion_records import DELETIONS, from_absence
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.inventory import STREAMS_OF_TASKS, Inventory
from tap_asana.sync.missing_objects import RECONCILED, MissingObjects
from tap_asana.sync.session import SyncSession
from tap_asana.tasks.context import ExportUnavailableError, SearchUnavailableError, TraversalContext
from tap_asana.tasks.events import CHILD_PATHS, TASKS, Batch
from tap_asana.tasks.lanes import needs_lists
from tap_asana.tasks.methods import EXPORT, LIST, SEARCH
from tap_asana.tasks.walk import (
    MAX_STAGE_TASKS,
    Stage,
    Trashed,
    WalkEvent,
    listed_gids,
    searched_gids,
    walk_by_export,
    walk_by_gid,
    walk_by_search,
)
from tap_asana.tasks.whole_tasks import WHOLE_LANE

PASSES_PER_PERIOD = 2
"""Passes within `reconcile_days`: the last one before a deletion may have read the object at its start."""

MAX_SAVED_MINUTES = 24 * 60
"""Minutes between two runs whose share of the request rate counts: a run after a long pause takes no hours."""

MAX_SEARCH_OVERLAP = timedelta(days=1)
"""Time before the last pass that the searches of later runs include at most."""

logger = logging.getLogger(__name__)


def reconcile(session: SyncSession, streams: Mapping[str, StreamFacts]) -> Iterator[Event]:
    """Yield the next part of all tasks, if the settings ask for it."""
    own = {name: streams[name] for name in STREAMS_OF_TASKS if name in streams}
    if session.run.settings.reconcile_days is None or session.limit:
        return
    if not own:
        logger.warning(
            "reconcile_days: nothing is read again, because none of %s is selected", ", ".join(STREAMS_OF_TASKS)
        )
        return
    for workspace in session.run.directory.workspaces:
        if inventory := session.inventories.of(workspace):
            yield Commit(inventory.state.store)
            yield from _Pass(session, workspace, inventory, own).events()


class _Pass:
    """The part of a pass that one run reads in a workspace.

    Its stages end when the pass is on its schedule, or when the next one might cost more than the run's allowance.
    """

    def __init__(
        self, session: SyncSession, workspace: Workspace, inventory: Inventory, streams: Mapping[str, StreamFacts]
    ) -> None:
        self._session = session
        self._run = run = session.run
        self._workspace = workspace
        self._inventory = inventory
        self._state = inventory.state
        self._streams = streams
        self._method = self._method_of_walk
        self._finds_deletions = any(stream.name == DELETIONS for stream in session.selected)
        self._length = timedelta(days=run.settings.reconcile_days or 1) / PASSES_PER_PERIOD
        self._start = parse_instant(run.start)
        self._pause = max(self._start - parse_instant(self._state.reached or run.start), timedelta())
        minutes = min(self._pause / timedelta(minutes=1), MAX_SAVED_MINUTES)
        share = run.settings.reconcile_percent / 100 / len(run.directory.workspaces)
        per_minute = min(
            run.client.requests_per_minute, run.settings.requests_per_minute * run.settings.number_of_tokens
        )
        self._allowance = int(per_minute * minutes * share)
        self._requests_before = self._requests
        task_cost = 1 + len(streams)
        self._stage_tasks = min(MAX_STAGE_TASKS, max(1, self._allowance // task_cost))
        self._stage_cost = (run.limits.max_search_tasks if self._method == SEARCH else self._stage_tasks) * task_cost
        self._total: int | None = None
        self._listed_gids: frozenset[int] | None = None

    def events(self) -> Iterator[Event]:
        """Yield the records of the part, and the deletions that the end of the pass finds."""
        state = self._state
        if state.reached is None:
            yield self._commit()
        elif self._is_due:
            if state.began is None or not state.fits(self._method, self._streams):
                self._begin()
            yield from self._read()

    @property
    def _method_of_walk(self) -> str:
        """Return the method of the pass: that of the run, but lists where searches leave tasks out, or may do so."""
        method = self._run.strategy.method_of(self._workspace)
        if method != SEARCH:
            return method
        context = replace(self._context(), reach=self._session.reach_of(self._workspace))
        return LIST if needs_lists(context) else SEARCH

    @property
    def _is_due(self) -> bool:
        """Return whether a pass may begin or continue; one by export reads a whole file, and waits until it is due."""
        last, state = self._state.last, self._state
        waits = self._method == EXPORT and last is not None and state.began is None
        return not waits or self._next_run - parse_instant(f"{last}") >= self._length

    def _begin(self) -> None:
        state, is_broken = self._state, self._state.began is not None
        if is_broken:
            logger.info(
                "workspace %s: the pass over all tasks begins again, because their method or selection has changed",
                self._workspace.gid,
            )
        # What is created after the last read of all streams is new to the next one, and no part of this pass.
        began = min([self._run.start, *filter(None, self._last_reads.values())], key=parse_instant)
        state.begin(began, self._method, self._streams, is_kept=self._finds_deletions, is_known=not is_broken)

    @property
    def _last_reads(self) -> Mapping[str, str | None]:
        """Return the starts of the last reads, by stream."""
        cursors = {name: self._session.cursor(stream) for name, stream in self._streams.items()}
        return {name: cursor.bookmark(self._workspace).value for name, cursor in cursors.items()}

    def _walk(self) -> Iterator[WalkEvent]:
        """Return the walk over the tasks beyond the place of the pass."""
        place, context = self._state.place, self._context()
        if self._method == EXPORT:
            return iter(()) if place else walk_by_export(context)
        if self._method == SEARCH:
            missing = self._state.missing
            self._total = self._state.tasks_read + len(missing[TASKS]) if missing else None
            return walk_by_search(context, place, self._since_last_pass)
        is_searched = self._run.strategy.method_of(self._workspace) == SEARCH
        gids = None if is_searched else self._inventory.listed_gids
        searched, changed = searched_gids(context, self._since_last_pass) if is_searched else (set[int](), set[int]())
        if gids is None:  # a resumed run has not listed everything, and one by search has only searched
            gids = sorted({*listed_gids(context), *searched})
        self._total, self._listed_gids = len(gids), frozenset(gids)
        first = bisect_right(gids, place[0]) if place else 0
        return walk_by_gid(context, gids[first:], self._stage_tasks, changed)

    def _context(self) -> TraversalContext:
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
        if (
            request.label == WHOLE_LANE
            and refusal.status not in GONE_STATUSES
            and int(gid) in (self._listed_gids or ())
        ):
            self._state.note_unread(self._streams)
        if request.label not in CHILD_PATHS:
            return
        self._state.note_unread([request.label])
        self._session.cursor(self._streams[request.label]).owe_children(self._workspace, request, refusal)

    def _read(self) -> Iterator[Event]:
        """Yield the stages of a walk, each with its place behind it, and after the last one the end of the pass."""
        self._run.progress.update("all tasks again")
        self._inventory.begin_pass(self._last_reads)
        try:
            walk = self._walk()
            while self._may_continue:
                before = self._requests
                for event in walk:
                    if isinstance(event, Trashed):
                        yield from self._deletions_of(event)
                        continue
                    if not isinstance(event, Batch):
                        self._stage_cost = max(self._stage_cost, self._requests - before)
                        yield self._commit(event)
                        break
                    if event.stream in self._streams:
                        yield event
                        self._inventory.read(event)
                        self._inventory.meet(event)
                else:
                    yield from self._finish()
                    return
        except (SearchUnavailableError, ExportUnavailableError) as error:
            logger.warning("workspace %s: not all tasks can be read again: %s", self._workspace.gid, error)
            return
        if self._fits_allowance:  # else the next run has the allowance of both
            yield self._commit()
        elif self._due_share >= 1:
            logger.warning(
                "workspace %s: %s tasks were read again since %s, and the rest is late: a higher reconcile_percent or "
                "more reconcile_days are needed",
                *(self._workspace.gid, f"{self._state.tasks_read:,}", self._state.began),
            )

    @property
    def _since_last_pass(self) -> str | None:
        """Return an instant before all changes that searches can have found since the last pass."""
        last = self._state.last
        return format_instant(parse_instant(last) - MAX_SEARCH_OVERLAP) if last else None

    def _deletions_of(self, trashed: Trashed) -> Iterator[Batch]:
        """Yield the deletions of tasks in the trash: if they are old, what is known does not name them."""
        rows = (from_absence(gid, "task", self._workspace.gid, self._run.start, RECONCILED) for gid in trashed.gids)
        if self._finds_deletions:
            yield Batch(DELETIONS, list(rows))

    @property
    def _may_continue(self) -> bool:
        """Return whether another stage is due, and cannot cost more than is left of the allowance."""
        is_due = self._due_share >= 1 or self._total is None or self._state.tasks_read < self._total * self._due_share
        return is_due and self._fits_allowance

    @property
    def _due_share(self) -> float:
        """Return the share of the pass that is due before the next run."""
        return (self._next_run - parse_instant(f"{self._state.began}")) / self._length

    @property
    def _fits_allowance(self) -> bool:
        """Return whether the allowance covers another stage; that by export is one file."""
        return self._method == EXPORT or self._requests - self._requests_before + self._stage_cost <= self._allowance

    @property
    def _next_run(self) -> datetime:
        """Return when the next run starts, if the pause before it is as long as that before this run."""
        return self._start + self._pause

    @property
    def _requests(self) -> int:
        return sum(self._run.client.metrics[name].requests for name in STREAMS_OF_TASKS)

    def _finish(self) -> Iterator[Event]:
        """Yield what was known and is not there any more, then end the pass."""
        state = self._state
        deletions = DELETIONS if self._finds_deletions else None
        missing = MissingObjects(self._context(), self._inventory, deletions, self._listed_gids)
        for batch in missing.events():
            if batch.stream in {*self._streams, DELETIONS}:
                yield batch
        logger.info(
            "workspace %s: reconciled %s tasks between %s and %s: %s",
            *(self._workspace.gid, f"{state.tasks_read:,}", state.began, self._run.now, missing.description),
        )
        yield Commit(state.finish)
        yield replace(self._commit(), force=True)

    def _commit(self, stage: Stage | None = None) -> Commit:
        """Return the change of state that keeps the pass, with its new place after a stage."""

        def keep() -> None:
            if stage is not None:
                self._state.move(stage.place, stage.tasks)
            self._state.reach(self._run.start)
            self._state.store()

        return Commit(keep)
