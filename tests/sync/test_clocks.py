"""Wrong clocks, ours or Asana's, lose no changes and move no bookmark too far (law 1)."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from itertools import count

import pytest
from clock import Unhindered
from harness import (
    CORE,
    PERSON,
    TINY,
    Hook,
    Message,
    Output,
    asana,
    clock,
    discovered,
    fake_session,
    offline_run,
    selecting,
    sync,
    written,
)
from methods import FORCED_METHODS, HOUR, METHODS, TASK_STREAMS, missing_or_stale
from passes import FEW, WITHOUT_EVENTS
from typing_extensions import override

from fake_asana.messages import HttpRequest
from fake_asana.model.clock import parse_milliseconds
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from tap_asana.api.clocks import ClockSkew
from tap_asana.api.request import Request
from tap_asana.config import Settings
from tap_asana.run import Run
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.tap import TapAsana

MINUTE, YEAR = 60, 365 * 24 * HOUR

DATES = {
    "true": Dialect(),
    "none": Dialect(sends_date=False),
    "an hour old": Dialect(date_ahead_seconds=-HOUR),
    "half an hour ahead": Dialect(date_ahead_seconds=HOUR / 2),
}
"""The Date header of Asana's responses."""

NO_DATE = "responses have no Date header: bookmarks use the newest change instead, so some records are repeated"

CLOCKS = [
    (date, ahead)
    for date in DATES
    for ahead in (0, 20 * MINUTE, -20 * MINUTE)
    if not (ahead > 0 and date == "half an hour ahead")  # if all clocks are wrong, the true time is unknown
]
"""The Date header, and the seconds by which the local clock is ahead."""


def read(
    api: Api,
    config: Message,
    ahead: float,
    state: Message | None = None,
    *,
    on_request: Hook | None = None,
    select: Iterable[str] = TASK_STREAMS,
) -> Output:
    """Run the tap with a local clock ahead of the world's by this many seconds."""

    class AheadTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            now = clock(api)
            return Run(
                self.settings,
                session=fake_session(api, on_request),
                now=lambda: now() + ahead,
                clock=now,
                make_limiter=lambda _: Unhindered(now),
                sleep=now.advance,
            )

    catalog = selecting(discovered(), select)
    output = written(AheadTap(config=config, state=copy.deepcopy(state) if state else None, catalog=catalog))
    if output.error is not None:
        raise output.error
    return output


class Busy:
    """A hook that lets time pass during a run and changes a task at every third request."""

    def __init__(self, api: Api) -> None:
        """Change the tasks in turn."""
        self.api = api
        self.numbers = count(1)

    def __call__(self, _: HttpRequest) -> None:
        """Count a request, from any thread."""
        number = next(self.numbers)
        with self.api.world.lock:
            clock(self.api).advance(7)
            if number % 3 == 0:
                tasks = sorted(self.api.world.gids("tasks", "0/fake"))
                self.api.world.rename_task(tasks[number % len(tasks)])


BY_METHOD = [(date, ahead, ("list", "search")[number % 2]) for number, (date, ahead) in enumerate(CLOCKS)]
"""All pairs of a Date and a clock; each Date and each clock meets both methods."""


@pytest.mark.parametrize(("date", "ahead", "method"), [*BY_METHOD, ("none", 20 * MINUTE, "export")])
def test_no_clock_loses_a_change(date: str, ahead: float, method: str) -> None:
    """With changes between and during runs, and a newly shared project, the union of all runs is complete."""
    api, config = asana(TINY, dialect=DATES[date]), METHODS[method]
    world, token = api.world, config["access_token"]
    hidden = max(world.gids("projects", token))
    world.hide_project(hidden)
    union = read(api, config, ahead, on_request=Busy(api))
    for number in range(3):
        for minute in range(26):
            clock(api).advance(MINUTE)
            tasks = sorted(world.gids("tasks", token))
            world.comment(tasks[(minute + 5 * number) % len(tasks)])
        if number == 1:
            world.share_project(hidden)
        busy = Busy(api) if number < 2 else None
        union = union.then(read(api, config, ahead, union.state, on_request=busy))
    assert missing_or_stale(api, union, token) == {}


