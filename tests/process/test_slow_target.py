"""A slow or dead target: no page token expires, memory stays flat, and the run ends when the pipe closes."""

from __future__ import annotations

import io
import json
import subprocess
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import closing, redirect_stdout
from pathlib import Path

import pytest
import requests
from client_fixture import FullDisk
from clock import PATIENCE, Clock
from direct_session import Waiting
from expected import missing
from harness import (
    PERSON,
    Output,
    asana,
    clock,
    discovered,
    offline_run,
    offline_tap,
    parse,
    run_limits,
    selecting,
    written,
)
from tap_process import errors, prepared, started
from typing_extensions import Buffer, override

from fake_asana.server.api import Api
from fake_asana.world import Sizes
from scripts.pipeline import control, served
from tap_asana.api.request import Page, Request
from tap_asana.config import Settings
from tap_asana.errors import AsanaError
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.keepalive import PageTokenKeepAlive
from tap_asana.fetch.lane import Key, Lane, WorkItem
from tap_asana.fetch.scheduler import Fetched, FetchScheduler
from tap_asana.fetch.spool import Spool
from tap_asana.limits import Limits
from tap_asana.run import Run
from tap_asana.tap import TapAsana

GONE = "The target closed the pipe; records after the last STATE will be sent again."
LIFE = 900
"""Lifetime of a page token, in seconds."""


class Answering:
    """How many pages are being fetched: no second may pass while one is, for an answer takes less than that."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Count the requests of every scheduler."""
        self._changed, self._count = threading.Condition(), 0
        send, on_fetched = FetchScheduler._send, FetchScheduler._on_fetched  # noqa: SLF001 - begin and end of a request

        def sent(reading: FetchScheduler, lane: Lane, key: Key, request: Request) -> None:
            self._add(1)
            send(reading, lane, key, request)

        def fetched(reading: FetchScheduler, lane: Lane, key: Key, request: Request, future: Future[Fetched]) -> None:
            on_fetched(reading, lane, key, request, future)
            self._add(-1)

        monkeypatch.setattr(FetchScheduler, "_send", sent)
        monkeypatch.setattr(FetchScheduler, "_on_fetched", fetched)

    def _add(self, number: int) -> None:
        with self._changed:
            self._count += number
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until none is."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._count, PATIENCE)


class Slow(io.BytesIO):
    """The standard output to a target that takes a line a second; the keep-alive looks every half minute."""

    def __init__(self, api: Api, tap: TapAsana, answering: Answering) -> None:
        """Write nothing yet."""
        super().__init__()
        self._clock, self._tap, self._answering = clock(api), tap, answering
        self._looked = self._clock()

    @override
    def write(self, lines: Buffer, /) -> int:
        for _ in range(bytes(lines).count(b"\n")):
            self._answering.wait()
            self._clock.advance(1)
            if self._clock() - self._looked >= Limits.keepalive_interval_seconds:
                self._looked = self._clock()
                self._tap.run.fetcher.keepalive.refresh_stale()
        return super().write(lines)


def slowly(api: Api, streams: list[str], config: Mapping[str, object], answering: Answering) -> Output:
    """Run the tap into a slow target."""
    settings = {**PERSON, **config}
    running = offline_tap(api)(config=settings, catalog=selecting(discovered(), streams))
    buffer = io.TextIOWrapper(Slow(api, running, answering), encoding="utf-8")
    with redirect_stdout(buffer):
        running.sync_all()
    return Output(parse(buffer))


def test_page_tokens_outlive_a_slow_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """At one record a second, pages wait far longer than their tokens live, and none expires.

    So no list restarts, and no request is repeated.
    """
    api = asana(Sizes(workspaces=1, projects=12, tasks=3000, busiest=1200, subtasks=0, stories=0))
    begun = clock(api)()
    output = slowly(
        api, ["projects", "users", "tasks"], {"max_concurrency": 20, "page_size": 100}, Answering(monkeypatch)
    )
    assert clock(api)() - begun > 3 * LIFE
    assert [handled.status for handled in api.log if handled.status != 200] == []
    assert missing(api, output) == {}
    assert len(output.records("tasks")) == len(output.gids("tasks"))
    asked = [(handled.path, json.dumps(handled.query, sort_keys=True)) for handled in api.log]
    assert len(asked) == len(set(asked))


class Endless:
    """Endless lists, in pages of a hundred kilobytes."""

    def __init__(self) -> None:
        """Count the requests of each list."""
        self.pages = 0

    def fetch(self, ask: Request) -> Page:
        """Return a new next page of a list."""
        self.pages += 1
        records = [{"gid": f"{number}", "notes": f"{number:1024}"} for number in range(100)]
        return Page(ask, records, ask.with_offset(f"{int(ask.offset or 0) + 1}"))


