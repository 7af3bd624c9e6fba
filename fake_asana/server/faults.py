"""Faults and refusals on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from fake_asana.messages import ApiError, HttpRequest, HttpResponse, json_response
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.flow import closed, corrupted, corrupted_chunks
from fake_asana.server.limits import RATE_LIMITED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.clock import Clock

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
JSON_HEADERS = {"Content-Type": "application/json; charset=UTF-8"}


@dataclass(frozen=True)
class Fault:
    """One fault: its kind (a key of FAULT_KINDS), and the Retry-After of a 429."""

    kind: str
    retry_after: int = 1


Plan = Callable[[HttpRequest], "Fault | None"]


@dataclass
class Faults:
    """The faults of requests: a random share, or those chosen by `plan`.

    `rate` is a share from 0 to 1, `kinds` the possible faults. The same seed and the same order of requests give the
    same faults.
    """

    rate: float = 0.0
    kinds: tuple[str, ...] = ()
    seed: int = 1
    plan: Plan | None = None
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seed the generator; ValueError for an unknown kind."""
        self.rng = SeededRandom(self.seed)
        self.kinds = self.kinds or tuple(FAULT_KINDS)
        if unknown := set(self.kinds) - set(FAULT_KINDS):
            msg = f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULT_KINDS)}"
            raise ValueError(msg)

    def next(self, request: HttpRequest) -> Fault | None:
        """Return the fault of this request, None if it has none."""
        if self.plan is not None:
            fault = self.plan(request)
        elif self.rng.fraction() < self.rate:
            fault = Fault(self.rng.pick(self.kinds))
        else:
            fault = None
        if fault:
            self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
        return fault

    def apply(self, fault: Fault, good: Callable[[], HttpResponse], clock: Clock) -> HttpResponse:
        """Return the response after the fault; the request is handled only if the fault changes its response."""
        return FAULT_KINDS[fault.kind](fault, good, clock)


FaultEffect = Callable[[Fault, Callable[[], HttpResponse], "Clock"], HttpResponse]


def server_error(code: int, message: str) -> FaultEffect:
    """Return a function for a server error in Asana's envelope."""
    return lambda _, __, ___: ApiError(code, message).response()


def raw_response(code: int, body: bytes, kind: str = "text/html") -> FaultEffect:
    """Return a function for a response with an unexpected body."""
    return lambda _, __, ___: HttpResponse(code, {"Content-Type": kind}, body)


def damaged(kind: str) -> FaultEffect:
    """Return a function for a good response damaged in transit."""
    return lambda _, good, __: replace(good(), damage=kind)


def cut_json(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return truncated JSON with a matching length."""
    response = good()
    return HttpResponse(response.status, JSON_HEADERS, response.body[: len(response.body) // 2])


def corrupt(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return a body of the same length with wrong bytes."""
    response = good()
    chunks = corrupted_chunks(response.chunks) if response.chunks else None
    return replace(response, body=corrupted(response.body), chunks=chunks)


def partial(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return a good answer with half of its rows, next to an error."""
    response = good()
    try:
        document = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response
    if response.status != HTTPStatus.OK or not isinstance(document, dict):
        return response
    data = document.get("data")
    rows = data[: len(data) // 2] if isinstance(data, list) else data
    return json_response({**document, "data": rows, "errors": [{"message": "Server Error"}]})


def wrong_type(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return a good body with the content type of HTML."""
    return replace(good(), headers={"Content-Type": "text/html"})


def busy(fault: Fault, _: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return a 429 with seconds to wait."""
    return ApiError(429, RATE_LIMITED, {"Retry-After": str(fault.retry_after)}).response()


def busy_until(fault: Fault, _: Callable[[], HttpResponse], clock: Clock) -> HttpResponse:
    """Return a 429 with a date to wait for."""
    retry_at = datetime.fromtimestamp(clock() + fault.retry_after, tz=timezone.utc)
    return ApiError(429, RATE_LIMITED, {"Retry-After": format_datetime(retry_at, usegmt=True)}).response()


def cut_chunks(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return a response in chunks, without a length, whose connection breaks before the last chunk."""
    response = good()
    chunks = response.chunks or iter(_halves(response.body))
    return replace(response, headers=_without_length(response), damage="cut", chunks=chunks)


def close_early(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """Return the first part of a body without a length, as a connection that closes ends it."""
    response = good()
    chunks = response.chunks or iter(_halves(response.body))
    return replace(response, headers=_without_length(response), chunks=closed(chunks))


def _halves(body: bytes) -> tuple[bytes, bytes]:
    middle = len(body) // 2
    return body[:middle], body[middle:]


def _without_length(response: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "Content-Length"}


def empty_response(code: int, headers: Mapping[str, str]) -> FaultEffect:
    """Return a function for a response without a body."""
    return lambda _, __, ___: HttpResponse(code, dict(headers), b"")


FAULT_KINDS: Mapping[str, FaultEffect] = {
    "500": server_error(500, "Server Error"),
    "502": raw_response(502, HTML),
    "503": server_error(503, "Service Unavailable"),
    "504": raw_response(504, b"", "text/html"),
    "reset": damaged("reset"),
    "cut": damaged("cut"),
    "cut_chunks": cut_chunks,
    "closed": close_early,
    "stall": damaged("stall"),
    "bad_json": cut_json,
    "corrupt": corrupt,
    "empty": raw_response(200, b"", "application/json"),
    "html": raw_response(200, HTML),
    "wrong_type": wrong_type,
    "200_errors": raw_response(200, b'{"errors": [{"message": "Server Error"}]}', JSON_HEADERS["Content-Type"]),
    "200_partial": partial,
    "null": raw_response(200, b'{"data": null}', JSON_HEADERS["Content-Type"]),
    "204": empty_response(204, {}),
    "302": empty_response(302, {"Location": "https://login.example.com/"}),
    "304": empty_response(304, {}),
    "307": empty_response(307, {"Location": "https://login.example.com/"}),
    "401_html": raw_response(401, HTML),
    "402_html": raw_response(402, HTML),
    "403_html": raw_response(403, HTML),
    "404_html": raw_response(404, HTML),
    "407": raw_response(407, b""),
    "409": server_error(409, "Conflict"),
    "429": busy,
    "429_date": busy_until,
    "429_bare": server_error(429, RATE_LIMITED),
}

REFUSAL_MESSAGE = "The request could not be answered."


@dataclass
class Refusal:
    """A fixed response to the requests of a route, or to those with one gid: always, or a number of `times`.

    Without `in_envelope`, the response is the HTML page of a proxy.
    """

    template: str
    status: int
    gid: str = ""
    times: int | None = None
    message: str = REFUSAL_MESSAGE
    in_envelope: bool = True

    def matches(self, template: str, params: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Return True if a request is refused, and count it."""
        if template != self.template or (self.gid and self.gid not in {*params.values(), *query.values()}):
            return False
        if self.times is not None:
            self.times -= 1
        return self.times is None or self.times >= 0

    def response(self) -> HttpResponse:
        """Return the response."""
        if self.in_envelope:
            return ApiError(self.status, self.message).response()
        return HttpResponse(self.status, {"Content-Type": "text/html"}, HTML)
