"""A stream as its class declares it: an endpoint of Asana, a schema, and the way it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tap_asana.records.fields import Reasons
from tap_asana.sync.facts import Event
from tap_asana.sync.reader import Reader
from tap_asana.sync.readers import Snapshot
from tap_asana.sync.replication import Native
from tap_asana.sync.sdk_stream import SdkStream
from tap_asana.tasks.events import Batch

if TYPE_CHECKING:
    from tap_asana.api.decoding import Record
    from tap_asana.records.conform import BatchConformer, ReportLoss
    from tap_asana.records.export_lines import ExportedStream
    from tap_asana.records.privacy import Redactor


class AsanaStream(SdkStream):
    """A collection of objects.

    A subclass is its docstring (the stream's description in the catalog), `name`, `path` and `schema`. The placeholder
    of the path is the kind of parent that the list is requested for. Records get the parent's gid if the schema has a
    field for it.

    `paths` replaces `path` if objects of several kinds of parents are listed. `embedded_in` names lists whose records
    embed those of the stream: the list's path, and the field that holds them. `requires_field` names the field that a
    parent must have for its list to be requested, by kind of parent. `omitted` gives the reason for each documented
    field that the schema leaves out.
    """

    path: ClassVar[str] = ""
    paths: ClassVar[tuple[str, ...]] = ()
    embedded_in: ClassVar[Mapping[str, str]] = {}
    requires_field: ClassVar[Mapping[str, str]] = {}
    omitted: ClassVar[Reasons] = {}
    reader: ClassVar[Reader] = Snapshot()

    @classmethod
    def native(cls) -> Native:
        """Return how the stream is read if no catalog asks for anything else."""
        return Native(vars(cls)["name"], cls.primary_keys, vars(cls).get("replication_key"), cls.reader.is_rereadable)

    @classmethod
    @cache  # it is asked for each request
    def list_paths(cls) -> Mapping[str, str]:
        """Return the lists that hold the stream's records, each with the field that embeds them, or ""."""
        return {**dict.fromkeys(filter(None, cls.reader.list_paths(cls.path, cls.paths)), ""), **cls.embedded_in}

    @property
    def may_go_first(self) -> bool:
        """Return whether its reader can let later streams wait: others need not be asked each time."""
        return type(self.reader).goes_first is not Reader.goes_first

    @property
    def is_prefetchable(self) -> bool:
        """Return True if the stream's lists may be fetched during the read of an earlier stream."""
        return self.reader.is_prefetchable

    @property
    def exported(self) -> ExportedStream | None:
        """Return how an export holds it; None if its records are changed after they conform to its schema."""
        from tap_asana.records.conform import depends_on_others  # noqa: PLC0415 - discovery does not import what reads
        from tap_asana.records.export_lines import ExportedStream  # noqa: PLC0415 - discovery does not import what reads

        if self._redactor is not None or not self.is_unmapped:
            return None
        return ExportedStream(self.declared, self.mask, is_decoded=not depends_on_others(self.declared))

    @override
    def read(self) -> Iterator[Event]:
        """Yield the stream's records, and those of others that come with them."""
        self.session.run.load_known_people()
        self.session.lists.prefetch_parents(self)
        yield from self.session.begin(self)
        yield from self.session.lists.read_embedded(self)
        is_last = self.name == self.session.streams[-1].name
        for event in chain(self.reader.read(self, self.session), self._rest() if is_last else ()):
            yield event
            if isinstance(event, Batch):
                self.session.changes.on_written(event)
                self.session.new_projects.on_written(event)
                self.session.recent_entries.on_written(event)
                self.session.clocks.on_written(event)

    def _rest(self) -> Iterator[Event]:
        """Yield, after the last stream, what changed without moving a clock that the streams go by."""
        from tap_asana.sync.follow_up import follow_up  # noqa: PLC0415 - discovery does not import what reads
        from tap_asana.sync.reconcile import reconcile  # noqa: PLC0415 - discovery does not import what reads

        streams = {stream.name: stream for stream in self.session.selected}
        yield from follow_up(self.session, streams)
        if self.session.limit is None:
            yield from self.session.inventories.entries(self.session.recent_entries, streams)
        yield from reconcile(self.session, streams)

    @property
    def min_lookback_seconds(self) -> int:
        """Return how long before its bookmark a read starts at least."""
        return self.reader.min_lookback_seconds

    @property
    @override
    def is_whole(self) -> bool:
        """Return True if this run has read every record, so that its version can be activated (law 8).

        A row lost in any list counts: it may be a record of the stream, or the parent of one.
        """
        session, metrics = self.session, self.session.run.client.metrics
        has_all_lists = session.lists.is_complete(self) and self.reader.is_whole(self, session)
        return has_all_lists and not metrics[self.name].is_incomplete and not metrics.rows_lost

    @override
    def conform(self, records: Iterable[Record]) -> list[Any]:
        return self._conformer(records)

    @cached_property
    def _conformer(self) -> BatchConformer:
        """Return the function that all records pass through before they are written or mapped."""
        conformed, redactor = self._compiled(self._report_loss), self._redactor
        return conformed if redactor is None else lambda records: conformed(map(redactor, records))

    @cached_property
    def _compiled(self) -> Callable[[ReportLoss], BatchConformer]:
        from tap_asana.records.conform import compile_conformer  # noqa: PLC0415 - discovery does not import what reads

        return compile_conformer(self.declared, self.mask)

    @cached_property
    def _redactor(self) -> Redactor | None:
        return self.session.run.privacy.redactor(type(self).schema)

    def _report_loss(self, field: str) -> None:
        """Count a value replaced by null; without a field, count a record without a valid key (law 11)."""
        metrics = self.session.run.client.metrics
        if field:
            metrics.record_nulled_value(self.name, field)
        else:
            metrics.record_unusable_rows(self.name, 1)