@pytest.mark.parametrize("method", ["list", "export"])
def test_without_a_date_the_bookmark_is_the_latest_change(method: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without a Date header, only the changes around the latest one are repeated, and the log says so once."""
    caplog.set_level(logging.INFO, "tap_asana.run")
    api = asana(TINY, dialect=DATES["none"])
    youngest = max(str(task["modified_at"]) for task in api.world.expected_records("tasks", "0/service").values())
    clock(api).advance(HOUR)
    first = read(api, METHODS[method], 20 * MINUTE)
    assert [message for message in caplog.messages if "no Date" in message] == [NO_DATE]
    bookmark = str(first.bookmark("tasks")["replication_key_value"])
    assert parse_instant(youngest) <= parse_instant(bookmark) < parse_instant(youngest).replace(year=2027)
    second = read(api, METHODS[method], 20 * MINUTE, first.state)
    assert len(second.records("tasks")) < len(first.records("tasks"))
    assert second.bookmark("tasks")["replication_key_value"] >= bookmark


def test_without_dates_and_changes_the_bookmark_is_the_epoch() -> None:
    """Without a Date and a change in any response, the bookmark is the epoch; with a change, it is that change."""
    api = asana(TINY, dialect=DATES["none"])
    run = offline_run(api, Settings.from_config(PERSON))
    run.client.fetch(Request("workspaces", "/workspaces"))
    window = SyncWindow(None, run.start, run=1)
    assert run.corrected_window(window).until == "1970-01-01T00:00:00.000Z"
    run.client.clock_skew.observe_records([{"modified_at": format_instant(run.latest_now - timedelta(seconds=90))}])
    clock(api).advance(HOUR)
    assert parse_instant(run.start) - parse_instant(run.corrected_window(window).until) == timedelta(seconds=90)


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_a_future_bookmark_is_clamped_with_a_warning(method: str, caplog: pytest.LogCaptureFixture) -> None:
    """Later changes are read, one warning reports the clamping, and the next run logs nothing."""
    caplog.set_level(logging.WARNING, "tap_asana.run")
    api, config = asana(TINY), METHODS[method]
    state = sync(api, config=config, select=TASK_STREAMS).state
    for stream in TASK_STREAMS:
        for partition in state["bookmarks"][stream]["partitions"]:
            partition["replication_key_value"] = "2031-01-01T00:00:00.000Z"
    clock(api).advance(HOUR)
    renamed = min(api.world.gids("tasks", config["access_token"]))
    clock(api).advance(5 * MINUTE)
    api.world.rename_task(renamed)
    clock(api).advance(5 * MINUTE)
    second = sync(api, config=config, select=TASK_STREAMS, state=state)
    assert second.gids("tasks") == {renamed}
    (warning,) = [record.getMessage() for record in caplog.records if "future" in record.getMessage()]
    assert "is in the future (2031-01-01T00:00:00.000Z)" in warning
    clock(api).advance(HOUR)
    api.world.rename_task(renamed)
    caplog.clear()
    assert sync(api, config=config, select=TASK_STREAMS, state=second.state).gids("tasks") == {renamed}
    assert not [record for record in caplog.records if "future" in record.getMessage()]


def test_a_window_from_the_future_starts_over() -> None:
    """Its start is unknown, so its records may have changed since."""
    api = asana(TINY)
    state = sync(api, config=METHODS["list"], select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    api.world.rename_task(min(api.world.gids("tasks", "0/fake")))
    for stream in TASK_STREAMS:
        for partition in state["bookmarks"][stream]["partitions"]:
            partition["window"] = {
                "since": None,
                "until": "2031-01-01T00:00:00.000Z",
                "positions": {"lists": ["2", "end"]},
            }
    second = sync(api, config=METHODS["list"], select=TASK_STREAMS, state=state)
    assert len(second.records("tasks")) == 1
    assert str(second.bookmark("tasks")["replication_key_value"]) < "2031"


def test_invalid_timestamps_do_not_hide_valid_ones() -> None:
    """The latest valid timestamp bounds the local clock, next to invalid ones and in any time zone."""
    now = parse_instant("2026-01-31T08:00:00Z").timestamp()
    clocks = ClockSkew(lambda: now)
    moments: list[object] = ["soon", "", "9999-99-99T00:00:00Z", 17, [], "2026-01-31T06:00:00+02:00"]
    clocks.observe_records([{"modified_at": moment, "created_at": "2026-01-31T07:00:00Z"} for moment in moments])
    assert clocks.max_ahead == HOUR


def test_no_bookmark_is_later_than_the_start_of_its_read() -> None:
    """If the clock jumps between concurrent responses, no bookmark is later than the start (law 1).

    It is earlier by at most the jumps, depending on their order, plus the second of a Date.
    """
    api = asana(TINY)
    begin = api.world.now()
    output = sync(api, select=CORE, config={"max_concurrency": 48}, on_request=lambda _: clock(api).advance(7))
    earliest = begin - (api.world.now() - begin) - 1000
    for stream in ("tasks", "stories", "attachments"):
        bookmark = parse_milliseconds(f"{output.bookmark(stream)['replication_key_value']}")
        assert earliest <= bookmark <= begin


def test_passes_go_on_after_a_run_whose_clock_was_far_ahead() -> None:
    """No response has a Date header, and one run begins ten years too late: what moves no clock arrives as before."""
    api = asana(TINY, dialect=Dialect(sends_date=False))
    config: Message = {**METHODS["list"], "reconcile_days": 1}
    output = Output()
    for ahead in (0, 0, 10 * YEAR, 0):
        clock(api).advance(12 * HOUR)
        output = output.then(read(api, config, ahead, output.state))
    task = min(output.gids("tasks"))
    api.world.like_task(task)
    likes = output.rows("tasks")[task]["num_likes"]
    for _ in range(4):
        clock(api).advance(12 * HOUR)
        output = output.then(read(api, config, 0, output.state))
    assert output.rows("tasks")[task]["num_likes"] == likes + 1


def test_a_pass_knows_all_that_it_reads_after_a_run_whose_clock_was_behind() -> None:
    """Responses have a Date header. The pass began after a task was created that it reads in or after that run."""
    api = asana(FEW)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    config: Message = {**METHODS["list"], **WITHOUT_EVENTS, "reconcile_days": 1}
    streams = ("tasks", "deletions")
    output = read(api, config, 0, select=streams)
    clock(api).advance(4 * HOUR)
    new = api.world.add_task(project=min(api.world.projects))
    for ahead in (0, 0, -3 * HOUR, *[0] * 12):
        clock(api).advance(HOUR)
        output = output.then(read(api, config, ahead, output.state, select=streams))
    api.world.delete_task(new)
    for _ in range(26):
        clock(api).advance(HOUR)
        output = output.then(read(api, config, 0, output.state, select=streams))
    assert "reconciled" in {row["source"] for row in output.records("deletions") if row["gid"] == new}
