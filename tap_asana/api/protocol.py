"""Asana's responses, interpreted: status, headers and body in, an Outcome out.

Pure functions: no I/O, no clock, no knowledge of Singer. This module is law 6.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias

from tap_asana.api.clocks import parse_http_date
from tap_asana.api.decoding import DecodedJson, Record, decode_json
from tap_asana.api.redaction import redact, redact_support_phrase

EXPIRED_TOKEN_PHRASES = ("pagination token has expired", "pagination token is invalid")
SUCCESS_STATUSES = frozenset({200, 201})
TRANSIENT_CLIENT_ERRORS = frozenset({407, 408, 409, 424, 425})
"""Client errors worth a retry, even in Asana's own envelope; 424 means that another company's host failed."""

PERMANENT_STATUSES = frozenset({401, 402, 403, 404})
"""Refusals that last until somebody changes a plan, a scope or a permission."""

NO_ANSWER = 0
"""Stands for the status if Asana itself has not answered: there was no response, or one in another format."""

REPEATING_PAGES = 1
"""Stands for the status if a list never ends because its page tokens or pages repeat."""

STATUS_LABELS: Mapping[int, str] = {NO_ANSWER: "no answer", REPEATING_PAGES: "repeating pages"}
"""How messages show the two values above, which are not HTTP statuses."""

MAX_RETRY_AFTER_SECONDS = 86400.0
"""Limit of an obeyed Retry-After; a longer one would only look like a hang."""

DATA_PREFIX = "data."
"""Start of the path of every field of a record in a response."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a successful response.

    `offset` is the token of the next page, `sync_token` the next one for events, and `has_more` whether more events
    wait. `odd_rows` counts rows other than objects. `nulled_fields` are the fields with a number outside the range of
    a double. `names_next_page` is whether the response has the field `next_page` at all.
    """

    records: list[Record]
    offset: str | None = None
    sync_token: str | None = None
    has_more: bool = False
    odd_rows: int = 0
    nulled_fields: frozenset[str] = frozenset()
    names_next_page: bool = field(default=True, compare=False)

    @property
    def row_count(self) -> int:
        """Return the number of all rows, with those in another form than records."""
        return len(self.records) + self.odd_rows


@dataclass(frozen=True, slots=True)
class Retry:
    """Send the same request again, after at least `after_seconds` if Asana named a time.

    `throttled` is true for 429: the limit applies to the token, so that all requests must wait. `halve_page` asks for
    a smaller page. `status` is the status of Asana's own response, else NO_ANSWER.
    """

    reason: str
    after_seconds: float | None = None
    throttled: bool = False
    halve_page: bool = False
    status: int = NO_ANSWER

    def as_unavailable(self) -> Unavailable:
        """Return the outcome of a request whose last attempt failed in this way."""
        return Unavailable(self.status, self.reason)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """One parent or list cannot be read, for example because of 402 (plan), 403 (access), 404 (gone) or lasting 5xx."""

    status: int
    message: str

    @property
    def is_permanent(self) -> bool:
        """Return whether the status lasts until somebody changes a plan, a scope or a permission."""
        return self.status in PERMANENT_STATUSES

    @property
    def is_failure(self) -> bool:
        """Return whether Asana failed to answer, which says nothing of what was asked for."""
        return not HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def label(self) -> str:
        """Return the status as messages show it."""
        return status_label(self.status)


@dataclass(frozen=True, slots=True)
class PageTokenExpired:
    """The page token has expired (after 15 minutes): the list must be read again from its start."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """The list is longer than Asana returns: it must be split."""


@dataclass(frozen=True, slots=True)
class SyncTokenExpired:
    """412: the sync token for events is missing or has expired; `sync_token` is the new one."""

    sync_token: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """401: Asana rejected the access token."""

    message: str


def status_label(status: int) -> str:
    """Return the status of an unavailable list as messages show it."""
    return STATUS_LABELS.get(status, str(status))


Outcome: TypeAlias = Records | Retry | Unavailable | PageTokenExpired | Truncated | SyncTokenExpired | Unauthorized


def parse_response(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Outcome:
    """Return the meaning of a response.

    Only Asana's own error envelope can make a list unavailable; a proxy's page with any status is a temporary failure.
    `headers` must ignore case. `now` is in epoch seconds, and only used if Retry-After is a date.
    """
    decoded = _decode_body(body)
    document = decoded.value
    if status in SUCCESS_STATUSES:
        return _parse_records(document, decoded.nulled_fields)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry("429", retry_after(headers, now), throttled=True)
    sync_token = document.get("sync") if isinstance(document, dict) else None
    if status == HTTPStatus.PRECONDITION_FAILED and isinstance(sync_token, str):
        return SyncTokenExpired(sync_token)
    if is_envelope(document) and _is_lasting(status):
        return _parse_refusal(status, _messages(document))
    return _parse_failure(status, document, retry_after(headers, now))


def is_envelope(document: Any) -> bool:  # noqa: ANN401 - JSON of any shape
    """Return whether a document is Asana's own envelope for errors."""
    errors = document.get("errors") if isinstance(document, dict) else None
    return isinstance(errors, list) and any(isinstance(error, dict) for error in errors)


