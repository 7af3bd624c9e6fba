"""Truncated bodies, broken connections and library logs over a real connection."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from client_fixture import REQUEST, TOKEN
from clock import Clock
from serving import serving
from typing_extensions import override

from tap_asana.api.auth import FixedToken
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.transport import new_session

BODY = b'{"data": [{"gid": "1"}], "next_page": null}'


class Cutting(BaseHTTPRequestHandler):
    """Truncates the first body, breaks the second connection, and then responds normally."""

    answered: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer a request."""
        self.answered.append(self.path)
        self.close_connection = True
        if len(self.answered) != 2:
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY[: 10 if len(self.answered) == 1 else None])

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the test reads the log."""


@pytest.fixture
def address() -> Iterator[str]:
    """Serve on loopback, and return the address."""
    Cutting.answered.clear()
    with serving(HTTPServer(("127.0.0.1", 0), Cutting)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_truncated_bodies_and_broken_connections_are_retried(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """A truncated body and a connection without a response are retried, and no log line holds the token."""
    clock = Clock()
    with caplog.at_level(logging.DEBUG), new_session(1) as session:
        client = AsanaClient(
            Connection(address), FixedToken(TOKEN), RateLimiter(1500), session=session, now=clock, sleep=clock.sleep
        )
        assert client.fetch(REQUEST).records == [{"gid": "1"}]
    assert len(Cutting.answered) == 3
    assert "GET /tasks" in caplog.text
    assert TOKEN not in caplog.text
