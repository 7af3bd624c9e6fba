"""Asana's API as pages: one session, one pace, retries, and nothing of Singer."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import IO

import requests

from tap_asana.api import protocol
from tap_asana.api.attempts import AttemptResult, RequestAttempts
from tap_asana.api.auth import Auth
from tap_asana.api.clocks import ClockSkew
from tap_asana.api.metrics import RequestMetrics
from tap_asana.api.protocol import Outcome, Retry, Unauthorized
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.request import Page, Request
from tap_asana.api.retries import MAX_CONSECUTIVE_FAILURES, Reachability, default_throttle_delay
from tap_asana.api.transport import BearerAuth, download, new_session, read_body
from tap_asana.errors import RunCancelled

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Asana is and how it is spoken to."""

    api_url: str
    timeout: float = 60.0
    concurrency: int = 20
    page_size: int = 100
    headers: Mapping[str, str] = field(default_factory=dict)


class AsanaClient:
    """Fetches pages for any number of threads under one pace.

    Raises FatalAnswer (the token is not accepted, the root is refused), Outage (Asana is away) and Stopped (the run
    ends). So many requests that fail for good in a row as `max_failures` says are an outage.
    """

    def __init__(
        self,
        connection: Connection,
        auth: Auth,
        pace: RateLimiter,
        *,
        budgets: Mapping[str, RateLimiter] | None = None,
        session: requests.Session | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        max_failures: int = MAX_CONSECUTIVE_FAILURES,
    ) -> None:
        """Prepare a session with as many connections as there may be requests in flight."""
        self.connection = connection
        self.limiter = pace
        self.metrics = RequestMetrics()
        self.cancelled = threading.Event()
        self.reachability = Reachability(max_failures)
        self._auth = auth
        self._endpoint_limiters = budgets or {}
        self._session = session or new_session(connection.concurrency)
        self._now = now
        self._sleep = sleep or self.cancelled.wait
        self._lock = threading.Lock()
        self._in_flight = threading.BoundedSemaphore(connection.concurrency)
        self._numbers = count(1)
        self._changes: set[str] = set()
        self.clock_skew = ClockSkew(now)

    def fetch(self, ask: Request) -> Page:
        """Fetch one page, trying again where that can help; a refused parent gives a page that says so."""
        known = self.metrics.not_in_plan(ask)
        return Page(ask, unavailable=known) if known else RequestAttempts(self, ask).run()

    def send_once(self, ask: Request, storm: int) -> AttemptResult:
        """Send one request when the pace allows it; return what its answer means, and the token that was sent.

        It leaves at the moment that the pace allows it: what may be in flight is waited for before. The token is taken
        after the wait, which may be longer than its life.
        """
        budget = self._endpoint_limiters[ask.endpoint_limit] if ask.endpoint_limit else None
        waited = [(budget, budget.acquire())] if budget else []
        outcome: Outcome | None = None
        with self._in_flight:
            sent = self.limiter.acquire()
            waited.append((self.limiter, sent))
            try:
                if self.cancelled.is_set():
                    raise RunCancelled
                token, number = self._auth.token(), next(self._numbers)
                self.metrics.record_request(ask.stream)
                outcome = self._send(ask, token, sent)
            except requests.RequestException as error:
                return AttemptResult(Retry(type(error).__name__), token, number)
            finally:
                for pace, moment in waited:
                    _report_to_limiter(pace, moment, outcome, storm)
        if not isinstance(outcome, Retry | Unauthorized):
            self.reachability.record_answer(token, number, root=ask.is_root)
        return AttemptResult(outcome, token, number)

    def _send(self, ask: Request, token: str, sent: float) -> Outcome:
        answer = self._session.request(
            "GET" if ask.body is None else "POST",
            self.connection.api_url + ask.path,
            params=ask.query_params(),
            json=None if ask.body is None else {"data": ask.body},
            headers=dict(self.connection.headers),
            auth=BearerAuth(token),
            timeout=self.connection.timeout,
            allow_redirects=False,
            stream=True,
        )
        body = read_body(answer, self.connection.timeout)
        self._log_api_changes(answer.headers.get("Asana-Change", ""))
        outcome = protocol.parse_response(answer.status_code, answer.headers, body, self._now())
        date = self.clock_skew.observe_date(answer.headers.get("Date"))
        if date is not None:
            self.limiter.observe_date(sent, date)
        elif isinstance(outcome, protocol.Records):
            self.clock_skew.observe_records(outcome.records)
        return outcome

    def download(self, url: str, file: IO[bytes], most: int = sys.maxsize) -> None:
        """Write a file of so many bytes at the most that Asana keeps elsewhere; the token does not go there.

        Raises UnreadableFile where it does not come whole, AsanaError where it is larger.
        """
        download(self._session, url, file, self.connection.timeout, most)

    def _log_api_changes(self, header: str) -> None:
        """Log each change to the API that Asana announces, once a run (facts 5.4)."""
        for change in filter(None, (part.strip() for part in header.split(","))):
            with self._lock:
                known = change in self._changes
                self._changes.add(change)
            if not known:
                logger.info("Asana announces a change to its API: %s", change)

    def pause(self, seconds: float) -> None:
        """Wait, unless the run is ending."""
        self._sleep(seconds)
        if self.cancelled.is_set():
            raise RunCancelled

    @property
    def auth(self) -> Auth:
        """Return who the requests speak for."""
        return self._auth


def _report_to_limiter(pace: RateLimiter, moment: float, outcome: Outcome | None, storm: int) -> None:
    """Tell the pace what came of a request; None stands for no answer at all."""
    if outcome is None:
        pace.on_lost(moment)
    elif isinstance(outcome, Retry) and outcome.throttled:
        pace.on_throttled(
            moment, default_throttle_delay(storm) if outcome.after_seconds is None else outcome.after_seconds
        )
    else:
        pace.on_success(moment)
