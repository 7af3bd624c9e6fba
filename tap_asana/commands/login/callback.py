"""The local HTTP server that receives the browser's redirect at the end of the OAuth flow."""

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

from tap_asana.commands.login.grant import LoginError, query_parameters

HOST = "localhost"
"""Host of the redirect URI: apps are registered with it, and browsers resolve it to IPv4 or IPv6."""

Loopbacks: TypeAlias = tuple[tuple[socket.AddressFamily, str], ...]

LOOPBACKS: Loopbacks = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
"""The addresses of HOST; a machine may support only one of the families."""

UNSUPPORTED_FAMILY = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})
"""Errors for an address family that the machine does not support."""

MAX_PORT_ATTEMPTS = 20
"""Free ports to try until one is free in both families."""

DEFAULT_PORT = 8914
"""Port of the redirect URI that users register by default."""

CONNECTION_TIMEOUT_SECONDS = 5.0
"""Time that a connection may take to send its request."""

POLL_SECONDS = 0.1
"""Interval between checks for the response."""

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>tap-asana-login</title>
<p>{}</p></html>
"""
RECEIVED = "Asana's response has arrived. You can close this page and return to the terminal."
NOT_FOUND = "This address only accepts the response from Asana."


class CallbackServer:
    """Serves a redirect URI on this machine over plain http, and receives one response.

    Raises LoginError if the URI is not on this machine, or if its port is taken.
    """

    def __init__(self, url: str | None, port: int = DEFAULT_PORT, loopbacks: Loopbacks = LOOPBACKS) -> None:
        """Listen at a URL, or at the root of a port; port 0 picks a free one."""
        if url is not None:
            port = _local_port(url)
        self._responses: list[dict[str, str]] = []
        try:
            self._servers = _bind(port, loopbacks)
        except OSError as error:
            raise LoginError(f"Cannot listen on port {port} ({error.strerror}). Choose another with --port.") from error
        self.url = url or f"http://{HOST}:{self._servers[0].port}/"
        for server in self._servers:
            server.path, server.responses = urlsplit(self.url).path or "/", self._responses

    def __enter__(self) -> Self:
        """Return the server, which already listens."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        for server in self._servers:
            server.server_close()

    def wait(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> dict[str, str]:
        """Return the query parameters of the first response; raises LoginError if none arrives in time."""
        end = clock() + seconds
        with selectors.DefaultSelector() as connections:
            for server in self._servers:
                connections.register(server, selectors.EVENT_READ, server)
            while not self._responses:
                remaining = min(POLL_SECONDS, end - clock())
                if remaining <= 0:
                    raise LoginError(f"No response from the browser within {seconds:,g} seconds; nothing was written.")
                for key, _ in connections.select(remaining):
                    key.data.handle_request()
        return self._responses[0]


class _Server(ThreadingMixIn, TCPServer):
    """Stores responses; threaded, because browsers open idle connections that would block the real one."""

    allow_reuse_address = True
    daemon_threads = True
    path = "/"
    responses: list[dict[str, str]]

    def __init__(self, family: socket.AddressFamily, address: tuple[str, int]) -> None:
        """Listen at an address of a family."""
        self.address_family = family
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        """Return the port that the server listens on."""
        port: int = self.socket.getsockname()[1]
        return port

    @override
    def handle_error(self, *_: object) -> None:
        """Ignore a browser that drops its connection."""


class _Handler(BaseHTTPRequestHandler):
    """Handles one request of a browser."""

    server: _Server
    timeout = CONNECTION_TIMEOUT_SECONDS

    def do_GET(self) -> None:
        """Accept a response at the redirect URI; answer 404 to anything else, such as a request for an icon."""
        is_redirect = urlsplit(self.path).path == self.server.path
        response = query_parameters(self.path)
        if is_redirect and response.keys() & {"code", "error"}:
            self._send_page(HTTPStatus.OK, RECEIVED)
            self.server.responses.append(response)
        else:
            self._send_page(HTTPStatus.NOT_FOUND, NOT_FOUND)

    def _send_page(self, status: HTTPStatus, message: str) -> None:
        body = PAGE.format(message).encode()
        self.send_response_only(status)
        for name, value in (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, *_: object) -> None:
        """Log nothing: the requested URL contains the code."""


def _bind(port: int, loopbacks: Loopbacks) -> list[_Server]:
    """Return a server for each loopback family of this machine, all on one port; raises OSError."""
    attempts = 1 if port else MAX_PORT_ATTEMPTS
    while True:
        attempts -= 1
        servers: list[_Server] = []
        try:
            _bind_families(servers, port, loopbacks)
        except OSError as error:
            for server in servers:
                server.server_close()
            # A port can be free in one family and taken in the other.
            if not attempts or error.errno != errno.EADDRINUSE:
                raise
        else:
            return servers


def _bind_families(servers: list[_Server], port: int, loopbacks: Loopbacks) -> None:
    """Append a server for each supported family; raises OSError if a port is taken or no family is supported."""
    errors: list[OSError] = []
    for family, host in loopbacks:
        server = _server(family, (host, port), errors)
        if server is not None:
            servers.append(server)
            port = server.port
    if not servers:
        raise errors[0]


def _server(family: socket.AddressFamily, address: tuple[str, int], errors: list[OSError]) -> _Server | None:
    """Return a server at an address; None, with the error appended to `errors`, if the family is not supported."""
    try:
        return _Server(family, address)
    except OSError as error:
        if error.errno not in UNSUPPORTED_FAMILY:
            raise
        errors.append(error)
        return None


def _local_port(url: str) -> int:
    """Return the port of a redirect URI; raises LoginError if this machine cannot serve the URI."""
    try:
        parts = urlsplit(url)
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
        raise LoginError("--redirect-uri: expected http://localhost:PORT/..., or any address together with --paste.")
    return port
