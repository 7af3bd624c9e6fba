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
from fake_asana.server.flow import Flow, truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.messages import HttpResponse
    from fake_asana.server.api import Api

BUILDER = HTTPAdapter()  # opens no connection until it sends something, which it never does


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
        self.in_flight = self.most_in_flight = 0
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
        asked = understood(request)
        if self.on_request:
            self.on_request(asked)
        crowded = self.enter()
        try:
            if self.latency:
                self.sleep(self.latency)
            response = self.api.crowd(asked) if crowded else self.api.respond(asked)
        finally:
            self.leave()
        return delivered(response, request)

    def enter(self) -> bool:
        """Count a request in; True when there are too many."""
        with self.lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            most = self.api.limits.in_flight
            return most is not None and self.in_flight > most

    def leave(self) -> None:
        """Count a request out."""
        with self.lock:
            self.in_flight -= 1

    @override
    def close(self) -> None:
        """Nothing is held open."""


def understood(request: requests.PreparedRequest) -> HttpRequest:
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


def delivered(response: HttpResponse, request: requests.PreparedRequest) -> requests.Response:
    """The answer as requests hands it out, or the exception of a broken one."""
    if response.wound == "reset":
        raise requests.ConnectionError("Connection reset by peer", request=request)
    if response.wound == "stall":
        raise requests.ReadTimeout("Read timed out.", request=request)
    cut = response.wound == "cut"
    headers, body = dict(response.headers), io.BytesIO(response.body[: len(response.body) // 2 if cut else None])
    if response.chunks is None:
        headers["Content-Length"] = str(len(response.body))
    raw = HTTPResponse(
        body=body if response.chunks is None else Flow(truncated(response.chunks) if cut else response.chunks),
        headers=headers,
        status=response.status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    return BUILDER.build_response(request, raw)
