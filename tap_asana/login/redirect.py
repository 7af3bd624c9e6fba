"""The address on this machine that the browser is sent back to."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import urlsplit

from typing_extensions import Self, override

from tap_asana.login.grant import NotConnected, parameters

HOST = "127.0.0.1"
PORT = 8914
"""The port of the redirect address where none is given; the app has to be registered with it."""

SLOWEST = 5.0
"""Seconds that a connection may take to say what it wants."""

LOOK = 0.1
"""Seconds between two looks whether the answer has come."""

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>tap-asana-login</title>
<p>{}</p></html>
"""
ARRIVED = "Asana's answer has arrived. You can close this page and go back to the terminal."
FOREIGN = "This address waits for Asana alone."


class Redirect:
    """A server for one answer, at a redirect address of plain http on this machine.

    Raises NotConnected where the address is none, or its port is taken.
    """

    def __init__(self, address: str | None, port: int = PORT) -> None:
        """Listen at an address, or at the root of a port; port 0 takes a free one."""
        if address is not None:
            port = _port(address)
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            msg = f"Port {port} of this machine cannot be listened at ({error.strerror}). Give another with --port."
            raise NotConnected(msg) from error
        self.address = address or f"http://{HOST}:{self._server.server_address[1]}/"
        self._server.path = urlsplit(self.address).path or "/"

    def __enter__(self) -> Self:
        """Return itself, listening."""
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no longer."""
        self._server.server_close()

    def wait(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> dict[str, str]:
        """Return the parameters of the first answer to come; raises NotConnected where none does in time."""
        end = clock() + seconds
        while self._server.answer is None:
            self._server.timeout = min(LOOK, end - clock())
            if self._server.timeout <= 0:
                raise NotConnected(f"No answer came from the browser in {seconds:,g} seconds; nothing was written.")
            self._server.handle_request()
        return self._server.answer


class _Server(ThreadingMixIn, TCPServer):
    """Keeps the answer that came; browsers open connections that they then leave idle, and others must not wait."""

    allow_reuse_address = True
    daemon_threads = True
    path = "/"
    answer: dict[str, str] | None = None

    @override
    def handle_error(self, *_: object) -> None:
        """A browser that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: _Server
    timeout = SLOWEST

    def do_GET(self) -> None:
        """Take what comes to the address; all else, such as the page's icon, is not there."""
        mine = urlsplit(self.path).path == self.server.path
        found = parameters(self.path)
        if mine and found.keys() & {"code", "error"}:
            self._say(HTTPStatus.OK, ARRIVED)
            self.server.answer = found
        else:
            self._say(HTTPStatus.NOT_FOUND, FOREIGN)

    def _say(self, status: HTTPStatus, words: str) -> None:
        body = PAGE.format(words).encode()
        self.send_response_only(status)
        for name, value in (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, *_: object) -> None:
        """What is asked for holds the code."""


def _port(address: str) -> int:
    """Return the port of a redirect address; raises NotConnected where nothing on this machine can be there."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host not in {HOST, "localhost"} or port is None or parts.scheme != "http" or parts.query or parts.fragment:
        msg = "--redirect-uri: allowed is http://127.0.0.1:PORT/..., or any address together with --paste."
        raise NotConnected(msg)
    return port
