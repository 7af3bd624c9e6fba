"""Who belongs to what: members of workspaces, teams, projects, portfolios, goals."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream


class TeamMemberships(AsanaStream):
    """Members of every team, with their role in it."""

    name = "team_memberships"
    path = "/teams/{team_gid}/team_memberships"
    schema = f.entity(
        user=f.person("The member."),
        team=f.ref("The team."),
        is_guest=f.flag("Whether the member is a guest of the organization."),
        is_limited_access=f.flag("Whether the member sees only part of the team."),
        is_admin=f.flag("Whether the member administers the team."),
    )


class WorkspaceMemberships(AsanaStream):
    """Members of every workspace, with their rights; the inactive ones too."""

    name = "workspace_memberships"
    path = "/workspaces/{workspace_gid}/workspace_memberships"
    schema = f.entity(
        user=f.person("The member."),
        workspace=f.ref("The workspace."),
        user_task_list=f.ref_gid("My Tasks of the member in this workspace.", name=f.personal(f.text("Name of it."))),
        is_active=f.flag("Whether the member still belongs to the workspace."),
        is_admin=f.flag("Whether the member administers the workspace."),
        is_guest=f.flag("Whether the member is a guest."),
        is_view_only=f.flag("Whether the member's license is for reading only."),
        created_at=f.instant("When the member came to the workspace."),
    )
    omitted: ClassVar[f.Reasons] = {
        "vacation_dates": "deprecated; absences are in the stream ooo_entries",
    }


def _membership(parent: str) -> f.Schema:
    # The list documents no opt_fields at all: what comes by itself is everything.
    return f.no_subfields(
        f.entity(
            resource_subtype=f.text("Kind of membership, named after the parent."),
            member=f.person(
                "The member, a user or a team.",
                resource_type=f.text("Either user or team."),
            ),
            parent=f.ref(
                f"The {parent} that the member belongs to.",
                resource_type=f.text("Kind of thing that the parent is."),
            ),
            access_level=f.text(f"What the member may do with the {parent}."),
        ),
    )


OMITTED: f.Reasons = {
    "role": "deprecated; access_level says it",
    "goal": "deprecated; parent says it",
    "user": "deprecated; member says it",
    "workspace": "deprecated; the parent's record says it",
}


class ProjectMemberships(AsanaStream):
    """Users and teams that a project is shared with, with their access."""

    name = "project_memberships"
    path = "/memberships?parent={project_gid}"
    schema = _membership("project")
    omitted = OMITTED


class PortfolioMemberships(AsanaStream):
    """Users and teams that a portfolio is shared with, with their access."""

    name = "portfolio_memberships"
    path = "/memberships?parent={portfolio_gid}"
    schema = _membership("portfolio")
    omitted = OMITTED


class GoalMemberships(AsanaStream):
    """Users and teams that a goal is shared with, with their access."""

    name = "goal_memberships"
    path = "/memberships?parent={goal_gid}"
    schema = _membership("goal")
    omitted = OMITTED
