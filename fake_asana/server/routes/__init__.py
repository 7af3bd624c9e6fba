"""The operations of the local Asana."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from fake_asana.server.routes.conversation import CONVERSATION_ROUTES
from fake_asana.server.routes.events import EVENT_ROUTES
from fake_asana.server.routes.exports import EXPORT_ROUTES
from fake_asana.server.routes.memberships import MEMBERSHIP_ROUTES
from fake_asana.server.routes.people import PEOPLE_ROUTES
from fake_asana.server.routes.planning import PLANNING_ROUTES
from fake_asana.server.routes.projects import PROJECT_ROUTES
from fake_asana.server.routes.search import SEARCH_ROUTES
from fake_asana.server.routes.staffing import STAFFING_ROUTES
from fake_asana.server.routes.tasks import TASK_ROUTES
from fake_asana.server.routes.tracking import TRACKING_ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fake_asana.server.call import Route


class Match(NamedTuple):
    """A route, and the gids in the path."""

    route: Route
    params: Mapping[str, str]


class Table:
    """Routes by method and number of segments."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Index the routes."""
        self.routes = list(routes)
        self.index: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in self.routes:
            method, path = route.template.split(" ")
            segments = path.strip("/").split("/")
            self.index.setdefault((method, len(segments)), []).append((segments, route))
        self.match = lru_cache(maxsize=1024)(self.search)

    def search(self, method: str, path: str) -> Match | None:
        """Return the route of a path below the API's root, None if there is none."""
        parts = path.strip("/").split("/")
        for segments, route in self.index.get((method, len(parts)), ()):
            params: dict[str, str] = {}
            for segment, part in zip(segments, parts, strict=True):
                if segment.startswith("{"):
                    params[segment[1:-1]] = part
                elif segment != part:
                    break
            else:
                return Match(route, params)
        return None


PARTS = (
    PEOPLE_ROUTES,
    PROJECT_ROUTES,
    TASK_ROUTES,
    CONVERSATION_ROUTES,
    SEARCH_ROUTES,
    EVENT_ROUTES,
    EXPORT_ROUTES,
    MEMBERSHIP_ROUTES,
    PLANNING_ROUTES,
    STAFFING_ROUTES,
    TRACKING_ROUTES,
)
TABLE = Table([route for part in PARTS for route in part])

__all__ = ["TABLE"]
