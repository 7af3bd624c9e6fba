"""What disappeared or came back."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.streams.audit import AuditLogEvents
from tap_asana.sync.deletions import DeletionSources
from tap_asana.sync.stream import AsanaStream


class Deletions(AsanaStream):
    """What disappeared or came back since the last run; the first run only takes its bearings.

    Told by the audit log where the token may read it, else by the events of the workspace, else by those of each
    project (facts 3.4 and 3.10).
    """

    name = "deletions"
    path = "/workspaces/{workspace_gid}/audit_log_events"
    reader = DeletionSources(AuditLogEvents.reader)
    primary_keys = ("gid", "action", "occurred_at", "parent_gid")
    replication_key = "occurred_at"
    # A user can disappear too.
    schema = f.personal(
        f.no_subfields(
            f.record(
                gid=f.required(f.text("Gid of what disappeared or came back.")),
                resource_type=f.text("Kind of thing that it is."),
                action=f.required(f.text("What happened to it: deleted, undeleted or removed.")),
                occurred_at=f.required(f.instant("When it happened.")),
                actor=f.person("Who did it; null where Asana does not tell."),
                parent_gid=f.required(
                    f.text("Gid of what it was removed from; empty for what was deleted or came back."),
                ),
                parent=f.personal(
                    f.ref("What it was removed from.", resource_type=f.text("Kind of thing that the parent is."))
                ),
                workspace_gid=f.parent_gid("Workspace of it."),
                source=f.text(
                    "What told so: audit_log, workspace_events or project_events; projects, where a project is gone "
                    "whose events told nothing of it: then occurred_at is when that was noticed.",
                ),
            ),
        ),
    )
