"""The audit log of an organization."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.sync.readers import Log
from tap_asana.sync.stream import AsanaStream


class AuditLogEvents(AsanaStream):
    """Security and administration events of the last 90 days; for service accounts."""

    name = "audit_log_events"
    path = "/workspaces/{workspace_gid}/audit_log_events"
    reader = Log("start_at")
    replication_key = "created_at"
    # The log documents no opt_fields: it sends events whole.
    schema = f.no_subfields(
        f.record(
            gid=f.required(f.text("Identifier of the event.")),
            workspace_gid=f.parent_gid("Workspace of the event."),
            created_at=f.instant("When it happened."),
            event_type=f.text("What happened, such as task_deleted."),
            event_category=f.text("Group of event types it belongs to, such as deletion."),
            actor=f.person(
                "Who did it.",
                actor_type=f.text("Kind of actor: user, asana, asana_support, anonymous, external_administrator."),
                email=f.email("Address of the actor."),
            ),
            resource=f.person(
                "What it was done to; a person only if it is a user.",
                resource_type=f.text("Kind of thing."),
                resource_subtype=f.text("Finer kind of thing."),
                email=f.email("Address of the user, if it is one."),
            ),
            details=f.json_text("More about it, different for each event type."),
            context=f.obj(
                "From where it was done.",
                context_type=f.text("Through what: web, desktop, mobile, api and others."),
                api_authentication_method=f.text("How the caller of the API proved who it is."),
                client_ip_address=f.personal(f.text("Network address of the actor.")),
                user_agent=f.personal(f.text("Browser or program of the actor.")),
                oauth_app_name=f.prose("App that acted."),
                rule_name=f.prose("Rule that acted."),
                on_behalf_of_user_id=f.personal(f.number("Gid of the user that was acted for.")),
            ),
        ),
    )
