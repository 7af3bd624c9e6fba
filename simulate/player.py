"""Plays a history: several runs of the tap in this process, without threads and without waiting."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import count

import harness
from harness import Message, Output
from interruptions import Killed
from typing_extensions import override

from fake_asana.messages import HttpRequest
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.api import Api
from fake_asana.server.faults import Faults
from fake_asana.world import ManualClock, World
from simulate.history import Attempt, Change, History
from simulate.people import act
from simulate.pool import SeededPool
from tap_asana.config import Settings
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.run import Run
from tap_asana.tap import TapAsana

CHANGE_SECONDS = 1


@dataclass
class Played:
    """The result of a history: its world, the output that a target kept, and the lines of the log."""

    history: History
    api: Api
    kept: Output = field(default_factory=Output)
    last: Output = field(default_factory=Output)
    """The output of the last run."""

    log: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    """The exceptions that ended runs early, other than kills."""


class _Lines(logging.Handler):
    """Collects the lines of the log."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextmanager
def _collecting(lines: list[str]) -> Iterator[None]:
    root, handler = logging.getLogger(), _Lines(lines)
    levels = {name: logging.getLogger(name).level for name in ("", "tap_asana")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


class _Meanwhile:
    """A hook that passes time, changes the world and kills the run before the requests of an attempt."""

    def __init__(self, api: Api, history: History, attempt: Attempt) -> None:
        self._api, self._history, self._kill_before = api, history, attempt.kill_before
        self._numbers = count(1)
        self._changes: dict[int, list[Change]] = defaultdict(list)
        for change in attempt.changes:
            self._changes[change.before_request].append(change)

    def before_run(self) -> None:
        """Make the changes before the run."""
        self._change(0)

    def __call__(self, _: HttpRequest) -> None:
        """Count a request."""
        number = next(self._numbers)
        harness.clock(self._api).advance(self._history.request_milliseconds / 1000)
        self._change(number)
        if number == self._kill_before:
            raise Killed

    def _change(self, number: int) -> None:
        for change in self._changes[number]:
            harness.clock(self._api).advance(CHANGE_SECONDS)
            act(self._api.world, self._history.token, change.name, change.number)


def play(history: History) -> Played:
    """Run the tap through a history, and then until nothing changes any more."""
    random.seed(history.seed)  # the waits between retries
    world = World.seeded(history.seed, history.sizes, ManualClock())
    played = Played(history, Api(world, history.limits, dialect=history.dialect))
    with _collecting(played.log), harness.run_limits(output_per_state_byte=history.output_per_state_byte):
        for number, attempt in enumerate((*history.attempts, *history.quiet_attempts)):
            _run(played, number, attempt)
    return played


def _run(played: Played, number: int, attempt: Attempt) -> None:
    api, history = played.api, played.history
    harness.clock(api).advance(attempt.pause_seconds)
    api.faults = Faults(attempt.fault_share, attempt.fault_kinds, number + 1) if attempt.fault_kinds else None
    api.refusals.clear()
    for each in attempt.refused:
        api.refuse(each.template, each.status, times=each.times, in_envelope=each.in_envelope)
    meanwhile = _Meanwhile(api, history, attempt)
    meanwhile.before_run()
    harness.clock(api).advance(attempt.settled_seconds)
    output = harness.written(_tap(history, api, number, meanwhile, played.kept.state))
    error = output.error
    if error is not None:
        output = output.confirmed()
        if not isinstance(error, Killed):
            played.errors.append(error)
    played.kept, played.last = played.kept.then(output), output


def _tap(history: History, api: Api, number: int, hook: _Meanwhile, state: Message) -> TapAsana:
    settings = {"access_token": history.token, "extraction_method": history.method, **history.settings}

    class SimulatedTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            return _simulated_run(history, api, number, hook, self.settings)

    return SimulatedTap(config=settings, state=state or None, catalog=_catalog(history.streams))


@cache
def _catalog(streams: tuple[str, ...]) -> Message:
    """Return the catalog that selects some streams, or all; runs do not change it."""
    return harness.selecting(harness.discovered(), streams or harness.STREAMS)


def _simulated_run(history: History, api: Api, number: int, hook: _Meanwhile, settings: Settings) -> Run:
    run = harness.offline_run(api, settings, hook)
    pool = SeededPool(SeededRandom(history.seed, number), settings.max_concurrency)
    run.fetcher = Fetcher(
        run.client,
        settings.max_concurrency,
        run.limits,
        clock=harness.clock(api),
        pool=pool,
        new_queue=pool.new_queue,
    )
    return run
