"""A client for exports from the local Asana."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import contract
import msgspec
import requests
from fake_client import FakeClient, Json

from fake_asana.server.adapter import FakeAdapter

API = "https://app.asana.com/api/1.0"
SERVICE = "0/service"
FIELDS = ["name", "modified_at", "num_subtasks", "stories.text", "attachments.name", "projects.name"]


class Exporter:
    """A client that exports the first workspace."""

    def __init__(self, client: FakeClient, token: str = SERVICE) -> None:
        """Open a session in which every host is the local Asana."""
        self.client, self.http = client, requests.Session()
        self.http.mount("https://", FakeAdapter(client.api, on_request=contract.check))
        self.headers = {"Authorization": f"Bearer {token}"}

    def begin(self, *wants: Json, workspace: str | None = None) -> requests.Response:
        """Request an export."""
        gid = workspace or self.client.first.gid
        body = {"data": {"workspace": gid, "export_request_parameters": list(wants)}}
        return self.http.post(f"{API}/exports/resource", json=body, headers=self.headers)

    def job(self, gid: str) -> Json:
        """Return a job."""
        answer = self.http.get(f"{API}/jobs/{gid}", headers=self.headers)
        found: Json = answer.json()["data"]
        return found

    def finish(self, *wants: Json) -> str:
        """Request an export, wait for it, and return the URL of its file."""
        begun = self.begin(*wants)
        assert begun.status_code == 201, begun.text
        self.client.clock.advance(self.client.api.limits.export_seconds)
        url: str = self.job(begun.json()["data"]["gid"])["new_resource_export"]["download_url"]
        return url

    def export(self, *wants: Json) -> list[Json]:
        """Return the lines of an export."""
        return read(self.http.get(self.finish(*wants), stream=True))


def read(answer: requests.Response) -> list[Json]:
    """Unpack the lines of a file."""
    assert answer.status_code == 200, answer.text
    with gzip.open(answer.raw) as lines:
        return [msgspec.json.decode(line) for line in lines]


def want(filters: Mapping[str, object] | None = None, fields: list[str] | None = None) -> Json:
    """Return the parameters of an export of tasks."""
    return {"resource_type": "task", "filters": filters or {}, "fields": fields or FIELDS}
