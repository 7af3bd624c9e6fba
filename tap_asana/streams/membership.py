"""Members of workspaces, teams, projects, portfolios and goals."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream


class TeamMemberships(AsanaStream):
    """Members of every team with their roles."""

    name = "team_memberships"
    path = "/teams/{team_gid}/team_memberships"
    schema = f.entity(
        user=f.person("Member."),
        team=f.ref("Team.", "teams"),
        is_guest=f.flag("Whether the member is a guest of the organization."),
        is_limited_access=f.flag("Whether the member has limited access to the team."),
        is_admin=f.flag("Whether the member is an admin of the team."),
    )


class WorkspaceMemberships(AsanaStream):
    """Members of every workspace with their roles, including inactive members."""

    name = "workspace_memberships"
    path = "/workspaces/{workspace_gid}/workspace_memberships"
    schema = f.entity(
        user=f.person("Member."),
        workspace=f.ref("Workspace.", "workspaces"),
        user_task_list=f.ref_gid(
            "The member's My Tasks list in the workspace.", "user_task_lists", name=f.personal(f.text("Name."))
        ),
        is_active=f.flag("Whether the membership is active."),
        is_admin=f.flag("Whether the member is an admin of the workspace."),
        is_guest=f.flag("Whether the member is a guest."),
        is_view_only=f.flag("Whether the member has a view-only license."),
        created_at=f.instant("Creation time of the membership."),
    )
    omitted: ClassVar[f.Reasons] = {
        "vacation_dates": "deprecated; see the stream ooo_entries",
    }


def _membership(parent: str) -> f.Schema:
    # Asana documents no opt_fields for this list: it returns all fields.
    return f.no_subfields(
        f.entity(
            resource_subtype=f.text("Type of membership, such as project_membership."),
            member=f.person(
                "Member: a user or a team.",
                (*f.PEOPLE, "teams"),
                resource_type=f.text("user or team."),
            ),
            parent=f.ref(
                f"The {parent}.",
                f"{parent}s",
                resource_type=f.text("Type of the parent."),
            ),
            access_level=f.text(f"Access level of the member in the {parent}."),
        ),
    )


OMITTED: f.Reasons = {
    "role": "deprecated; use access_level",
    "goal": "deprecated; use parent",
    "user": "deprecated; use member",
    "workspace": "deprecated; use the parent's record",
}


class ProjectMemberships(AsanaStream):
    """Users and teams with access to a project."""

    name = "project_memberships"
    path = "/memberships?parent={project_gid}"
    schema = _membership("project")
    omitted = OMITTED


class PortfolioMemberships(AsanaStream):
    """Users and teams with access to a portfolio."""

    name = "portfolio_memberships"
    path = "/memberships?parent={portfolio_gid}"
    schema = _membership("portfolio")
    omitted = OMITTED


class GoalMemberships(AsanaStream):
    """Users and teams with access to a goal."""

    name = "goal_memberships"
    path = "/memberships?parent={goal_gid}"
    schema = _membership("goal")
    omitted = OMITTED
