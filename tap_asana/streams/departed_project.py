"""A project that is not listed any more, and what Asana still tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from tap_asana.api.decoding import nested_object
from tap_asana.api.request import Page, Request

PROJECT = "/projects/{project_gid}"


@dataclass
class DepartedProject:
    """A project that the list of projects has no more: what is asked about it, and what came of that.

    `status` is the answer for the project itself, None where that tells nothing.
    """

    asks: list[Request]
    status: int | None = None
    unheard: bool = False
    deletion_heard: bool = False

    def hear(self, page: Page) -> None:
        """Take in an answer."""
        gid = page.request.parent_keys["project_gid"]
        if page.request.label != PROJECT:
            self.unheard = self.unheard or page.unavailable is not None or page.sync_token_expired
            for event in page.records:
                resource = nested_object(event, "resource")
                self.deletion_heard |= event.get("action") == "deleted" and resource.get("gid") == gid
        elif page.unavailable is None:
            self.status = HTTPStatus.OK
        elif page.unavailable.permanent:
            self.status = page.unavailable.status
