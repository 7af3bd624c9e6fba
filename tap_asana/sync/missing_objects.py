"""What the target holds and a pass has not read: deleted, or moved to where the pass had been before."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tap_asana.api.request import Request
from tap_asana.fetch.lane import WorkItem
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.reconciliation import ReconciliationState
from tap_asana.sync.changed_objects import STREAM_OF_TYPE
from tap_asana.sync.deletion_records import from_absence
from tap_asana.sync.follow_up import SINGLE_PATHS
from tap_asana.sync.inventory import KnownObject, kind_of
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

    What Asana does not know any more was deleted. Tasks that exist are read; they may have moved.
    """

    def __init__(self, context: TraversalContext, state: ReconciliationState, deletions: str | None) -> None:
        """Request nothing yet; the rows are of the stream `deletions`, and without it nothing is looked for."""
        self._context = context
        self._state = state
        self._deletions = deletions
        self._deleted: Counter[str] = Counter()

    def events(self) -> Iterator[Batch]:
        """Yield the deletions, and the tasks that exist."""
        contents = {kind: numbers.content() for kind, numbers in self._state.missing.items()}
        missing = [KnownObject.from_number(number) for content in contents.values() for number in content.numbers]
        yield from self._tasks([each.gid for each in missing if each.stream == TASKS])
        yield from self._below([each for each in missing if each.stream in self._context.fields.keys() - {TASKS}])
        for kind, content in contents.items():
            if content.full_buckets:
                logger.warning(
                    "workspace %s: more %s than state can name were deleted or moved since %s, in %d of %d parts; what "
                    "was deleted of them stays in the tables until all is read without a state",
                    *(self._context.workspace.gid, NAMES_OF_SETS[kind], self._state.last),
                    *(content.full_buckets, self._state.missing[kind].buckets),
                )

    @property
    def description(self) -> str:
        """Return what was found, for the log."""
        if self._deletions is None:
            return "deletions are not looked for, because the stream deletions is not selected"
        if not self._state.missing:
            return "deletions are found from the next pass on"
        below = self._deleted.total() - self._deleted[TASKS]
        return f"{self._deleted[TASKS]} deleted, and {below} stories, attachments and time entries"

    def _tasks(self, gids: Sequence[str]) -> Iterator[Batch]:
        """Yield the deletions of tasks; those that exist are read, unless the settings may exclude them."""
        context = self._context
        if not context.directory.include_archived or context.window.since is not None:
            yield from self._below([KnownObject(TASKS, gid) for gid in gids])
            return
        source = WholeTasks(context, map(int, gids), NO_RECORDS)
        yield from read_whole(context, source)
        existing = [KnownObject(TASKS, gid).number for gid in gids if gid not in source.refused]
        self._state.add(kind_of(TASKS), existing)
        yield from self._deletions_of(KnownObject(TASKS, gid) for gid in source.gone)

    def _below(self, objects: Sequence[KnownObject]) -> Iterator[Batch]:
        """Yield the deletions of objects that Asana does not know any more."""
        items = (WorkItem((place,), [self._request(each)]) for place, each in enumerate(objects))
        for page in self._context.fetcher.read(items):
            known = KnownObject(page.request.stream, page.request.parent_keys["gid"])
            if page.unavailable is None:
                self._state.add(kind_of(known.stream), [known.number])
            elif page.unavailable.status in GONE_STATUSES:
                yield from self._deletions_of([known])

    def _request(self, known: KnownObject) -> Request:
        path, fields = SINGLE_PATHS[known.stream].partition("{")[0], self._context.fields[known.stream][:1]
        return self._context.request(known.stream, LOOKED_FOR, f"{path}{{gid}}", fields, gid=known.gid).unpaged()

    def _deletions_of(self, objects: Iterable[KnownObject]) -> Iterator[Batch]:
        if self._deletions is not None:
            workspace_gid, noticed_at = self._context.workspace.gid, self._context.window.until
            for each in objects:
                self._deleted[each.stream] += 1
                kind = TYPE_OF_STREAM[each.stream]
                row = from_absence(each.gid, kind, workspace_gid, noticed_at, RECONCILED)
                yield Batch(self._deletions, [row])
