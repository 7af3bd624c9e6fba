"""All attempts to get one page, and the result if they fail (law 6)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import NamedTuple, Protocol

from tap_asana.api import protocol
from tap_asana.api.auth import Auth
from tap_asana.api.decoding import rows_with_gid
from tap_asana.api.metrics import RequestMetrics
from tap_asana.api.open_pages import OpenPage, is_open
from tap_asana.api.protocol import REPEATING_PAGES, Outcome, Retry, Unavailable
from tap_asana.api.request import Page, PageTrail, Request
from tap_asana.api.retries import Reachability, RetryLimits, backoff_delays
from tap_asana.api.tokens import FIRST_TOKEN
from tap_asana.errors import FatalResponseError, RetriesExhaustedError

ROOT = Request("workspaces", "/workspaces", limit=1, is_root=True)
"""A request that every token may send."""

FALLBACK_STATUSES = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
"""Statuses after which a request is sent with its fallback parameters."""

TOKENS_EXPIRE_TOO_FAST = Unavailable(HTTPStatus.BAD_REQUEST, "page tokens expire faster than the list can be read")

UNEXPECTED_SYNC_TOKEN = Unavailable(HTTPStatus.PRECONDITION_FAILED, "unexpected sync token")

PAGES_REPEAT = Unavailable(REPEATING_PAGES, "the list repeats its pages or page tokens")


class AttemptResult(NamedTuple):
    """The outcome of one request, the access token sent with it, and its number; numbers ascend in order of sending."""

    outcome: Outcome
    token: str
    number: int


class Sender(Protocol):
    """The part of the client that attempts need: single requests, and the state that all requests share."""

    metrics: RequestMetrics
    reachability: Reachability
    retry_limits: RetryLimits
    explicit_endpoints: set[str]

    def auth_of(self, request: Request) -> Auth:
        """Return the source of the access token that sends a request."""

    def send_once(self, request: Request) -> AttemptResult:
        """Send one request as soon as the rate limit allows it."""

    def pause(self, seconds: float) -> None:
        """Wait; raises RunCancelled if the run is ending."""


class RequestAttempts:
    """The attempts for one request.

    Raises FatalResponseError if Asana rejects the token or the root, and RetriesExhaustedError if Asana is unreachable.
    """

    def __init__(
        self, client: Sender, request: Request, attempts: int | None = None, *, reads_longer: bool = True
    ) -> None:
        """Prepare up to `attempts` attempts, by default as many as the client's limits allow.

        With `reads_longer`, a page that does not say whether another one follows is requested again in longer ways.
        """
        limits = client.retry_limits
        attempts = attempts or (limits.debt_attempts if request.is_debt else limits.attempts)
        self._client = client
        self._request = request
        self._reads_longer = reads_longer and not request.stop_on_empty_page
        self._limits = limits
        self._delays = backoff_delays(attempts)
        self._consecutive_429 = 0
        self._has_renewed_token = False
        self._was_unauthorized = False
        self._next_request: Request | None = None
        self._endless: Unavailable | None = None
        self._open_page: OpenPage | None = None

    def run(self) -> Page:
        """Send the request until there is a final result."""
        while True:
            result = self._client.send_once(self._request)
            if self._may_ask_first_token(result.outcome):
                self._request, outcome = self._request.from_start().with_token(FIRST_TOKEN), None
            else:
                outcome = self._final_outcome(result)
            if outcome is None:
                self._client.metrics.record_retry(self._request.stream)
            elif longer := self._longer_request(outcome):
                self._request = longer
            else:
                return self._to_page(self._or_open_page(outcome))

    def _final_outcome(self, result: AttemptResult) -> Outcome | None:
        """Return the outcome if it is final; None if the request must be sent again."""
        outcome = result.outcome
        if isinstance(outcome, protocol.Unauthorized):
            return self._on_unauthorized(result, outcome)
        self._has_renewed_token = False
        self._was_unauthorized &= isinstance(outcome, Retry) and outcome.throttled  # a 429 says nothing of the list
        if isinstance(outcome, Retry):
            return None if self._wait_for_retry(outcome) else self._on_last_failure(result, outcome)
        if isinstance(outcome, protocol.PageTokenExpired):
            return self._restart_list(TOKENS_EXPIRE_TOO_FAST)
        if isinstance(outcome, protocol.Records):
            return self._on_records(outcome)
        if isinstance(outcome, protocol.SyncTokenExpired) and not self._request.has_sync_token:
            return UNEXPECTED_SYNC_TOKEN
        return self._on_unavailable(outcome) if isinstance(outcome, Unavailable) else outcome

    def _may_ask_first_token(self, outcome: Outcome) -> bool:
        """Return whether Asana refused the request to an additional token, which may not see as much as the first."""
        is_refused = isinstance(outcome, protocol.Unauthorized) or (
            isinstance(outcome, Unavailable) and outcome.is_permanent
        )
        return is_refused and bool(self._request.token_number) and not self._request.is_root

    def _on_unavailable(self, outcome: Unavailable) -> Unavailable | None:
        """Change the request and send it again, or return the final outcome."""
        request = self._request
        if request.fallback_params and request.offset is None and outcome.status in FALLBACK_STATUSES:
            params = {**request.params, **request.fallback_params}
            self._request = replace(request, params=params, fallback_params=None)
            return None
        if outcome.status == HTTPStatus.PRECONDITION_FAILED and request.has_sync_token and "sync" in request.params:
            # Asana keeps the new sync token back; a request without a token returns one.
            params = {name: value for name, value in request.params.items() if name != "sync"}
            self._request = replace(request, params=params)
            return None
        # A 400 with unknown words can mean that the page token has expired.
        return self._restart_list(outcome) if outcome.status == HTTPStatus.BAD_REQUEST else outcome

    def _on_unauthorized(self, result: AttemptResult, outcome: protocol.Unauthorized) -> Unavailable | None:
        """Renew a rejected token; treat a second 401 for a valid token as unavailable.

        A token is valid if Asana has answered a later request with it, or the root request. Before the first answer of
        the run, a 401 that a new token does not change ends the run.
        """
        client, auth = self._client, self._client.auth_of(self._request)
        if auth.token() != result.token:
            return None
        if client.reachability.has_answered and not self._request.is_root:
            client.reachability.confirm(result.token, result.number, self._request_root)
            if auth.token() == result.token and self._was_unauthorized:
                return Unavailable(HTTPStatus.UNAUTHORIZED, outcome.message)
            self._was_unauthorized = True
            return None
        if self._has_renewed_token or not auth.renew(result.token):
            msg = f"Asana rejected {self._token_name} (401): {outcome.message}"
            raise FatalResponseError(msg)
        self._has_renewed_token = True
        return None

    @property
    def _token_name(self) -> str:
        number = self._request.token_number
        return f"token {number} of additional_access_tokens" if number else "the access token"

    def _request_root(self) -> None:
        """Request the first page of the root: a longer request that failed would wait for this one forever."""
        RequestAttempts(self._client, ROOT, self._limits.root_attempts, reads_longer=False).run()

    def _restart_list(self, refusal: Unavailable) -> Unavailable | None:
        """Start the list again; return the refusal if this was its first page, or the last restart.

        Longer pages need fewer page tokens, which may expire.
        """
        if self._request.restart_count >= self._limits.list_restarts or self._request.offset is None:
            return refusal
        self._request = self._request.restart(1 if refusal is PAGES_REPEAT else 2)
        return None

    def _on_records(self, response: protocol.Records) -> Outcome | None:
        """Prepare the request for the next page. A list that repeats starts again, and ends after its last restart."""
        request = self._request
        if request.limit is not None and response.names_next_page:
            self._client.explicit_endpoints.add(request.endpoint)
        if not response.offset or request.limit is None or (request.stop_on_empty_page and not response.row_count):
            return response
        trail = (request.trail if request.offset else PageTrail()).after(response.offset, response.records)
        if trail is not None:
            self._next_request = request.next_page(response.offset, trail)
            return response
        if request.stop_on_empty_page and not rows_with_gid(response.records)[0]:
            return response  # a page without any valid row ends the list like an empty page
        self._endless = self._restart_list(PAGES_REPEAT)
        return response if self._endless else None

    def _longer_request(self, outcome: Outcome) -> Request | None:
        """Return a request that may bring more of a list, and keep its page, if no answer has shown its end so far."""
        if self._open_page is not None:
            self._open_page.note(outcome)
            is_complete = self._open_page.is_part_of(self._request, outcome)
            return None if is_complete else self._open_page.longer_request()
        if not (self._reads_longer and isinstance(outcome, protocol.Records) and self._is_open(outcome)):
            return None
        self._open_page = OpenPage(self._request, outcome)
        return self._open_page.longer_request()

    def _is_open(self, response: protocol.Records) -> bool:
        """Return whether a page does not say whether another one follows, and one may."""
        return is_open(self._request, response, self._client.explicit_endpoints)

    def _or_open_page(self, outcome: Outcome) -> Outcome:
        """Return the answer, or the kept page if no longer request was answered better."""
        if self._open_page is None:
            return outcome
        request = self._open_page.request
        if self._open_page.is_part_of(self._request, outcome):
            self._request = replace(self._request, is_root=request.is_root)
            return outcome
        self._request = request
        return self._open_page.response

    def _wait_for_retry(self, retry: Retry) -> bool:
        """Wait before the next attempt; return false if this was the last one."""
        if retry.throttled:
            self._consecutive_429 += 1
            if self._consecutive_429 > self._limits.consecutive_429:
                raise self._retries_exhausted(retry)
            return True  # the rate limiter waits
        rows, min_rows = self._request.limit, self._limits.min_page_rows
        if retry.halve_page and rows is not None and rows > min_rows:
            self._request = replace(self._request, limit=max(min_rows, rows // 2))
        delay = next(self._delays)
        if delay is None:
            return False
        self._client.pause(max(delay, retry.after_seconds or 0.0))
        return True

    def _on_last_failure(self, result: AttemptResult, retry: Retry) -> Unavailable:
        """Return the reason why this list is unavailable; raises RetriesExhaustedError if all of Asana is."""
        if self._request.is_root:
            raise self._retries_exhausted(retry)
        if not self._request.is_debt and self._client.reachability.record_failure():
            msg = f"Too many requests failed in a row, the last one to {self._request.path}: {retry.reason}"
            raise RetriesExhaustedError(msg)
        try:
            self._client.reachability.confirm(result.token, result.number, self._request_root)
        except RetriesExhaustedError:
            raise self._retries_exhausted(retry) from None
        return retry.as_unavailable()

    def _retries_exhausted(self, retry: Retry) -> RetriesExhaustedError:
        return RetriesExhaustedError(f"Request to {self._request.path} failed on every attempt: {retry.reason}")

    def _to_page(self, outcome: Outcome) -> Page:
        request = self._request
        if isinstance(outcome, protocol.Records):
            return self._page_of(outcome)
        if isinstance(outcome, protocol.SyncTokenExpired):
            return Page(request, sync_token=outcome.sync_token, sync_token_expired=True)
        if not isinstance(outcome, Unavailable):
            return Page(request, truncated=True)
        return Page(request, unavailable=self._count_skip(outcome))

    def _page_of(self, response: protocol.Records) -> Page:
        request, metrics = self._request, self._client.metrics
        rows, kept = response.row_count, self._open_page
        is_cut = kept is not None and kept.is_cut and kept.response is response
        if self._is_open(response) and not is_cut:
            metrics.record_uncertain_end(request, rows)
        pauses = request.pause_after == 1
        return Page(
            self._request_of_reader(),
            metrics.usable_records(request, response),
            None if pauses else self._next_request,
            rest=self._next_request if pauses else None,
            unavailable=self._endless and self._count_skip(self._endless),
            truncated=is_cut or (request.max_rows is not None and rows > 0),
            sync_token=response.sync_token,
            has_more=response.has_more,
        )

    def _request_of_reader(self) -> Request:
        """Return the request with the limit that its reader set, since parts of the list are requested from it."""
        if self._open_page is None:
            return self._request
        asked = self._open_page.request
        return replace(self._request, limit=asked.limit, fallback_params=asked.fallback_params)

    def _count_skip(self, refusal: Unavailable) -> Unavailable:
        """Count an unavailable list, unless it was a probe; raises FatalResponseError for the root."""
        if self._request.is_root:
            origin = f" with {self._token_name}" if self._request.token_number else ""
            msg = f"Cannot read the list of workspaces{origin} ({refusal.label}): {refusal.message}"
            raise FatalResponseError(msg)
        if not self._request.is_probe:
            self._client.metrics.record_skip(self._request, refusal)
        return refusal
