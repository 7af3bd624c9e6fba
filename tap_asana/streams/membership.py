"""Who belongs to what: members of workspaces, teams, projects, portfolios, goals."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records.fields import (
    Reasons,
    Schema,
    entity,
    flag,
    instant,
    no_subfields,
    person,
    personal,
    ref,
    ref_gid,
    text,
)
from tap_asana.sync.stream import AsanaStream


class TeamMemberships(AsanaStream):
    """Members of every team, with their role in it."""

    name = "team_memberships"
    path = "/teams/{team_gid}/team_memberships"
    schema = entity(
        user=person("The member."),
        team=ref("The team."),
        is_guest=flag("Whether the member is a guest of the organization."),
        is_limited_access=flag("Whether the member sees only part of the team."),
        is_admin=flag("Whether the member administers the team."),
    )


class WorkspaceMemberships(AsanaStream):
    """Members of every workspace, with their rights; the inactive ones too."""

    name = "workspace_memberships"
    path = "/workspaces/{workspace_gid}/workspace_memberships"
    schema = entity(
        user=person("The member."),
        workspace=ref("The workspace."),
        user_task_list=ref_gid("My Tasks of the member in this workspace.", name=personal(text("Name of it."))),
        is_active=flag("Whether the member still belongs to the workspace."),
        is_admin=flag("Whether the member administers the workspace."),
        is_guest=flag("Whether the member is a guest."),
        is_view_only=flag("Whether the member's license is for reading only."),
        created_at=instant("When the member came to the workspace."),
    )
    omitted: ClassVar[Reasons] = {
        "vacation_dates": "deprecated; absences are in the stream ooo_entries",
    }


def _membership(parent: str) -> Schema:
    # The list documents no opt_fields at all: what comes by itself is everything.
    return no_subfields(
        entity(
            resource_subtype=text("Kind of membership, named after the parent."),
            member=person(
                "The member, a user or a team.",
                resource_type=text("Either user or team."),
            ),
            parent=ref(
                f"The {parent} that the member belongs to.",
                resource_type=text("Kind of thing that the parent is."),
            ),
            access_level=text(f"What the member may do with the {parent}."),
        ),
    )


OMITTED: Reasons = {
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
