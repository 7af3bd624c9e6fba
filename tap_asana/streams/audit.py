"""The audit log of an organization."""

from __future__ import annotations

from tap_asana.records.fields import (
    email,
    instant,
    json_text,
    no_subfields,
    number,
    obj,
    parent_gid,
    person,
    personal,
    prose,
    record,
    required,
    text,
)
from tap_asana.sync.log_stream import LogStream


class AuditLogEvents(LogStream):
    """Security and administration events of the last 90 days; for service accounts."""

    name = "audit_log_events"
    path = "/workspaces/{workspace_gid}/audit_log_events"
    since_param = "start_at"
    replication_key = "created_at"
    # The log documents no opt_fields: it sends events whole.
    schema = no_subfields(
        record(
            gid=required(text("Identifier of the event.")),
            workspace_gid=parent_gid("Workspace of the event."),
            created_at=instant("When it happened."),
            event_type=text("What happened, such as task_deleted."),
            event_category=text("Group of event types it belongs to, such as deletion."),
            actor=person(
                "Who did it.",
                actor_type=text("Kind of actor: user, asana, asana_support, anonymous, external_administrator."),
                email=email("Address of the actor."),
            ),
            resource=person(
                "What it was done to; a person only if it is a user.",
                resource_type=text("Kind of thing."),
                resource_subtype=text("Finer kind of thing."),
                email=email("Address of the user, if it is one."),
            ),
            details=json_text("More about it, different for each event type."),
            context=obj(
                "From where it was done.",
                context_type=text("Through what: web, desktop, mobile, api and others."),
                api_authentication_method=text("How the caller of the API proved who it is."),
                client_ip_address=personal(text("Network address of the actor.")),
                user_agent=personal(text("Browser or program of the actor.")),
                oauth_app_name=prose("App that acted."),
                rule_name=prose("Rule that acted."),
                on_behalf_of_user_id=personal(number("Gid of the user that was acted for.")),
            ),
        ),
    )
