"""Portfolios, goals and time periods."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.parents.kinds import PARENT_LISTS
from tap_asana.records import fields as f
from tap_asana.streams.nested import likes, period, settings, status, values
from tap_asana.streams.work import Projects
from tap_asana.sync.stream import AsanaStream


class Portfolios(AsanaStream):
    """Portfolios: all of a workspace for a service account; for a user, those owned by or shared with the user."""

    name = "portfolios"
    paths = PARENT_LISTS["portfolio"]
    schema = f.entity(
        name=f.prose("Name."),
        archived=f.flag("Whether it is archived."),
        color=f.text("Color in the web application."),
        start_on=f.day("Start date."),
        due_on=f.day("Due date."),
        default_access_level=f.text("Default access level of new members."),
        created_at=f.instant("Creation time."),
        created_by=f.person("Creator."),
        custom_field_settings=settings("Custom fields of the items."),
        current_status_update=status("Latest status update."),
        custom_fields=values("Custom field values of the portfolio."),
        members=f.people("Users with a direct membership."),
        owner=f.person("Owner."),
        workspace=f.ref("Workspace.", "workspaces"),
        permalink_url=f.text("URL in the web application."),
        public=f.flag("Whether it is visible to the whole workspace."),
        privacy_setting=f.text("Privacy setting: the workspace, or members only."),
        project_templates=f.refs("Project templates of the portfolio.", "project_templates"),
    )


class PortfolioItems(AsanaStream):
    """Items of every portfolio: projects and other portfolios."""

    name = "portfolio_items"
    path = "/portfolios/{portfolio_gid}/items"
    primary_keys = ("portfolio_gid", "gid")
    # Asana returns the type of an item only if no opt_fields are requested.
    schema = f.no_subfields(
        f.record(
            gid=f.gid_of(("projects", "portfolios")),
            resource_type=f.resource_type(),
            portfolio_gid=f.required(f.parent_gid("Portfolio of the item.", "portfolios")),
            name=f.prose("Name."),
        ),
    )
    omitted: ClassVar[f.Reasons] = dict.fromkeys(
        (*Projects.omitted, *sorted(Projects.schema["properties"].keys() - schema["properties"].keys())),
        "see the item's record in projects or portfolios",
    )


class Goals(AsanaStream):
    """Goals of every workspace, its teams and its users."""

    name = "goals"
    path = "/goals?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name."),
        html_notes=f.prose("Description in HTML."),
        notes=f.prose("Description."),
        due_on=f.day("Due date."),
        start_on=f.day("Start date."),
        is_workspace_level=f.flag("Whether it is a goal of the whole workspace."),
        liked=f.flag("Whether the token's user has liked it."),
        likes=likes("Likes."),
        num_likes=f.number("Number of likes."),
        team=f.ref("Team.", "teams"),
        workspace=f.ref("Workspace.", "workspaces"),
        followers=f.people("Members."),
        time_period=period("Time period."),
        metric=f.ref_gid(
            "Metric of the progress.",
            f.NO_STREAM,
            resource_subtype=f.text("Type of metric."),
            precision=f.number("Number of decimal places; for percentages, of the fraction."),
            unit=f.text("Unit: currency, percentage or none."),
            currency_code=f.text("ISO 4217 currency code, if the unit is currency."),
            initial_number_value=f.number("Initial value."),
            target_number_value=f.number("Target value."),
            current_number_value=f.number("Current value."),
            current_display_value=f.text("Current value as text."),
            progress_source=f.text("Source of the value, such as manual, subgoal_progress or task_completion."),
            is_custom_weight=f.flag("Whether supporting objects have custom weights."),
            can_manage=f.flag("Whether the token's user can change the metric."),
        ),
        owner=f.person("Owner."),
        current_status_update=status("Latest status update."),
        status=f.text("Status: green, yellow or red; for a closed goal, its result."),
        privacy_setting=f.text("Privacy setting: the workspace, or members only."),
        default_access_level=f.text("Default access level of new members."),
        custom_fields=values("Custom field values of the goal."),
        custom_field_settings=settings("Custom fields of the goal."),
    )


class GoalRelationships(AsanaStream):
    """Subgoals, portfolios, projects and tasks that support a goal."""

    name = "goal_relationships"
    path = "/goal_relationships?supported_goal={goal_gid}"
    schema = f.entity(
        resource_subtype=f.text("subgoal or supporting_work."),
        supporting_resource=f.ref(
            "Supporting goal, portfolio, project or task.",
            ("goals", "portfolios", "projects", "tasks"),
            resource_type=f.text("Type of the supporting object."),
        ),
        contribution_weight=f.number("Weight of its progress in the goal, from 0 to 1."),
        supported_goal=f.ref("Supported goal.", "goals"),
    )


class TimePeriods(AsanaStream):
    """Fiscal years, halves and quarters of goals."""

    name = "time_periods"
    path = "/time_periods?workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace.", "workspaces"),
        end_on=f.day("Last day."),
        start_on=f.day("First day."),
        period=f.text("Type of period, such as FY, H1 or Q4."),
        display_name=f.text("Type of period and fiscal year."),
        parent=period("Longer period that includes it."),
    )
