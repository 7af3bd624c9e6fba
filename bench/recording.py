"""What a made-up Asana answers a run that exports, kept to be answered again."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from contextlib import redirect_stdout

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3 import HTTPResponse

from bench.local import DOWNLOAD, asked, tap
from fake_asana.server.adapter import FakeAdapter
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, Sizes, World

TASKS = 1000
STREAMS = ("tasks", "stories")


class Recorder(FakeAdapter):
    """Keeps the last answer of each request, and the file of the export."""

    def __init__(self, api: Api) -> None:
        """Keep nothing yet."""
        super().__init__(api)
        self.answers: dict[str, str] = {}
        self.file = b""

    @override
    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Answer and keep the answer."""
        answer = super().send(request)
        body = answer.raw.read(decode_content=False)
        if DOWNLOAD in (request.url or ""):
            self.file = body
        else:
            self.answers[asked(request)] = body.decode()
        again = HTTPResponse(io.BytesIO(body), answer.headers, answer.status_code, preload_content=False)
        return HTTPAdapter().build_response(request, again)


def recorded(stories: int, streams: Iterable[str] = STREAMS) -> tuple[dict[str, str], list[bytes]]:
    """Return the answers to a run with privacy and to one without, and the lines of its export; raises what ends it."""
    clock = ManualClock()
    world = World.seeded(1, Sizes(workspaces=1, tasks=TASKS, projects=20, stories=stories), clock)
    recorder = Recorder(Api(world))
    for privacy in ("pseudonymize", "none"):
        made = tap(recorder, streams, clock.advance, privacy)
        with redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            made.sync_all()
    return recorder.answers, gzip.decompress(recorder.file).splitlines()
