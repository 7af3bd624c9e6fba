"""The audit log of an organization, and the deletions in it and in other sources."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.sync.deletion_sources import DeletionSources
from tap_asana.sync.readers import Log
from tap_asana.sync.stream import AsanaStream


class AuditLogEvents(AsanaStream):
    """Security and administration events of the last 90 days; for service accounts."""

    name = "audit_log_events"
    path = "/workspaces/{workspace_gid}/audit_log_events"
    reader = Log("start_at")
    replication_key = "created_at"
    # Asana documents no opt_fields for this list: it returns all fields.
    schema = f.no_subfields(
        f.record(
            gid=f.required(f.text("Id.")),
            workspace_gid=f.parent_gid("Workspace.", "workspaces"),
            created_at=f.instant("Time of the event."),
            event_type=f.text("Type of event, such as task_deleted."),
            event_category=f.text("Category of the event type, such as deletion."),
            actor=f.person(
                "Actor.",
                actor_type=f.text("Type of actor: user, asana, asana_support, anonymous or external_administrator."),
                email=f.email("E-mail address of the actor."),
            ),
            resource=f.person(
                "Affected object; only users are treated as personal data.",
                f.ANY_STREAM,
                resource_type=f.text("Type of the object."),
                resource_subtype=f.text("Subtype of the object."),
                email=f.email("E-mail address, if the object is a user."),
            ),
            details=f.json_text("Details, which depend on the event type."),
            context=f.obj(
                "Origin of the event.",
                context_type=f.text("Type of client: web, desktop, mobile, api and others."),
                api_authentication_method=f.text("Authentication method of the API client."),
                client_ip_address=f.personal(f.text("IP address of the actor.")),
                user_agent=f.personal(f.text("User agent of the actor.")),
                oauth_app_name=f.prose("Name of the app."),
                rule_name=f.prose("Name of the rule."),
                on_behalf_of_user_id=f.personal(f.number("Gid of the user on whose behalf the actor worked.")),
            ),
        ),
    )


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
                    f.text("Gid of the parent it was removed from; without such a parent, the gid of the workspace."),
                ),
                parent=f.personal(
                    f.ref("Parent it was removed from.", f.ANY_STREAM, resource_type=f.text("Type of the parent."))
                ),
                workspace_gid=f.parent_gid("Workspace.", "workspaces"),
                source=f.text(
                    "Source of the record: audit_log, workspace_events or project_events; without such an event, "
                    "projects for a deleted project, tasks for a task that is gone with its lists, or reconciled for a "
                    "task or an object below one that a pass misses: then occurred_at is the time when the tap "
                    "noticed it.",
                ),
            ),
        ),
    )
