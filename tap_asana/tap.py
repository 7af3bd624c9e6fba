"""The tap: its settings, its catalog, and its streams in reading order."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream
from singer_sdk.exceptions import MapExpressionError, StreamMapConfigError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.mapper import PluginMapper
from singer_sdk.singerlib import Catalog, CatalogEntry
from typing_extensions import override

from tap_asana.api.token_file import TokenFile
from tap_asana.config import ConfigError, Settings
from tap_asana.configured_tap import ConfiguredTap
from tap_asana.errors import AsanaError, TerminationSignal
from tap_asana.limits import Limits
from tap_asana.monitor.report import RunReport
from tap_asana.monitor.terminal import interactive_handler
from tap_asana.records.catalog import (
    NativeSchema,
    differing_types,
    fit_catalog,
    is_selected,
    parse_catalog,
    selected_schema,
    unknown_selections,
)
from tap_asana.records.stream_maps import SETTING, MappedStream, find_map_errors, is_mapped
from tap_asana.state.shape import validate_state
from tap_asana.state.shards import require_common_workspace
from tap_asana.streams import ALL
from tap_asana.sync import replication
from tap_asana.sync.facts import StreamFacts
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.writer import MessageWriter

if TYPE_CHECKING:
    from tap_asana.run import Run
    from tap_asana.sync.session import SyncSession

MAX_NAMES_IN_LOG = 10
"""Names in one log line."""

logger = logging.getLogger(__name__)


class TapAsana(ConfiguredTap):
    """Replicates Asana workspaces as Singer streams: everything on the first run, only changes afterwards."""

    name = "tap-asana"
    message_writer_class = MessageWriter
    _fitted_catalog: Catalog | None = None
    limits: ClassVar[Limits] = Limits()
    report: RunReport | None = None
    """The report of the run, if the settings ask for one."""

    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @override
    def __init__(self, *, catalog: dict[str, Any] | Catalog | None = None, **kwargs: Any) -> None:
        """Keep the original catalog, because the SDK drops entries that it does not know."""
        self._given_catalog: dict[str, Any] = dict(catalog.to_dict()) if isinstance(catalog, Catalog) else catalog or {}
        super().__init__(
            catalog=parse_catalog(catalog, native_schemas()) if isinstance(catalog, dict) else catalog, **kwargs
        )

    @cached_property
    def run(self) -> Run:
        """Return the run, and start its progress and its threads; discovery needs none."""
        from tap_asana.run import Run  # noqa: PLC0415 - discovery does not import what reads

        run = Run(self.settings, token_file=TokenFile.find(self.config_files), limits=self.limits)
        if handler := interactive_handler(os.environ, sys.stdout, sys.stderr, logging.getLogger().handlers):
            from tap_asana.monitor.display import create_display  # noqa: PLC0415 - slow to import, and only terminals need it

            if display := create_display(handler, run.progress):
                display.start()
        run.progress.start()
        run.fetcher.start_keepalive()
        return run

    @cached_property
    def session(self) -> SyncSession:
        """Return the session of all selected streams; raises AsanaError if its report cannot be written."""
        if path := self.settings.report_file:
            self.report = RunReport(Path(path))
        return self.new_session()

    def new_session(self, only: StreamFacts | None = None) -> SyncSession:
        """Return a session of all selected streams, or of one alone."""
        from tap_asana.sync.session import SyncSession  # noqa: PLC0415 - discovery does not import what reads

        streams = [stream for stream in self.streams.values() if isinstance(stream, AsanaStream)]
        return SyncSession(self.run, streams, self.config, self.state, only)

    @property
    def settings(self) -> Settings:
        """Return the settings of this run.

        A dry run stops at the first record: with one request at a time, it sends no others.
        """
        settings = Settings.from_config(self.config)
        is_dry_run = any(stream.ABORT_AT_RECORD_COUNT is not None for stream in self.streams.values())
        return replace(settings, max_concurrency=1, additional_access_tokens=()) if is_dry_run else settings

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        """Load the state of an earlier run; raises AsanaError if it is none of this tap and its workspaces."""
        validate_state(state)
        require_common_workspace(state, self.config.get("workspaces") or ())
        _warn_of_names(
            "the state has bookmarks of streams that this version does not have",
            state.get("bookmarks", {}).keys() - {kind.native().name for kind in ALL},
        )
        super().load_state(state)

    @property
    @override
    def input_catalog(self) -> Catalog | None:
        """Return the given catalog without the streams and fields that this version does not have; log these."""
        if self._fitted_catalog is None and (catalog := super().input_catalog) is not None:
            natives = native_schemas()
            self._fitted_catalog = fit_catalog(catalog, natives)
            _warn_of_names(
                "the catalog selects streams or fields that this version does not have",
                unknown_selections(catalog, natives),
            )
            _warn_of_names(
                "the catalog declares other types than this version, which keeps its own",
                differing_types(catalog, natives),
            )
        return self._fitted_catalog

    @override
    def setup_mapper(self) -> None:
        """Set up the stream maps of selected streams; the SDK would fail for others, whose keys it does not know.

        Raises AsanaError if no stream is selected, which the SDK would pass over, and ConfigError for a wrong map.
        """
        keys = {kind.native().name: list(kind.primary_keys) for kind in ALL}
        selected = {
            name: replace(entry, key_properties=entry.key_properties or keys.get(name))
            for name, entry in self._entries().items()
            if is_selected(entry)
        }
        if not selected:
            raise AsanaError(
                "--catalog: no stream is selected. In Meltano, add the rule '*.*' before rules that exclude."
            )
        if is_mapped(self.config) and (lines := find_map_errors(self.config, dict(_mapped_streams(selected)))):
            raise ConfigError(lines)
        self._register(selected)

    def _entries(self) -> Mapping[str, CatalogEntry]:
        """Return the entries of the catalog, those of a discovery if none is given."""
        if self.input_catalog is not None:
            return self.input_catalog
        natives = native_schemas()
        return {name: CatalogEntry(name, stream.metadata, natives[name]) for name, stream in self.streams.items()}

    def _register(self, selected: Mapping[str, CatalogEntry]) -> None:
        """Set up the mapper; raises ConfigError for a map that the SDK refuses for yet another reason."""
        try:
            self.mapper = PluginMapper(plugin_config=dict(self.config), logger=self.logger)
            for name, entry in selected.items():
                self.mapper.register_raw_stream_schema(name, selected_schema(entry), entry.key_properties)
        except (MapExpressionError, StreamMapConfigError) as error:
            raise ConfigError([f"{SETTING}: the SDK refuses a map ({type(error).__name__})."]) from None

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End the run: the streams write the last STATE, and do not wait for requests in flight."""
        termination = TerminationSignal(signum)
        if isinstance(self.message_writer, MessageWriter):
            self.message_writer.stop(termination)
        else:
            raise termination

    @override
    def discover_streams(self) -> list[Stream]:
        return [stream(self) for stream in ALL]

    @property
    @override
    def streams(self) -> dict[str, Stream]:
        """Return the streams in reading order; the SDK orders them by name."""
        if self._streams is None:
            by_type = {type(stream): stream for stream in super().streams.values()}
            self._streams = None
            streams: dict[str, Stream] = {by_type[kind].name: by_type[kind] for kind in ALL}
            self._set_methods(streams)
            self._streams = streams
            return streams
        return self._streams

    def _set_methods(self, streams: Mapping[str, Stream]) -> None:
        """Set the replication method of each selected stream by the catalog; or raise AsanaError."""
        entries = {entry.get("tap_stream_id"): entry for entry in self._given_catalog.get("streams", ())}
        without_bookmark = []
        for name in filter(entries.get, streams):
            stream = streams[name]
            if not isinstance(stream, AsanaStream) or not stream.selected:
                continue
            native = stream.native()
            method = replication.method(entries[name], native)
            if method == native.method:
                continue
            if method == replication.FULL_TABLE:
                stream.forced_replication_method = method
            else:
                without_bookmark.append(name)
        if without_bookmark:
            names = ", ".join(without_bookmark)
            logger.warning("read as FULL_TABLE, because Asana cannot filter them by change: %s", names)


@cache
def native_schemas() -> Mapping[str, NativeSchema]:
    """Return the schema of each stream in this version."""
    return {kind.native().name: NativeSchema(kind.schema) for kind in ALL}


def _mapped_streams(selected: Mapping[str, CatalogEntry]) -> Iterator[tuple[str, MappedStream]]:
    """Yield each stream with its fields, its keys, and the fields that a catalog selects."""
    for kind in ALL:
        native, fields, selected_fields = kind.native(), kind.schema["properties"], None
        if entry := selected.get(native.name):
            mask = entry.metadata.resolve_selection()
            selected_fields = [name for name in entry.schema.to_dict()["properties"] if mask["properties", name]]
        yield native.name, MappedStream(fields, kind.primary_keys, selected_fields)


def _warn_of_names(message: str, unsorted_names: Iterable[str]) -> None:
    """Log a warning with names from a catalog in one line, if there are any; of many names, only the first."""
    if names := sorted(unsorted_names):
        more = f" and {len(names) - MAX_NAMES_IN_LOG} more" if len(names) > MAX_NAMES_IN_LOG else ""
        logger.warning("%s: %s%s", message, ", ".join(names[:MAX_NAMES_IN_LOG]), more)
