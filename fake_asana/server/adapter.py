"""The local Asana behind a requests session: no socket, and what each request was."""

from __future__ import annotations

import io
import time
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from typing_extensions import override
from urllib3 import HTTPResponse

from fake_asana.messages import HttpRequest, parse_query
from fake_asana.server.flow import ChunkStream, truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.messages import HttpResponse
    from fake_asana.server.api import Api

BUILDER = HTTPAdapter()  # only builds responses; it never opens a connection


class FakeAdapter(BaseAdapter):
    """Answers a session's requests from an Api; safe to use from many threads.

    `on_request` sees each request before it is answered and may raise. `latency` is in seconds and
    passes by `sleep`. `most_in_flight` is the largest number of requests under way at once; more
    than the Api's limit of them are answered with 429. A reset, cut or stalled answer raises what
    requests raises.
    """

    def __init__(
        self,
        api: Api,
        *,
        on_request: Callable[[HttpRequest], object] | None = None,
        latency: float = 0.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """An adapter for `session.mount("https://app.asana.com", ...)`."""
        super().__init__()
        self.api, self.on_request, self.latency, self.sleep = api, on_request, latency, sleep
        self.in_flight = self.max_in_flight = 0
        self.lock = Lock()

    @override
    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer to a prepared request."""
        fake_request = to_http_request(request)
        if self.on_request:
            self.on_request(fake_request)
        is_over_limit = self.begin_request()
        try:
            if self.latency:
                self.sleep(self.latency)
            response = self.api.reject(fake_request) if is_over_limit else self.api.respond(fake_request)
        finally:
            self.end_request()
        return to_requests_response(response, request)

    def begin_request(self) -> bool:
        """Count a request in; True when there are too many."""
        with self.lock:
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
            limit = self.api.limits.in_flight
            return limit is not None and self.in_flight > limit

    def end_request(self) -> None:
        """Count a request out."""
        with self.lock:
            self.in_flight -= 1

    @override
    def close(self) -> None:
        """Nothing is held open."""


def to_http_request(request: requests.PreparedRequest) -> HttpRequest:
    """A prepared request as the Api takes it."""
    url = urlsplit(request.url or "")
    body = request.body or b""
    return HttpRequest(
        method=request.method or "GET",
        path=url.path,
        query=parse_query(url.query),
        headers=dict(request.headers),
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def to_requests_response(response: HttpResponse, request: requests.PreparedRequest) -> requests.Response:
    """The answer as requests hands it out, or the exception of a broken one."""
    if response.damage == "reset":
        raise requests.ConnectionError("Connection reset by peer", request=request)
    if response.damage == "stall":
        raise requests.ReadTimeout("Read timed out.", request=request)
    is_cut = response.damage == "cut"
    headers, body = dict(response.headers), io.BytesIO(response.body[: len(response.body) // 2 if is_cut else None])
    if response.chunks is None:
        headers["Content-Length"] = str(len(response.body))
    raw = HTTPResponse(
        body=body
        if response.chunks is None
        else ChunkStream(truncated(response.chunks) if is_cut else response.chunks),
        headers=headers,
        status=response.status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    return BUILDER.build_response(request, raw)
