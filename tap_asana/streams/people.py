"""Who works here: workspaces, users and teams."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.streams.nested import photo, settings, values
from tap_asana.sync.readers import TokenWorkspaces
from tap_asana.sync.stream import AsanaStream

PERMISSIONS = {
    "create_app_authorization": f.flag("May authorize apps."),
    "create_pat_authorization": f.flag("May make personal access tokens."),
    "share_goal_with_domain": f.flag("May show goals to the whole organization."),
    "share_portfolios_with_org": f.flag("May show portfolios to the whole organization."),
    "assign_roles": f.flag("May give roles to people."),
    "manage_roles": f.flag("May make, change and delete roles."),
    "export_project_data": f.flag("May export the data of projects."),
    "task_deletion_policy": f.text("Which tasks may be deleted: all, owned or none."),
    "download_mobile_attachments": f.flag("May download files on a phone."),
    "import_data": f.flag("May import data."),
    "create_global_custom_fields": f.flag("May add custom fields to the library."),
    "upload_attachments": f.flag("May add files."),
    "create_team": f.flag("May make teams."),
    "allowed_guest_invites": f.text("Which guests may be invited: all or none."),
    "create_and_edit_ai_automations": f.flag("May make and change automations that use AI."),
    "proactive_ai": f.flag("May use AI that acts unasked."),
    "standard_ai": f.flag("May use AI on request."),
    "create_and_edit_ai_teammates": f.flag("May make and change AI teammates."),
    "share_teams_with_org": f.flag("May show teams to the whole organization."),
    "create_goal": f.flag("May make goals."),
    "create_project": f.flag("May make projects."),
    "create_read_only_link": f.flag("May make links that let anybody read."),
    "create_portfolio": f.flag("May make portfolios."),
    "view_public_teams": f.flag("Sees public teams."),
    "view_shared_with_org_projects": f.flag("Sees projects shown to the whole organization."),
    "view_shared_with_org_tasks": f.flag("Sees tasks shown to the whole organization."),
    "view_shared_with_org_portfolios": f.flag("Sees portfolios shown to the whole organization."),
}


class Workspaces(AsanaStream):
    """Workspaces and organizations that the token sees."""

    name = "workspaces"
    path = "/workspaces"
    reader = TokenWorkspaces()
    schema = f.entity(
        name=f.prose("Name of the workspace."),
        email_domains=f.texts("Mail domains whose people belong to the organization."),
        is_organization=f.flag("Whether it is an organization, which can have teams."),
    )


class Users(AsanaStream):
    """People of every workspace, guests included; once, even if they are in several."""

    name = "users"
    path = "/users?workspace={workspace_gid}"
    schema = f.personal(
        f.entity(
            name=f.text("Full name of the person."),
            email=f.email("Address of the person, where the token may see it."),
            photo=photo("Portrait, null if there is none."),
            workspaces=f.refs("Workspaces that the person shares with the token."),
            custom_fields=values("Values that the organization keeps on the person."),
        ),
    )


class Teams(AsanaStream):
    """Teams of every organization that the token can see."""

    name = "teams"
    path = "/workspaces/{workspace_gid}/teams"
    schema = f.entity(
        name=f.prose("Name of the team."),
        description=f.prose("What the team says about itself."),
        html_description=f.prose("The description as HTML."),
        organization=f.ref("Organization that the team belongs to."),
        permalink_url=f.text("Address of the team in the web application."),
        visibility=f.text("Who finds the team: secret, request_to_join or public."),
        edit_team_name_or_description_access_level=f.text(
            "Who may rename or describe the team: all members, or its admins.",
        ),
        edit_team_visibility_or_trash_team_access_level=f.text(
            "Who may hide or delete the team: all members, or its admins.",
        ),
        member_invite_management_access_level=f.text(
            "Who decides on invitations of members.",
        ),
        guest_invite_management_access_level=f.text(
            "Who decides on invitations of guests.",
        ),
        join_request_management_access_level=f.text("Who decides on requests to join."),
        team_member_removal_access_level=f.text("Who may remove members."),
        team_content_management_access_level=f.text(
            "Who may create and share things in the team.",
        ),
        endorsed=f.flag("Whether the organization recommends the team."),
        custom_field_settings=settings("Custom fields in use in the team."),
    )


class Roles(AsanaStream):
    """Roles that people can have in an organization, with what each allows."""

    name = "roles"
    path = "/roles?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name of the role."),
        description=f.prose("What the role is for."),
        is_standard_role=f.flag("Whether the role is one of Asana's own."),
        creation_time=f.instant("When it was made."),
        modified_at=f.instant("When it changed last."),
        base_role_type=f.text("Role it builds on: guest, member, admin or super_admin."),
        permissions=f.obj("What the role allows.", **PERMISSIONS),
        workspace=f.ref("Workspace it belongs to."),
    )


class Agents(AsanaStream):
    """AI teammates of every workspace."""

    name = "agents"
    path = "/workspaces/{workspace_gid}/agents"
    # They act like people: what they did names them where it would name a person.
    schema = f.personal(
        f.entity(
            resource_subtype=f.text("Kind of agent."),
            name=f.text("Name of the agent."),
            description=f.prose("What the agent does."),
            behavior_guidance=f.prose("What the agent was told to do."),
            workspace=f.ref_gid("Workspace it works in."),
            photo=photo("Its picture, null if there is none."),
        ),
    )
