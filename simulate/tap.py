"""The tap of a simulated run: without threads, and with what follows from a catalog alone worked out once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import harness
from harness import Hook, Message
from singer_sdk import Stream
from singer_sdk.mapper import PluginMapper
from singer_sdk.singerlib import Catalog
from typing_extensions import override

from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.api import Api
from simulate.history import History
from simulate.pool import SeededPool
from tap_asana.config import Settings
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.records.catalog import fit_catalog, parse_catalog
from tap_asana.run import Run
from tap_asana.tap import TapAsana, native_schemas

DERIVED = ("_mask", "declared", "_opt_fields", "_compiled")
"""What a stream works out from its class and the catalog alone, and keeps."""

MAX_SELECTIONS = 64
"""Selections to keep in memory; histories without deselected fields have some ten."""


class _Given(Catalog):
    """A catalog that has the form in which it was given."""

    def __init__(self, given: Message) -> None:
        super().__init__(parse_catalog(given, native_schemas()))
        self._given = given

    @override
    def to_dict(self) -> Message:
        return self._given


@dataclass
class Selection:
    """A catalog, and what the runs with it share."""

    catalog: Catalog
    fitted: Catalog
    mapper: PluginMapper | None = None
    derived: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What streams have worked out from it, by stream."""

    @classmethod
    @lru_cache(maxsize=MAX_SELECTIONS)
    def of(cls, streams: tuple[str, ...], deselected: tuple[str, ...], full_table: tuple[str, ...]) -> Selection:
        """Return the selection of some streams, or of all, without some fields of tasks; some are whole in each run."""
        selected = streams or harness.STREAMS
        tasks = copy.deepcopy(harness.ENTRIES["tasks"])
        for name in deselected:
            harness.choose(tasks, ("properties", name), selected=False)
        entries = {**harness.ENTRIES, "tasks": tasks}
        whole = {name: {**entries[name], "replication_method": "FULL_TABLE"} for name in full_table}
        given = _Given(harness.catalog_of(selected, {"tasks": tasks, **whole}))
        return cls(given, fit_catalog(given, native_schemas()))


class SimulatedTap(TapAsana):
    """A tap whose run is made by `new_run`; all taps with the same selection share what follows from it."""

    @override
    def __init__(
        self, selection: Selection, new_run: Callable[[TapAsana], Run], *, config: Mapping[str, Any], state: Message
    ) -> None:
        """Take a selection; the settings of simulations have no stream maps."""
        self._selection, self._new_run = selection, new_run
        super().__init__(config=config, state=state or None, catalog=selection.catalog)

    @cached_property
    @override
    def run(self) -> Run:
        return self._new_run(self)

    @override
    def _setup_signal_handlers(self) -> None:
        """Leave signals to the simulation: they are for all of its runs."""

    @property
    @override
    def input_catalog(self) -> Catalog:
        """Return the catalog with the fields of this version: it has no others, so there is nothing to log."""
        return self._selection.fitted

    @override
    def setup_mapper(self) -> None:
        """Set up the maps that change nothing, once for all runs."""
        if self._selection.mapper is None:
            super().setup_mapper()
            self._selection.mapper = self.mapper
        self.mapper = self._selection.mapper

    @override
    def _set_methods(self, streams: Mapping[str, Stream]) -> None:
        """Give new streams what earlier ones have worked out."""
        for name, stream in streams.items():
            vars(stream).update(self._selection.derived.get(name, {}))
        super()._set_methods(streams)

    def keep_derived(self) -> None:
        """Keep for later taps what the streams have worked out."""
        for name, stream in self.streams.items():
            attributes = vars(stream)
            self._selection.derived[name] = {part: attributes[part] for part in DERIVED if part in attributes}


def run_in_order(
    api: Api, settings: Settings, hook: Hook, rng: SeededRandom, *, clock_ahead_seconds: float = 0.0
) -> Run:
    """Return a run without threads: random numbers decide in which order its requests in flight are answered."""
    run = harness.offline_run(api, settings, hook, clock_ahead_seconds=clock_ahead_seconds)
    at_once = run.settings.max_concurrency
    pool = SeededPool(rng, at_once)
    api.others_in_flight = pool.others_in_flight
    run.fetcher = Fetcher(
        run.client, at_once, run.limits, clock=harness.clock(api), pool=pool, new_queue=pool.new_queue
    )
    return run


def credentials(history: History, api: Api) -> dict[str, str]:
    """Return the settings with the credentials of a run; the refresh token is the last one that Asana gave."""
    if not history.is_oauth:
        return {"access_token": history.token}
    oauth = api.oauth
    app = {"client_id": oauth.client_id, "client_secret": oauth.client_secret}
    return {**app, "refresh_token": oauth.refresh_token}
