"""The tries that one page takes, and what becomes of the page when they are used up (law 6)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import NamedTuple, Protocol

from tap_asana.api import protocol
from tap_asana.api.auth import Auth
from tap_asana.api.decoding import rows_with_gid
from tap_asana.api.metrics import RequestMetrics
from tap_asana.api.protocol import REPEATING_PAGES, Outcome, Retry, Unavailable
from tap_asana.api.request import Page, PageTrail, Request
from tap_asana.api.retries import MAX_ATTEMPTS, Reachability, backoff_delays
from tap_asana.errors import FatalResponseError, RetriesExhaustedError

MIN_PAGE_ROWS = 10
MAX_CONSECUTIVE_429 = 100
"""429s in a row after which a request is given up; each of them has held everybody."""
MAX_LIST_RESTARTS = 10
"""Times that one list may start again because its page token was not accepted."""
ROOT_ATTEMPTS = 5
"""Tries for the root where it has to tell whether Asana is there: what asks has tried for a minute already."""

DEBT_ATTEMPTS = 5
"""Tries for what is owed: every run asks for it again."""

ROOT = Request("workspaces", "/workspaces", limit=1, is_root=True)
"""What every token may read."""

FALLBACK_STATUSES = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
"""Refusals after which a list is asked with the parameters that it may lack."""

TOKENS_EXPIRE_TOO_FAST = Unavailable(HTTPStatus.BAD_REQUEST, "page tokens expire faster than the list can be read")

UNEXPECTED_SYNC_TOKEN = Unavailable(HTTPStatus.PRECONDITION_FAILED, "a sync token, which only events have")

PAGES_REPEAT = Unavailable(REPEATING_PAGES, "page tokens or pages of the list repeat")


class AttemptResult(NamedTuple):
    """What came for one request: the token that was sent with it, and its number, which ascends as requests leave."""

    outcome: Outcome
    token: str
    number: int


class Sender(Protocol):
    """A client as a page sees it: one request at a time, and what all requests share."""

    metrics: RequestMetrics
    reachability: Reachability

    @property
    def auth(self) -> Auth:
        """Return who the requests speak for."""

    def send_once(self, ask: Request, storm: int) -> AttemptResult:
        """Send one request when the pace allows it."""

    def pause(self, seconds: float) -> None:
        """Wait, unless the run is ending."""


class RequestAttempts:
    """The tries that one page takes.

    Raises FatalAnswer where the token is not accepted or the root is refused, and Outage where Asana is away.
    """

    def __init__(self, client: Sender, ask: Request, attempts: int = MAX_ATTEMPTS) -> None:
        """Try nothing yet."""
        self._client = client
        self._request = ask
        self._delays = backoff_delays(min(attempts, DEBT_ATTEMPTS) if ask.is_debt else attempts)
        self._consecutive_429 = 0
        self._has_renewed = False
        self._doubted = False
        self._following: Request | None = None
        self._circle: Unavailable | None = None

    def run(self) -> Page:
        """Try until there is a page, or a reason why there is none."""
        while True:
            outcome = self._outcome_for(self._client.send_once(self._request, self._consecutive_429))
            if outcome is not None:
                return self._to_page(outcome)
            self._client.metrics.record_retry(self._request.stream)

    def _outcome_for(self, answer: AttemptResult) -> Outcome | None:
        """Return the verdict that stands; None where another try is due."""
        outcome = answer.outcome
        if isinstance(outcome, protocol.Unauthorized):
            return self._unauthorized(answer, outcome)
        self._has_renewed = self._doubted = False
        if isinstance(outcome, Retry):
            return None if self._wait_for_retry(outcome) else self._unavailable(answer, outcome)
        if isinstance(outcome, protocol.PageTokenExpired):
            return self._restart_list(TOKENS_EXPIRE_TOO_FAST)
        if isinstance(outcome, protocol.Records):
            return self._paged(outcome)
        if isinstance(outcome, protocol.SyncTokenExpired) and not self._request.has_sync_token:
            return UNEXPECTED_SYNC_TOKEN
        return self._refused(outcome) if isinstance(outcome, Unavailable) else outcome

    def _refused(self, outcome: Unavailable) -> Unavailable | None:
        """Ask in another way, or anew, where that may help."""
        ask = self._request
        if ask.fallback_params and ask.offset is None and outcome.status in FALLBACK_STATUSES:
            self._request = replace(ask, params={**ask.params, **ask.fallback_params}, fallback_params=None)
            return None
        # A page token that is not accepted any more may be called anything.
        return self._restart_list(outcome) if outcome.status == HTTPStatus.BAD_REQUEST else outcome

    def _unauthorized(self, answer: AttemptResult, outcome: protocol.Unauthorized) -> Unavailable | None:
        """Renew a token that is not accepted; a request that a good token is refused twice is refused for good.

        Whether the token is good is for the root to tell, or for what was answered since; before anything was
        answered, a 401 ends the run.
        """
        client = self._client
        if client.auth.token() != answer.token:
            return None
        if client.reachability.has_answered and not self._request.is_root:
            client.reachability.confirm(answer.token, answer.number, self._ask_root)
            if client.auth.token() == answer.token and self._doubted:
                return Unavailable(HTTPStatus.UNAUTHORIZED, outcome.message)
            self._doubted = True
            return None
        if self._has_renewed or not client.auth.renew(answer.token):
            msg = f"Asana does not accept the credentials (401): {outcome.message}"
            raise FatalResponseError(msg)
        self._has_renewed = True
        return None

    def _ask_root(self) -> None:
        RequestAttempts(self._client, ROOT, ROOT_ATTEMPTS).run()

    def _restart_list(self, refused: Unavailable) -> Unavailable | None:
        """Have the list start again, as often as it may; what it asks for without a page token is refused."""
        if self._request.restart_count >= MAX_LIST_RESTARTS or self._request.offset is None:
            return refused
        self._request = self._request.restarted()
        return None

    def _paged(self, page: protocol.Records) -> Outcome | None:
        """Find out where the list goes on; where it goes in a circle, it starts again, and at last it ends there."""
        ask = self._request
        if not page.offset or ask.limit is None or (ask.stop_on_empty_page and not page.records):
            return page
        trail = (ask.trail if ask.offset else PageTrail()).after(page.offset, page.records)
        if trail is not None:
            self._following = ask.next_page(page.offset, trail)
            return page
        if ask.stop_on_empty_page and not rows_with_gid(page.records)[0]:
            return page  # the end of such a list is an empty page; one that holds only broken rows is as good
        self._circle = self._restart_list(PAGES_REPEAT)
        return page if self._circle else None

    def _wait_for_retry(self, retry: Retry) -> bool:
        """Wait as long as this fault takes; false when the request is given up for good."""
        if retry.throttled:
            self._consecutive_429 += 1
            if self._consecutive_429 > MAX_CONSECUTIVE_429:
                raise self._retries_exhausted(retry)
            return True
        if retry.halve_page and self._request.limit is not None and self._request.limit > MIN_PAGE_ROWS:
            self._request = replace(self._request, limit=max(MIN_PAGE_ROWS, self._request.limit // 2))
        delay = next(self._delays)
        if delay is None:
            return False
        self._client.pause(max(delay, retry.after_seconds or 0.0))
        return True

    def _unavailable(self, answer: AttemptResult, retry: Retry) -> Unavailable:
        """Return the refusal of this one parent or list; raises Outage where it is not the only one that fails."""
        if self._request.is_root:
            raise self._retries_exhausted(retry)
        if not self._request.is_debt and self._client.reachability.record_failure():
            msg = f"Asana fails in too many requests in a row, the last one ({retry.reason}) at {self._request.path}"
            raise RetriesExhaustedError(msg)
        try:
            self._client.reachability.confirm(answer.token, answer.number, self._ask_root)
        except RetriesExhaustedError:
            raise self._retries_exhausted(retry) from None
        return retry.as_unavailable()

    def _retries_exhausted(self, retry: Retry) -> RetriesExhaustedError:
        return RetriesExhaustedError(
            f"Asana could not be read ({retry.reason}) at {self._request.path}, however often it was tried"
        )

    def _to_page(self, outcome: Outcome) -> Page:
        ask = self._request
        if isinstance(outcome, protocol.Records):
            return self._page(outcome)
        if isinstance(outcome, protocol.SyncTokenExpired):
            return Page(ask, sync_token=outcome.sync_token, sync_token_expired=True)
        if not isinstance(outcome, Unavailable):
            return Page(ask, truncated=True)
        return Page(ask, unavailable=self._skipped(outcome))

    def _page(self, outcome: protocol.Records) -> Page:
        ask, number = self._request, len(outcome.records) + outcome.odd_rows
        full = ask.max_rows is not None and number > 0
        if ask.limit is not None and number >= ask.limit and not outcome.names_next_page:
            self._client.metrics.record_uncertain_end(ask, number)
        return Page(
            ask,
            self._client.metrics.usable_records(ask, outcome),
            self._following,
            unavailable=self._circle and self._skipped(self._circle),
            truncated=full,
            sync_token=outcome.sync_token,
            has_more=outcome.has_more,
        )

    def _skipped(self, refused: Unavailable) -> Unavailable:
        """Count what is refused, unless it was only looked for; without the root there is nothing else."""
        if self._request.is_root:
            msg = f"Asana refuses the list of workspaces ({refused.label}): {refused.message}"
            raise FatalResponseError(msg)
        if not self._request.is_probe:
            self._client.metrics.record_skip(self._request, refused)
        return refused