def _is_lasting(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in TRANSIENT_CLIENT_ERRORS


def _parse_refusal(status: int, text: str) -> Outcome:
    message = redact(text) or _phrase(status)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(message)
    if status == HTTPStatus.BAD_REQUEST:
        lower_text = text.lower()
        if any(phrase in lower_text for phrase in EXPIRED_TOKEN_PHRASES):
            return PageTokenExpired()
        if "truncated" in lower_text:
            return Truncated()
    return Unavailable(status, message)


def _parse_failure(status: int, document: Any, after_seconds: float | None) -> Retry:  # noqa: ANN401 - JSON of any shape
    """Return the retry after a server error, a redirect or a response from a proxy."""
    is_own = is_envelope(document)
    text = " ".join(filter(None, (redact(_messages(document)), _support_phrase(document)))) or _phrase(status)
    origin = "" if is_own or status >= HTTPStatus.INTERNAL_SERVER_ERROR else ", not sent by Asana itself"
    timed_out = status == HTTPStatus.GATEWAY_TIMEOUT
    reason = f"{status}: {text}{origin}"
    return Retry(reason, after_seconds, halve_page=timed_out, status=status if is_own else NO_ANSWER)


def _decode_body(body: bytes) -> DecodedJson:
    """Decode a body; the value is None if it is not JSON."""
    try:
        return decode_json(body)
    except ValueError:
        return DecodedJson(None)


def _parse_records(document: Any, nulled_fields: frozenset[str]) -> Outcome:  # noqa: ANN401 - JSON of any shape
    """Return the records of a successful response; any other document is a temporary failure."""
    if not isinstance(document, dict):
        return Retry("malformed JSON")
    if is_envelope(document):  # its data may be a part
        return Retry(f"200 with errors: {redact(_messages(document))}")
    data = document.get("data")
    if isinstance(data, dict):
        data = [data]
    if not isinstance(data, list):
        return Retry("response without data")
    records = [row for row in data if row.__class__ is dict]
    next_page = document.get("next_page")
    offset = next_page.get("offset") if isinstance(next_page, dict) else None
    if next_page is not None and not (isinstance(offset, str) and offset):
        return Retry("next page without a token")
    return Records(
        records,
        offset,
        document.get("sync"),
        bool(document.get("has_more")),
        len(data) - len(records),
        frozenset(name.removeprefix(DATA_PREFIX) for name in nulled_fields),
        "next_page" in document,
    )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait by Retry-After, which is a number or a date; None if it is missing, invalid or over.

    A date is compared with the Date header of the same response, or with `now` if there is none.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        retry_time, sent = parse_http_date(value), parse_http_date(headers.get("Date"))
        if retry_time is None:
            return None
        seconds = retry_time - (now if sent is None else sent)
    return min(seconds, MAX_RETRY_AFTER_SECONDS) if math.isfinite(seconds) and seconds > 0 else None


def _messages(document: Any, field_name: str = "message") -> str:  # noqa: ANN401 - JSON of any shape
    """Return the messages of an error envelope in one line, as Asana sent them."""
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return ""
    texts = [error.get(field_name) for error in errors if isinstance(error, dict)]
    return " ".join(" ".join(text for text in texts if isinstance(text, str)).split())


def _support_phrase(document: Any) -> str:  # noqa: ANN401 - JSON of any shape
    """Return the phrase after a 500 that identifies the failure to Asana's support."""
    return redact_support_phrase(_messages(document, "phrase"))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"
