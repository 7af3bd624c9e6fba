"""Allocations, absences, budgets and rates."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream


class Allocations(AsanaStream):
    """Time of users and placeholders, allocated to projects."""

    name = "allocations"
    path = "/allocations?workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace.", "workspaces"),
        start_date=f.day("First day."),
        end_date=f.day("Last day."),
        effort=f.obj(
            "Allocated time.",
            type=f.text("Unit: hours or percent."),
            value=f.number("Number of hours, or percentage."),
        ),
        assignee=f.person("User or placeholder.", resource_type=f.text("user or placeholder.")),
        created_by=f.person("Creator."),
        parent=f.ref("Project.", "projects"),
        resource_subtype=f.text("Type of allocation."),
    )


class OooEntries(AsanaStream):
    """Absences of every user in every workspace."""

    name = "ooo_entries"
    path = "/ooo_entries?user={user_gid}&workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace.", "workspaces"),
        start_date=f.day("First day."),
        end_date=f.day("Last day."),
        user=f.person("Absent user."),
        created_by=f.person("Creator."),
    )


def _amount(description: str, **more: f.Schema) -> f.Schema:
    return f.obj(
        description,
        value=f.number("Amount."),
        units=f.text("Unit: minutes, or a currency."),
        **more,
    )


class Budgets(AsanaStream):
    """Budgets of projects."""

    name = "budgets"
    path = "/budgets?parent={project_gid}"
    # Asana documents no opt_fields for this list: it returns all fields.
    schema = f.no_subfields(
        f.entity(
            budget_type=f.text("cost or time."),
            estimate=_amount(
                "Estimated cost or time.",
                enabled=f.flag("Whether there is an estimate."),
                source=f.text("Source of the estimate: tasks, capacity_plans or none."),
                billable_status_filter=f.text("Tasks to count: billable, non_billable or any."),
            ),
            actual=_amount(
                "Actual cost or time so far.",
                billable_status_filter=f.text("Time entries to count: billable, non_billable or any."),
            ),
            total=_amount("Budget.", enabled=f.flag("Whether a budget is set.")),
            parent=f.ref("Project.", "projects"),
        ),
    )


class Rates(AsanaStream):
    """Hourly rates of users and placeholders in projects."""

    name = "rates"
    path = "/rates?parent={project_gid}"
    # Asana documents no opt_fields for this list: it returns all fields.
    schema = f.no_subfields(
        f.entity(
            parent=f.ref("Project.", "projects"),
            resource=f.person("User or placeholder.", resource_type=f.text("user or placeholder.")),
            rate=f.number("Amount for one hour."),
            currency_code=f.text("ISO 4217 currency code."),
            created_by=f.person("Creator."),
        ),
    )
