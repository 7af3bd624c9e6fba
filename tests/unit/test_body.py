"""Reading response bodies: time limits, decompression and truncation (law 6)."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import pytest
import requests
from clock import PATIENCE, Clock
from typing_extensions import override
from urllib3 import HTTPResponse

from tap_asana.api.auth import FixedToken
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.request import Request
from tap_asana.api.transport import MIN_BYTES_PER_SECOND, new_session, read_body
from tap_asana.errors import RetriesExhaustedError

TIMEOUT = 60.0


class Drops(io.RawIOBase):
    """A connection whose body arrives in drops, each after a delay."""

    def __init__(self, drops: Iterable[bytes], every: float, clock: Clock) -> None:
        """Start with these drops, one every so many seconds of the clock."""
        super().__init__()
        self._drops, self._every, self._clock = iter(drops), every, clock

    def read1(self, _: int = -1) -> bytes:
        """Return the next drop."""
        self._clock.now += self._every
        return next(self._drops, b"")

    @override
    def readable(self) -> bool:
        return True


def received(drops: Iterable[bytes], every: float, **headers: str) -> bytes:
    """Return the body that arrives in these drops."""
    clock, answer = Clock(), requests.Response()
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    answer.raw = HTTPResponse(body=Drops(drops, every, clock), preload_content=False)
    return read_body(answer, TIMEOUT, clock)


def test_a_dripping_body_times_out() -> None:
    """One byte every 30 seconds never exceeds the socket timeout, but the body as a whole times out."""
    drops = iter(b"x" for _ in range(1000))
    with pytest.raises(requests.ReadTimeout):
        received(drops, 30.0)
    assert len(list(drops)) > 990


def test_a_large_body_may_exceed_the_timeout() -> None:
    """A body of some megabytes over a slow line is read completely, though it takes many times the timeout."""
    drops = [bytes(2 * MIN_BYTES_PER_SECOND)] * 1000
    assert len(received(drops, 1.0)) == 2000 * MIN_BYTES_PER_SECOND


def test_a_late_but_complete_body_is_accepted() -> None:
    """A completely received body is accepted, even after the timeout."""
    assert received([b"{}"], TIMEOUT + 1) == b"{}"


def test_a_compressed_body_is_decompressed() -> None:
    """Bodies in gzip and deflate are decompressed."""
    for packed in (gzip.compress(b"page" * 1000), zlib.compress(b"page" * 1000)):
        assert received([packed[:50], packed[50:]], 0.0, Content_Encoding="gzip") == b"page" * 1000


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"page" * 1000)[:-9], b"no gzip at all"],
    ids=["cut", "no gzip"],
)
def test_a_damaged_compressed_body_raises_a_retryable_error(packed: bytes) -> None:
    """A truncated body or a body of another format raises a retryable error."""
    with pytest.raises(requests.exceptions.ContentDecodingError):
        received([packed], 0.0, Content_Encoding="gzip")


@contextmanager
def dripping(ended: threading.Event) -> Iterator[str]:
    """Serve responses on loopback whose bodies never end, and yield the address."""

    def drip(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            with suppress(OSError):
                while not ended.wait(0.01):
                    connection.sendall(b" ")

    def serve() -> None:
        while not ended.is_set():
            connection, _ = listening.accept()
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            socket.create_connection(listening.getsockname()).close()  # it waits for a connection
            server.join(PATIENCE)


def test_a_dripping_server_exhausts_the_retries() -> None:
    """Over a real socket, a dripping body times out, is retried, and finally ends the run with one line."""
    clock, ended = Clock(), threading.Event()
    outcome: list[BaseException] = []
    with dripping(ended) as address:
        client = AsanaClient(
            Connection(address, timeout=0.05),
            FixedToken("0/fake"),
            RateLimiter(10**6, clock=clock, sleep=clock.sleep),
            session=new_session(1),
            now=clock,
            sleep=clock.sleep,
        )

        def fetch() -> None:
            with pytest.raises(RetriesExhaustedError, match="ReadTimeout") as raised:
                client.fetch(Request("tasks", "/tasks"))
            outcome.append(raised.value)

        thread = threading.Thread(target=fetch, daemon=True)
        thread.start()
        thread.join(PATIENCE)
    assert outcome, "a body that drips holds the run up"
    assert client.metrics["tasks"].requests > 5
