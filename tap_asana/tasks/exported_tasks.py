"""The tasks of an export's file as batches of their streams, and what the read of the export needs to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
        self._written = frozenset(context.exported or ())

    def show(self, tasks: Sequence[ExportedTask]) -> None:
        """Show tasks to the counts, and those that no earlier export has written to the sources."""
        plain, decoded = _plain_and_decoded(tasks)
        self._reach.see(plain, dict.get, itemgetter("gid"))
        self._reach.see(decoded, getattr, attrgetter("gid"))
        for source in self._by_task:
            source.add(self._unwritten(plain))
        self._counts.add(plain)
        timed = [source for source in self._by_task if source.stream == TIME]
        if decoded and self.decoder is not None and (timed or self._counts.expected_counts):
            facts = self.decoder.facts(decoded)
            for source in timed:
                source.add(self._unwritten(facts))
            self._counts.add(facts)

    def batches(self, tasks: Sequence[ExportedTask]) -> Iterator[Batch]:
        """Yield tasks as records, and the records inside them, without what an earlier export has written."""
        plain, decoded = map(self._unwritten, _plain_and_decoded(tasks))
        if self._context.exported is not None:
            self._context.exported.update(map(_gid_of, (*plain, *decoded)))
        if decoded and self.decoder is not None:
            yield from self._decoded_batches(self.decoder, decoded)
        if not plain:
            return
        if TASKS in self._context.fields:
            yield Batch(TASKS, plain, {"workspace_gid": self._context.workspace.gid})
        for name in INLINE:
            if name in self._context.fields:
                yield Batch(name, list(self._rows(name, ((task["gid"], task.get(name)) for task in plain))))

    def _decoded_batches(self, decoder: TaskDecoder, tasks: Sequence[ExportedTask]) -> Iterator[Batch]:
        inline = []
        for name in INLINE:
            if name in self._context.fields:
                records = decoder.inline_records(name, tasks)
                if records is None:
                    rows = self._rows(name, ((task.gid, getattr(task, name)) for task in tasks))
                    inline.append(Batch(name, list(rows)))
                else:
                    inline.append(Batch(name, records, is_conformed=True, task_gids=self._task_gids(name, tasks)))
        if TASKS in self._context.fields:
            keys = {"workspace_gid": self._context.workspace.gid}
            yield Batch(TASKS, decoder.task_records(tasks), keys, is_conformed=True)
        yield from inline

    def _task_gids(self, name: str, tasks: Sequence[ExportedTask]) -> Sequence[str]:
        """Return the gid of the task above each record of a stream, if somebody asks what an export has written."""
        return [] if self._context.exported is None else [task.gid for task in tasks for _ in getattr(task, name)]

    def _unwritten(self, tasks: Sequence[ExportedTask]) -> Sequence[ExportedTask]:
        """Return the tasks that no earlier export of this read has written."""
        return [task for task in tasks if _gid_of(task) not in self._written] if self._written else tasks

    def _rows(self, name: str, rows_by_task: Iterable[tuple[str, object]]) -> Iterator[Record]:
        """Yield the valid rows inside tasks, with the gids of their parents; count the others."""
        for task_gid, rows in rows_by_task:
            if isinstance(rows, list):
                keys = {"task_gid": task_gid, "workspace_gid": self._context.workspace.gid}
                records, unusable = rows_with_gid(rows)
                self._context.client.metrics.record_unusable_rows(name, unusable)
                yield from ({**keys, **record} for record in records)


def _plain_and_decoded(tasks: Sequence[ExportedTask]) -> tuple[list[Record], list[ExportedTask]]:
    """Return the tasks that are dictionaries, and the others."""
    return [task for task in tasks if task.__class__ is dict], [task for task in tasks if task.__class__ is not dict]


def _gid_of(task: ExportedTask) -> int:
    return int(value_of(task, "gid"))
