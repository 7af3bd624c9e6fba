"""Runs of many hours: tokens that expire, clocks that jump, machines that sleep, names that do not resolve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from functools import cached_property
from itertools import count

import pytest
import requests
from client_fixture import REQUEST, ClientFixture, RenewableToken, bad, good, read_list
from clock import PATIENCE, Clock
from expected import missing
from faulty import METHODS, lost
from harness import PERSON, SMALL, TINY, asana, clock, fake_session, sync, written
from token_endpoint import Endpoint, granted
from typing_extensions import override

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.oauth import ACCESS_TOKEN_SECONDS, OAuth
from tap_asana.api.auth import REFRESH_MARGIN_SECONDS
from tap_asana.api.protocol import retry_after
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.config import Settings
from tap_asana.errors import AsanaError, FatalResponseError, RetriesExhaustedError
from tap_asana.run import Run, steady_clock
from tap_asana.state.instants import parse_instant
from tap_asana.tap import TapAsana

APP: Mapping[str, object] = {
    **PERSON,
    "access_token": None,
    "client_id": OAuth.client_id,
    "client_secret": OAuth.client_secret,
    "refresh_token": OAuth.refresh_token,
}
EXPORT = METHODS["export"]


def every(requests_: int, deed: Callable[[], object]) -> Callable[[HttpRequest], None]:
    """Return a hook that acts before each so-many-th request."""
    numbers = count(1)

    def act(_: HttpRequest) -> None:
        if next(numbers) % requests_ == 0:
            deed()

    return act


def test_access_tokens_expire_many_times_in_a_run() -> None:
    """With a token for each few requests a run is complete all the same."""
    api = asana(SMALL)
    output = sync(api, config=APP, on_request=every(25, lambda: clock(api).advance(ACCESS_TOKEN_SECONDS + 100)))
    assert api.oauth.token_requests > 10
    assert missing(api, output) == {}


def test_a_machine_that_slept_goes_on() -> None:
    """After an hour asleep, of which our own clock knows nothing, tokens of all kinds are stale: nothing is lost."""
    api = asana(SMALL)
    now = clock(api)

    class SleepyTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            asleep = every(60, lambda: now.advance(3700))
            return Run(
                Settings.from_config(self.config),
                session=fake_session(api, asleep),
                now=steady_clock(now, lambda: 0.0),
                clock=lambda: 0.0,
                make_limiter=lambda _: RateLimiter(10**9, clock=now, sleep=now.advance),
                sleep=now.advance,
            )

    output = written(SleepyTap(config={**APP, "page_size": 5, "max_concurrency": 4}))
    assert output.error is None
    assert {401, 400} <= {handled.status for handled in api.log}
    assert missing(api, output) == {}


def test_a_token_is_taken_behind_the_wait() -> None:
    """A request that was held for longer than its token lives leaves with a new one."""
    endpoint = Endpoint(granted(1), granted(2))
    fixture = ClientFixture(endpoint.auth)
    endpoint.auth._clock = fixture.clock  # noqa: SLF001 - the two have one clock
    fixture.script("/tasks", bad(429, headers={"Retry-After": "7200"}), good("1"))
    assert read_list(fixture, REQUEST) == ["1"]
    assert [request.headers["Authorization"][-1] for request in fixture.asana.request_history] == ["1", "2"]


def test_a_token_may_expire_again_while_its_request_is_tried() -> None:
    """A 401 that comes after another fault is not the answer to the renewed token: it is renewed again."""
    fixture = ClientFixture(RenewableToken())
    fixture.script("/tasks", bad(401), bad(503), bad(401), bad(429), bad(401), good("1"))
    assert read_list(fixture, REQUEST) == ["1"]
    sent = [request.headers["Authorization"][-1] for request in fixture.asana.request_history]
    assert sent == ["1", "2", "2", "3", "3", "4"]


def at_once(endpoint: Endpoint, threads: int = 10) -> list[AsanaError]:
    """Return what so many threads are told that ask for a token."""

    def ask() -> AsanaError:
        with pytest.raises(AsanaError) as raised:
            endpoint.auth.token()
        return raised.value

    with ThreadPoolExecutor(threads) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(ask) for _ in range(threads)]]


def test_a_refused_renewal_is_asked_for_once() -> None:
    """However many threads wait for a token, a refusal is one request, and all are told the same."""
    endpoint = Endpoint({"status_code": 400, "json": {"error": "invalid_grant"}})
    told = at_once(endpoint)
    assert endpoint.adapter.call_count == 1
    assert {(type(error), str(error)) for error in told} == {
        (FatalResponseError, "Asana refused to renew the OAuth access token: invalid_grant")
    }
    with pytest.raises(FatalResponseError):
        endpoint.auth.renew("")
    assert endpoint.adapter.call_count == 1


def test_an_endpoint_that_stays_away_is_waited_for_once() -> None:
    """Threads do not wait for it one after the other, minutes each."""
    endpoint = Endpoint({"status_code": 503})
    assert {type(error) for error in at_once(endpoint)} == {RetriesExhaustedError}
    assert endpoint.adapter.call_count == len(endpoint.clock.slept) + 1


@pytest.mark.parametrize("life", ["soon", "nan", "inf", -5, 0, [], True])
def test_a_life_that_is_none_is_an_hour(life: object) -> None:
    """A token whose life cannot be made out is taken to live as long as Asana says of all."""
    endpoint = Endpoint(granted(1, life), granted(2))
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += ACCESS_TOKEN_SECONDS - REFRESH_MARGIN_SECONDS - 1
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += 2
    assert endpoint.auth.token() == "1/acce55:2"


def jumping(jumps: list[float]) -> Iterator[tuple[Clock, Clock]]:
    """Yield the wall clock and the steady one after each jump of the first, with a second between."""
    wall, monotonic = Clock(), Clock(5.0)
    yield wall, monotonic
    for jump in jumps:
        wall.now += jump + 1
        monotonic.now += 1
        yield wall, monotonic


def test_time_goes_on_evenly_when_the_clock_is_set() -> None:
    """A run's instants follow the wall clock of its start, however that one jumps."""
    clocks = jumping([3600, -86400, 7])
    begin = next(clocks)
    now, begun = steady_clock(*begin), begin[0].now
    assert [now() - begun for _ in clocks] == [1, 2, 3]


