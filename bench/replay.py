"""Run the tap on recorded answers, without a fake Asana and without a socket."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from typing_extensions import override
from urllib3 import HTTPResponse

from tap_asana.config import Settings
from tap_asana.run import Run
from tap_asana.tap import TapAsana

ANSWERS_FILE, EXPORT_FILE = "answers.json", "export.jsonl.gz"
DOWNLOAD_PATH = "/-/download/"
CONFIG = {"access_token": "0/service", "extraction_method": "export"}
UNRECORDED = re.compile(r"/(users|tags|tasks|tasks/search|tasks/\d+/\w+)\?")
EMPTY_PAGE = '{"data":[]}'
PRIVACY_KEY = "a key for measurements"


class ReplayAdapter(BaseAdapter):
    """Answers the requests of a session from the files in a folder."""

    def __init__(self, folder: Path) -> None:
        """Load the answers; the export file is only opened when it is requested."""
        super().__init__()
        self._folder = folder
        self._answers: Mapping[str, str] = json.loads((folder / ANSWERS_FILE).read_bytes())

    @override
    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Return the recorded answer to this request; what the file is compared with has no more than the file."""
        url = request.url or ""
        unrecorded = EMPTY_PAGE if UNRECORDED.search(url) else ""
        body: Any = io.BytesIO(self._answers.get(request_key(request), unrecorded).encode())
        if DOWNLOAD_PATH in url:
            body = (self._folder / EXPORT_FILE).open("rb")
        return HTTPAdapter().build_response(request, HTTPResponse(body=body, status=200, preload_content=False))

    @override
    def close(self) -> None:
        """Do nothing: no connection is open."""


def request_key(request: requests.PreparedRequest) -> str:
    """Return the key that a request's answer is recorded under."""
    return f"{request.method} {request.url}"


def tap_over(
    adapter: BaseAdapter, streams: Iterable[str], sleep: Callable[[float], object], privacy: str = "none"
) -> TapAsana:
    """Return a tap that sends its requests to an adapter, with these streams selected."""

    class OfflineTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            session = requests.Session()
            session.mount("https://", adapter)
            return Run(Settings.from_config(self.config), session=session, sleep=sleep)

    return OfflineTap(config={**CONFIG, "privacy": privacy, "privacy_key": PRIVACY_KEY}, catalog=select(streams))


def select(streams: Iterable[str]) -> dict[str, Any]:
    """Return the catalog with only these streams selected."""
    selected = set(streams)
    catalog: dict[str, Any] = json.loads(TapAsana(validate_config=False).catalog_json_text)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in selected
    return catalog
