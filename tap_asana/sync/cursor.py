"""How far a stream has come in each workspace, and which parents its last read could see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, MutableMapping
from datetime import timedelta
from http import HTTPStatus
from itertools import chain
from typing import Any

from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.parents.kinds import Workspace
from tap_asana.run import Run
from tap_asana.state.bookmarks import Bookmark, SyncWindow, start_window
from tap_asana.state.debts import GONE_STATUSES, Debt, Debts, Ledger
from tap_asana.state.instants import format_instant, look_back, parse_instant
from tap_asana.state.shape import partition_of
from tap_asana.state.visible_parents import MissingParents, VisibleParents, may_be_new
from tap_asana.sync.facts import StreamFacts
from tap_asana.sync.replication import FULL_TABLE
from tap_asana.tasks.methods import SEARCH

LISTED_FOR_TASKS = ("user", "tag")
"""Kinds of parents whose lists hold tasks, and that state remembers only if tasks are read by lists."""

LATE_LISTS = "%s: the lists of %d changed tasks in workspace %s may be late; the next run reads them again"

logger = logging.getLogger(__name__)


class Cursor:
    """The bookmarks, debts and windows of one stream, by workspace (laws 1 and 2).

    `is_resumed` is True once a window continues a read that an earlier run began.
    """

    def __init__(self, stream: StreamFacts, run: Run, run_number: int, stream_state: MutableMapping[str, Any]) -> None:
        """Read nothing yet; `stream_state` is the stream's part of the Singer state, changed in place."""
        self.name = stream.name
        self.is_resumed = False
        self._run = run
        self._run_number = run_number
        self._stream_state = stream_state
        self._min_lookback_seconds = stream.min_lookback_seconds
        self._replication_key = stream.replication_key or ""
        self._is_full_table = stream.replication_method == FULL_TABLE
        self._resumed_to_end: set[str] = set()

    @property
    def start_date(self) -> str | None:
        """Return the setting start_date in Asana's format."""
        start = self._run.settings.start_date
        return format_instant(start) if start else None

    @property
    def covers_everything(self) -> bool:
        """Return True if this run alone read everything: no part by an earlier run, and no start date."""
        return not self.is_resumed and self.start_date is None

    def bookmark(self, workspace: Workspace) -> Bookmark:
        """Return the bookmark of a workspace; one in the future is set to now, with a warning once per run."""
        run = self._run
        bookmark = Bookmark(self._stream_state, workspace.gid, self._replication_key, correct_start=self._corrected)
        run.warn_of_future(self.name, workspace.gid, bookmark.clamp_to_now(run.start, run.latest_now))
        return bookmark

    def _corrected(self, window: SyncWindow) -> SyncWindow:
        return self._run.corrected_window(window) if window.run == self._run_number else window

    def debts(self, workspace: Workspace) -> Debts:
        """Return the lists of a workspace that earlier runs could not read."""
        return Debts(partition_of(self._stream_state, workspace.gid), self._run.limits.max_debts)

    def owe_children(self, workspace: Workspace, request: Request, refusal: Unavailable) -> None:
        """Count and owe a refused list below a task, unless this run has done so: no other read may ask for it."""
        metrics, debt = self._run.client.metrics, Debt(self.name, request.parent_keys["task_gid"])
        debts = self.debts(workspace)
        if debt in debts or metrics.not_in_plan(request):
            return
        metrics.record_skip(request, refusal)
        if refusal.status != HTTPStatus.PAYMENT_REQUIRED and debts.add(debt, self._run.start):
            metrics.record_owed_lists(self.name, [f"{debt}"])
            if refusal.status in GONE_STATUSES:
                debts.note_new(self._run.earliest_now)

    def owe_late(self, workspace: Workspace, requests: Iterable[Request]) -> None:
        """Owe lists below tasks that may not show everything before the lookback of a run has passed from now on."""
        run, metrics, debts = self._run, self._run.client.metrics, self.debts(workspace)
        lists = [Debt(self.name, each.parent_keys["task_gid"]) for each in requests if not metrics.not_in_plan(each)]
        new = {debt for debt in lists if debt not in debts}  # those that were refused are owed already
        owed = [debt for debt in lists if debts.add(debt, run.start)]
        until = format_instant(run.latest_now + timedelta(seconds=run.settings.lookback_seconds))
        for debt in owed:
            debts.expect_late(debt, until)
        late = [debt for debt in owed if debt in new]
        if late:
            logger.info(LATE_LISTS, self.name, len(late), workspace.gid)
            metrics.record_owed_lists(self.name, map(str, late))

    def window(self, workspace: Workspace) -> SyncWindow:
        """Return the interrupted window of a workspace, or a new one.

        A new one covers everything if the catalog asks for FULL_TABLE, or if there were more debts than state holds.
        """
        run, settings, bookmark = self._run, self._run.settings, self.bookmark(workspace)
        must_read_all = bookmark.window() is None and self.debts(workspace).demand_full_read(run.start)
        window = start_window(
            bookmark,
            SyncWindow(None, run.start, run=self._run_number),
            settings.start_date,
            max(settings.lookback_seconds, self._min_lookback_seconds),
            read_all=self._reads_everything(workspace) or must_read_all,
        )
        self.is_resumed = self.is_resumed or window.run != self._run_number
        return window

    def began(self, window: SyncWindow) -> bool:
        """Return whether this run began the read of a window."""
        return window.run == self._run_number

    def began_long_ago(self, window: SyncWindow) -> bool:
        """Return whether an interrupted read began so long ago that the run which ends it must read changes too."""
        latest = look_back(parse_instant(self._run.start), self._run.limits.min_resumed_seconds)
        return not self.began(window) and parse_instant(window.until) <= latest

    def last_start(self, workspace: Workspace) -> str | None:
        """Return the start of the last complete read; None if this run reads everything."""
        return None if self._reads_everything(workspace) else self.bookmark(workspace).value

    def last_run(self, workspace: Workspace) -> int | None:
        """Return the number of the run that began the last complete read; None if this run reads everything."""
        return None if self._reads_everything(workspace) else self.bookmark(workspace).run

    def has_searched(self, workspace: Workspace) -> bool:
        """Return whether the last complete read counts as one by search, and this run does not read everything."""
        return self.last_start(workspace) is not None and self.bookmark(workspace).method == SEARCH

    def _reads_everything(self, workspace: Workspace) -> bool:
        """Return whether the next read is one of a full table; what follows the rest of an interrupted one is not."""
        return self._is_full_table and workspace.gid not in self._resumed_to_end

    def read_from_start_date(self, workspace: Workspace) -> None:
        """Note that this run reads lists that are new to it, or owed, from the start date on only."""
        if self.start_date is not None:
            self.bookmark(workspace).restrict(self.start_date)

    def note_change_of(self, last_method: str | None, workspace: Workspace) -> None:
        """Note whether a complete read had another extraction method, which may find older tasks than the last one."""
        if last_method not in {None, self.bookmark(workspace).method}:
            self.read_from_start_date(workspace)

    def close(self, workspace: Workspace, window: SyncWindow, debts: Debts, unread: Iterable[str] = ()) -> None:
        """Move the bookmark to the start of a complete read, and report its debts.

        `unread` names further unread lists, which are not debts: state remembers them in another way.
        """
        if window.since == self.start_date:
            if debts.have_overflowed:  # nobody knows how old the tasks of lost debts are
                self.read_from_start_date(workspace)
            debts.close_full_read(window.until)
        if debts.have_overflowed:
            logger.warning(
                "%s: more than %d lists of workspace %s are unreadable, and state stores no more of them; the whole "
                "workspace is read again once a day, and as soon as one of them becomes readable",
                *(self.name, self._run.limits.max_debts, workspace.gid),
            )
        self._run.client.metrics.record_owed_lists(self.name, [*map(str, debts), *unread])
        self.bookmark(workspace).close(window)
        if not self.began(window):
            self._resumed_to_end.add(workspace.gid)


