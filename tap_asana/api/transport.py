"""HTTP as bytes: the session, the bodies of responses, and the download of an export.

Everything travels over https or stays on this machine, and no .netrc or redirect adds or receives credentials (law 9).
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from typing_extensions import override

from tap_asana.api.redaction import install_log_filters
from tap_asana.config import is_loopback
from tap_asana.errors import AsanaError, CorruptDownloadError, FatalResponseError

MIN_BYTES_PER_SECOND = 4096
"""Average speed that a body must reach once its timeout has passed."""

CHUNK_BYTES = 64 * 1024

ANY_ZLIB_FORMAT = 47
"""`wbits` with which zlib accepts gzip and deflate, with any window size."""


class Destination(Protocol):
    """What a download is written to."""

    def write(self, chunk: bytes, /) -> object:
        """Write the next bytes."""


class BearerAuth(AuthBase):
    """Sends the access token; as an auth object, it keeps the requests library from using a .netrc instead."""

    def __init__(self, token: str) -> None:
        """Keep the token."""
        self._token = token

    @override
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send a request as it is; as its `auth`, this keeps the requests library from using a .netrc."""
    return request


class _Session(requests.Session):
    """A session that sends no request for this machine to a proxy: the token may be in the clear there (law 9)."""

    @override
    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        return {**settings, "proxies": {}} if is_loopback(urlsplit(url).hostname or "") else settings


def new_session(connections: int) -> requests.Session:
    """Return a session that keeps up to `connections` connections to each host, and logs no query strings."""
    install_log_filters()
    session = _Session()
    session.headers["Accept-Encoding"] = "gzip"
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def read_body(
    response: requests.Response, timeout_seconds: float, clock: Callable[[], float] = time.monotonic
) -> bytes:
    """Return the whole body, decompressed.

    Raises requests.RequestException if the body is slow, incomplete or corrupt.
    """
    try:
        body = b"".join(iter_chunks(response, timeout_seconds, clock))
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    return _decompress(body) if response.headers.get("Content-Encoding", "identity") != "identity" else body


def iter_chunks(
    response: requests.Response, timeout_seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Yield the body in chunks as they arrive, still compressed. Raises requests.ReadTimeout if it is too slow.

    The socket's timeout restarts with each byte, so a server that sends a byte now and then would block a thread
    forever. A body may therefore take `timeout_seconds`, and one second more for every 4 KiB received, so that a large
    page over a slow line still arrives.
    """
    start, received_bytes, is_late = clock(), 0, False
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
        if is_late:
            response.raw.close()
            raise requests.ReadTimeout(f"the body arrives at less than {MIN_BYTES_PER_SECOND} bytes a second")
        received_bytes += len(chunk)
        yield chunk
        is_late = clock() - start > timeout_seconds + received_bytes / MIN_BYTES_PER_SECOND


def _decompress(body: bytes) -> bytes:
    """Decompress gzip or deflate; raises requests.exceptions.ContentDecodingError if it is corrupt or incomplete."""
    decompressor = zlib.decompressobj(ANY_ZLIB_FORMAT)
    try:
        plain = decompressor.decompress(body)
    except zlib.error as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    if not decompressor.eof:
        raise requests.exceptions.ContentDecodingError("the compressed body is incomplete")
    return plain


def download(
    session: requests.Session, url: str, file: Destination, timeout_seconds: float, max_bytes: int = sys.maxsize
) -> None:
    """Write the content of a URL to a file, byte for byte and without the token: exports lie on another host.

    Raises CorruptDownloadError if the content is incomplete or too slow, FatalResponseError if it would travel
    unencrypted, and AsanaError if it exceeds `max_bytes` or the disk is full.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise FatalResponseError(f"The download URL of the export is not https: {parts.scheme}://{parts.hostname}")
    written_bytes = 0
    try:
        response = session.get(url, stream=True, timeout=timeout_seconds, allow_redirects=False, auth=no_auth)
        with response:
            if response.status_code != requests.codes.ok:
                raise CorruptDownloadError(f"the export download was rejected ({response.status_code})")
            for chunk in iter_chunks(response, timeout_seconds):
                written_bytes += len(chunk)
                if written_bytes > max_bytes:
                    raise AsanaError(f"The export of more than {max_bytes} bytes does not fit on the disk")
                file.write(chunk)
            length = response.headers.get("Content-Length", "")
            if length.isdecimal() and written_bytes != int(length):
                raise CorruptDownloadError(f"the export download was interrupted ({written_bytes} of {length} bytes)")
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise CorruptDownloadError(f"the export download was interrupted ({type(error).__name__})") from error
    except OSError as error:
        raise AsanaError(f"Cannot write the export to disk: {error.strerror}") from error
