"""Tasks by lists: of every project, every user and every tag, and under every task that has subtasks.

Works for every token. What no list reaches is a task that has no project, no tag, no assignee and no parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tap_asana.asks import Ask, Page
from tap_asana.client import AsanaClient
from tap_asana.crawl import Crawl, Parent, Workspace
from tap_asana.extraction.members import PATHS, TASKS, Batch, Checkpoint
from tap_asana.protocol import Record
from tap_asana.reading import LAST, Key, Reading, Unit
from tap_asana.state import Sweep, parse_instant

SOURCES = (
    ("project", "/tasks?project={gid}"),
    ("user", "/tasks?assignee={gid}&workspace={workspace_gid}"),
    ("tag", "/tasks?tag={gid}"),
)
"""The lists that hold top-level tasks, in reading order; the place of each is the first number of its keys."""

NEEDED = ("num_subtasks", "modified_at")
"""Fields of a task that the walk itself looks at."""

END = (0, 0, LAST)
"""The form of a key that a walk can go on behind: list, parent, and the task whose children were the last."""

FOUND, SCAN, SUBTASKS = "found", "scan", "subtasks"


class Listing:
    """One walk of a workspace's tasks by lists.

    `fields` are the opt_fields of the streams that it serves; `tasks` is among them only where tasks are wanted.
    """

    def __init__(
        self, client: AsanaClient, crawl: Crawl, workspace: Workspace, sweep: Sweep, fields: Mapping[str, list[str]]
    ) -> None:
        """Prepare a walk that goes on behind `sweep.done`."""
        self._client = client
        self._crawl = crawl
        self._workspace = workspace
        self._sweep = sweep
        self._since: datetime | None = parse_instant(sweep.since) if sweep.since else None
        self._children = [name for name in PATHS if name in fields]
        self._wants_tasks = TASKS in fields
        self._fields = {name: ",".join(paths) for name, paths in fields.items()}
        self._task_fields = ",".join(dict.fromkeys([*fields.get(TASKS, ()), *NEEDED]))
        self._found: set[int] = set()
        self._opened: set[int] = set()
        self._total = 0
        self._finished = 0

    def events(self) -> Iterator[Batch | Checkpoint]:
        """Yield what is found, and after it how far that goes."""
        reading = Reading(self._client, self._units(), self._client.connection.concurrency)
        done = self._sweep.done
        for page in reading:
            if reading.done is not None and reading.done != done and len(reading.done) == len(END):
                done = reading.done
                yield Checkpoint(done, (self._finished, self._total))
            yield from self._take(page, reading)

    def _units(self) -> Iterator[Unit]:
        parents = [
            (place, path, parent)
            for place, (kind, path) in enumerate(SOURCES)
            for parent in self._crawl.parents(kind, self._workspace)
        ]
        self._total = len(parents)
        for place, path, parent in parents:
            end = (place, parent.order, LAST)
            if self._sweep.done is None or self._sweep.done < end:
                yield Unit((place, parent.order), list(self._first_asks(path, parent)))
                yield Unit(end, [])
            self._finished += 1

    def _first_asks(self, path: str, parent: Parent) -> Iterator[Ask]:
        """Ask for the tasks of one list; in an increment also for all parents of subtasks in it, changed or not."""
        keys = {"gid": parent.gid, "workspace_gid": self._workspace.gid}
        ask = self._crawl.listing(TASKS, path, keys, [self._task_fields], self._workspace)
        if self._sweep.since is None:
            yield _part(ask, FOUND)
        else:
            yield _part(ask, FOUND, modified_since=self._sweep.since)
            yield _part(ask, SCAN, opt_fields="num_subtasks")

    def _take(self, page: Page, reading: Reading) -> Iterator[Batch]:
        if page.truncated:
            reading.add(self._crawl.narrower(page))
        elif page.ask.part in PATHS:
            yield Batch(page.ask.part, page.records, page.ask.keys)
        else:
            new = self._new(page)
            reading.add(self._subtasks(page.records))
            reading.queue(self._hanging(reading.unit or (), new))
            if self._wants_tasks:
                yield Batch(TASKS, new, page.ask.keys)

    def _new(self, page: Page) -> list[Record]:
        """Return the tasks of a page that this walk has not met and that are part of it."""
        if page.ask.part == SCAN:
            return []
        new = []
        for record in page.records:
            gid = int(record["gid"])
            if gid not in self._found and (page.ask.part == FOUND or self._changed(record)):
                self._found.add(gid)
                new.append(record)
        return new

    def _changed(self, record: Record) -> bool:
        """Tell for a subtask what `modified_since` tells for others: lists of subtasks have no such filter."""
        return self._since is None or parse_instant(record["modified_at"]) >= self._since

    def _subtasks(self, records: Iterable[Record]) -> Iterator[Ask]:
        for record in records:
            gid = int(record["gid"])
            if record.get("num_subtasks") and gid not in self._opened:
                self._opened.add(gid)
                path = f"/tasks/{record['gid']}/subtasks"
                keys = {"workspace_gid": self._workspace.gid}
                yield _part(self._crawl.listing(TASKS, path, keys, [self._task_fields], self._workspace), SUBTASKS)

    def _hanging(self, unit: Key, tasks: Iterable[Record]) -> Iterator[Unit]:
        """Give each new task a unit of its own for what hangs from it, in the order of the gids."""
        if self._children:
            done = self._sweep.done
            for gid in sorted(int(record["gid"]) for record in tasks):
                key = (*unit[:2], gid)
                if done is None or done < key:
                    yield Unit(key, [self._child(name, str(gid)) for name in self._children])

    def _child(self, name: str, task_gid: str) -> Ask:
        keys = {"task_gid": task_gid, "workspace_gid": self._workspace.gid}
        return _part(self._crawl.listing(name, PATHS[name], keys, [self._fields[name]], self._workspace), name)


def _part(ask: Ask, part: str, **params: str) -> Ask:
    return Ask(ask.purpose, ask.path, {**ask.params, **params}, ask.keys, ask.workspace, part, ask.limit)
