"""A session that hands requests to the fake as they are: to encode and decode each would double its time."""

from __future__ import annotations

import io
import json as json_text
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from typing_extensions import override

from fake_asana.messages import API_PREFIX, HttpRequest, HttpResponse
from fake_asana.server.adapter import FakeAdapter, to_requests_response


@dataclass(frozen=True, slots=True)
class Waiting:
    """A function for each request that waits for others; any other one has the world for itself while it runs."""

    on_request: Callable[[HttpRequest], object]

    def __call__(self, request: HttpRequest) -> object:
        """Call the function."""
        return self.on_request(request)


class DirectSession(requests.Session):
    """A session that reaches a fake only; downloads, and damaged responses, take the way of the requests library."""

    def __init__(self, adapter: FakeAdapter) -> None:
        """Reach the fake behind an adapter."""
        super().__init__()
        self.trust_env = False  # no proxy can stand before the fake, and to look for one takes long
        self.mount("https://", adapter)
        self._adapter = adapter

    @override
    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override] # all by name
        """Return the fake's response."""
        path = urlsplit(url).path
        if not path.startswith(API_PREFIX):
            return super().request(method, url, **options)
        carrier = SimpleNamespace(headers=dict(options["headers"]))
        authorize: Callable[[Any], object] = options["auth"]
        authorize(carrier)
        body = b"" if options["json"] is None else json_text.dumps(options["json"]).encode()
        response = self._adapter.answer(HttpRequest(method, path, options["params"], carrier.headers, body))
        if response.damage or response.chunks is not None:
            return to_requests_response(response, requests.PreparedRequest())
        return _Plain(response)


class _Body(io.BytesIO):
    """A body as urllib3 offers it."""

    @override
    def read1(self, size: int | None = -1, /, *, decode_content: bool = False) -> bytes:
        return super().read1(-1 if size is None else size)


class _Plain(requests.Response):
    """A response without cookies, history and encoding, whose construction takes longer than most answers."""

    def __init__(self, answer: HttpResponse) -> None:
        self.status_code = answer.status
        self.headers = CaseInsensitiveDict({**answer.headers, "Content-Length": str(len(answer.body))})
        self.raw = _Body(answer.body)
