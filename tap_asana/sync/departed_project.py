"""A project without an entry in the list of projects, and the answers about it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from tap_asana.api.decoding import nested_object
from tap_asana.api.request import Page, Request

PROJECT = "/projects/{project_gid}"


@dataclass
class DepartedProject:
    """A project missing from the list of projects: the requests about it, and their answers.

    `status` is the HTTP status of the project itself, None if that request failed only temporarily.
    """

    requests: list[Request]
    status: int | None = None
    has_lost_events: bool = False
    is_deletion_known: bool = False

    def add(self, page: Page) -> None:
        """Take in an answer."""
        gid = page.request.parent_keys["project_gid"]
        if page.request.label != PROJECT:
            self.has_lost_events |= page.unavailable is not None or page.sync_token_expired
            for event in page.records:
                is_own = nested_object(event, "resource").get("gid") == gid
                self.is_deletion_known |= is_own and event.get("action") == "deleted"
        elif page.unavailable is None:
            self.status = HTTPStatus.OK
        elif page.unavailable.is_permanent:
            self.status = page.unavailable.status
