"""What is aimed at: portfolios, goals and the periods they are planned for."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.parents.kinds import PARENT_LISTS
from tap_asana.records import fields as f
from tap_asana.streams.nested import likes, period, settings, status, values
from tap_asana.streams.work import Projects
from tap_asana.sync.stream import AsanaStream


class Portfolios(AsanaStream):
    """Portfolios of every workspace: all for a service account, for a person those it owns or is a member of."""

    name = "portfolios"
    paths = PARENT_LISTS["portfolio"]
    schema = f.entity(
        name=f.prose("Name of the portfolio."),
        archived=f.flag("Whether it was put away."),
        color=f.text("Color it is shown in."),
        start_on=f.day("Day on which work begins."),
        due_on=f.day("Day on which it should be done."),
        default_access_level=f.text("What new members may do."),
        created_at=f.instant("When it was made."),
        created_by=f.person("Who made it."),
        custom_field_settings=settings("Custom fields that its items can have."),
        current_status_update=status("Newest status update about it."),
        custom_fields=values("Values set on the portfolio itself."),
        members=f.people("People it is shared with by name."),
        owner=f.person("Who answers for it."),
        workspace=f.ref("Workspace it belongs to."),
        permalink_url=f.text("Address of it in the web application."),
        public=f.flag("Whether the whole workspace can see it."),
        privacy_setting=f.text("Who can find it: the workspace, or members only."),
        project_templates=f.refs("Templates for projects in it."),
    )


class PortfolioItems(AsanaStream):
    """What lies in every portfolio: projects and other portfolios."""

    name = "portfolio_items"
    path = "/portfolios/{portfolio_gid}/items"
    primary_keys = ("portfolio_gid", "gid")
    # What kind of thing an item is comes only where nothing is asked.
    schema = f.no_subfields(
        f.entity(
            portfolio_gid=f.required(f.parent_gid("Portfolio that the item lies in.")),
            name=f.prose("Name of the item."),
        ),
    )
    omitted: ClassVar[f.Reasons] = dict.fromkeys(
        (*Projects.omitted, *sorted(Projects.schema["properties"].keys() - schema["properties"].keys())),
        "a link is all that is wanted here; the item's own record is in projects or portfolios",
    )


class Goals(AsanaStream):
    """Goals of every workspace, its teams and its people."""

    name = "goals"
    path = "/goals?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name of the goal."),
        html_notes=f.prose("Its description as HTML."),
        notes=f.prose("Its description."),
        due_on=f.day("Day on which it should be reached."),
        start_on=f.day("Day on which work begins."),
        is_workspace_level=f.flag("Whether it is a goal of the whole organization."),
        liked=f.flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        num_likes=f.number("How many like it."),
        team=f.ref("Team whose goal it is."),
        workspace=f.ref("Workspace it belongs to."),
        followers=f.people("People that are members of it."),
        time_period=period("Period it is planned for."),
        metric=f.ref_gid(
            "How its progress is measured.",
            resource_subtype=f.text("Kind of metric."),
            precision=f.number("Decimals shown; of percentages, of the fraction."),
            unit=f.text("What is counted: currency, percentage or none."),
            currency_code=f.text("Currency, where money is counted."),
            initial_number_value=f.number("Value at the start."),
            target_number_value=f.number("Value to reach."),
            current_number_value=f.number("Value now."),
            current_display_value=f.text("Value now, as written."),
            progress_source=f.text("Where the value comes from: people, subgoals, projects, tasks, another system."),
            is_custom_weight=f.flag("Whether supporting things count by weights of their own."),
            can_manage=f.flag("Whether the owner of the token can change the metric."),
        ),
        owner=f.person("Who answers for it."),
        current_status_update=status("Newest status update about it."),
        status=f.text("How it stands: green, yellow, red, or how it ended."),
        privacy_setting=f.text("Who can find it: the workspace, or members only."),
        default_access_level=f.text("What new members may do."),
        custom_fields=values("Values set on the goal itself."),
        custom_field_settings=settings("Custom fields that the goal can have."),
    )


class GoalRelationships(AsanaStream):
    """What supports every goal: subgoals, portfolios, projects and tasks."""

    name = "goal_relationships"
    path = "/goal_relationships?supported_goal={goal_gid}"
    schema = f.entity(
        resource_subtype=f.text("Either subgoal or supporting_work."),
        supporting_resource=f.ref(
            "What supports the goal.",
            resource_type=f.text("Kind of thing that supports it."),
        ),
        contribution_weight=f.number("Share of its progress that counts, from 0 to 1."),
        supported_goal=f.ref("Goal that is supported."),
    )


class TimePeriods(AsanaStream):
    """Fiscal years, halves and quarters that goals are planned for."""

    name = "time_periods"
    path = "/time_periods?workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the period."),
        end_on=f.day("Last day."),
        start_on=f.day("First day."),
        period=f.text("Kind of period, such as FY, H1 or Q4."),
        display_name=f.text("Kind of period and its fiscal year."),
        parent=period("Longer period that it is part of."),
    )
