"""What all streams have in common: collections, listed under every parent that their paths name."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from singer_sdk.exceptions import AbortedSyncExceptionBase
from singer_sdk.helpers._util import utc_now
from singer_sdk.helpers.types import Context
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import RecordMessage, StateMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_asana.api.protocol import Record
from tap_asana.errors import AsanaError, TerminationSignal
from tap_asana.records.conform import BatchConformer, batch_conformer
from tap_asana.settings import without_secrets
from tap_asana.state.bookmarks import short_hash
from tap_asana.state.resume_points import CompletedStreams
from tap_asana.sync.declared import DeclaredStream
from tap_asana.sync.shared_lists import SharedLists
from tap_asana.sync.writer import MessageWriter

TOGETHER = 500
"""Records that are shaped and written together at the most."""


class AsanaStream(DeclaredStream):
    """A snapshot of one collection."""

    _schema_written = False
    _version: int | None = None
    is_complete = True

    @property
    def can_prefetch(self) -> bool:
        """Tell whether its lists may be fetched before their turn, because no long read comes first."""
        return True

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield this stream's records; write those of others that come from the same lists."""
        for stream, records in SharedLists(self.run, self.selected_streams()).read(self):
            if stream is self:
                yield from self.deduplicate(records)
            else:
                stream.write_shared(records)

    def write_shared(self, records: Iterable[Record]) -> None:
        """Write records that came from a list which another stream reads."""
        self.write_schema_once()
        self.write_all(self.deduplicate(records))

    def selected_streams(self) -> list[AsanaStream]:
        """Return all selected streams, or this one alone where the SDK wants a few records for a test."""
        if self.is_dry_run:
            return [self]
        streams = (stream for stream in self._tap.streams.values() if isinstance(stream, AsanaStream))
        return [stream for stream in streams if stream.selected and not stream.is_finished]

    @property
    def is_finished(self) -> bool:
        """Tell whether all of this stream is written, by this run or by the one that was cut off before it."""
        return not self.is_dry_run and self.name in self.completed_streams

    @property
    def completed_streams(self) -> CompletedStreams:
        """Return what this run, and the one that it takes up, have read to its end."""
        if self.run.completed_streams is None:
            streams = [stream for stream in self._tap.streams.values() if isinstance(stream, AsanaStream)]
            fields = {stream.name: stream.opt_fields() for stream in streams if stream.selected}
            asked = short_hash(
                [
                    without_secrets(self.config),
                    fields,
                    {name: self._tap.streams[name].replication_method for name in fields},
                ]
            )
            self.run.completed_streams = CompletedStreams(
                self._tap.streams["workspaces"].stream_state, self.run.now, asked
            )
        return self.run.completed_streams

    def mark_finished(self, part: str) -> None:
        """Keep that this stream, or a part of it, is written to its end."""
        if not self.is_dry_run:
            self.completed_streams.add(part, self.run.now)

    @cached_property
    def _written_keys(self) -> set[tuple[Any, ...]]:
        return set()

    def deduplicate(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records whose key has not come before: many things are in several lists."""
        for record in records:
            key = tuple(record.get(name) for name in self.primary_keys)
            if key not in self._written_keys:
                self._written_keys.add(key)
                yield record

    # What the SDK would do per record is done here per stream, or not at all.

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[Record, Any, Any]:
        """Write the records and the version that they make up; if the run ends here, the last true STATE.

        No request that waits then is sent any more.
        """
        if self.is_finished:
            return
        self.run.progress.update(self.name)
        try:
            self.run.meet_people()
            with self.get_record_counter() as counter, self.get_sync_timer():
                for stream, records in SharedLists(self.run, self.selected_streams()).read_embedded(self):
                    stream.write_shared(records)
                for index, record in enumerate(self.get_records(context)):
                    self._check_max_record_limit(index)
                    self.write(record)
                    yield record
                counter.increment(self.run.progress.records[self.name])
        except AbortedSyncExceptionBase:  # the SDK's: this stream has had enough records
            self.log_dry_run_summary()
            raise
        except (Exception, TerminationSignal) as error:
            self.run.stop()
            if isinstance(error, AsanaError | TerminationSignal):
                self._write_last_state()
            raise
        self._activate()
        self.mark_finished(self.name)
        self.log_dry_run_summary()

    def write(self, record: Record) -> None:
        """Write one record as the catalog selects it."""
        self.write_all([record])

    def write_all(self, records: Iterable[Record]) -> None:
        """Write records that came at once, as the catalog selects them."""
        writer = self._tap.message_writer
        if self._is_plain and isinstance(writer, MessageWriter):
            rest = iter(records)
            while rows := list(islice(rest, TOGETHER)):
                written = writer.write_records(self.stream_maps[0].stream_alias, self._conformers(rows), self._version)
                self.run.progress.records[self.name] += written
                self.state_manager.is_flushed = False
            return
        for record in records:
            self._check_max_record_limit(self.run.progress.records[self.name])
            self._write_record_message(record)
            self.run.progress.records[self.name] += 1

    @cached_property
    def _is_plain(self) -> bool:
        """Tell whether records leave as they are shaped: no stream maps, no flattening, no limit of a dry run."""
        first, *more = self.stream_maps
        same = type(first) is SameRecordTransform and not first.flattening_enabled
        return same and not more and not self.is_dry_run

    def write_schema_once(self) -> None:
        """Write the SCHEMA once, be it before this stream's own records or those that came with another's.

        From then on records carry the version that will be announced: the start of the run in milliseconds. (The SDK
        would set it too late for the others, and in seconds, of which two runs may have the same.)
        Of a stream that brings nothing more, nothing is written: a target could empty its table for a SCHEMA.
        """
        if not self._schema_written and not self.is_finished:
            self._schema_written = True
            if self.emit_activate_version_messages and self.replication_method == REPLICATION_FULL_TABLE:
                self._version = self._initialized_at
            super()._write_schema_message()

    @override
    def _write_schema_message(self) -> None:
        self.write_schema_once()

    @override
    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Write nothing: the SDK calls this before the records, and a version holds only after the last (law 8)."""

    def _activate(self) -> None:
        """Announce the version of a table that was read whole."""
        if self._version is not None and not self.is_dry_run and self.is_whole:
            super()._write_activate_version_message(self._version)

    @property
    def is_whole(self) -> bool:
        """Tell whether this run has read all that the table should hold, so that it can vouch for a version (law 8).

        A row that was lost in any list may be one of the table, or one that some of the table's rows hang from.
        """
        metrics = self.run.client.metrics
        return self.is_complete and not metrics[self.name].is_incomplete and not metrics.rows_lost

    @override
    def finalize_state_progress_markers(self, state: dict[str, Any] | None = None) -> None:
        """Write STATE behind a stream as in the middle of one: there are no such markers in this tap's state."""
        self.write_state_when_due()

    def write_state_when_due(self, *, dear: bool = False) -> None:
        """Write STATE in the middle of a read, unless it is not dear and little was written since the last (law 3)."""
        writer, share = self._tap.message_writer, self.run.limits.output_per_state_byte
        if isinstance(writer, MessageWriter) and (dear or writer.state_is_due(share)) and not self.is_dry_run:
            self.completed_streams.touch(self.run.now)
            self._tap.state_writer.write_state(self.tap_state)

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return nothing: bookmarks are kept by `state`, not by the values of records (law 1)."""

    @override
    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Return nothing: the tap writes RECORD messages."""

    @override
    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log a message, but not that an error happened: the error itself is logged once, where the run ends."""
        if level < logging.ERROR:
            super().log(message, *args, level=level, **kwargs)

    @override
    def log_sync_costs(self) -> None:
        """Close the run when the SDK comes to the last stream: with the summary, and the STATE of all of it."""
        streams = [stream for stream in self._tap.streams.values() if stream.selected]
        if [self] == streams[-1:]:
            self.completed_streams.clear()
            self._write_last_state()
            self.run.progress.summary([stream.name for stream in streams])
            self.run.close()

    def _write_last_state(self) -> None:
        """Write STATE even if it says nothing new: some targets keep only one that no record follows."""
        if self.tap_state and not self.is_dry_run:
            self._tap.write_message(StateMessage(value=self.tap_state))

    @cached_property
    def _conformers(self) -> BatchConformer:
        """Return the one function that all records of this stream go through, whatever is made of them behind."""
        shaped = batch_conformer(self.declared, self.mask, self._report)
        protected = self.run.privacy.redactor(type(self).schema)
        return shaped if protected is None else lambda records: shaped(map(protected, records))

    def _report(self, name: str) -> None:
        """Count a field's value that was lost, or a record that no table can hold (law 11)."""
        metrics = self.run.client.metrics
        if name:
            metrics.record_nulled_value(self.name, name)
        else:
            metrics.record_unusable_rows(self.name, 1)

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        for shaped in self._conformers([record]):
            yield from self._mapped(shaped)

    def _mapped(self, shaped: Record) -> Iterator[RecordMessage]:
        """Yield what the stream maps make of a record."""
        for stream_map in self.stream_maps:
            mapped = stream_map.transform(shaped)
            if mapped is not None:
                if stream_map.flattening_enabled:
                    # Of an object that is null the SDK leaves the name, which no flattened schema declares.
                    declared = stream_map.transformed_schema["properties"]
                    mapped = {name: value for name, value in mapped.items() if name in declared}
                yield RecordMessage(stream_map.stream_alias, mapped, version=self._version, time_extracted=utc_now())
