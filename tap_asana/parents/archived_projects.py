"""Archived projects that a list of all projects may leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tap_asana.api.request import Page, Request


class ArchivedProjects:
    """Requests for the archived projects of a workspace alone, if its list of all projects ends without one.

    Asana documents the list as holding both kinds. A list that leaves archived projects out looks like that of a
    workspace that has none, so they are requested by name.
    """

    def __init__(self) -> None:
        """Know no archived project yet."""
        self._workspaces: set[str] = set()

    def requests_after(self, page: Page) -> Iterator[Request]:
        """Yield the request for archived projects after the last page of a list that held none."""
        request = page.request
        if request.path != "/projects" or "archived" in request.params:
            return
        if any(record.get("archived") is True for record in page.records):
            self._workspaces.add(request.workspace)
        is_end = page.next_request is None and page.unavailable is None and not page.truncated
        if is_end and request.workspace not in self._workspaces:
            yield replace(request.from_start(), params={**request.params, "archived": "true"})
