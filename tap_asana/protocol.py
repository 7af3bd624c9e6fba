"""Asana's answers, deciphered: status, headers and body in, a verdict out.

Pure: no I/O, no clock, no knowledge of Singer. Law 6 of the design is this module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeAlias

import msgspec

from tap_asana.discretion import discreet, discreet_phrase

Record: TypeAlias = dict[str, Any]

EXPIRED = ("pagination token has expired", "pagination token is invalid")
GOOD = frozenset({200, 201})
REFUSALS = frozenset({402, 403, 404})
THIRD_PARTY = frozenset({424, 501})
"""Sent where another company's host failed; retried, then the parent is skipped (facts, section 4)."""

TELLING = frozenset({400, 412})
"""Statuses whose meaning is in the body: without it nothing is known, so they are asked again."""

LONGEST = 86400.0
"""Seconds that Retry-After is believed; what asks for more would only be a hang."""

_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one answer, and where the list goes on."""

    records: list[Record]
    offset: str | None = None
    sync: str | None = None
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the same request again, after `after` seconds where Asana named a time.

    `everyone` is true for 429: the limit belongs to the token, so all requests wait.
    `give_up` tells what the request becomes when it was retried often enough.
    """

    reason: str
    after: float | None = None
    everyone: bool = False
    slow: bool = False
    give_up: Refused | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """This one parent or feature cannot be read: 402 not in the plan, 403 no access, 404 gone."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The page token is too old (15 minutes): the list starts again."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """The list is longer than Asana gives out: it has to be split."""


@dataclass(frozen=True, slots=True)
class SyncExpired:
    """412: the events' sync token is absent or too old; `sync` is the new one."""

    sync: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """401: the token is not accepted."""

    message: str


@dataclass(frozen=True, slots=True)
class Fatal:
    """An answer that no retry and no skip can mend."""

    status: int
    message: str


Verdict: TypeAlias = Page | Retry | Refused | Expired | Truncated | SyncExpired | Unauthorized | Fatal


def decipher(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Verdict:
    """Say what an answer means.

    `headers` is looked up without regard to case by the caller's mapping; `now` is the time
    in epoch seconds, needed only where Retry-After is a date.
    """
    document = _document(body)
    if status in GOOD:
        return _page(document)
    words = _words(document)
    message = discreet(words) or _phrase(status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry("429", retry_after(headers, now), everyone=True)
    if status in THIRD_PARTY:
        return Retry(str(status), give_up=Refused(status, message))
    if status in TELLING and document is None:
        return Retry(f"{status}: malformed JSON")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        slow = status == HTTPStatus.GATEWAY_TIMEOUT
        reason = " ".join(filter(None, (discreet(words), _support_phrase(document)))) or message
        return Retry(f"{status}: {reason}", retry_after(headers, now), slow=slow)
    return _verdict(status, words, message, document)


def _verdict(status: int, words: str, message: str, document: Any) -> Verdict:  # noqa: ANN401 - JSON of any shape
    if status in REFUSALS:
        return Refused(status, message)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(message)
    sync = document.get("sync") if isinstance(document, dict) else None
    if status == HTTPStatus.PRECONDITION_FAILED and isinstance(sync, str):
        return SyncExpired(sync)
    if status == HTTPStatus.BAD_REQUEST:
        lowered = words.lower()
        if any(sign in lowered for sign in EXPIRED):
            return Expired()
        if "truncated" in lowered:
            return Truncated()
    return Fatal(status, message)


def _document(body: bytes) -> Any:  # noqa: ANN401 - JSON of any shape
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _page(document: Any) -> Verdict:  # noqa: ANN401 - JSON of any shape
    """Read the records of a good answer; anything that is no envelope of Asana's is a passing fault."""
    if not isinstance(document, dict):
        return Retry("malformed JSON")
    data = document.get("data")
    if isinstance(data, dict):
        data = [data]
    if not isinstance(data, list) or not all(record.__class__ is dict for record in data):
        return Retry("answer without data")
    following = document.get("next_page")
    offset = following.get("offset") if isinstance(following, dict) else None
    if following is not None and not (isinstance(offset, str) and offset):
        return Retry("next page without a token")
    return Page(data, offset, document.get("sync"), bool(document.get("has_more")))


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
    return min(max(0.0, seconds), LONGEST) if math.isfinite(seconds) else None


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
    return discreet_phrase(_words(document, "phrase"))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"
