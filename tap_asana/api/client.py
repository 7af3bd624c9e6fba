"""The client for Asana's API: one request at a time per thread, with authentication, rate limit and retries."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import requests

from tap_asana.api import protocol
from tap_asana.api.attempts import AttemptResult, RequestAttempts
from tap_asana.api.auth import Auth
from tap_asana.api.clocks import ClockSkew
from tap_asana.api.metrics import RequestMetrics
from tap_asana.api.protocol import Outcome, Retry, Unauthorized
from tap_asana.api.rate_limit import Permit, RateLimiter
from tap_asana.api.request import Page, Request
from tap_asana.api.retries import Reachability, RetryLimits
from tap_asana.api.tokens import TokenAccess, TokenPool
from tap_asana.api.transport import BearerAuth, Destination, download, new_session, read_body
from tap_asana.errors import RunCancelled

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """The address of the API, and how the client uses it; `timeout` is in seconds."""

    api_url: str
    timeout: float = 60.0
    concurrency: int = 48
    page_size: int = 100
    headers: Mapping[str, str] = field(default_factory=dict)


class AsanaClient:
    """Fetches pages for any number of threads, within one rate limit.

    Raises FatalResponseError (Asana rejects the token or the root), RetriesExhaustedError (Asana is unreachable) and
    RunCancelled (the run is ending). `endpoint_limiters` are the second rate limits of some endpoints, by name.
    `explicit_endpoints` are those with a list that has said so far that a page follows or that none does.
    """

    def __init__(
        self,
        connection: Connection,
        auth: Auth,
        limiter: RateLimiter,
        *,
        endpoint_limiters: Mapping[str, RateLimiter] | None = None,
        additional_tokens: Sequence[TokenAccess] = (),
        session: requests.Session | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        retry_limits: RetryLimits | None = None,
    ) -> None:
        """Open a session with one connection for each concurrent request."""
        self.connection = connection
        self.metrics = RequestMetrics()
        self.cancelled = threading.Event()
        self.retry_limits = retry_limits or RetryLimits()
        self.reachability = Reachability(self.retry_limits.consecutive_failures)
        self.clock_skew = ClockSkew(now)
        self.explicit_endpoints = set[str]()
        first = TokenAccess(auth, limiter, connection.concurrency, endpoint_limiters or {})
        self.tokens = TokenPool([first, *additional_tokens])
        self._session = session or new_session(connection.concurrency * len(self.tokens))
        self._now = now
        self._sleep = sleep or self.cancelled.wait
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._logged_changes: set[str] = set()

    @property
    def requests_per_minute(self) -> float:
        """Return how many requests all tokens may send a minute, as far as it is known."""
        return self.tokens.per_minute

    def auth_of(self, request: Request) -> Auth:
        """Return the source of the access token that sends a request."""
        return self.tokens.of(request).auth

    def fetch(self, request: Request) -> Page:
        """Fetch one page, with retries. The page of a list that cannot be read holds the reason."""
        refusal = self.metrics.not_in_plan(request)
        if refusal:
            return Page(request, unavailable=refusal)
        with self.tokens.assign(request) as assigned:
            return RequestAttempts(self, assigned).run()

    def send_once(self, request: Request) -> AttemptResult:
        """Send one request when the rate limits allow it, and return its outcome.

        First wait for the endpoint's own limit and for a free connection, so that the request leaves at the moment the
        general limit allows. Take the access token last, since the waits may outlast it.
        """
        access = self.tokens.of(request)
        endpoint_limiter = access.endpoint_limiters[request.endpoint_limit] if request.endpoint_limit else None
        permits = [(endpoint_limiter, endpoint_limiter.acquire())] if endpoint_limiter else []
        outcome: Outcome | None = None
        with access.in_flight:
            permits.append((access.limiter, access.limiter.acquire(urgency=request.urgency)))
            try:
                if self.cancelled.is_set():
                    raise RunCancelled
                token, number = access.auth.token(), next(self._numbers)
                self.metrics.record_request(request.stream)
                outcome = self._timed_send(request, token)
            except requests.RequestException as error:
                return AttemptResult(Retry(type(error).__name__), token, number)
            finally:
                for limiter, permit in permits:
                    # A 429 of an endpoint with a limit of its own says nothing for certain about the general limit.
                    _report_to_limiter(limiter, permit, outcome, teaches=limiter is permits[0][0])
        if not isinstance(outcome, Retry | Unauthorized):
            self.reachability.record_answer(token, number, root=request.is_root)
        return AttemptResult(outcome, token, number)

    def _timed_send(self, request: Request, token: str) -> Outcome:
        """Send a request, and record the time that it takes."""
        start = time.perf_counter()
        try:
            return self._send(request, token)
        finally:
            self.metrics.record_answer(request.stream, time.perf_counter() - start)

    def _send(self, request: Request, token: str) -> Outcome:
        response = self._session.request(
            "GET" if request.body is None else "POST",
            self.connection.api_url + request.path,
            params=request.query_params(),
            json=None if request.body is None else {"data": request.body},
            headers=dict(self.connection.headers),
            auth=BearerAuth(token),
            timeout=self.connection.timeout,
            allow_redirects=False,
            stream=True,
        )
        body = read_body(response, self.connection.timeout)
        self._log_api_changes(response.headers.get("Asana-Change", ""))
        outcome = protocol.parse_response(response.status_code, response.headers, body, self._now())
        date = self.clock_skew.observe_date(response.headers.get("Date"))
        if date is None and isinstance(outcome, protocol.Records):
            self.clock_skew.observe_records(outcome.records)
        return outcome

    def download(self, url: str, file: Destination, max_bytes: int = sys.maxsize) -> None:
        """Download a file of up to `max_bytes` bytes from another host, without sending it the token.

        Raises CorruptDownloadError if the file arrives incomplete, AsanaError if it is larger.
        """
        download(self._session, url, file, self.connection.timeout, max_bytes)

    def _log_api_changes(self, header: str) -> None:
        """Log each change that an Asana-Change header announces, once per run."""
        for change in filter(None, (part.strip() for part in header.split(","))):
            with self._lock:
                is_new = change not in self._logged_changes
                self._logged_changes.add(change)
            if is_new:
                logger.info("Asana announces a change to its API: %s", change)

    def pause(self, seconds: float) -> None:
        """Wait; raises RunCancelled if the run is ending."""
        self._sleep(seconds)
        if self.cancelled.is_set():
            raise RunCancelled


def _report_to_limiter(limiter: RateLimiter, permit: Permit, outcome: Outcome | None, *, teaches: bool) -> None:
    """Report the outcome of a request to a rate limiter; None means that there was no response."""
    if outcome is None:
        limiter.on_lost(permit)
    elif isinstance(outcome, Retry) and outcome.throttled:
        limiter.on_throttled(permit, outcome.after_seconds, teaches=teaches)
    else:
        limiter.on_success(permit)
