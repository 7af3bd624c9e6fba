"""Asana's answers, deciphered: status, headers and body in, a verdict out.

Pure: no I/O, no clock, no knowledge of Singer. Law 6 of the design is this module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeAlias

from tap_asana.api.decoding import DecodedJson, Record, decode_json
from tap_asana.api.redaction import redact, redact_support_phrase

__all__ = ["Record"]

EXPIRED_TOKEN_PHRASES = ("pagination token has expired", "pagination token is invalid")
SUCCESS_STATUSES = frozenset({200, 201})
TRANSIENT_CLIENT_ERRORS = frozenset({407, 408, 409, 424, 425})
"""Client errors that another try can mend, whoever sent them: 424 is another company's host that failed."""

PERMANENT_STATUSES = frozenset({401, 402, 403, 404})
"""Refusals that stay until somebody changes a plan, a scope or a permission."""

NO_ANSWER = 0
"""Stands for a status where Asana itself has said nothing: no answer, or one that is not in its form."""

REPEATING_PAGES = 1
"""Stands for a status where a list has no end: its page tokens, or its pages, repeat."""

STATUS_LABELS: Mapping[int, str] = {NO_ANSWER: "no answer", REPEATING_PAGES: "pages that repeat"}
"""What messages call what is no status."""

MAX_RETRY_AFTER_SECONDS = 86400.0
"""Seconds that Retry-After is believed; what asks for more would only be a hang."""

DATA_PREFIX = "data."
"""What the paths of a record's fields begin with in an answer."""


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one answer, and where the list goes on; `end_named` tells whether it says if it does.

    `odd_rows` counts rows that are no objects; `nulled` are the fields that lost a number which nobody can read.
    """

    records: list[Record]
    offset: str | None = None
    sync_token: str | None = None
    has_more: bool = False
    odd_rows: int = 0
    nulled_fields: frozenset[str] = frozenset()
    names_next_page: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the same request again, after `after` seconds where Asana named a time.

    `everyone` is true for 429: the limit belongs to the token, so all requests wait.
    `status` is that of Asana's own answer, NO_ANSWER where none came.
    """

    reason: str
    after_seconds: float | None = None
    throttled: bool = False
    halve_page: bool = False
    status: int = NO_ANSWER

    def as_unavailable(self) -> Unavailable:
        """Return what the request becomes when it was tried often enough."""
        return Unavailable(self.status, self.reason)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """This one parent or list cannot be read: 402 not in the plan, 403 no access, 404 gone, 5xx however often tried."""

    status: int
    message: str

    @property
    def permanent(self) -> bool:
        """Tell whether Asana will answer the same until somebody changes a plan, a scope or a permission."""
        return self.status in PERMANENT_STATUSES

    @property
    def label(self) -> str:
        """Return the status as messages show it."""
        return status_label(self.status)


@dataclass(frozen=True, slots=True)
class PageTokenExpired:
    """The page token is too old (15 minutes): the list starts again."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """The list is longer than Asana gives out: it has to be split."""


@dataclass(frozen=True, slots=True)
class SyncTokenExpired:
    """412: the events' sync token is absent or too old; `sync` is the new one."""

    sync_token: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """401: the token is not accepted."""

    message: str


def status_label(status: int) -> str:
    """Return a status of a refusal as messages show it."""
    return STATUS_LABELS.get(status, str(status))


Outcome: TypeAlias = Records | Retry | Unavailable | PageTokenExpired | Truncated | SyncTokenExpired | Unauthorized


