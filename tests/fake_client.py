"""Clients of the fake: requests without a socket, and exports."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

import contract
import msgspec
import requests

from fake_asana.messages import API_PREFIX, HttpRequest
from fake_asana.model.access import PERSON
from fake_asana.server.adapter import FakeAdapter
from fake_asana.server.api import Api, Dialect, Limits
from fake_asana.server.faults import Faults
from fake_asana.world import ManualClock, Sizes, World

Json = dict[str, Any]
SMALL = Sizes(tasks=200, users=14, projects=12, stories=2, busiest=30)
API = "https://app.asana.com/api/1.0"
SERVICE = "0/service"
FIELDS = ["name", "modified_at", "num_subtasks", "stories.text", "attachments.name", "projects.name"]


class FakeClient:
    """A client with a fake of its own and its clock."""

    def __init__(
        self,
        limits: Limits | None = None,
        faults: Faults | None = None,
        sizes: Sizes = SMALL,
        *,
        dialect: Dialect | None = None,
    ) -> None:
        """Create a world and its server."""
        self.clock = ManualClock()
        self.world = World.seeded(seed=1, sizes=sizes, clock=self.clock)
        self.api = Api(self.world, limits, faults, dialect=dialect)
        self.first, self.second, self.third = self.world.workspaces.values()

    def request(self, path: str, **query: object) -> tuple[int, Json]:
        """Return status and body of a GET; `token` selects the viewer, other arguments are parameters."""
        headers = {"Authorization": f"Bearer {query.pop('token', PERSON)}"}
        params = {name: str(value) for name, value in query.items()}
        response = self.api.respond(HttpRequest("GET", API_PREFIX + path, params, headers))
        body: Json = msgspec.json.decode(response.body)
        return response.status, body

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - a record or a list
        """Return the data of a successful response."""
        status, body = self.request(path, **query)
        assert status == 200, body
        return body["data"]

    def pages(self, path: str, limit: int = 100, **query: object) -> list[list[Json]]:
        """Return all pages of a list."""
        pages: list[list[Json]] = []
        offset: dict[str, str] = {}
        while True:
            status, body = self.request(path, limit=limit, **offset, **query)
            assert status == 200, body
            pages.append(body["data"])
            if body["next_page"] is None:
                return pages
            offset = {"offset": body["next_page"]["offset"]}

    def all(self, path: str, limit: int = 100, **query: object) -> list[Json]:
        """Return all rows of a list."""
        return [row for page in self.pages(path, limit, **query) for row in page]

    def error(self, path: str, **query: object) -> tuple[int, str]:
        """Return status and message of an error."""
        status, body = self.request(path, **query)
        return status, body["errors"][0]["message"]


class ExportClient:
    """A client that exports the first workspace."""

    def __init__(self, client: FakeClient, token: str = SERVICE) -> None:
        """Open a session connected to the fake."""
        self.client, self.http = client, requests.Session()
        self.http.mount("https://", FakeAdapter(client.api, on_request=contract.check))
        self.headers = {"Authorization": f"Bearer {token}"}

    def begin(self, *parameters: Json, workspace: str | None = None) -> requests.Response:
        """Start an export."""
        gid = workspace or self.client.first.gid
        body = {"data": {"workspace": gid, "export_request_parameters": list(parameters)}}
        return self.http.post(f"{API}/exports/resource", json=body, headers=self.headers)

    def job(self, gid: str) -> Json:
        """Return a job."""
        response = self.http.get(f"{API}/jobs/{gid}", headers=self.headers)
        job: Json = response.json()["data"]
        return job

    def finish(self, *parameters: Json) -> str:
        """Start an export, wait for it, and return the address of its file."""
        response = self.begin(*parameters)
        assert response.status_code == 201, response.text
        self.client.clock.advance(self.client.api.limits.export_seconds)
        url: str = self.job(response.json()["data"]["gid"])["new_resource_export"]["download_url"]
        return url

    def export(self, *parameters: Json) -> list[Json]:
        """Export and return the rows."""
        return read_rows(self.http.get(self.finish(*parameters), stream=True))


def read_rows(answer: requests.Response) -> list[Json]:
    """Return the rows of a file."""
    assert answer.status_code == 200, answer.text
    with gzip.open(answer.raw) as lines:
        return [msgspec.json.decode(line) for line in lines]


def task_export(filters: Mapping[str, object] | None = None, fields: list[str] | None = None) -> Json:
    """Return the parameter of an export of tasks."""
    return {"resource_type": "task", "filters": filters or {}, "fields": fields or FIELDS}
