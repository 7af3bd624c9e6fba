"""Workspaces, users, teams, roles and AI teammates."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.streams.nested import photo, settings, values
from tap_asana.sync.readers import TokenWorkspaces
from tap_asana.sync.stream import AsanaStream

PERMISSIONS = {
    "create_app_authorization": f.flag("Allowed to authorize apps."),
    "create_pat_authorization": f.flag("Allowed to create personal access tokens."),
    "share_goal_with_domain": f.flag("Allowed to share goals with the whole organization."),
    "share_portfolios_with_org": f.flag("Allowed to share portfolios with the whole organization."),
    "assign_roles": f.flag("Allowed to assign roles."),
    "manage_roles": f.flag("Allowed to create, change and delete roles."),
    "export_project_data": f.flag("Allowed to export project data."),
    "task_deletion_policy": f.text("Tasks that role members may delete: all, owned or none."),
    "download_mobile_attachments": f.flag("Allowed to download attachments on mobile devices."),
    "import_data": f.flag("Allowed to import data."),
    "create_global_custom_fields": f.flag("Allowed to create custom fields in the library."),
    "upload_attachments": f.flag("Allowed to upload attachments."),
    "create_team": f.flag("Allowed to create teams."),
    "allowed_guest_invites": f.text("Guests that role members may invite: all or none."),
    "create_and_edit_ai_automations": f.flag("Allowed to create and edit AI automations."),
    "proactive_ai": f.flag("Allowed to use proactive AI."),
    "standard_ai": f.flag("Allowed to use AI on request."),
    "create_and_edit_ai_teammates": f.flag("Allowed to create and edit AI teammates."),
    "share_teams_with_org": f.flag("Allowed to share teams with the whole organization."),
    "create_goal": f.flag("Allowed to create goals."),
    "create_project": f.flag("Allowed to create projects."),
    "create_read_only_link": f.flag("Allowed to create public read-only links."),
    "create_portfolio": f.flag("Allowed to create portfolios."),
    "view_public_teams": f.flag("Allowed to view public teams."),
    "view_shared_with_org_projects": f.flag("Allowed to view projects shared with the whole organization."),
    "view_shared_with_org_tasks": f.flag("Allowed to view tasks shared with the whole organization."),
    "view_shared_with_org_portfolios": f.flag("Allowed to view portfolios shared with the whole organization."),
}


class Workspaces(AsanaStream):
    """Workspaces and organizations of the token."""

    name = "workspaces"
    path = "/workspaces"
    reader = TokenWorkspaces()
    schema = f.entity(
        name=f.prose("Name."),
        email_domains=f.texts("E-mail domains of the organization."),
        is_organization=f.flag("Whether the workspace is an organization; only organizations have teams."),
    )


class Users(AsanaStream):
    """Users of every workspace, including guests; a user of several workspaces is one record."""

    name = "users"
    path = "/users?workspace={workspace_gid}"
    schema = f.personal(
        f.entity(
            name=f.text("Full name."),
            email=f.email("E-mail address, if the token may see it."),
            photo=photo("Photo; null if there is none."),
            workspaces=f.refs("Workspaces of the user that the token can see.", "workspaces"),
            custom_fields=values("Values of the organization's custom fields."),
        ),
    )


class Teams(AsanaStream):
    """Teams of every organization, as far as the token can see them."""

    name = "teams"
    path = "/workspaces/{workspace_gid}/teams"
    schema = f.entity(
        name=f.prose("Name."),
        description=f.prose("Description."),
        html_description=f.prose("Description in HTML."),
        organization=f.ref("Organization.", "workspaces"),
        permalink_url=f.text("URL in the web application."),
        visibility=f.text("Visibility: secret, request_to_join or public."),
        edit_team_name_or_description_access_level=f.text(
            "Who may change name and description: all members, or admins only.",
        ),
        edit_team_visibility_or_trash_team_access_level=f.text(
            "Who may change the visibility or delete the team: all members, or admins only.",
        ),
        member_invite_management_access_level=f.text(
            "Who may accept or decline invitations of members.",
        ),
        guest_invite_management_access_level=f.text(
            "Who may accept or decline invitations of guests.",
        ),
        join_request_management_access_level=f.text("Who may accept or decline requests to join."),
        team_member_removal_access_level=f.text("Who may remove members."),
        team_content_management_access_level=f.text(
            "Who may create and share content in the team.",
        ),
        endorsed=f.flag("Whether the organization endorses the team."),
        custom_field_settings=settings("Custom fields in use."),
    )


class Roles(AsanaStream):
    """Roles of users in an organization, with their permissions."""

    name = "roles"
    path = "/roles?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name."),
        description=f.prose("Description."),
        is_standard_role=f.flag("Whether it is one of Asana's standard roles."),
        creation_time=f.instant("Creation time."),
        modified_at=f.instant("Time of the last change."),
        base_role_type=f.text("Base role: guest, member, admin or super_admin."),
        permissions=f.obj("Permissions.", **PERMISSIONS),
        workspace=f.ref("Workspace.", "workspaces"),
    )


class Agents(AsanaStream):
    """AI teammates of every workspace."""

    name = "agents"
    path = "/workspaces/{workspace_gid}/agents"
    # Agents act like users: fields for users can hold agents.
    schema = f.personal(
        f.entity(
            resource_subtype=f.text("Type of agent."),
            name=f.text("Name."),
            description=f.prose("Description."),
            behavior_guidance=f.prose("Instructions for the agent."),
            workspace=f.ref_gid("Workspace.", "workspaces"),
            photo=photo("Picture; null if there is none."),
        ),
    )
