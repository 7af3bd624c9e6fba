"""Requests and responses as plain values, and the errors that become responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON_TYPE = "application/json; charset=UTF-8"
HELP = "For more information on API status codes and how to handle them, read the docs on errors."
PREFIX = "/api/1.0"


decode = lru_cache(maxsize=4096)(unquote_plus)
"""Decode a name or value of a query; the same few long opt_fields come again and again."""


def parse_query(text: str) -> dict[str, str]:
    """Return the parameters of a query string; of a repeated one, the last."""
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return {decode(name): decode(value) for name, _, value in pairs}


@dataclass(frozen=True)
class HttpRequest:
    """One request: the path is that of the URL (`/api/1.0/tasks`), the query is decoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value whatever its case; empty when it is missing."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class HttpResponse:
    """One response; `wound` names what befalls it on its way: reset, cut or stall.

    Where there are `chunks`, they are the body, whose length nobody knows beforehand.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    wound: str | None = None
    chunks: Iterator[bytes] | None = None


class ApiError(Exception):
    """An answer other than success, in Asana's error envelope."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None, **extra: object) -> None:
        """The status and message, further headers, and what stands beside `errors` in the body."""
        super().__init__(message)
        self.status, self.message, self.headers, self.extra = status, message, headers or {}, extra

    def response(self) -> HttpResponse:
        """The answer."""
        entry = {"message": self.message, "help": HELP}
        if self.status >= 500:  # noqa: PLR2004 - server errors carry a phrase to quote to support
            entry["phrase"] = "6 quiet otters paddle home"
        return answer({"errors": [entry], **self.extra}, self.status, self.headers)


def answer(payload: object, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """A JSON response."""
    return HttpResponse(status, {"Content-Type": JSON_TYPE, **(headers or {})}, msgspec.json.encode(payload))
