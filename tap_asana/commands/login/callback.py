"""The address on this machine that the browser is sent back to."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TypeAlias
from urllib.parse import urlsplit

from typing_extensions import Self, override

from tap_asana.commands.login.grant import LoginError, parameters

HOST = "localhost"
"""What the redirect address calls this machine: apps are registered with it, and browsers find it by IPv4 or IPv6."""

Loopbacks: TypeAlias = tuple[tuple[socket.AddressFamily, str], ...]

LOOPBACKS: Loopbacks = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
"""The addresses that HOST can stand for; a machine may lack one of the families."""

MISSING = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})
"""What the system says of a family that the machine does not have."""

TRIES = 20
"""Free ports that are tried, until one is free in both families."""

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


class CallbackServer:
    """A server for one answer, at a redirect address of plain http on this machine.

    Raises NotConnected where the address is none, or its port is taken.
    """

    def __init__(self, address: str | None, port: int = PORT, loopbacks: Loopbacks = LOOPBACKS) -> None:
        """Listen at an address, or at the root of a port; port 0 takes a free one."""
        if address is not None:
            port = _port(address)
        self._answers: list[dict[str, str]] = []
        try:
            self._servers = _listening(port, loopbacks)
        except OSError as error:
            msg = f"Port {port} of this machine cannot be listened at ({error.strerror}). Give another with --port."
            raise LoginError(msg) from error
        self.address = address or f"http://{HOST}:{self._servers[0].port}/"
        for server in self._servers:
            server.path, server.answers = urlsplit(self.address).path or "/", self._answers

    def __enter__(self) -> Self:
        """Return itself, listening."""
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no longer."""
        for server in self._servers:
            server.server_close()

    def wait(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> dict[str, str]:
        """Return the parameters of the first answer to come; raises NotConnected where none does in time."""
        end = clock() + seconds
        with selectors.DefaultSelector() as connections:
            for server in self._servers:
                connections.register(server, selectors.EVENT_READ, server)
            while not self._answers:
                rest = min(LOOK, end - clock())
                if rest <= 0:
                    raise LoginError(f"No answer came from the browser in {seconds:,g} seconds; nothing was written.")
                for key, _ in connections.select(rest):
                    key.data.handle_request()
        return self._answers[0]


class _Server(ThreadingMixIn, TCPServer):
    """Keeps the answers that came; browsers open connections that they then leave idle, and others must not wait."""

    allow_reuse_address = True
    daemon_threads = True
    path = "/"
    answers: list[dict[str, str]]

    def __init__(self, family: socket.AddressFamily, address: tuple[str, int]) -> None:
        """Listen at an address of a family."""
        self.address_family = family
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        """Return the port that it listens at."""
        found: int = self.socket.getsockname()[1]
        return found

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
            self.server.answers.append(found)
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


def _listening(port: int, loopbacks: Loopbacks) -> list[_Server]:
    """Return a server for each loopback family that this machine has, all at one port; raises OSError."""
    tries = 1 if port else TRIES
    while True:
        tries -= 1
        servers: list[_Server] = []
        try:
            _listen(servers, port, loopbacks)
        except OSError as error:
            for server in servers:
                server.server_close()
            # A port that is free in one family may be taken in the other.
            if not tries or error.errno != errno.EADDRINUSE:
                raise
        else:
            return servers


def _listen(servers: list[_Server], port: int, loopbacks: Loopbacks) -> None:
    """Add a server for each family to a list; raises OSError where one is taken, or none is there."""
    missing: list[OSError] = []
    for family, host in loopbacks:
        server = _server(family, (host, port), missing)
        if server is not None:
            servers.append(server)
            port = server.port
    if not servers:
        raise missing[0]


def _server(family: socket.AddressFamily, address: tuple[str, int], missing: list[OSError]) -> _Server | None:
    """Return a server at an address; none, and the error kept, where the machine lacks the family."""
    try:
        return _Server(family, address)
    except OSError as error:
        if error.errno not in MISSING:
            raise
        missing.append(error)
        return None


def _port(address: str) -> int:
    """Return the port of a redirect address; raises NotConnected where nothing on this machine can be there."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if (
        host not in {HOST, *(loopback for _, loopback in LOOPBACKS)}
        or port is None
        or parts.scheme != "http"
        or parts.query
        or parts.fragment
    ):
        msg = "--redirect-uri: allowed is http://localhost:PORT/..., or any address together with --paste."
        raise LoginError(msg)
    return port
