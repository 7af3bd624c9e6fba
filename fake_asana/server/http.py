"""The local Asana over HTTP: one thread for each connection, with keep-alive."""

from __future__ import annotations

import socket
import struct
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from typing_extensions import override

from fake_asana.messages import API_PREFIX, HttpRequest, parse_query
from fake_asana.server.control import CONTROL_ROOT, control
from fake_asana.server.flow import truncated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.messages import HttpResponse
    from fake_asana.server.api import Api

STALL_SECONDS = 600.0


class FakeServer(ThreadingHTTPServer):
    """A server on the loopback interface; `latency` in seconds passes before each response."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, api: Api, port: int = 0, latency: float = 0.0) -> None:
        """Listen on a port (0: any free one) without serving yet."""
        super().__init__(("127.0.0.1", port), Handler)
        self.api, self.latency = api, latency
        self.in_flight, self.count_lock = Counter[str](), Lock()
        api.files_url = f"http://127.0.0.1:{self.server_address[1]}"
        api.base_url = self.url = f"{api.files_url}{API_PREFIX}"

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the response after its latency; 429 for too many concurrent requests."""
        if request.path.startswith(CONTROL_ROOT):
            return control(self.api, request)
        token = request.header("Authorization")
        with self.count_lock:
            self.in_flight[token] += 1
            is_over_limit = self.api.limits.in_flight is not None and self.in_flight[token] > self.api.limits.in_flight
        try:
            if self.latency:
                time.sleep(self.latency)
            return self.api.reject(request) if is_over_limit else self.api.respond(request)
        finally:
            with self.count_lock:
                self.in_flight[token] -= 1

    @override
    def handle_error(self, *_: object) -> None:
        """Ignore a client that disconnects."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: FakeServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_request(self) -> None:
        """Answer one request."""
        url = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        request = HttpRequest(
            method=self.command,
            path=url.path,
            query=parse_query(url.query),
            headers=dict(self.headers.items()),
            body=self.rfile.read(size) if size else b"",
        )
        response = self.server.answer(request)
        self.send(response)

    do_GET = do_POST = do_PUT = do_DELETE = handle_request  # noqa: N815 - the names that http.server looks for

    def send(self, response: HttpResponse) -> None:
        """Send the response, with its damage."""
        if response.damage == "stall":
            time.sleep(STALL_SECONDS)
        if response.damage in {"reset", "stall"}:
            self.reset_connection()
            return
        if response.chunks is not None:
            self.send_chunks(response, response.chunks)
            return
        body = response.body[: len(response.body) // 2] if response.damage == "cut" else response.body
        self.send_response_only(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if response.damage == "cut":
            self.reset_connection()

    def send_chunks(self, response: HttpResponse, chunks: Iterator[bytes]) -> None:
        """Send a body in HTTP chunks, or as it is if its length is announced."""
        is_sized = "Content-Length" in response.headers
        framing = {} if is_sized else {"Transfer-Encoding": "chunked"}
        self.send_response_only(response.status)
        for name, value in {**response.headers, **framing}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = self.close_connection or is_sized
        try:
            for chunk in truncated(chunks) if response.damage == "cut" else chunks:
                self.wfile.write(chunk if is_sized else b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.write(b"" if is_sized else b"0\r\n\r\n")
            self.wfile.flush()
        except ConnectionResetError:
            self.wfile.flush()
            self.reset_connection()

    def reset_connection(self) -> None:
        """Close the connection with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    @override
    def finish(self) -> None:
        """Close the connection unless it is closed already."""
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    @override
    def log_message(self, *_: object) -> None:
        """Log nothing: the Api has a log."""
