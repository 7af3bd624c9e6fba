"""Record the answers of a fake Asana to a run by export, for `bench.replay`."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from contextlib import redirect_stdout

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3 import HTTPResponse

from bench.replay import DOWNLOAD_PATH, request_key, tap_over
from fake_asana.server.adapter import FakeAdapter
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, Sizes, World

TASKS = 1000
STREAMS = ("tasks", "stories")


class RecordingAdapter(FakeAdapter):
    """Stores the last answer to each request, and the export file."""

    def __init__(self, api: Api) -> None:
        """Start with no answers."""
        super().__init__(api)
        self.answers: dict[str, str] = {}
        self.export = b""

    @override
    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Answer the request and store the answer."""
        answer = super().send(request)
        body = answer.raw.read(decode_content=False)
        if DOWNLOAD_PATH in (request.url or ""):
            self.export = body
        else:
            self.answers[request_key(request)] = body.decode()
        copy = HTTPResponse(io.BytesIO(body), answer.headers, answer.status_code, preload_content=False)
        return HTTPAdapter().build_response(request, copy)


def record(stories: int, streams: Iterable[str] = STREAMS) -> tuple[dict[str, str], list[bytes]]:
    """Return the answers to a run with privacy and to one without, and the lines of the export."""
    clock = ManualClock()
    world = World.seeded(1, Sizes(workspaces=1, tasks=TASKS, projects=20, stories=stories), clock)
    adapter = RecordingAdapter(Api(world))
    for privacy in ("pseudonymize", "none"):
        tap = tap_over(adapter, streams, clock.advance, privacy)
        with redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            tap.sync_all()
    return adapter.answers, gzip.decompress(adapter.export).splitlines()
