"""The pass over all tasks: each run reads the next part of them again, below a share of the request rate."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tap_asana.parents.kinds import Workspace
from tap_asana.state.instants import parse_instant
from tap_asana.state.reconciliation import REFUSED
from tap_asana.sync.deletion_records import DELETIONS, from_absence
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.inventory import STREAMS_OF_TASKS, Inventory
from tap_asana.sync.missing_objects import RECONCILED, MissingObjects
from tap_asana.sync.pass_budget import PassBudget
from tap_asana.sync.pass_walk import PassWalk
from tap_asana.sync.session import SyncSession
from tap_asana.tasks.context import ExportUnavailableError, SearchUnavailableError
from tap_asana.tasks.events import TASKS, Batch, value_of
from tap_asana.tasks.methods import EXPORT, LIST, SEARCH
from tap_asana.tasks.walk import Stage, Trashed

PASSES_PER_PERIOD = 2
"""Passes within `reconcile_days`: the last one before a deletion may have read the object at its start."""

RECONCILING_PHASE = "all tasks again"
"""What lines of progress say of a pass."""

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
    if not any(stream.name == DELETIONS for stream in session.selected):
        logger.warning("reconcile_days: what was deleted is not found, because the stream deletions is not selected")
    for workspace in session.run.directory.workspaces:
        if inventory := session.inventories.of(workspace):
            inventory.state.clamp_to_now(session.run.start, session.run.latest_now)
            yield Commit(inventory.state.store)
            yield from _Pass(session, workspace, inventory, own).events()


class _Pass:
    """The part of a pass that one run reads in a workspace.

    Its stages end when the pass is on its schedule, or when the next one might cost more than is left of the budget.
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
        self._finds_deletions = any(stream.name == DELETIONS for stream in session.selected)
        self._length = timedelta(days=run.settings.reconcile_days or 1) / PASSES_PER_PERIOD
        self._start = parse_instant(run.start)
        self._pause = max(self._start - parse_instant(self._state.reached or run.start), timedelta())
        self._budget = PassBudget(run, self._pause, self._state.excess_requests)
        self._tasks_read = set[int]()
        self._choose_walk()

    def _choose_walk(self) -> None:
        """Choose the walk that the state of the pass needs, and what its first stage may cost."""
        self._walk = PassWalk(self._session, self._workspace, self._inventory, self._streams)
        self._method = self._walk.method
        limits, task_cost = self._run.limits, 1 + len(self._streams)
        max_tasks = limits.max_search_tasks if self._method == SEARCH else limits.max_stage_tasks
        self._first_requests = 0 if self._state.is_walked else self._walk.first_requests
        left = self._budget.requests - self._budget.spent - self._first_requests
        self._stage_tasks = min(max_tasks, max(1, left // task_cost))
        self._stage_cost = self._stage_tasks * task_cost
        self._spent_before = 0
        self._has_begun = False

    def events(self) -> Iterator[Event]:
        """Yield the records of the part, and the deletions that the end of the pass finds."""
        state = self._state
        if state.reached is None:
            state.end_first_read(self._last_start)
            yield self._commit()
        elif self._is_due:
            if state.began is None or not state.fits(self._method, self._streams):
                self._begin()
            yield from self._read()

    @property
    def _is_due(self) -> bool:
        """Return whether a pass may begin or continue; one by export reads a whole file, and waits until it is due."""
        last, state = self._state.last, self._state
        waits = self._method == EXPORT and last is not None and state.began is None
        return not waits or self._next_run - parse_instant(f"{last}") >= self._length

    def _begin(self) -> None:
        if self._state.began is not None:
            logger.info(
                "workspace %s: the pass over all tasks begins again, because their method or selection has changed",
                self._workspace.gid,
            )
        # What is created after the last read of all streams is new to the next one, and no part of this pass.
        self._state.begin(self._last_start, self._method, self._streams, is_kept=self._finds_deletions)

    @property
    def _last_start(self) -> str:
        """Return the start of the last read of all streams: before that of this run if no response has a Date."""
        return min([self._run.start, *filter(None, self._last_reads.values())], key=parse_instant)

    @property
    def _last_reads(self) -> Mapping[str, str | None]:
        """Return the starts of the last reads, by stream."""
        cursors = {name: self._session.cursor(stream) for name, stream in self._streams.items()}
        return {name: cursor.bookmark(self._workspace).value for name, cursor in cursors.items()}

    def _read(self) -> Iterator[Event]:
        """Yield the stages of a walk, each with its place behind it, and after the last one the end of the pass."""
        self._run.progress.update(RECONCILING_PHASE)
        self._inventory.begin_pass(self._last_reads)
        try:
            if not self._state.is_walked:
                yield from self._stages()
            if self._state.is_walked and (yield from self._end()):
                return
        except ExportUnavailableError as error:
            logger.warning("workspace %s: not all tasks can be read again: %s", self._workspace.gid, error)
            yield self._commit()
            return
        except SearchUnavailableError as error:
            logger.info("workspace %s: all tasks are read again by list, because %s", self._workspace.gid, error)
            self._state.begin(self._last_start, LIST, self._streams, is_kept=self._finds_deletions)
            self._choose_walk()
            yield from self._read()
            return
        if self._fits_budget or self._state.excess_requests:  # else the next run has the budget of both
            yield self._commit()
        if not self._fits_budget and self._due_share >= 1:
            logger.warning(
                "workspace %s: %s tasks were read again since %s, and the rest is late: a higher reconcile_percent or "
                "more reconcile_days are needed",
                *(self._workspace.gid, f"{self._state.tasks_read:,}", self._state.began),
            )

    def _stages(self) -> Iterator[Event]:
        """Yield the stages of a walk, for as long as another one may begin."""
        walk = self._walk.events(self._stage_tasks)
        while self._may_continue:
            self._spent_before = self._budget.spent
            for event in walk:
                if isinstance(event, Trashed):
                    yield from self._deletions_of(event)
                elif isinstance(event, Stage):
                    yield self._end_stage(event)
                    break
                elif event.stream in self._streams:
                    yield event
                    self._inventory.read(event)
                    self._inventory.meet(event)
                    self._note_tasks(event)
            else:
                return

    def _note_tasks(self, batch: Batch) -> None:
        """Note the tasks that this run has read in the pass: they exist, and are not requested at its end."""
        if batch.stream == TASKS:
            self._tasks_read.update(int(value_of(task, "gid")) for task in batch.records)

    def _end_stage(self, stage: Stage | None = None) -> Commit:
        """Return the change of state that keeps the pass, and expect the next stage to take as many requests."""
        spent = self._budget.spent - self._spent_before
        if self._has_begun:
            self._stage_cost = max(self._stage_cost, spent)
        elif self._method == EXPORT and not self._state.is_walked:
            self._state.note_first_requests(spent)
        self._has_begun = True
        return self._commit(stage)

    def _deletions_of(self, trashed: Trashed) -> Iterator[Batch]:
        """Yield the deletions of tasks in the trash: if they are old, what is known does not name them.

        Those that Asana refuses are counted: nothing tells them from hidden ones.
        """
        for _ in range(trashed.refused):
            self._state.count_missing(REFUSED)
        rows = (from_absence(gid, "task", self._workspace.gid, self._run.start, RECONCILED) for gid in trashed.gids)
        if self._finds_deletions:
            yield Batch(DELETIONS, list(rows))

    @property
    def _may_continue(self) -> bool:
        """Return whether another stage is due, and cannot cost more than is left of the budget.

        A run that has had to list all tasks reads for as many requests in any case, so that other runs need no list.
        """
        total = self._walk.expected_tasks
        is_due = self._due_share >= 1 or total is None or self._state.tasks_read < total * self._due_share
        return (is_due or self._budget.spent < 2 * self._walk.listing_requests) and self._fits_budget

    @property
    def _due_share(self) -> float:
        """Return the share of the pass that is due before the next run."""
        return (self._next_run - parse_instant(f"{self._state.began}")) / self._length

    @property
    def _fits_budget(self) -> bool:
        """Return whether the budget covers another stage.

        What a walk needs before its first one waits until it is at most half of the budget.
        """
        if self._has_begun:
            return self._budget.covers(self._stage_cost)
        is_worth_it = self._budget.covers(2 * self._first_requests) or self._budget.is_full
        return is_worth_it and self._budget.covers(self._first_requests + self._stage_cost)

    @property
    def _next_run(self) -> datetime:
        """Return when the next run starts, if the pause before it is as long as that before this run."""
        return self._start + self._pause

    def _end(self) -> Generator[Event, None, bool]:
        """Yield what was known and is not there any more, part by part; return whether the pass has ended.

        A later run ends one that has just begun: what it misses may be too new for Asana to know its gid.
        """
        if self._inventory.has_just_begun(self._run.start):
            return False
        state, deletions = self._state, DELETIONS if self._finds_deletions else None
        missing = MissingObjects(
            self._walk.context(), self._inventory, deletions, self._walk.listed_gids, self._tasks_read
        )
        parts = missing.parts(self._stage_tasks, self._stage_tasks * (1 + len(self._streams)))
        while self._may_continue:
            self._spent_before = self._budget.spent
            part = next(parts, None)
            if part is None:
                logger.info(
                    "workspace %s: reconciled %s tasks between %s and %s: %s",
                    *(self._workspace.gid, f"{state.tasks_read:,}", state.began, self._run.now, missing.description),
                )
                yield Commit(state.finish)
                yield replace(self._commit(), force=True)
                return True
            for batch in part:
                if batch.stream in {*self._streams, DELETIONS}:
                    yield batch
            yield self._end_stage()
        return False

    def _commit(self, stage: Stage | None = None) -> Commit:
        """Return the change of state that keeps the pass, with its new place after a stage."""

        def keep() -> None:
            if stage is not None:
                self._state.move(stage.place, stage.tasks)
            self._state.reach(self._run.start, self._budget.excess)
            self._state.store()

        return Commit(keep)
