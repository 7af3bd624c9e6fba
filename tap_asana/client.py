"""Asana's API as pages: one session, one pace, retries, and nothing of Singer."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from typing_extensions import override

from tap_asana import protocol
from tap_asana.asks import Ask, Page
from tap_asana.auth import Auth
from tap_asana.body import whole
from tap_asana.discretion import keep_libraries_discreet
from tap_asana.download import download
from tap_asana.errors import FatalAnswer, Outage, Stopped
from tap_asana.keeper import Keeper
from tap_asana.pace import Pace
from tap_asana.protocol import Retry, Verdict
from tap_asana.retries import unadvised, waits
from tap_asana.session import Session
from tap_asana.tally import Tallies

SMALLEST_PAGE = 10
STORM = 100
"""429s in a row after which a request is given up; each of them has held everybody."""
RESTARTS = 10
"""Times that one list may start again because its page token expired."""

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

    Raises FatalAnswer (401, 400 and their like), Outage (retries used up) and Stopped (the run ends).
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
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Prepare a session with as many connections as there may be requests in flight."""
        self.connection = connection
        self.pace = pace
        self.tallies = Tallies()
        self.stopping = threading.Event()
        self.keeper = Keeper(clock)
        self._auth = auth
        self._budgets = budgets or {}
        self._session = session or new_session(connection.concurrency)
        self._now = now
        self._sleep = sleep or self.stopping.wait
        self._lock = threading.Lock()
        self._in_flight = threading.BoundedSemaphore(connection.concurrency)
        self._changes: set[str] = set()
        self._ahead = 0.0

    def fetch(self, ask: Ask) -> Page:
        """Fetch one page, trying again where that can help; a refused parent gives a page that says so."""
        known = self.tallies.not_in_plan(ask)
        return Page(ask, refused=known) if known else _Fetch(self, ask).run()

    def exchange(self, ask: Ask, storm: int) -> tuple[Verdict, str]:
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
                token = self._auth.token()
                self.tallies.request(ask.purpose)
                verdict = self._send(ask, token, sent)
            except requests.RequestException as error:
                return Retry(type(error).__name__), token
            finally:
                for pace, moment in waited:
                    _tell(pace, moment, verdict, storm)
        return verdict, token

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
        self._note_clock(answer.headers.get("Date"), sent)
        return protocol.decipher(answer.status_code, answer.headers, body, self._now())

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

    def _note_clock(self, date: str | None, sent: float) -> None:
        """Keep by how much our clock is ahead of Asana's, by the Date of its answers, and let the pace know."""
        try:
            theirs = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError, OverflowError):
            return
        self._ahead = max(self._ahead, self._now() - theirs)
        self.pace.hear(sent, theirs)

    @property
    def clock_ahead(self) -> float:
        """Return by how many seconds our clock is ahead of Asana's, as far as its answers told."""
        return self._ahead

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


class _Fetch:
    """The tries that one page takes."""

    def __init__(self, client: AsanaClient, ask: Ask) -> None:
        self._client = client
        self._ask = ask
        self._waits = waits()
        self._storm = 0
        self._renewed = False

    def run(self) -> Page:
        while True:
            verdict, token = self._client.exchange(self._ask, self._storm)
            if isinstance(verdict, protocol.Unauthorized):
                self._renew(token, verdict)
                self._client.tallies.retry(self._ask.purpose)
                continue
            self._renewed = False
            if isinstance(verdict, protocol.Expired):
                self._restart()
            elif _is_bad(verdict) and self._ask.otherwise:
                self._ask = replace(self._ask, params={**self._ask.params, **self._ask.otherwise}, otherwise=None)
            elif isinstance(verdict, Retry):
                if not self._wait(verdict):
                    return self._settle(verdict.give_up)
            else:
                return self._settle(verdict)
            self._client.tallies.retry(self._ask.purpose)

    def _renew(self, token: str, verdict: protocol.Unauthorized) -> None:
        """Get another token, unless somebody has; a 401 for the one got here, with nothing else between, is final."""
        if self._client.auth.token() != token:
            return
        if self._renewed or not self._client.auth.renew(token):
            msg = f"Asana does not accept the credentials (401): {verdict.message}"
            raise FatalAnswer(msg)
        self._renewed = True

    def _restart(self) -> None:
        restarts = self._ask.restarts + 1
        if restarts > RESTARTS or self._ask.offset is None:
            msg = f"Page tokens of {self._ask.path} expire faster than the list can be read"
            raise Outage(msg)
        self._ask = replace(self._ask.at(None), restarts=restarts)

    def _wait(self, retry: Retry) -> bool:
        """Wait as long as this fault takes; false when the request is given up for good."""
        if retry.everyone:
            self._storm += 1
            if self._storm > STORM:
                raise self._outage(retry)
            return True
        if retry.slow and self._ask.limit is not None and self._ask.limit > SMALLEST_PAGE:
            self._ask = replace(self._ask, limit=max(SMALLEST_PAGE, self._ask.limit // 2))
        delay = next(self._waits)
        if delay is None:
            if retry.give_up is None:
                raise self._outage(retry)
            return False
        self._client.pause(max(delay, retry.after or 0.0))
        return True

    def _outage(self, retry: Retry) -> Outage:
        return Outage(f"Asana could not be read ({retry.reason}) at {self._ask.path}, however often it was tried")

    def _settle(self, verdict: Verdict | None) -> Page:
        ask = self._ask
        if isinstance(verdict, protocol.Fatal) and _is_bad(verdict) and ask.excused:
            verdict = protocol.Refused(verdict.status, verdict.message)
        if isinstance(verdict, protocol.Page):
            goes_on = verdict.offset and ask.limit is not None and (verdict.records or not ask.endless)
            following = ask.at(verdict.offset) if goes_on else None
            full = ask.most is not None and len(verdict.records) >= ask.most
            return Page(ask, verdict.records, following, None, full, verdict.sync, has_more=verdict.has_more)
        if isinstance(verdict, protocol.Refused):
            if not ask.probing:
                self._client.tallies.skip(ask, verdict)
            return Page(ask, refused=verdict)
        if isinstance(verdict, protocol.Truncated):
            return Page(ask, truncated=True)
        if isinstance(verdict, protocol.SyncExpired):
            return Page(ask, sync=verdict.sync, sync_expired=True)
        message = f"({verdict.status}): {verdict.message}" if isinstance(verdict, protocol.Fatal) else ""
        raise FatalAnswer(f"Asana refuses {ask.path} {message}")


def _is_bad(verdict: Verdict | None) -> bool:
    return isinstance(verdict, protocol.Fatal) and verdict.status == HTTPStatus.BAD_REQUEST


def new_session(connections: int) -> requests.Session:
    """Return a session that keeps that many connections open to one host, and logs no more than it may."""
    keep_libraries_discreet()
    session = Session()
    session.headers["Accept-Encoding"] = "gzip"
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
