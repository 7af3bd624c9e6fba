"""The tasks of an export's file as batches of their streams, and what the read of the export needs to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter, itemgetter

from tap_asana.api.decoding import Record, rows_with_gid
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.context import ExportedTask, TaskDecoder, TraversalContext
from tap_asana.tasks.events import INLINE, TASKS, TIME, Batch, value_of
from tap_asana.tasks.export_reach import ExportReach
from tap_asana.tasks.project_counts import ProjectCounts


class ExportedTasks:
    """Makes batches of tasks, and shows the tasks to their counts and to the sources of other children."""

    def __init__(
        self, context: TraversalContext, counts: ProjectCounts, by_task: Sequence[TaskChildSource], reach: ExportReach
    ) -> None:
        """Take the counts, the sources of children that the file may not contain, and what it must contain."""
        self._reach = reach
        self.decoder = context.new_decoder()
        self._context = context
        self._counts = counts
        self._by_task = by_task

    def show(self, tasks: Sequence[ExportedTask]) -> None:
        """Show tasks to the counts and the sources, but to that of time entries none whose entries this run has read.

        An earlier export of this run may have lacked stories or attachments of tasks that it has written.
        """
        plain, decoded = _plain_and_decoded(tasks)
        self._reach.see(plain, dict.get, itemgetter("gid"))
        self._reach.see(decoded, getattr, attrgetter("gid"))
        for source in self._by_task:
            source.add(plain if source.stream in INLINE else self._unread(source.stream, plain))
        self._counts.add(plain)
        timed = [source for source in self._by_task if source.stream == TIME]
        if decoded and self.decoder is not None and (timed or self._counts.expected_counts):
            facts = self.decoder.facts(decoded)
            for source in timed:
                source.add(self._unread(source.stream, facts))
            self._counts.add(facts)

    def batches(self, tasks: Sequence[ExportedTask]) -> Iterator[Batch]:
        """Yield tasks as records, and the records inside them, without what this run has read before.

        If an earlier run began the read, it may have requested the file: the records may be as old as that.
        """
        as_of = self._context.window.until if self._context.is_resumed else None
        yield from (replace(batch, as_of=as_of) for batch in self._batches(tasks))

    def _batches(self, tasks: Sequence[ExportedTask]) -> Iterator[Batch]:
        plain, decoded = _plain_and_decoded(tasks)
        if self._context.exported is not None:
            self._context.exported.update(map(_gid_of, tasks))
        if decoded and self.decoder is not None:
            yield from self._decoded_batches(self.decoder, decoded)
        if not plain:
            return
        if TASKS in self._context.fields:
            yield Batch(TASKS, self._unread(TASKS, plain), self._keys)
        for name in INLINE:
            if name in self._context.fields:
                rows_by_task = ((task["gid"], task.get(name)) for task in self._unread(name, plain))
                yield Batch(name, list(self._rows(name, rows_by_task)))

    def _decoded_batches(self, decoder: TaskDecoder, tasks: Sequence[ExportedTask]) -> Iterator[Batch]:
        inline = []
        for name in INLINE:
            if name in self._context.fields:
                unread = self._unread(name, tasks)
                records = decoder.inline_records(name, unread)
                if records is None:
                    rows = self._rows(name, ((task.gid, getattr(task, name)) for task in unread))
                    inline.append(Batch(name, list(rows)))
                else:
                    inline.append(Batch(name, records, is_conformed=True, task_gids=self._task_gids(name, unread)))
        if TASKS in self._context.fields:
            records = decoder.task_records(self._unread(TASKS, tasks))
            yield Batch(TASKS, records, self._keys, is_conformed=True)
        yield from inline

    @property
    def _keys(self) -> dict[str, str]:
        return {"workspace_gid": self._context.workspace.gid}

    def _task_gids(self, name: str, tasks: Sequence[ExportedTask]) -> Sequence[str]:
        """Return the gid of the task above each record of a stream, if somebody asks what an export has written."""
        return [] if self._context.exported is None else [task.gid for task in tasks for _ in getattr(task, name)]

    def _unread(self, stream: str, tasks: Sequence[ExportedTask]) -> Sequence[ExportedTask]:
        """Return the tasks of which this run has not read a stream before."""
        read = self._context.read.get(stream)
        return [task for task in tasks if _gid_of(task) not in read] if read else tasks

    def _rows(self, name: str, rows_by_task: Iterable[tuple[str, object]]) -> Iterator[Record]:
        """Yield the valid rows inside tasks, with the gids of their parents; count the others."""
        for task_gid, rows in rows_by_task:
            if isinstance(rows, list):
                keys = {"task_gid": task_gid, **self._keys}
                records, unusable = rows_with_gid(rows)
                self._context.client.metrics.record_unusable_rows(name, unusable)
                yield from ({**keys, **record} for record in records)


def _plain_and_decoded(tasks: Sequence[ExportedTask]) -> tuple[list[Record], list[ExportedTask]]:
    """Return the tasks that are dictionaries, and the others."""
    return [task for task in tasks if task.__class__ is dict], [task for task in tasks if task.__class__ is not dict]


def _gid_of(task: ExportedTask) -> int:
    return int(value_of(task, "gid"))
