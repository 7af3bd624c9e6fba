"""A client of the local fake Asana without a socket: it returns status and body."""

from __future__ import annotations

from typing import Any

import msgspec

from fake_asana.messages import API_PREFIX, HttpRequest
from fake_asana.model.access import PERSON
from fake_asana.server.api import Api, Dialect, Limits
from fake_asana.server.faults import Faults
from fake_asana.world import ManualClock, Sizes, World

Json = dict[str, Any]
SMALL = Sizes(tasks=200, users=14, projects=12, stories=2, busiest=30)


class FakeClient:
    """A client of a local Asana of its own, with a manual clock."""

    def __init__(
        self,
        limits: Limits | None = None,
        faults: Faults | None = None,
        sizes: Sizes = SMALL,
        *,
        dialect: Dialect | None = None,
    ) -> None:
        """Seed a world and serve it."""
        self.clock = ManualClock()
        self.world = World.seeded(seed=1, sizes=sizes, clock=self.clock)
        self.api = Api(self.world, limits, faults, dialect=dialect)
        self.first, self.second, self.third = self.world.workspaces.values()

    def request(self, path: str, **query: object) -> tuple[int, Json]:
        """Return the status and body of a GET; `token` is the caller's, the rest are query parameters."""
        headers = {"Authorization": f"Bearer {query.pop('token', PERSON)}"}
        params = {name: str(value) for name, value in query.items()}
        response = self.api.respond(HttpRequest("GET", API_PREFIX + path, params, headers))
        body: Json = msgspec.json.decode(response.body)
        return response.status, body

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - a record or a list of them
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

    def refusal(self, path: str, **query: object) -> tuple[int, str]:
        """Return the status and message of an error response."""
        status, body = self.request(path, **query)
        return status, body["errors"][0]["message"]
