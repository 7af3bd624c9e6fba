"""HTTP requests and responses as plain values, and errors as responses."""

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
API_PREFIX = "/api/1.0"


unquote = lru_cache(maxsize=4096)(unquote_plus)
"""Decode a name or value of a query, cached because the same long opt_fields are sent often."""


def parse_query(text: str) -> dict[str, str]:
    """Return the parameters of a query string; of a repeated one, the last."""
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return {unquote(name): unquote(value) for name, _, value in pairs}


@dataclass(frozen=True)
class HttpRequest:
    """One request: `path` as in the URL (`/api/1.0/tasks`), `query` decoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value regardless of case; empty if it is missing."""
        if name in self.headers:
            return self.headers[name]
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class HttpResponse:
    """One response; `damage` is its fault in transit: reset, cut or stall.

    `chunks` replace the body if its length is unknown in advance.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    damage: str | None = None
    chunks: Iterator[bytes] | None = None


class ApiError(Exception):
    """A response other than success, in Asana's error envelope."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None, **extra: object) -> None:
        """Set the status, the message, further headers, and the fields next to `errors` in the body."""
        super().__init__(message)
        self.status, self.message, self.headers, self.extra = status, message, headers or {}, extra

    def response(self) -> HttpResponse:
        """Return the response."""
        entry = {"message": self.message, "help": HELP}
        if self.status >= 500:  # noqa: PLR2004 - server errors carry a phrase to quote to support
            entry["phrase"] = "6 quiet otters paddle home"
        return json_response({"errors": [entry], **self.extra}, self.status, self.headers)


def json_response(payload: object, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return a JSON response."""
    return HttpResponse(status, {"Content-Type": JSON_TYPE, **(headers or {})}, msgspec.json.encode(payload))