def owe_lists(run: Run, workspace: Workspace, ledger: Ledger, kinds: Iterable[str]) -> None:
    """Owe each refused or truncated list of parents, and pay the complete ones.

    This debt includes nothing below the parents: a missing parent is new when it is listed, and is read as a whole.
    """
    directory = run.directory
    for kind in kinds:
        directory.parents(kind, workspace)
        debt, refusal = Debt(f"{kind}s", "0"), directory.unavailable_reason(kind, workspace)
        if refusal is not None and refusal.unavailable is not None and not refusal.is_not_in_plan:
            ledger.on_unavailable(debt, refusal.unavailable.status)
        else:
            ledger.settle([debt])


def report_payment(run: Run, workspace: Workspace, ledger: Ledger) -> None:
    """Log for each stream how many of its debts were read now, are gone, or are still owed."""
    for name, debts in ledger.debts.items():
        counts = (ledger.recovered_counts[name], ledger.gone_counts[name], len(debts))
        run.client.metrics.record_recovered_lists(name, ledger.recovered_counts[name])
        logger.info(
            "%s: unread lists of earlier runs in workspace %s: %d were read now, %d are gone, %d are still owed",
            *(name, workspace.gid, *counts),
        )


class ParentHistory:
    """Which parents the token can see, and since which run; kept once a run for each kind and workspace."""

    def __init__(
        self,
        run: Run,
        run_number: int,
        state_of: Callable[[str], MutableMapping[str, Any]],
        cursors: Callable[[], Iterable[Cursor]],
        *,
        are_missed: bool,
    ) -> None:
        """Keep nothing yet; `cursors` returns the cursors of all streams with a state.

        With `are_missed`, the state names the projects that are not visible any more, for the stream `deletions`.
        """
        self._run = run
        self._run_number = run_number
        self._state_of = state_of
        self._cursors = cursors
        self._missed_kinds = {"project"} if are_missed else set[str]()
        self._updated: set[tuple[str, str]] = set()

    def visible(self, kind: str, workspace: Workspace) -> VisibleParents:
        """Return since which run the parents of a kind have been visible, this run included."""
        parents = VisibleParents(self._state_of(f"{kind}s"), workspace.gid)
        if (kind, workspace.gid) not in self._updated:
            self._updated.add((kind, workspace.gid))
            runs = (cursor.bookmark(workspace).possible_values for cursor in self._cursors())
            visible = self._visible_now(kind, workspace, parents)
            self._miss(kind, workspace, parents.update(visible, self._run_number, chain.from_iterable(runs)))
        return parents

    def keep(self, kind: str) -> None:
        """Keep the parents of a kind in state as soon as they are written, if the state names those that are missing.

        They may be deleted before a run that resumes this one, which does not write them again.
        """
        for workspace in self._run.directory.workspaces if kind in self._missed_kinds else ():
            self.visible(kind, workspace)

    def are_known(self, kind: str, workspace: Workspace) -> bool:
        """Return whether the state has the parents of a kind that this run or an earlier one could see."""
        return VisibleParents(self._state_of(f"{kind}s"), workspace.gid).are_known

    def missing(self, kind: str, workspace: Workspace) -> MissingParents:
        """Return the parents of a kind that are not visible any more."""
        return MissingParents(self._state_of(f"{kind}s"), workspace.gid)

    def _miss(self, kind: str, workspace: Workspace, keys: Collection[str]) -> None:
        if keys and kind in self._missed_kinds:
            self.missing(kind, workspace).add(keys)

    def new(self, kind: str, workspace: Workspace, runs: Iterable[int | None]) -> set[str]:
        """Return the state keys of the parents that at least one of these runs could not see."""
        visible = self.visible(kind, workspace)
        visible_sets = [visible.at(run) for run in runs]
        return self._listed(kind, workspace) - set[str].intersection(*visible_sets)

    def may_have_new_people(self, workspace: Workspace, runs: Collection[int | None]) -> bool:
        """Return whether there may be users or tags whose lists one of these runs has not read, by the state alone."""
        return any(may_be_new(self._state_of(f"{kind}s"), workspace.gid, runs) for kind in LISTED_FOR_TASKS)

    def forget(self, workspace: Workspace, unread: Collection[str]) -> None:
        """Have parents of tasks count as never seen, so that they are read whole once Asana returns their lists."""
        loaded = [kind for kind in ("project", *LISTED_FOR_TASKS) if self._run.directory.is_loaded(kind, workspace)]
        for kind in loaded if unread else ():
            if unread_of_kind := self._listed(kind, workspace).intersection(unread):
                self.visible(kind, workspace).remove(unread_of_kind, self._run_number)
                self._miss(kind, workspace, unread_of_kind)

    def _listed(self, kind: str, workspace: Workspace) -> set[str]:
        return {parent.state_key for parent in self._run.directory.parents(kind, workspace)}

    def _visible_now(self, kind: str, workspace: Workspace, parents: VisibleParents) -> set[str]:
        """Return the state keys of the parents that count as visible in this run.

        State has no users and tags if earlier runs used searches or exports, which reached their tasks: those listed
        now are not new then. If the list of users or tags cannot be read, they stay visible, because it is owed.
        """
        state_keys = self._listed(kind, workspace)
        if kind not in LISTED_FOR_TASKS:
            return state_keys
        parents.initialize(state_keys)
        refusal = self._run.directory.unavailable_reason(kind, workspace)
        is_owed = refusal is not None and refusal.unavailable is not None and not refusal.is_not_in_plan
        return state_keys | parents.at(self._run_number) if is_owed else state_keys
