"""One read of tasks and of everything below them: one traversal of the tasks serves several streams."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice

from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import Debt, Ledger
from tap_asana.state.known_lists import KnownLists, KnownTasks
from tap_asana.sync.cursor import LISTED_FOR_TASKS, Cursor, owe_lists, report_payment
from tap_asana.sync.decoders import new_decoder
from tap_asana.sync.deletion_records import DELETIONS, from_gone_tasks
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.inventories import advance
from tap_asana.sync.prior_reads import prior_sync
from tap_asana.sync.read_session import ReadSession
from tap_asana.tasks.announcements import only_announced
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.early_export import begin_export
from tap_asana.tasks.events import TASKS, Batch, Checkpoint, ParentUnavailable
from tap_asana.tasks.lanes import drop_search_positions, ownership_changed, sources
from tap_asana.tasks.list_contents import ListContents
from tap_asana.tasks.methods import LIST
from tap_asana.tasks.owed import DebtSource, Payment, debt_of, has_task
from tap_asana.tasks.recent_tasks import RecentTasks
from tap_asana.tasks.subtask_lists import requests_below
from tap_asana.tasks.traversal import TaskTraversal

OWED_KINDS = ("project",)
"""Kinds of parents whose refused or truncated lists are owed as a whole, with every extraction method."""

Streams = Mapping[str, StreamFacts]


class TaskTreeRead:
    """One read of the tasks for several streams.

    The traversal comes after all lists, because it is long: a run that resumes it does not read the lists again.
    """

    def __init__(self, streams: Streams, session: ReadSession) -> None:
        """Read nothing yet; `streams` are those to serve."""
        self._streams = streams
        self._session = session
        self._run = session.run

    def events(self) -> Iterator[Event]:
        """Yield the lists under other parents, then the tasks of each workspace and the objects below them.

        Streams with the same window are read together (law 2). What has changed since the start of an interrupted read
        follows its rest, unless that start is recent.
        """
        for stream in self._streams.values():
            yield from self._lists(stream)
        for place, workspace in enumerate(self._run.directory.workspaces):
            payment = yield from self._pay(workspace)
            resumed = yield from self._read_groups(place, workspace, self._streams, payment)
            if resumed and not self._session.limit:
                yield from self._read_groups(place, workspace, resumed, payment)
            yield Commit(partial(self._run.strategy.end_reads, workspace, self._session.reach_of(workspace)))

    def _read_groups(
        self, place: int, workspace: Workspace, streams: Streams, payment: Payment
    ) -> Generator[Event, None, Streams]:
        """Yield one read of each stream; return those whose interrupted read it has ended, if that began long ago."""
        resumed: dict[str, StreamFacts] = {}
        for window, group in self._groups(workspace, streams).items():
            yield from self._traverse(workspace, window, group, self._description(place, group), payment)
            resumed |= {name: each for name, each in group.items() if self._cursor(each).began_long_ago(window)}
        return resumed

    def begin(self) -> Iterator[Event]:
        """Request an export of each workspace, for the streams that are read first."""
        for workspace in self._run.directory.workspaces:
            window, group = next(iter(self._groups(workspace).items()))
            context = self._context(workspace, window, group, Ledger({}, window.until))
            is_of_all, cursors = len(group) == len(self._streams), {name: self._cursor(group[name]) for name in group}
            bookmarks = [cursor.bookmark(workspace) for cursor in cursors.values()]
            for checkpoint in begin_export(context, prior_sync(self._session, workspace, window, group, Payment())):
                inventory = self._session.inventories.at_begin(workspace, window, cursors, is_of_all=is_of_all)
                yield Commit(partial(advance, bookmarks, window.advanced(checkpoint.positions), inventory), force=True)

    def first_requests(self, workspace: Workspace) -> Iterable[Request] | None:
        """Return requests that the read of a workspace by lists begins with, or None unless that read is certain.

        Before a first read they are those of the first workspace only: its lists are large, and wait in memory.
        """
        window, group = next(iter(self._groups(workspace).items()))
        if window.since is None and workspace != self._run.directory.workspaces[0]:
            return ()
        if not self._is_certain(workspace, window):
            return None
        context = self._window_context(workspace, window, group, Ledger({}, window.until))
        source = next(sources(LIST, context, prior_sync(self._session, workspace, window, group, Payment())))
        lists, fetcher = chain.from_iterable(item.requests for item in source.work_items()), self._run.fetcher
        return fetcher.followed(islice(lists, fetcher.concurrency), partial(requests_below, context))

    def _is_certain(self, workspace: Workspace, window: SyncWindow) -> bool:
        """Return whether a read by lists is certain, with complete lists of parents, nothing owed and nothing read."""
        run, kinds = self._run, ("project", *LISTED_FOR_TASKS)
        are_listed = all(
            run.directory.is_loaded(kind, workspace) and run.directory.unavailable_reason(kind, workspace) is None
            for kind in kinds
        )
        are_debts = any(len(self._cursor(stream).debts(workspace)) for stream in self._streams.values())
        return not window.positions and not are_debts and are_listed and run.strategy.method_of(workspace) == LIST

    def _groups(
        self, workspace: Workspace, streams: Streams | None = None
    ) -> Mapping[SyncWindow, dict[str, StreamFacts]]:
        """Return the streams by their windows."""
        groups: dict[SyncWindow, dict[str, StreamFacts]] = {}
        for stream in (self._streams if streams is None else streams).values():
            groups.setdefault(self._cursor(stream).window(workspace), {})[stream.name] = stream
        return groups

    def _prefetch_after(self, workspace: Workspace) -> None:
        """Prefetch the first lists of the workspaces after one."""
        workspaces = self._run.directory.workspaces
        following = workspaces[workspaces.index(workspace) + 1 :]
        self._run.fetcher.continue_prefetch(
            (TASKS, workspace.gid, *self._session.lists.lists_so_far()),
            lambda: (request for later in following for request in self.first_requests(later) or ()),
        )

    def _cursor(self, stream: StreamFacts) -> Cursor:
        return self._session.cursor(stream)

    def _lists(self, stream: StreamFacts) -> Iterator[Event]:
        """Yield the lists under other parents than tasks, unless a recent interrupted run has completed them.

        They are not complete if one is refused: no debt names it, because the next run reads all of them.
        """
        completed, lists = self._session.completed, self._session.lists
        if completed.has_lists(stream.name):
            self._cursor(stream).is_resumed = True
        elif stream.list_paths():
            yield from lists.read(stream)
            if lists.is_complete(stream):
                yield Commit(lambda: completed.add_lists(stream.name, self._run.now))

    def _pay(self, workspace: Workspace) -> Generator[Event, None, Payment]:
        """Yield the lists owed by earlier runs, and drop each debt behind its records; return the lists read."""
        run = self._run
        debtors = {name: stream for name, stream in self._streams.items() if len(self._cursor(stream).debts(workspace))}
        if not debtors or self._session.limit:
            return Payment()
        for stream in debtors.values():
            self._cursor(stream).read_from_start_date(workspace)
        ledger = Ledger({name: self._cursor(stream).debts(workspace) for name, stream in debtors.items()}, run.start)
        start_date = self._cursor(next(iter(debtors.values()))).start_date
        # The owed lists below single tasks are not requested once more for the tasks that other lists contain.
        read = {name: {int(debt.gid) for debt in ledger.debts_due if debt.kind == name} for name in debtors}
        context = replace(self._context(workspace, SyncWindow(start_date, run.start), debtors, ledger), read=read)
        source = DebtSource(context, ledger, start_date)
        for event in self._session.inventories.late(TaskTraversal(context, [source]).events(), workspace):
            if isinstance(event, Batch):
                yield event
            elif isinstance(event, Checkpoint):
                yield from self._settle(workspace, ledger, source.resolved(event.positions.get(source.name, ())))
        yield from self._settle(workspace, ledger, source.resolved(None))
        yield Commit(partial(owe_lists, run, workspace, ledger, OWED_KINDS))
        report_payment(run, workspace, ledger)
        found = set[int]().union(*context.gids.values())
        read = {name: gids | found for name, gids in read.items()}
        return Payment(frozenset(debtors), frozenset(source.parents_read), read)

    def _settle(self, workspace: Workspace, ledger: Ledger, debts: Iterable[Debt]) -> Iterator[Event]:
        """Drop debts; no event may name the deletion of a task that is gone: searches may find those in the trash."""
        if any(stream.name == DELETIONS for stream in self._session.selected):
            yield Batch(DELETIONS, from_gone_tasks(ledger.pop_gone_tasks(), workspace.gid, self._run.start))
        yield Commit(partial(ledger.settle, debts))

    def _context(self, workspace: Workspace, window: SyncWindow, streams: Streams, ledger: Ledger) -> TraversalContext:
        """Return the context of a traversal that records refused lists in a ledger."""
        run = self._run

        def refuse(request: Request, refusal: Unavailable) -> None:
            debt = debt_of(request, context)
            if debt is not None:
                new_at = run.earliest_now if int(debt.gid) in context.new_gids else None
                ledger.on_unavailable(debt, refusal.status, partial(has_task, debt, context), new_at=new_at)

        fields = {name: stream.opt_fields() for name, stream in streams.items()}
        context = TraversalContext(
            *(run.client, run.fetcher, run.limits, run.directory, workspace, window, fields, refuse),
            new_decoder=partial(new_decoder, workspace, streams),
            is_resumed=any(self._cursor(stream).is_resumed for stream in streams.values()),
            only_announced=only_announced(run.settings),
            reach=self._session.reach_of(workspace),
            time_hints=run.time_hints,
        )
        return context

    def _window_context(
        self, workspace: Workspace, window: SyncWindow, streams: Streams, ledger: Ledger
    ) -> TraversalContext:
        """Return the context of a traversal of one window, with the contents of the short lists.

        Those of the last read count only if this read follows it.
        """
        context = self._context(workspace, window, streams, ledger)
        cursors = [self._cursor(stream) for stream in streams.values()]
        is_resumed = bool(window.positions) or any(cursor.is_resumed for cursor in cursors)
        follows = not is_resumed and window.since != cursors[0].start_date
        runs = [cursor.last_run(workspace) for cursor in cursors]
        last = self._session.known(KnownLists, workspace).at(runs) if follows else ()
        contents = ListContents(streams[TASKS].opt_fields() if TASKS in streams else (), last)
        inventory = self._session.inventories.of(workspace)
        recent = RecentTasks(window.since, window.until, self._session.known(KnownTasks, workspace).at(runs))
        context = replace(context, on_listed=inventory.show) if inventory else context
        context = replace(context, on_page=self._session.changes.moved.on_page, list_contents=contents, recent=recent)
        return replace(context, on_idle=partial(self._prefetch_after, workspace))

    def _traverse(
        self, workspace: Workspace, window: SyncWindow, streams: Streams, description: str, payment: Payment
    ) -> Iterator[Event]:
        """Yield one window to its end, and keep its positions on the way.

        Searches leave out the tasks of projects, whose lists return them. If a project turns out to be unavailable in a
        resumed read, the searches begin again.
        """
        run = self._run
        cursors = {name: self._cursor(stream) for name, stream in streams.items()}
        bookmarks = [cursor.bookmark(workspace) for cursor in cursors.values()]
        run.progress.update(description)
        run.fetcher.forget_followed()
        ledger = Ledger({name: cursor.debts(workspace) for name, cursor in cursors.items()}, window.until)
        yield Commit(partial(owe_lists, run, workspace, ledger, OWED_KINDS))
        context = replace(self._window_context(workspace, window, streams, ledger), read=payment.read)
        prior = prior_sync(self._session, workspace, window, streams, payment)
        new, is_of_all = {*prior.new_projects}, len(streams) == len(self._streams)
        projects = {project.gid for project in run.directory.parents("project", workspace)}
        unavailable, inventories = set(window.unavailable), self._session.inventories
        events = islice(run.strategy.events(context, prior.noting(new)), self._session.limit)
        for event in inventories.noted(events, workspace, window, cursors, new_parents=new, is_of_all=is_of_all):
            self._note_whole_read(workspace, cursors.values())
            if isinstance(event, ParentUnavailable):
                unavailable.add(event.state_key)
            if ownership_changed(context.window, unavailable & projects):
                break
            if isinstance(event, Batch):
                if is_of_all:
                    self._session.changes.moved.on_read(event)
                yield event
            if not isinstance(event, Checkpoint):
                continue
            unread = sorted({*window.unavailable, *event.unavailable})
            window = replace(window.advanced(event.positions), unavailable=tuple(unread))
            run.progress.update(description, event.progress)
            yield Commit(partial(advance, bookmarks, window, inventories.of(workspace)), force=event.force)
        if ownership_changed(context.window, unavailable & projects):
            new_window = replace(drop_search_positions(window), unavailable=tuple(sorted(unavailable)))
            yield from self._traverse(workspace, new_window, streams, description, payment)
            return
        unread_gids = sorted(unavailable & projects, key=int)

        def close() -> None:
            self._session.parents.forget(workspace, unavailable)
            self._session.known(KnownLists, workspace).store(
                window.run, context.list_contents.hashes, is_only=is_of_all
            )
            self._session.known(KnownTasks, workspace).store(window.run, context.recent.hashes, is_only=is_of_all)
            for name, cursor in cursors.items():
                last_method = cursor.bookmark(workspace).method
                run.strategy.note_read(workspace, cursor.bookmark(workspace), run.latest_now)
                cursor.note_change_of(last_method, workspace)
                cursor.close(workspace, window, ledger.debts[name], [f"project {gid}" for gid in unread_gids])
            inventories.end_read(workspace, window, cursors.values())

        yield Commit(close)

    def _note_whole_read(self, workspace: Workspace, cursors: Iterable[Cursor]) -> None:
        """Note that a read makes up for what searches have left out from the start date on only."""
        for cursor in cursors if self._run.strategy.makes_up_for_searches(workspace) else ():
            cursor.read_from_start_date(workspace)

    def _description(self, place: int, group: Collection[str]) -> str:
        """Return the name of a group's read in a workspace, for progress."""
        streams, workspaces = "tasks" if "tasks" in group else ", ".join(group), len(self._run.directory.workspaces)
        return streams if workspaces == 1 else f"{streams} of workspace {place + 1} of {workspaces}"
