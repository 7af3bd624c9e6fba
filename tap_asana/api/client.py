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
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from typing_extensions import override

from tap_asana.api import protocol
from tap_asana.api.attempts import Answer, Fetch
from tap_asana.api.auth import Auth
from tap_asana.api.body import whole
from tap_asana.api.clocks import Clocks
from tap_asana.api.download import download
from tap_asana.api.metrics import Tallies
from tap_asana.api.presence import MAX_FAILURES, Presence
from tap_asana.api.protocol import Retry, Unauthorized, Verdict
from tap_asana.api.rate_limit import Pace
from tap_asana.api.redaction import keep_libraries_discreet
from tap_asana.api.request import Ask, Page
from tap_asana.api.retries import unadvised
from tap_asana.api.session import Session
from tap_asana.errors import Stopped

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Asana is and how it is spoken to."""

    api_url: str
    timeout: float = 60.0
    concurrency: int = 20
    page_size: int = 100
    headers: Mapping[str, str] = field(default_factory=dict)


class _Bearer(AuthBase):
    """Sets the token as an auth object, so that no .netrc can take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class AsanaClient:
    """Fetches pages for any number of threads under one pace.

    Raises FatalAnswer (the token is not accepted, the root is refused), Outage (Asana is away) and Stopped (the run
    ends). So many requests that fail for good in a row as `max_failures` says are an outage.
    """

    def __init__(
        self,
        connection: Connection,
        auth: Auth,
        pace: Pace,
        *,
        budgets: Mapping[str, Pace] | None = None,
        session: requests.Session | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        max_failures: int = MAX_FAILURES,
    ) -> None:
        """Prepare a session with as many connections as there may be requests in flight."""
        self.connection = connection
        self.pace = pace
        self.tallies = Tallies()
        self.stopping = threading.Event()
        self.presence = Presence(max_failures)
        self._auth = auth
        self._budgets = budgets or {}
        self._session = session or new_session(connection.concurrency)
        self._now = now
        self._sleep = sleep or self.stopping.wait
        self._lock = threading.Lock()
        self._in_flight = threading.BoundedSemaphore(connection.concurrency)
        self._numbers = count(1)
        self._changes: set[str] = set()
        self.clocks = Clocks(now)

    def fetch(self, ask: Ask) -> Page:
        """Fetch one page, trying again where that can help; a refused parent gives a page that says so."""
        known = self.tallies.not_in_plan(ask)
        return Page(ask, refused=known) if known else Fetch(self, ask).run()

    def exchange(self, ask: Ask, storm: int) -> Answer:
        """Send one request when the pace allows it; return what its answer means, and the token that was sent.

        It leaves at the moment that the pace allows it: what may be in flight is waited for before. The token is taken
        after the wait, which may be longer than its life.
        """
        budget = self._budgets[ask.budget] if ask.budget else None
        waited = [(budget, budget.wait())] if budget else []
        verdict: Verdict | None = None
        with self._in_flight:
            sent = self.pace.wait()
            waited.append((self.pace, sent))
            try:
                if self.stopping.is_set():
                    raise Stopped
                token, number = self._auth.token(), next(self._numbers)
                self.tallies.request(ask.purpose)
                verdict = self._send(ask, token, sent)
            except requests.RequestException as error:
                return Answer(Retry(type(error).__name__), token, number)
            finally:
                for pace, moment in waited:
                    _tell(pace, moment, verdict, storm)
        if not isinstance(verdict, Retry | Unauthorized):
            self.presence.note(token, number, root=ask.root)
        return Answer(verdict, token, number)

    def _send(self, ask: Ask, token: str, sent: float) -> Verdict:
        answer = self._session.request(
            "GET" if ask.body is None else "POST",
            self.connection.api_url + ask.path,
            params=ask.query(),
            json=None if ask.body is None else {"data": ask.body},
            headers=dict(self.connection.headers),
            auth=_Bearer(token),
            timeout=self.connection.timeout,
            allow_redirects=False,
            stream=True,
        )
        body = whole(answer, self.connection.timeout)
        self._note_changes(answer.headers.get("Asana-Change", ""))
        verdict = protocol.decipher(answer.status_code, answer.headers, body, self._now())
        date = self.clocks.hear(answer.headers.get("Date"))
        if date is not None:
            self.pace.hear(sent, date)
        elif isinstance(verdict, protocol.Page):
            self.clocks.see(verdict.records)
        return verdict

    def download(self, url: str, file: IO[bytes], most: int = sys.maxsize) -> None:
        """Write a file of so many bytes at the most that Asana keeps elsewhere; the token does not go there.

        Raises UnreadableFile where it does not come whole, AsanaError where it is larger.
        """
        download(self._session, url, file, self.connection.timeout, most)

    def _note_changes(self, header: str) -> None:
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
        if self.stopping.is_set():
            raise Stopped

    @property
    def auth(self) -> Auth:
        """Return who the requests speak for."""
        return self._auth


def _tell(pace: Pace, moment: float, verdict: Verdict | None, storm: int) -> None:
    """Tell the pace what came of a request; None stands for no answer at all."""
    if verdict is None:
        pace.lost(moment)
    elif isinstance(verdict, Retry) and verdict.everyone:
        pace.refused(moment, unadvised(storm) if verdict.after is None else verdict.after)
    else:
        pace.accepted(moment)


def new_session(connections: int) -> requests.Session:
    """Return a session that keeps that many connections open to one host, and logs no more than it may."""
    keep_libraries_discreet()
    session = Session()
    session.headers["Accept-Encoding"] = "gzip"
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