def test_memory_stays_flat_while_the_target_is_blocked() -> None:
    """Lists go to disk while the target reads no page for hours. Memory holds a few pages."""
    lists, time_, endless = 20, Clock(), Endless()
    units = [WorkItem((number,), [Request("tasks", f"/{number}")]) for number in range(lists)]
    with closing(Fetcher(endless, lists, Limits(), clock=time_)) as fetcher:
        reading = fetcher.read(units)
        taken = [next(reading)]
        while endless.pages < lists:
            assert threading.Event().wait(0.001) is False
        tracemalloc.start()
        for _ in range(10):
            time_.now += Limits.max_page_token_age_seconds
            fetcher.keepalive.refresh_stale()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert endless.pages > 10 * (lists - 1)
        assert peak < 2_000_000
        taken += [next(reading) for _ in range(5 * lists)]
    for path in {page.request.path for page in taken}:
        offsets = [int(page.request.offset or 0) for page in taken if page.request.path == path]
        assert offsets == list(range(len(offsets)))
    assert all(len(page.records) == 100 for page in taken)


def test_pages_on_disk_are_returned_unchanged() -> None:
    """Pages are returned whole, in any order, and a file is deleted with its last page."""
    ask = Request("tasks", "/tasks", limit=100)
    pages = [
        Page(ask, [{"gid": f"{n}", "n": n, "x": [1.5, None, True, "é\u2028"]}], ask.with_offset(f"{n}"))
        for n in range(9)
    ]
    spool = Spool(segment=100)
    kept = [spool.put(page) for page in pages]
    files = {id(each.segment): each.segment.file for each in kept}
    assert len(files) > 2
    assert [spool.take(each) for each in reversed(kept)] == pages[::-1]
    assert all(file.closed for file in files.values())


def test_a_full_disk_ends_the_run_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, the run ends with one line."""
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: FullDisk())
    with pytest.raises(AsanaError, match="Cannot buffer pages on disk: No space left"):
        Spool().put(Page(Request("tasks", "/tasks"), [{"gid": "1"}]))


def test_a_failure_behind_a_slow_target_comes_in_its_turn() -> None:
    """An error of the keep-alive is raised after the pages that came before it."""

    class Failing:
        def fetch(self, ask: Request) -> Page:
            if ask.offset == "3":
                raise RuntimeError("the third page")
            return Page(ask, [{"gid": "1"}], ask.with_offset(f"{int(ask.offset or 0) + 1}"))

    time_, offsets = Clock(), list[str | None]()

    def read(fetcher: Fetcher) -> None:
        for page in fetcher.read([WorkItem((1,), [Request("tasks", "/1")])]):
            offsets.append(page.request.offset)
            for _ in range(5):
                time_.now += Limits.max_page_token_age_seconds
                fetcher.keepalive.refresh_stale()

    with (
        closing(Fetcher(Failing(), 1, Limits(), clock=time_)) as fetcher,
        pytest.raises(RuntimeError, match="the third page"),
    ):
        read(fetcher)
    assert offsets == [None, "1", "2"]


def test_the_keep_alive_looks_until_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run starts its keep-alive, which refreshes tokens again and again and stops with the run."""
    looks, twice, threads = 0, threading.Event(), set[threading.Thread]()

    def refresh(_: PageTokenKeepAlive) -> None:
        nonlocal looks
        threads.add(threading.current_thread())
        looks += 1
        if looks > 1:
            twice.set()

    monkeypatch.setattr(PageTokenKeepAlive, "refresh_stale", refresh)
    api = asana(Sizes(workspaces=1, projects=1, tasks=1))

    def waiting(settings: Settings, **_: object) -> Run:
        return offline_run(api, settings, Waiting(lambda _: twice.wait(PATIENCE)))

    monkeypatch.setattr("tap_asana.run.Run", waiting)
    running = TapAsana(config=dict(PERSON), catalog=selecting(discovered(), ["users"]))
    with run_limits(keepalive_interval_seconds=0.001):
        assert written(running).error is None
    assert twice.is_set()
    (thread,) = threads
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize("waiting_for", ["429", "stall"])
def test_a_target_that_dies_while_the_tap_waits_ends_the_run(waiting_for: str, tmp_path: Path) -> None:
    """A waiting tap ends with code 1 and one line when its target dies.

    Otherwise it would wait for Asana first, for as long as Retry-After says.
    """
    with (
        served("--tasks", "1", "--fault-rate", "1", "--fault-kinds", waiting_for) as address,
        started(prepared(tmp_path, address), tmp_path / "log") as (process, output),
    ):
        begun = time.monotonic()
        while not requests.get(control(address, "faults"), timeout=PATIENCE).json():
            assert time.monotonic() - begun < PATIENCE
            threading.Event().wait(0.02)
        assert process.poll() is None
        output.close()
        try:
            assert process.wait(PATIENCE) == 1
        except subprocess.TimeoutExpired:
            pytest.fail("the tap continues without a reader")
    assert errors(tmp_path / "log") == [GONE]
