"""The adapter to the SDK: the only class that overrides or touches the internals of its streams.

tests/repo/test_sdk_drift.py fails if an overridden method changes in the SDK, or if another file touches internals.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from msgspec import to_builtins
from singer_sdk import Stream
from singer_sdk.exceptions import AbortedSyncExceptionBase
from singer_sdk.helpers._util import utc_now
from singer_sdk.helpers.types import Context
from singer_sdk.mapper import SameRecordTransform, StreamMap
from singer_sdk.singerlib import RecordMessage, StateMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, Catalog
from typing_extensions import override

from tap_asana.errors import AsanaError, TerminationSignal
from tap_asana.records.catalog import common_schema
from tap_asana.records.fields import Schema, opt_fields
from tap_asana.records.stream_maps import failed_expression
from tap_asana.sync.facts import Event, StreamFacts, plain_records
from tap_asana.sync.writer import MessageWriter
from tap_asana.tasks.events import Batch

if TYPE_CHECKING:
    from tap_asana.api.decoding import Record
    from tap_asana.sync.session import SyncSession

MAX_RECORDS_AT_ONCE = 500
"""Records to conform and write together."""

logger = logging.getLogger(__name__)


class SessionTap(Protocol):
    """A tap, as streams see it."""

    @property
    def session(self) -> SyncSession:
        """Return the session of all selected streams."""

    def new_session(self, only: StreamFacts) -> SyncSession:
        """Return a session of one stream alone."""


class SdkStream(Stream):
    """A stream whose records and state changes come from `read`, and are written in that order."""

    schema: ClassVar[Schema]
    primary_keys: tuple[str, ...] = ("gid",)

    _schema_written = False
    _version: int | None = None

    # Subclasses define these.

    @abstractmethod
    def read(self) -> Iterator[Event]:
        """Yield records, also those of other streams, and state changes to make behind them."""

    @abstractmethod
    def conform(self, records: Iterable[Record]) -> list[Any]:
        """Return records as the catalog selects them, with values of the declared types: objects or dictionaries."""

    @property
    @abstractmethod
    def is_whole(self) -> bool:
        """Return True if this run has read every record of the stream."""

    # The catalog.

    @override
    def __init_subclass__(cls, **options: object) -> None:
        """Use the first line of the docstring as the description of the schema."""
        super().__init_subclass__(**options)
        if "schema" in vars(cls) and cls.__doc__:
            cls.schema = {"description": cls.__doc__.partition("\n")[0], **cls.schema}

    @override
    def apply_catalog(self, catalog: Catalog) -> None:
        """Take schema and selection from a catalog; keys and method stay the stream's own (see `TapAsana.streams`)."""
        super().apply_catalog(catalog)
        for name in ("primary_keys", "declared", "_opt_fields"):
            vars(self).pop(name, None)
        vars(self).pop("replication_key", None)
        self._replication_key = self.forced_replication_method = None

    @cached_property
    def declared(self) -> Schema:
        """Return the schema of the records: the stream's own fields that the catalog declares, and the keys."""
        return common_schema(type(self).schema, self.effective_schema, type(self).schema["required"])

    def opt_fields(self) -> list[str]:
        """Return the opt_fields of the fields that the catalog selects."""
        return self._opt_fields

    @cached_property
    def _opt_fields(self) -> list[str]:
        return opt_fields(self.declared, self.mask)

    # The sync.

    @property
    def is_dry_run(self) -> bool:
        """Return True if the SDK stops the stream after a few records (`tap-asana --test`)."""
        return self.ABORT_AT_RECORD_COUNT is not None

    @cached_property
    def session(self) -> SyncSession:
        """Return the session that the streams of a sync share; in a dry run each stream has its own."""
        tap = cast("SessionTap", self._tap)
        return tap.new_session(cast("StreamFacts", self)) if self.is_dry_run else tap.session

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the stream's records without writing anything; a sync uses `read` instead."""
        for event in self.read():
            if isinstance(event, Batch) and event.stream == self.name:
                yield from plain_records(event)

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[Record, Any, Any]:
        """Write the records and states of `read`, then activate the version; after an error write the last STATE.

        The SDK expects a generator; this one yields nothing, because everything is written already.
        """
        if not self.session.includes(self.name):
            return
        run = self.session.run
        run.progress.update(self.name)
        try:
            for event in self.read():
                self._write(event)
            self.session.log_metrics(self.name)
        except AbortedSyncExceptionBase:  # a dry run has enough records
            raise
        except (Exception, TerminationSignal) as error:
            run.stop()
            self.session.log_metrics(self.name, failed=True)
            if isinstance(error, AsanaError | TerminationSignal):
                self._write_last_state()
            raise
        finally:
            self._finish_dry_run()
        if not self.is_dry_run:
            self._activate_version()
            self.session.complete(self.name)
        yield from ()

    def _write(self, event: Event) -> None:
        """Write the records of an event, or make its change of state; a dry run keeps no state."""
        if isinstance(event, Batch):
            stream = cast("SdkStream", self._tap.streams[event.stream])
            stream.write_schema_once(is_required=bool(event.records))
            if event.is_conformed:
                stream.write_conformed(event.records)
            else:
                stream.write_records(plain_records(event))
        elif not self.is_dry_run:
            event.keep()
            self.write_state_when_due(force=event.force)

    def _finish_dry_run(self) -> None:
        """Log which streams returned a record, after the last stream of a dry run, and end the threads."""
        names = list(self._tap.streams)
        if self.is_dry_run and self.name == names[-1]:
            empty = [name for name in names if not self.session.run.progress.records[name]]
            counts = (len(names) - len(empty), len(names), ", ".join(empty) or "none")
            logger.info("Connection test: %d of %d streams returned a record; empty: %s", *counts)
            self.session.run.stop()

    @override
    def log_sync_costs(self) -> None:
        """Complete the run: `Tap.sync_all`, which is final, calls only this after its last stream, for every stream."""
        if self.selected:
            self.session.finish(self._write_last_state)

    # Messages.

    def write_records(self, records: Iterable[Record]) -> None:
        """Write records as the catalog selects them."""
        if self.is_unmapped:
            rest = iter(records)
            while rows := list(islice(rest, MAX_RECORDS_AT_ONCE)):
                self.write_conformed(self.conform(rows))
            return
        for count, record in enumerate(records, self.session.run.progress.records[self.name]):
            self._check_max_record_limit(count)
            self._write_record_message(record)

    def write_conformed(self, records: Sequence[object]) -> None:
        """Write records of a stream that is not mapped: they conform to it already."""
        stream_map, writer = self.stream_maps[0], cast("MessageWriter", self._tap.message_writer)
        unwritten = self.session.rows.unwritten(self.name, records)
        count = writer.write_records(stream_map.stream_alias, unwritten, self._version)
        self.session.run.progress.add_records(self.name, count)
        self.state_manager.is_flushed = False

    @cached_property
    def is_unmapped(self) -> bool:
        """Return True if conformed records are written unchanged: no stream maps, no flattening, no dry run."""
        first, *more = self.stream_maps
        is_same = type(first) is SameRecordTransform and not first.flattening_enabled
        return is_same and not more and not self.is_dry_run and isinstance(self._tap.message_writer, MessageWriter)

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        for conformed in to_builtins(self.session.rows.unwritten(self.name, self.conform([record]))):
            self.session.run.progress.add_records(self.name, 1)
            for stream_map in self.stream_maps:
                mapped = self._mapped(stream_map, conformed)
                if mapped is not None:
                    if stream_map.flattening_enabled:
                        # The SDK leaves the name of a null object, which no flattened schema declares.
                        declared = stream_map.transformed_schema["properties"]
                        mapped = {name: value for name, value in mapped.items() if name in declared}
                    yield RecordMessage(
                        stream_map.stream_alias, mapped, version=self._version, time_extracted=utc_now()
                    )

    def _mapped(self, stream_map: StreamMap, record: Record) -> Record | None:
        """Return a record as a stream map changes it; raises AsanaError with a line for an expression that fails."""
        try:
            return stream_map.transform(record)
        except Exception as error:
            if line := failed_expression(error, is_copy=stream_map is not self.stream_maps[0]):
                raise AsanaError(line) from None
            raise

    def write_schema_once(self, *, is_required: bool = False) -> None:
        """Write the SCHEMA once, before the stream's first record, even if another stream's list holds that record.

        From then on records carry the version: the start of the run in milliseconds. (The SDK would set the version too
        late for records in other lists, and in seconds, which two runs can share.) A stream that the interrupted run
        completed gets no SCHEMA unless records follow, because some targets empty the table on one.
        """
        if not self._schema_written and (is_required or self.session.includes(self.name)):
            self._schema_written = True
            if self.emit_activate_version_messages and self.replication_method == REPLICATION_FULL_TABLE:
                self._version = self._initialized_at
            super()._write_schema_message()

    @override
    def _write_schema_message(self) -> None:
        self.write_schema_once()

    @override
    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Write nothing: the SDK calls this before the records, but a version holds after the last one (law 8)."""

    def _activate_version(self) -> None:
        """Activate the version of a table if this run has read all its rows."""
        if self._version is not None and self.is_whole:
            super()._write_activate_version_message(self._version)

    @override
    def _write_state_message(self) -> None:
        """Write nothing: the SDK calls this when a dry run has enough records."""

    @override
    def finalize_state_progress_markers(self, state: dict[str, Any] | None = None) -> None:
        """Write STATE if it is due: the SDK calls this after each stream, for markers that this tap does not use."""
        self.write_state_when_due()

    def write_state_when_due(self, *, force: bool = False) -> None:
        """Write STATE if it is forced, or enough was written (law 3); not by the SDK's StateWriter, which copies it."""
        writer, output_per_state_byte = self._tap.message_writer, self.session.run.limits.output_per_state_byte
        if isinstance(writer, MessageWriter) and (force or writer.state_is_due(output_per_state_byte)):
            self.session.completed.touch(self.session.run.now)
            writer.write_state(StateMessage(value=self.tap_state), output_per_state_byte)

    def _write_last_state(self) -> None:
        """Write STATE even if nothing has changed: some targets keep only a STATE that no record follows."""
        if self.tap_state and not self.is_dry_run:
            self._tap.write_message(StateMessage(value=self.tap_state))

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return None: bookmarks do not depend on values of records (law 1)."""

    @override
    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Return None: the tap writes RECORD messages."""

    @override
    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log a message, except that an error happened: the error itself is logged once, when the run ends."""
        if level < logging.ERROR:
            super().log(message, *args, level=level, **kwargs)
