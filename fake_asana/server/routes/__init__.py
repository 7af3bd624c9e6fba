"""Every operation the local Asana answers."""

from __future__ import annotations

from fake_asana.server.routes import (
    audit,
    events,
    exports,
    memberships,
    people,
    planning,
    projects,
    search,
    staffing,
    talk,
    tasks,
    templates,
    tracking,
)
from fake_asana.server.routes.table import Table

PARTS = (
    people.ROUTES,
    projects.ROUTES,
    tasks.ROUTES,
    talk.ROUTES,
    search.ROUTES,
    events.ROUTES,
    audit.ROUTES,
    exports.ROUTES,
    memberships.ROUTES,
    planning.ROUTES,
    staffing.ROUTES,
    templates.ROUTES,
    tracking.ROUTES,
)
TABLE = Table([route for part in PARTS for route in part])

__all__ = ["TABLE"]
