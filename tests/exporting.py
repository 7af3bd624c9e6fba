"""Exports out of the local Asana: somebody who asks for them and reads them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import contract
import msgspec
import requests
from asking import Asked, Json

from fake_asana.server.adapter import FakeAdapter

API = "https://app.asana.com/api/1.0"
SERVICE = "0/service"
FIELDS = ["name", "modified_at", "num_subtasks", "stories.text", "attachments.name", "projects.name"]


class Exporter:
    """Somebody who wants the first workspace exported."""

    def __init__(self, asked: Asked, token: str = SERVICE) -> None:
        """Open a session that reaches the local Asana wherever it goes."""
        self.asked, self.http = asked, requests.Session()
        self.http.mount("https://", FakeAdapter(asked.api, on_request=contract.check))
        self.headers = {"Authorization": f"Bearer {token}"}

    def begin(self, *wants: Json, workspace: str | None = None) -> requests.Response:
        """Ask for an export."""
        gid = workspace or self.asked.first.gid
        body = {"data": {"workspace": gid, "export_request_parameters": list(wants)}}
        return self.http.post(f"{API}/exports/resource", json=body, headers=self.headers)

    def job(self, gid: str) -> Json:
        """Look at a job."""
        answer = self.http.get(f"{API}/jobs/{gid}", headers=self.headers)
        found: Json = answer.json()["data"]
        return found

    def finish(self, *wants: Json) -> str:
        """Begin an export, wait for it, and say where its file is."""
        begun = self.begin(*wants)
        assert begun.status_code == 201, begun.text
        self.asked.clock.advance(self.asked.api.limits.export_seconds)
        url: str = self.job(begun.json()["data"]["gid"])["new_resource_export"]["download_url"]
        return url

    def export(self, *wants: Json) -> list[Json]:
        """Read the lines of an export."""
        return read(self.http.get(self.finish(*wants), stream=True))


def read(answer: requests.Response) -> list[Json]:
    """Unpack the lines of a file."""
    assert answer.status_code == 200, answer.text
    with gzip.open(answer.raw) as lines:
        return [msgspec.json.decode(line) for line in lines]


def want(filters: Mapping[str, object] | None = None, fields: list[str] | None = None) -> Json:
    """Describe an export of tasks."""
    return {"resource_type": "task", "filters": filters or {}, "fields": fields or FIELDS}
