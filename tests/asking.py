"""Questions to the local Asana without a socket: what it answers, status and body."""

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


class Asked:
    """A local Asana with a clock in the test's hands."""

    def __init__(
        self,
        limits: Limits | None = None,
        faults: Faults | None = None,
        sizes: Sizes = SMALL,
        *,
        dialect: Dialect | None = None,
    ) -> None:
        """A world of its own."""
        self.clock = ManualClock()
        self.world = World.seeded(seed=1, sizes=sizes, clock=self.clock)
        self.api = Api(self.world, limits, faults, dialect=dialect)
        self.first, self.second, self.third = self.world.workspaces.values()

    def ask(self, path: str, **query: object) -> tuple[int, Json]:
        """The status and body of a GET; `token` is who asks, the rest are parameters."""
        headers = {"Authorization": f"Bearer {query.pop('token', PERSON)}"}
        asked = {name: str(value) for name, value in query.items()}
        response = self.api.respond(HttpRequest("GET", API_PREFIX + path, asked, headers))
        body: Json = msgspec.json.decode(response.body)
        return response.status, body

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - a record or a list of them
        """The data of a good answer."""
        status, body = self.ask(path, **query)
        assert status == 200, body
        return body["data"]

    def pages(self, path: str, limit: int = 100, **query: object) -> list[list[Json]]:
        """All pages of a list."""
        found: list[list[Json]] = []
        offset: dict[str, str] = {}
        while True:
            status, body = self.ask(path, limit=limit, **offset, **query)
            assert status == 200, body
            found.append(body["data"])
            if body["next_page"] is None:
                return found
            offset = {"offset": body["next_page"]["offset"]}

    def all(self, path: str, limit: int = 100, **query: object) -> list[Json]:
        """All rows of a list."""
        return [row for page in self.pages(path, limit, **query) for row in page]

    def refusal(self, path: str, **query: object) -> tuple[int, str]:
        """The status and message of an answer that is an error."""
        status, body = self.ask(path, **query)
        return status, body["errors"][0]["message"]
