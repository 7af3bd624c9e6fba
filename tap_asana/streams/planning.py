"""What is aimed at: portfolios, goals and the periods they are planned for."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.parents.kinds import PARENT_LISTS
from tap_asana.records.fields import (
    Reasons,
    day,
    entity,
    flag,
    instant,
    no_subfields,
    number,
    parent_gid,
    people,
    person,
    prose,
    ref,
    ref_gid,
    refs,
    required,
    text,
)
from tap_asana.streams.nested import likes, period, settings, status, values
from tap_asana.streams.work import Projects
from tap_asana.sync.stream import AsanaStream


class Portfolios(AsanaStream):
    """Portfolios of every workspace: all for a service account, for a person those it owns or is a member of."""

    name = "portfolios"
    paths = PARENT_LISTS["portfolio"]
    schema = entity(
        name=prose("Name of the portfolio."),
        archived=flag("Whether it was put away."),
        color=text("Color it is shown in."),
        start_on=day("Day on which work begins."),
        due_on=day("Day on which it should be done."),
        default_access_level=text("What new members may do."),
        created_at=instant("When it was made."),
        created_by=person("Who made it."),
        custom_field_settings=settings("Custom fields that its items can have."),
        current_status_update=status("Newest status update about it."),
        custom_fields=values("Values set on the portfolio itself."),
        members=people("People it is shared with by name."),
        owner=person("Who answers for it."),
        workspace=ref("Workspace it belongs to."),
        permalink_url=text("Address of it in the web application."),
        public=flag("Whether the whole workspace can see it."),
        privacy_setting=text("Who can find it: the workspace, or members only."),
        project_templates=refs("Templates for projects in it."),
    )


class PortfolioItems(AsanaStream):
    """What lies in every portfolio: projects and other portfolios."""

    name = "portfolio_items"
    path = "/portfolios/{portfolio_gid}/items"
    primary_keys = ("portfolio_gid", "gid")
    # What kind of thing an item is comes only where nothing is asked.
    schema = no_subfields(
        entity(
            portfolio_gid=required(parent_gid("Portfolio that the item lies in.")),
            name=prose("Name of the item."),
        ),
    )
    omitted: ClassVar[Reasons] = dict.fromkeys(
        (*Projects.omitted, *sorted(Projects.schema["properties"].keys() - schema["properties"].keys())),
        "a link is all that is wanted here; the item's own record is in projects or portfolios",
    )


class Goals(AsanaStream):
    """Goals of every workspace, its teams and its people."""

    name = "goals"
    path = "/goals?workspace={workspace_gid}"
    schema = entity(
        name=prose("Name of the goal."),
        html_notes=prose("Its description as HTML."),
        notes=prose("Its description."),
        due_on=day("Day on which it should be reached."),
        start_on=day("Day on which work begins."),
        is_workspace_level=flag("Whether it is a goal of the whole organization."),
        liked=flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        num_likes=number("How many like it."),
        team=ref("Team whose goal it is."),
        workspace=ref("Workspace it belongs to."),
        followers=people("People that are members of it."),
        time_period=period("Period it is planned for."),
        metric=ref_gid(
            "How its progress is measured.",
            resource_subtype=text("Kind of metric."),
            precision=number("Decimals shown; of percentages, of the fraction."),
            unit=text("What is counted: currency, percentage or none."),
            currency_code=text("Currency, where money is counted."),
            initial_number_value=number("Value at the start."),
            target_number_value=number("Value to reach."),
            current_number_value=number("Value now."),
            current_display_value=text("Value now, as written."),
            progress_source=text("Where the value comes from: people, subgoals, projects, tasks, another system."),
            is_custom_weight=flag("Whether supporting things count by weights of their own."),
            can_manage=flag("Whether the owner of the token can change the metric."),
        ),
        owner=person("Who answers for it."),
        current_status_update=status("Newest status update about it."),
        status=text("How it stands: green, yellow, red, or how it ended."),
        privacy_setting=text("Who can find it: the workspace, or members only."),
        default_access_level=text("What new members may do."),
        custom_fields=values("Values set on the goal itself."),
        custom_field_settings=settings("Custom fields that the goal can have."),
    )


class GoalRelationships(AsanaStream):
    """What supports every goal: subgoals, portfolios, projects and tasks."""

    name = "goal_relationships"
    path = "/goal_relationships?supported_goal={goal_gid}"
    schema = entity(
        resource_subtype=text("Either subgoal or supporting_work."),
        supporting_resource=ref(
            "What supports the goal.",
            resource_type=text("Kind of thing that supports it."),
        ),
        contribution_weight=number("Share of its progress that counts, from 0 to 1."),
        supported_goal=ref("Goal that is supported."),
    )


class TimePeriods(AsanaStream):
    """Fiscal years, halves and quarters that goals are planned for."""

    name = "time_periods"
    path = "/time_periods?workspace={workspace_gid}"
    schema = entity(
        workspace_gid=parent_gid("Workspace of the period."),
        end_on=day("Last day."),
        start_on=day("First day."),
        period=text("Kind of period, such as FY, H1 or Q4."),
        display_name=text("Kind of period and its fiscal year."),
        parent=period("Longer period that it is part of."),
    )
