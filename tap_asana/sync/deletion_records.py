"""Records of deletions, from entries of the audit log, from events, and from the absence of a project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from tap_asana.api.decoding import Record, nested_object, text_field
from tap_asana.api.request import Page, Request
from tap_asana.records.known_people import USER_TYPES
from tap_asana.state.debts import GONE_STATUSES

ACTIONS = frozenset({"deleted", "undeleted", "removed"})
PROJECT = "/projects/{project_gid}"

PROJECTS = "projects"
"""The stream of projects, the only one that writes objects with events before the first events are requested."""

DELETIONS = "deletions"
"""The stream whose reader requests events."""


@dataclass
class DepartedProject:
    """A project missing from the list of projects: the requests about it, and their answers.

    `status` is the HTTP status of the project itself, 404 for any that means a deletion, and None if that request
    failed only temporarily.
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
        elif page.unavailable.status in GONE_STATUSES:
            self.status = HTTPStatus.NOT_FOUND
        elif not page.unavailable.is_failure:
            self.status = page.unavailable.status


def is_deletion(event: Record) -> bool:
    """Return True if an event names an object that disappeared or came back."""
    return text_field(event, "action") in ACTIONS and bool(nested_object(event, "resource"))


def from_log_entry(entry: Record, workspace_gid: str) -> Record | None:
    """Return the deletion of an audit log entry, None if the entry is about something else."""
    event_type = str(entry.get("event_type"))
    if not event_type.endswith("deleted"):
        return None
    resource = nested_object(entry, "resource")
    return {
        "gid": resource.get("gid"),
        "resource_type": resource.get("resource_type"),
        "action": "undeleted" if event_type.endswith("_undeleted") else "deleted",
        "occurred_at": text_field(entry, "created_at"),
        "actor": entry.get("actor"),
        "parent_gid": workspace_gid,
        "workspace_gid": workspace_gid,
        "source": "audit_log",
    }


def from_absence(gid: str, resource_type: str, workspace_gid: str, noticed_at: str, source: str) -> Record:
    """Return the deletion of an object that is missing, at the time when the tap noticed it."""
    return {
        **dict.fromkeys(("actor", "parent")),
        "gid": gid,
        "resource_type": resource_type,
        "action": "deleted",
        "occurred_at": noticed_at,
        "parent_gid": workspace_gid,
        "workspace_gid": workspace_gid,
        "source": source,
    }


def from_gone_tasks(gids: Iterable[str], workspace_gid: str, noticed_at: str) -> list[Record]:
    """Return the deletions of tasks whose lists an earlier run could not read, and that do not exist any more."""
    return [from_absence(gid, "task", workspace_gid, noticed_at, "tasks") for gid in gids]


def from_event(event: Record, workspace_gid: str) -> Record:
    """Return the deletion of an event that `is_deletion`; loaders refuse a key with an empty part."""
    resource = nested_object(event, "resource")
    parent = nested_object(event, "parent")
    # Nothing is removed from a person; if it were, the gid would be personal data.
    is_person = text_field(parent, "resource_type") in USER_TYPES
    return {
        "gid": resource.get("gid"),
        "resource_type": resource.get("resource_type") or event.get("type"),
        "action": event["action"],
        "occurred_at": text_field(event, "created_at"),
        "actor": event.get("user"),
        "parent_gid": workspace_gid if is_person else parent.get("gid", workspace_gid),
        "parent": event.get("parent"),
        "workspace_gid": workspace_gid,
    }
