"""Long runs: expiring tokens, clock jumps, suspended machines and DNS failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.utils import formatdate
from functools import cached_property
from itertools import count

import pytest
import requests
from client_fixture import REQUEST, ClientFixture, RenewableToken, bad, good, read_list
from clock import PATIENCE, Clock
from expected import missing, missing_records
from harness import PERSON, SMALL, TINY, asana, clock, fake_session, sync, written
from methods import EXPORT
from token_endpoint import Endpoint, token_response
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


def every(requests_: int, action: Callable[[], object]) -> Callable[[HttpRequest], None]:
    """Return a hook that acts before every n-th request."""
    numbers = count(1)

    def act(_: HttpRequest) -> None:
        if next(numbers) % requests_ == 0:
            action()

    return act


def test_access_tokens_expire_many_times_in_a_run() -> None:
    """A run is complete even if each token lasts for a few requests only."""
    api = asana(SMALL)
    output = sync(api, config=APP, on_request=every(25, lambda: clock(api).advance(ACCESS_TOKEN_SECONDS + 100)))
    assert api.oauth.token_requests > 10
    assert missing(api, output) == {}


def test_a_run_survives_suspension_of_the_machine() -> None:
    """After an hour of suspension, unnoticed by the steady clock, all tokens are stale, but nothing is lost."""
    api = asana(SMALL)
    now = clock(api)

    def suspend() -> None:
        # While the request that proves a token waits to be repeated, another hour would end the run: a second 401 does.
        if [handled.status for handled in api.log if handled.template == "GET /workspaces"][-1:] != [401]:
            now.advance(3700)

    class SleepyTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            asleep = every(60, suspend)
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


def test_the_token_is_fetched_after_the_wait() -> None:
    """A request that waits longer than its token lives is sent with a new one."""
    endpoint = Endpoint(token_response(1), token_response(2))
    fixture = ClientFixture(endpoint.auth)
    endpoint.auth._clock = fixture.clock  # noqa: SLF001 - the two have one clock
    fixture.script("/tasks", bad(429, headers={"Retry-After": "7200"}), good("1"))
    assert read_list(fixture, REQUEST) == ["1"]
    assert [request.headers["Authorization"][-1] for request in fixture.asana.request_history] == ["1", "2"]


def test_a_token_may_expire_again_between_retries() -> None:
    """A 401 after another fault does not concern the renewed token, so the token is renewed again."""
    fixture = ClientFixture(RenewableToken())
    fixture.script("/tasks", bad(401), bad(503), bad(401), bad(429), bad(401), good("1"))
    assert read_list(fixture, REQUEST) == ["1"]
    sent = [request.headers["Authorization"][-1] for request in fixture.asana.request_history]
    assert sent == ["1", "2", "2", "3", "3", "4"]


def concurrent_errors(endpoint: Endpoint, threads: int = 10) -> list[AsanaError]:
    """Return the errors of concurrent threads that request a token."""

    def request_token() -> AsanaError:
        with pytest.raises(AsanaError) as raised:
            endpoint.auth.token()
        return raised.value

    with ThreadPoolExecutor(threads) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(request_token) for _ in range(threads)]]


def test_a_refused_renewal_is_requested_once() -> None:
    """If several threads wait for a token, a refusal is one request, and all get the same error."""
    endpoint = Endpoint({"status_code": 400, "json": {"error": "invalid_grant"}})
    errors = concurrent_errors(endpoint)
    assert endpoint.adapter.call_count == 1
    assert {(type(error), str(error)) for error in errors} == {
        (FatalResponseError, "Asana refused to renew the OAuth access token: invalid_grant")
    }
    with pytest.raises(FatalResponseError):
        endpoint.auth.renew("")
    assert endpoint.adapter.call_count == 1


def test_threads_share_the_wait_for_a_failing_endpoint() -> None:
    """Threads do not wait for it one after the other, for minutes each."""
    endpoint = Endpoint({"status_code": 503})
    assert {type(error) for error in concurrent_errors(endpoint)} == {RetriesExhaustedError}
    assert endpoint.adapter.call_count == len(endpoint.clock.slept) + 1


@pytest.mark.parametrize("life", ["soon", "nan", "inf", -5, 0, [], True])
def test_an_invalid_token_lifetime_is_an_hour(life: object) -> None:
    """A token with an unreadable lifetime is used for Asana's default one."""
    endpoint = Endpoint(token_response(1, life), token_response(2))
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += ACCESS_TOKEN_SECONDS - REFRESH_MARGIN_SECONDS - 1
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += 2
    assert endpoint.auth.token() == "1/acce55:2"


