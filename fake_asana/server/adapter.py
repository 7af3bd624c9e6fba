"""The local Asana as an adapter of a requests session, without a socket."""

from __future__ import annotations

import io
import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from typing_extensions import override
from urllib3 import HTTPResponse

from fake_asana.messages import HttpRequest, HttpResponse, parse_query
from fake_asana.server.flow import ChunkStream, truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.server.api import Api

BUILDER = HTTPAdapter()  # only builds responses; it never opens a connection


class FakeAdapter(BaseAdapter):
    """Answers a session's requests from an Api; thread-safe.

    `on_request` is called with each request before its answer and may raise. `latency` is in seconds and passes by
    `sleep`. `max_in_flight` is the highest number of concurrent requests of one token; requests above the Api's limit
    get a 429. A reset, cut or stalled response raises the exception of requests.
    """

    def __init__(
        self,
        api: Api,
        *,
        on_request: Callable[[HttpRequest], object] | None = None,
        latency: float = 0.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Create an adapter for `session.mount("https://app.asana.com", ...)`."""
        super().__init__()
        self.api, self.on_request, self.latency, self.sleep = api, on_request, latency, sleep
        self.in_flight, self.max_in_flight = Counter[str](), 0
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
        """Return the response to a prepared request."""
        return to_requests_response(self.answer(to_http_request(request)), request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request in the Api's form."""
        if self.on_request:
            self.on_request(request)
        token = request.header("Authorization")
        is_over_limit = self.begin_request(token)
        try:
            if self.latency:
                self.sleep(self.latency)
            return self.api.reject(request) if is_over_limit else self.api.respond(request)
        finally:
            self.end_request(token)

    def begin_request(self, token: str) -> bool:
        """Count a request of a token as started; return True if there are too many."""
        with self.lock:
            self.in_flight[token] += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight[token])
            limit = self.api.limits.in_flight
            return limit is not None and self.in_flight[token] + self.api.others_in_flight() > limit

    def end_request(self, token: str) -> None:
        """Count a request of a token as ended."""
        with self.lock:
            self.in_flight[token] -= 1

    @override
    def close(self) -> None:
        """Do nothing: no connection is open."""


def to_http_request(request: requests.PreparedRequest) -> HttpRequest:
    """Return a prepared request in the Api's form."""
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
    """Return the response in the form of requests; raise the exception of a damaged one."""
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
