"""Faults on request: what a network and a tired server do to answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.flow import corrupted, corrupted_chunks
from fake_asana.server.limits import BUSY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.clock import Clock

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
SENT = {"Content-Type": "application/json; charset=UTF-8"}


@dataclass(frozen=True)
class Fault:
    """One thing going wrong: its kind (a key of KINDS), and the Retry-After of a 429."""

    kind: str
    retry_after: int = 1


Plan = Callable[[HttpRequest], "Fault | None"]


@dataclass
class Faults:
    """Which requests go wrong: a share of them by chance, or those that `plan` picks.

    `rate` is a share from 0 to 1, `kinds` what may happen. The same seed and the same order of
    requests bring the same faults.
    """

    rate: float = 0.0
    kinds: tuple[str, ...] = ()
    seed: int = 1
    plan: Plan | None = None
    met: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the dice; ValueError for a kind that does not exist."""
        self.dice = SeededRandom(self.seed)
        self.kinds = self.kinds or tuple(KINDS)
        if unknown := set(self.kinds) - set(KINDS):
            msg = f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}"
            raise ValueError(msg)

    def next(self, request: HttpRequest) -> Fault | None:
        """The fault that this request meets."""
        if self.plan is not None:
            fault = self.plan(request)
        elif self.dice.fraction() < self.rate:
            fault = Fault(self.dice.pick(self.kinds))
        else:
            fault = None
        if fault:
            self.met[fault.kind] = self.met.get(fault.kind, 0) + 1
        return fault

    def spoil(self, fault: Fault, good: Callable[[], HttpResponse], clock: Clock) -> HttpResponse:
        """The answer after the fault; the server did its work only where the answer shows it."""
        return KINDS[fault.kind](fault, good, clock)


Spoiler = Callable[[Fault, Callable[[], HttpResponse], "Clock"], HttpResponse]


def status(code: int, message: str) -> Spoiler:
    """A server error in Asana's envelope."""
    return lambda _, __, ___: ApiError(code, message).response()


def raw(code: int, body: bytes, kind: str = "text/html") -> Spoiler:
    """A body that is not what it should be."""
    return lambda _, __, ___: HttpResponse(code, {"Content-Type": kind}, body)


def wound(kind: str) -> Spoiler:
    """A good answer that does not arrive whole."""
    return lambda _, good, __: replace(good(), wound=kind)


def cut_json(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """A body whose JSON breaks off, though its length is announced as such."""
    whole = good()
    return HttpResponse(whole.status, SENT, whole.body[: len(whole.body) // 2])


def corrupt(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """A body of the right length with wrong bytes in it."""
    whole = good()
    chunks = corrupted_chunks(whole.chunks) if whole.chunks else None
    return replace(whole, body=corrupted(whole.body), chunks=chunks)


def wrong_type(_: Fault, good: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """A good body announced as HTML."""
    return replace(good(), headers={"Content-Type": "text/html"})


def busy(fault: Fault, _: Callable[[], HttpResponse], __: Clock) -> HttpResponse:
    """429 with seconds to wait."""
    return ApiError(429, BUSY, {"Retry-After": str(fault.retry_after)}).response()


def busy_until(fault: Fault, _: Callable[[], HttpResponse], clock: Clock) -> HttpResponse:
    """429 with the date to come back at."""
    at = datetime.fromtimestamp(clock() + fault.retry_after, tz=timezone.utc)
    return ApiError(429, BUSY, {"Retry-After": format_datetime(at, usegmt=True)}).response()


def nothing(code: int, headers: Mapping[str, str]) -> Spoiler:
    """An answer without a body."""
    return lambda _, __, ___: HttpResponse(code, dict(headers), b"")


KINDS: Mapping[str, Spoiler] = {
    "500": status(500, "Server Error"),
    "502": raw(502, HTML),
    "503": status(503, "Service Unavailable"),
    "504": raw(504, b"", "text/html"),
    "reset": wound("reset"),
    "cut": wound("cut"),
    "stall": wound("stall"),
    "bad_json": cut_json,
    "corrupt": corrupt,
    "empty": raw(200, b"", "application/json"),
    "html": raw(200, HTML),
    "wrong_type": wrong_type,
    "null": raw(200, b'{"data": null}', SENT["Content-Type"]),
    "204": nothing(204, {}),
    "302": nothing(302, {"Location": "https://login.example.com/"}),
    "304": nothing(304, {}),
    "307": nothing(307, {"Location": "https://login.example.com/"}),
    "401_html": raw(401, HTML),
    "402_html": raw(402, HTML),
    "403_html": raw(403, HTML),
    "404_html": raw(404, HTML),
    "407": raw(407, b""),
    "409": status(409, "Conflict"),
    "429": busy,
    "429_date": busy_until,
    "429_bare": status(429, BUSY),
}

WORDS = "The request could not be answered."


@dataclass
class Refusal:
    """What is answered to a template's requests, or to those of them that name one gid: lastingly, or so many `times`.

    A refusal that is not Asana's `own` is a page of whatever stands before it.
    """

    template: str
    status: int
    gid: str = ""
    times: int | None = None
    message: str = WORDS
    own: bool = True

    def meets(self, template: str, params: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request is refused; each that is counts."""
        if template != self.template or (self.gid and self.gid not in {*params.values(), *query.values()}):
            return False
        if self.times is not None:
            self.times -= 1
        return self.times is None or self.times >= 0

    def response(self) -> HttpResponse:
        """The answer."""
        if self.own:
            return ApiError(self.status, self.message).response()
        return HttpResponse(self.status, {"Content-Type": "text/html"}, HTML)