def jumping(jumps: list[float]) -> Iterator[tuple[Clock, Clock]]:
    """Yield the wall clock and the steady clock after each jump of the wall clock, with a second between."""
    wall, monotonic = Clock(), Clock(5.0)
    yield wall, monotonic
    for jump in jumps:
        wall.now += jump + 1
        monotonic.now += 1
        yield wall, monotonic


def test_clock_jumps_do_not_affect_a_run() -> None:
    """A run's time continues from the wall clock at its start, regardless of later jumps."""
    clocks = jumping([3600, -86400, 7])
    begin = next(clocks)
    now, start = steady_clock(*begin), begin[0].now
    assert [now() - start for _ in clocks] == [1, 2, 3]


@pytest.mark.parametrize("ahead", [3600.0, -3600.0, 0.0])
def test_correcting_the_clock_does_not_move_the_bookmark(ahead: float) -> None:
    """If the clock was an hour off at the start and corrected before Asana answered, nothing is skipped.

    The start of the run, which becomes its bookmarks, is never later than by Asana's clock (law 1).
    """
    api = asana(TINY)
    theirs = clock(api)
    wall, monotonic = Clock(theirs() + ahead), Clock(5.0)
    fixture = ClientFixture()
    start = theirs()
    now = steady_clock(wall, monotonic)
    run = Run(Settings.from_config(PERSON), session=fixture.session, now=now, clock=monotonic)
    monotonic.now += 30
    theirs.advance(30)
    wall.now = theirs()
    date = {"Date": formatdate(theirs(), usegmt=True)}
    fixture.asana.register_uri("GET", "https://app.asana.com/api/1.0/workspaces", json={"data": []}, headers=date)
    with closing(run):
        assert list(run.directory.list_workspaces("workspaces", ["name"])) == []
    assert start - 1 - max(-ahead, 0) <= parse_instant(run.start).timestamp() <= start


def test_a_retry_after_date_is_relative_to_the_response_date() -> None:
    """A date in Retry-After is relative to the response's own Date, regardless of the local clock."""
    headers = {"Retry-After": formatdate(1_000_090, usegmt=True), "Date": formatdate(1_000_000, usegmt=True)}
    for now in (0.0, 1_000_000.0, 5_000_000.0):
        assert retry_after(headers, now) == 90
    assert retry_after({"Retry-After": headers["Retry-After"]}, 1_000_080.0) == 10


def failing_dns(api: Api, path: str, seconds: float) -> Callable[[HttpRequest], None]:
    """Return a hook that makes DNS fail for some seconds, from the first request of this path on."""
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
def test_a_minute_of_failing_dns_is_retried(path: str, config: Mapping[str, object]) -> None:
    """A minute of failing DNS costs retries and nothing else, during any kind of request."""
    api = asana(TINY)
    output = sync(api, config={**config, "max_concurrency": 1}, on_request=failing_dns(api, path, 60))
    assert missing_records(api, output, config) == {}
    assert len(api.log) > 50


def test_an_hour_of_failing_dns_ends_the_run() -> None:
    """A DNS failure of more than some minutes ends the run with one line."""
    api = asana(TINY)
    with pytest.raises(RetriesExhaustedError, match="ConnectionError"):
        sync(api, config={"max_concurrency": 1}, on_request=failing_dns(api, "/projects", 3600))
