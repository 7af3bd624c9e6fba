"""Deletions and restorations."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.streams.audit import AuditLogEvents
from tap_asana.sync.deletions import DeletionSources
from tap_asana.sync.stream import AsanaStream


class Deletions(AsanaStream):
    """Objects deleted, restored or removed since the last run; a first run only notes the starting point.

    The source is the audit log if the token may read it, else the events of the workspace, else the events of each
    project.
    """

    name = "deletions"
    path = "/workspaces/{workspace_gid}/audit_log_events"
    reader = DeletionSources(AuditLogEvents.reader)
    primary_keys = ("gid", "action", "occurred_at", "parent_gid")
    replication_key = "occurred_at"
    # The deleted object can be a user.
    schema = f.personal(
        f.no_subfields(
            f.record(
                gid=f.required(f.text("Gid of the object.")),
                resource_type=f.text("Type of the object."),
                action=f.required(f.text("deleted, undeleted (restored) or removed (from its parent).")),
                occurred_at=f.required(f.instant("Time of the event.")),
                actor=f.person("Actor; null if Asana does not return it."),
                parent_gid=f.required(
                    f.text("Gid of the parent it was removed from; empty for deleted and restored objects."),
                ),
                parent=f.personal(f.ref("Parent it was removed from.", resource_type=f.text("Type of the parent."))),
                workspace_gid=f.parent_gid("Workspace."),
                source=f.text(
                    "Source of the record: audit_log, workspace_events or project_events; or projects, for a deleted "
                    "project without such an event: then occurred_at is the time when the tap noticed it.",
                ),
            ),
        ),
    )
