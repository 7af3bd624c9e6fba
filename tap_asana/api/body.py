"""The body of an answer as it arrives: how long it may take, and what it is when it is whole."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator

import requests
import urllib3

MIN_BYTES_PER_SECOND = 4096
"""Bytes a second that a body has to bring on the average, once its timeout is over."""

CHUNK_BYTES = 64 * 1024

MAX_PAGE_BYTES = 256 * 1024 * 1024
"""Bytes that one page may have, or unfold to: what is more is no page of a hundred records."""

GZIP = 47
"""What makes zlib read gzip and deflate alike, with the largest window."""


def iter_chunks(
    answer: requests.Response, timeout: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Yield a body as it comes over the wire, compressed as it is.

    The timeout of the socket begins anew with each byte, so a body that drips would never end. Here it may take
    `timeout` seconds and one more for each 4 kB that came: a large page gets its time. Raises requests.ReadTimeout.
    """
    begun, arrived, late = clock(), 0, False
    while piece := answer.raw.read1(CHUNK_BYTES, decode_content=False):
        if late:
            answer.raw.close()
            raise requests.ReadTimeout(f"the body comes slower than {MIN_BYTES_PER_SECOND} bytes a second")
        arrived += len(piece)
        yield piece
        late = clock() - begun > timeout + arrived / MIN_BYTES_PER_SECOND


def read_body(answer: requests.Response, timeout: float, clock: Callable[[], float] = time.monotonic) -> bytes:
    """Return a body when all of it is there; raises requests.RequestException where it is late, cut, broken or huge."""
    try:
        body = b"".join(_bounded(answer, timeout, clock))
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    return decompress(body) if answer.headers.get("Content-Encoding", "identity") != "identity" else body


def _bounded(answer: requests.Response, timeout: float, clock: Callable[[], float]) -> Iterator[bytes]:
    """Yield a body as long as it can be a page."""
    arrived = 0
    for piece in iter_chunks(answer, timeout, clock):
        arrived += len(piece)
        if arrived > MAX_PAGE_BYTES:
            answer.raw.close()
            raise requests.exceptions.ContentDecodingError("the body is larger than a page can be")
        yield piece


def decompress(body: bytes) -> bytes:
    """Return what was compressed; raises requests.exceptions.ContentDecodingError where it is damaged or a bomb."""
    unfolding = zlib.decompressobj(GZIP)
    try:
        plain = unfolding.decompress(body, MAX_PAGE_BYTES)
    except zlib.error as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    if not unfolding.eof:
        raise requests.exceptions.ContentDecodingError("the compressed body is cut, or unfolds to too much")
    return plain
