"""The tries that one page takes, and what becomes of the page when they are used up (law 6)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import NamedTuple, Protocol

from tap_asana.api import protocol
from tap_asana.api.auth import Auth
from tap_asana.api.decoding import identified
from tap_asana.api.metrics import Tallies
from tap_asana.api.page_trail import Trail
from tap_asana.api.presence import Presence
from tap_asana.api.protocol import CIRCLE, Refused, Retry, Verdict
from tap_asana.api.request import Ask, Page
from tap_asana.api.retries import ATTEMPTS, waits
from tap_asana.errors import FatalAnswer, Outage

SMALLEST_PAGE = 10
STORM = 100
"""429s in a row after which a request is given up; each of them has held everybody."""
RESTARTS = 10
"""Times that one list may start again because its page token was not accepted."""
ROOT_ATTEMPTS = 5
"""Tries for the root where it has to tell whether Asana is there: what asks has tried for a minute already."""

OWED_ATTEMPTS = 5
"""Tries for what is owed: every run asks for it again."""

ROOT = Ask("workspaces", "/workspaces", limit=1, root=True)
"""What every token may read."""

WITHOUT = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
"""Refusals after which a list is asked with the parameters that it may lack."""

TOO_OLD = Refused(HTTPStatus.BAD_REQUEST, "page tokens expire faster than the list can be read")

NO_EVENTS = Refused(HTTPStatus.PRECONDITION_FAILED, "a sync token, which only events have")

ENDLESS = Refused(CIRCLE, "page tokens or pages of the list repeat")


class Answer(NamedTuple):
    """What came for one request: the token that was sent with it, and its number, which ascends as requests leave."""

    verdict: Verdict
    token: str
    number: int


class Exchanger(Protocol):
    """A client as a page sees it: one request at a time, and what all requests share."""

    tallies: Tallies
    presence: Presence

    @property
    def auth(self) -> Auth:
        """Return who the requests speak for."""

    def exchange(self, ask: Ask, storm: int) -> Answer:
        """Send one request when the pace allows it."""

    def pause(self, seconds: float) -> None:
        """Wait, unless the run is ending."""


class Fetch:
    """The tries that one page takes.

    Raises FatalAnswer where the token is not accepted or the root is refused, and Outage where Asana is away.
    """

    def __init__(self, client: Exchanger, ask: Ask, attempts: int = ATTEMPTS) -> None:
        """Try nothing yet."""
        self._client = client
        self._ask = ask
        self._waits = waits(min(attempts, OWED_ATTEMPTS) if ask.owed else attempts)
        self._storm = 0
        self._renewed = False
        self._doubted = False
        self._following: Ask | None = None
        self._circle: Refused | None = None

    def run(self) -> Page:
        """Try until there is a page, or a reason why there is none."""
        while True:
            verdict = self._judged(self._client.exchange(self._ask, self._storm))
            if verdict is not None:
                return self._settle(verdict)
            self._client.tallies.retry(self._ask.purpose)

    def _judged(self, answer: Answer) -> Verdict | None:
        """Return the verdict that stands; None where another try is due."""
        verdict = answer.verdict
        if isinstance(verdict, protocol.Unauthorized):
            return self._unauthorized(answer, verdict)
        self._renewed = self._doubted = False
        if isinstance(verdict, Retry):
            return None if self._wait(verdict) else self._given_up(answer, verdict)
        if isinstance(verdict, protocol.Expired):
            return self._restarted(TOO_OLD)
        if isinstance(verdict, protocol.Page):
            return self._paged(verdict)
        if isinstance(verdict, protocol.SyncExpired) and not self._ask.has_sync_token:
            return NO_EVENTS
        return self._refused(verdict) if isinstance(verdict, Refused) else verdict

    def _refused(self, verdict: Refused) -> Refused | None:
        """Ask in another way, or anew, where that may help."""
        ask = self._ask
        if ask.otherwise and ask.offset is None and verdict.status in WITHOUT:
            self._ask = replace(ask, params={**ask.params, **ask.otherwise}, otherwise=None)
            return None
        # A page token that is not accepted any more may be called anything.
        return self._restarted(verdict) if verdict.status == HTTPStatus.BAD_REQUEST else verdict

    def _unauthorized(self, answer: Answer, verdict: protocol.Unauthorized) -> Refused | None:
        """Renew a token that is not accepted; a request that a good token is refused twice is refused for good.

        Whether the token is good is for the root to tell, or for what was answered since; before anything was
        answered, a 401 ends the run.
        """
        client = self._client
        if client.auth.token() != answer.token:
            return None
        if client.presence.known and not self._ask.root:
            client.presence.confirm(answer.token, answer.number, self._ask_root)
            if client.auth.token() == answer.token and self._doubted:
                return Refused(HTTPStatus.UNAUTHORIZED, verdict.message)
            self._doubted = True
            return None
        if self._renewed or not client.auth.renew(answer.token):
            msg = f"Asana does not accept the credentials (401): {verdict.message}"
            raise FatalAnswer(msg)
        self._renewed = True
        return None

    def _ask_root(self) -> None:
        Fetch(self._client, ROOT, ROOT_ATTEMPTS).run()

    def _restarted(self, refused: Refused) -> Refused | None:
        """Have the list start again, as often as it may; what it asks for without a page token is refused."""
        if self._ask.restarts >= RESTARTS or self._ask.offset is None:
            return refused
        self._ask = self._ask.again()
        return None

    def _paged(self, page: protocol.Page) -> Verdict | None:
        """Find out where the list goes on; where it goes in a circle, it starts again, and at last it ends there."""
        ask = self._ask
        if not page.offset or ask.limit is None or (ask.endless and not page.records):
            return page
        trail = (ask.trail if ask.offset else Trail()).after(page.offset, page.records)
        if trail is not None:
            self._following = ask.beyond(page.offset, trail)
            return page
        if ask.endless and not identified(page.records)[0]:
            return page  # the end of such a list is an empty page; one that holds only broken rows is as good
        self._circle = self._restarted(ENDLESS)
        return page if self._circle else None

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
            return False
        self._client.pause(max(delay, retry.after or 0.0))
        return True

    def _given_up(self, answer: Answer, retry: Retry) -> Refused:
        """Return the refusal of this one parent or list; raises Outage where it is not the only one that fails."""
        if self._ask.root:
            raise self._outage(retry)
        if not self._ask.owed and self._client.presence.fail():
            msg = f"Asana fails in too many requests in a row, the last one ({retry.reason}) at {self._ask.path}"
            raise Outage(msg)
        try:
            self._client.presence.confirm(answer.token, answer.number, self._ask_root)
        except Outage:
            raise self._outage(retry) from None
        return retry.given_up()

    def _outage(self, retry: Retry) -> Outage:
        return Outage(f"Asana could not be read ({retry.reason}) at {self._ask.path}, however often it was tried")

    def _settle(self, verdict: Verdict) -> Page:
        ask = self._ask
        if isinstance(verdict, protocol.Page):
            return self._page(verdict)
        if isinstance(verdict, protocol.SyncExpired):
            return Page(ask, sync=verdict.sync, sync_expired=True)
        if not isinstance(verdict, Refused):
            return Page(ask, truncated=True)
        return Page(ask, refused=self._skipped(verdict))

    def _page(self, verdict: protocol.Page) -> Page:
        ask, number = self._ask, len(verdict.records) + verdict.odd_rows
        full = ask.most is not None and number > 0
        if ask.limit is not None and number >= ask.limit and not verdict.end_named:
            self._client.tallies.doubt(ask, number)
        return Page(
            ask,
            self._client.tallies.sound(ask, verdict),
            self._following,
            refused=self._circle and self._skipped(self._circle),
            truncated=full,
            sync=verdict.sync,
            has_more=verdict.has_more,
        )

    def _skipped(self, refused: Refused) -> Refused:
        """Count what is refused, unless it was only looked for; without the root there is nothing else."""
        if self._ask.root:
            msg = f"Asana refuses the list of workspaces ({refused.label}): {refused.message}"
            raise FatalAnswer(msg)
        if not self._ask.probing:
            self._client.tallies.skip(self._ask, refused)
        return refused