def parse_response(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Outcome:
    """Say what an answer means.

    Only Asana's own envelope refuses: a proxy's page in its place is a passing fault, whatever its status.
    `headers` is looked up without regard to case by the caller's mapping; `now` is the time
    in epoch seconds, needed only where Retry-After is a date.
    """
    answer = _document(body)
    document = answer.value
    if status in SUCCESS_STATUSES:
        return _page(document, answer.nulled)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry("429", retry_after(headers, now), throttled=True)
    sync = document.get("sync") if isinstance(document, dict) else None
    if status == HTTPStatus.PRECONDITION_FAILED and isinstance(sync, str):
        return SyncTokenExpired(sync)
    if is_envelope(document) and _refuses(status):
        return _refusal(status, _words(document))
    return _fault(status, document, retry_after(headers, now))


def is_envelope(document: Any) -> bool:  # noqa: ANN401 - JSON of any shape
    """Tell whether a document is Asana's own envelope for errors."""
    errors = document.get("errors") if isinstance(document, dict) else None
    return isinstance(errors, list) and any(isinstance(error, dict) for error in errors)


def _refuses(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in TRANSIENT_CLIENT_ERRORS


def _refusal(status: int, words: str) -> Outcome:
    message = redact(words) or _phrase(status)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(message)
    if status == HTTPStatus.BAD_REQUEST:
        lowered = words.lower()
        if any(sign in lowered for sign in EXPIRED_TOKEN_PHRASES):
            return PageTokenExpired()
        if "truncated" in lowered:
            return Truncated()
    return Unavailable(status, message)


def _fault(status: int, document: Any, after: float | None) -> Retry:  # noqa: ANN401 - JSON of any shape
    """Say what passes, or may pass: server errors, redirects, and whatever a proxy has to say."""
    own = is_envelope(document)
    words = " ".join(filter(None, (redact(_words(document)), _support_phrase(document)))) or _phrase(status)
    foreign = "" if own or status >= HTTPStatus.INTERNAL_SERVER_ERROR else ", which is not Asana's own answer"
    slow = status == HTTPStatus.GATEWAY_TIMEOUT
    return Retry(f"{status}: {words}{foreign}", after, halve_page=slow, status=status if own else NO_ANSWER)


def _document(body: bytes) -> DecodedJson:
    """Decode a body; null stands for one that is no JSON."""
    try:
        return decode_json(body)
    except ValueError:
        return DecodedJson(None)


def _page(document: Any, nulled: frozenset[str]) -> Outcome:  # noqa: ANN401 - JSON of any shape
    """Read the records of a good answer; anything that is no envelope of Asana's is a passing fault."""
    if not isinstance(document, dict):
        return Retry("malformed JSON")
    data = document.get("data")
    if isinstance(data, dict):
        data = [data]
    if not isinstance(data, list):
        return Retry("answer without data")
    records = [row for row in data if row.__class__ is dict]
    following = document.get("next_page")
    offset = following.get("offset") if isinstance(following, dict) else None
    if following is not None and not (isinstance(offset, str) and offset):
        return Retry("next page without a token")
    return Records(
        records,
        offset,
        document.get("sync"),
        bool(document.get("has_more")),
        len(data) - len(records),
        frozenset(name.removeprefix(DATA_PREFIX) for name in nulled),
        "next_page" in document,
    )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that Retry-After asks for, be it a number or a date; None where it is absent or unreadable.

    A date is taken by the clock that wrote it, which the answer's own Date tells; by `now` where it has none.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        then, sent = _instant(value), _instant(headers.get("Date"))
        if then is None:
            return None
        seconds = then - (now if sent is None else sent)
    return min(max(0.0, seconds), MAX_RETRY_AFTER_SECONDS) if math.isfinite(seconds) else None


def _instant(date: str | None) -> float | None:
    """Return the epoch seconds of an HTTP date; None where it is none."""
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _words(document: Any, name: str = "message") -> str:  # noqa: ANN401 - JSON of any shape
    """Return Asana's own words in one line, as it sent them."""
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return ""
    words = [error.get(name) for error in errors if isinstance(error, dict)]
    return " ".join(" ".join(word for word in words if isinstance(word, str)).split())


def _support_phrase(document: Any) -> str:  # noqa: ANN401 - JSON of any shape
    """Return the phrase that Asana's support asks for after a 500."""
    return redact_support_phrase(_words(document, "phrase"))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"