@pytest.mark.parametrize("ahead", [3600.0, -3600.0, 0.0])
def test_a_clock_that_is_set_right_does_not_move_the_bookmark(ahead: float) -> None:
    """Where the clock was an hour ahead as the run began, and was set before Asana answered, nothing is skipped.

    The start of the run, which becomes its bookmarks, is never later than it was by Asana's clock (law 1).
    """
    api = asana(TINY)
    theirs = clock(api)
    wall, monotonic = Clock(theirs() + ahead), Clock(5.0)
    fixture = ClientFixture()
    begun = theirs()
    run = Run(Settings.from_config(PERSON), session=fixture.session, now=steady_clock(wall, monotonic), clock=monotonic)
    monotonic.now += 30
    theirs.advance(30)
    wall.now = theirs()
    date = {"Date": formatdate(theirs(), usegmt=True)}
    fixture.asana.register_uri("GET", "https://app.asana.com/api/1.0/workspaces", json={"data": []}, headers=date)
    assert list(run.directory.list_workspaces("workspaces", ["name"])) == []
    assert begun - 1 - max(-ahead, 0) <= parse_instant(run.start).timestamp() <= begun


def test_retry_after_is_read_by_the_clock_that_wrote_it() -> None:
    """A date to come back at is a time from the answer's own Date, whatever our clock says."""
    headers = {"Retry-After": formatdate(1_000_090, usegmt=True), "Date": formatdate(1_000_000, usegmt=True)}
    for now in (0.0, 1_000_000.0, 5_000_000.0):
        assert retry_after(headers, now) == 90
    assert retry_after({"Retry-After": headers["Retry-After"]}, 1_000_080.0) == 10


def without_names(api: Api, path: str, seconds: float) -> Callable[[HttpRequest], None]:
    """Return a hook that lets no name resolve for so long, from the first request on whose path ends so."""
    until: list[float] = []

    def fail(request: HttpRequest) -> None:
        if not until and path in request.path:
            until.append(clock(api)() + seconds)
        if until and clock(api)() < until[0]:
            raise requests.ConnectionError("NameResolutionError: app.asana.com")

    return fail


@pytest.mark.parametrize(
    ("path", "config"),
    [
        ("/oauth_token", APP),
        ("/workspaces", APP),
        ("/stories", PERSON),
        ("/exports/resource", EXPORT),
        ("/jobs/", EXPORT),
        ("/download/", EXPORT),
    ],
)
def test_a_minute_without_names_is_outlasted(path: str, config: Mapping[str, object]) -> None:
    """A minute in which no name resolves costs retries and nothing else, whatever is being asked for."""
    api = asana(TINY)
    output = sync(api, config={**config, "max_concurrency": 1}, on_request=without_names(api, path, 60))
    assert lost(api, output, config) == {}
    assert len(api.log) > 50


def test_an_hour_without_names_is_an_outage() -> None:
    """What does not pass in minutes ends the run in a line."""
    api = asana(TINY)
    with pytest.raises(RetriesExhaustedError, match="ConnectionError"):
        sync(api, config={"max_concurrency": 1}, on_request=without_names(api, "/projects", 3600))
