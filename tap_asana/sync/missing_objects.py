"""What the target holds and a pass has not read: deleted, or moved to where the pass had been before."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.request import Request
from tap_asana.fetch.lane import WorkItem
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.reconciliation import REFUSED
from tap_asana.sync.changed_objects import STREAM_OF_TYPE
from tap_asana.sync.deletion_records import from_absence
from tap_asana.sync.follow_up import SINGLE_PATHS
from tap_asana.sync.inventory import Inventory, KnownObject, kind_of
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import TASKS, Batch
from tap_asana.tasks.walk import NO_RECORDS, read_whole
from tap_asana.tasks.whole_tasks import WholeTasks

RECONCILED = "reconciled"
"""The source of these deletions."""

LOOKED_FOR = "looked_for"
"""The label of requests for missing objects."""

TYPE_OF_STREAM: Mapping[str, str] = {stream: kind for kind, stream in STREAM_OF_TYPE.items()}

NAMES_OF_SETS: Mapping[str, str] = {TASKS: "tasks", "below": "stories, attachments and time entries"}

logger = logging.getLogger(__name__)


class MissingObjects:
    """The objects that were known when a pass began, and that it has not read. Each is requested by its gid.

    What Asana does not know any more was deleted. Tasks that exist are read; they may have moved. An object that exists
    and that the pass must have read was known twice: a killed run had written it, and the next one again. It is not
    known once more then. If Asana refused something of its stream in the pass, nobody knows whether it was read. The
    next pass looks for what Asana fails to answer for.
    """

    def __init__(
        self,
        context: TraversalContext,
        inventory: Inventory,
        deletions: str | None,
        listed_gids: Collection[int] | None,
        tasks_read: Collection[int] = (),
    ) -> None:
        """Request nothing yet; the rows are of the stream `deletions`, and without it nothing is looked for.

        `listed_gids` are the tasks that the pass has read; without them, it has read all that exist. `tasks_read` are
        those that this run has read in the pass: they exist.
        """
        self._context = context
        self._inventory = inventory
        self._state = inventory.state
        self._deletions = deletions
        self._listed_gids = listed_gids
        self._tasks_read = tasks_read
        self._may_be_excluded = not context.directory.include_archived or context.window.since is not None
        self._taken_out: Counter[int] = Counter()

    def parts(self, tasks: int, others: int) -> Iterator[Iterator[Batch]]:
        """Yield reads of so many tasks or other objects: their deletions, and the tasks that exist.

        After each part, its objects are missing no more.
        """
        for kind, numbers in self._state.missing.items():
            content = numbers.content()
            missing = [KnownObject.from_number(number) for number in content.numbers]
            wanted = [each for each in missing if each.stream in self._context.fields]
            size = tasks if kind == TASKS else others
            for begin in range(0, len(wanted), size):
                yield self._part(kind, wanted[begin : begin + size], content.numbers)
            if content.full_buckets:
                logger.warning(
                    "workspace %s: more %s than state can name were deleted or moved since %s, in %d of %d parts; what "
                    "was deleted of them stays in the tables until all is read without a state",
                    *(self._context.workspace.gid, NAMES_OF_SETS[kind], self._state.last),
                    *(content.full_buckets, numbers.buckets),
                )

    def _part(self, kind: str, objects: Sequence[KnownObject], times: Mapping[int, int]) -> Iterator[Batch]:
        """Yield the deletions of objects of one set, and the tasks that exist."""
        yield from self._tasks([each.gid for each in objects]) if kind == TASKS else self._below(objects)
        for each in objects:
            self._state.settle(kind, each.number, times[each.number] - self._taken_out[each.number])

    @property
    def description(self) -> str:
        """Return what was found, for the log."""
        if self._deletions is None:
            return "deletions are not looked for, because the stream deletions is not selected"
        deleted = self._state.deleted
        refused = f"; {deleted[REFUSED]} that Asana refuses are hidden, or in the trash" if deleted[REFUSED] else ""
        if not self._state.missing:
            return f"deletions are found from the next pass on{refused}"
        below = deleted.total() - deleted[TASKS] - deleted[REFUSED]
        return f"{deleted[TASKS]} deleted, and {below} stories, attachments and time entries{refused}"

    def _tasks(self, gids: Sequence[str]) -> Iterator[Batch]:
        """Yield the deletions of tasks; those that exist are read, unless the settings may exclude them."""
        if self._may_be_excluded:
            yield from self._below([KnownObject(TASKS, gid) for gid in gids])
            return
        unproven = [int(gid) for gid in gids if int(gid) not in self._tasks_read or self._is_unread(gid)]
        source = WholeTasks(self._context, unproven, NO_RECORDS)
        for batch in read_whole(self._context, source):
            yield batch
            unread = [record for record in batch.records if self._is_unread(_task_gid(batch, record))]
            self._taken_out.update(self._inventory.read(replace(batch, records=unread)))
            self._inventory.meet(batch)
        for _ in source.refused:
            self._state.count_missing(REFUSED)
        self._keep(KnownObject(TASKS, gid) for gid in source.failed)
        yield from self._gone([KnownObject(TASKS, gid) for gid in source.gone])

    def _keep(self, objects: Iterable[KnownObject]) -> None:
        """Know objects that may exist, so that the next pass looks for them."""
        for each in objects:
            self._state.add(kind_of(each.stream), [each.number])

    def _is_unread(self, task_gid: str) -> bool:
        """Return whether the pass cannot have read a task that exists."""
        is_unlisted = self._listed_gids is not None and int(task_gid) not in self._listed_gids
        return is_unlisted or TASKS in self._state.unread

    def _below(self, objects: Sequence[KnownObject]) -> Iterator[Batch]:
        """Yield the deletions of objects that Asana does not know any more."""
        items = (WorkItem((place,), [self._request(each)]) for place, each in enumerate(objects))
        for page in self._context.fetcher.read(items):
            known = KnownObject(page.request.stream, page.request.parent_keys["gid"])
            refusal = page.unavailable
            may_be_unread = self._may_be_excluded or known.stream in self._state.unread
            if refusal.is_failure if refusal else may_be_unread:
                self._keep([known])
            elif refusal and refusal.status in GONE_STATUSES:
                yield from self._gone([known])
            elif refusal:
                self._state.count_missing(REFUSED)

    def _request(self, known: KnownObject) -> Request:
        path, fields = SINGLE_PATHS[known.stream].partition("{")[0], self._context.fields[known.stream][:1]
        return self._context.request(known.stream, LOOKED_FOR, f"{path}{{gid}}", fields, gid=known.gid).unpaged()

    def _gone(self, objects: Sequence[KnownObject]) -> Iterator[Batch]:
        """Yield the deletions of objects that answer 404; the next pass looks for those too new to be known."""
        now = self._context.window.until
        new = {each for each in objects if self._inventory.is_too_new(each, now)}
        self._keep(new)
        yield from self._deletions_of(each for each in objects if each not in new)

    def _deletions_of(self, objects: Iterable[KnownObject]) -> Iterator[Batch]:
        if self._deletions is not None:
            workspace_gid, noticed_at = self._context.workspace.gid, self._context.window.until
            for each in objects:
                self._state.count_missing(each.stream)
                kind = TYPE_OF_STREAM[each.stream]
                row = from_absence(each.gid, kind, workspace_gid, noticed_at, RECONCILED)
                yield Batch(self._deletions, [row])


def _task_gid(batch: Batch, record: Record) -> str:
    """Return the gid of a task, or of the task that a record lies below."""
    return f"{record['gid'] if batch.stream == TASKS else batch.parent_keys['task_gid']}"
