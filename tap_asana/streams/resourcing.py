"""Who is there for the work, and what it costs: allocations, absences, budgets, rates."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream


class Allocations(AsanaStream):
    """Time of people that is set aside for projects."""

    name = "allocations"
    path = "/allocations?workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the allocation."),
        start_date=f.day("First day."),
        end_date=f.day("Last day."),
        effort=f.obj(
            "How much time.",
            type=f.text("What is counted: hours or percent."),
            value=f.number("How many of them."),
        ),
        assignee=f.person(
            "Person or placeholder whose time it is.", resource_type=f.text("Either user or placeholder.")
        ),
        created_by=f.person("Who made it."),
        parent=f.ref("Project that the time is for."),
        resource_subtype=f.text("Kind of allocation."),
    )


class OooEntries(AsanaStream):
    """Absences of every user, by workspace."""

    name = "ooo_entries"
    path = "/ooo_entries?user={user_gid}&workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace in which the person is absent."),
        start_date=f.day("First day of absence."),
        end_date=f.day("Last day of absence."),
        user=f.person("Who is absent."),
        created_by=f.person("Who entered it."),
    )


def _amount(description: str, **more: f.Schema) -> f.Schema:
    return f.obj(
        description,
        value=f.number("How much."),
        units=f.text("What is counted: minutes, or a currency."),
        **more,
    )


class Budgets(AsanaStream):
    """The budget of every project that has one."""

    name = "budgets"
    path = "/budgets?parent={project_gid}"
    # The list documents no opt_fields: it sends budgets whole.
    schema = f.no_subfields(
        f.entity(
            budget_type=f.text("What it limits: cost or time."),
            estimate=_amount(
                "What the work should take.",
                enabled=f.flag("Whether there is an estimate."),
                source=f.text("What it is computed from: tasks, capacity_plans or none."),
                billable_status_filter=f.text("Which tasks count: billable, non_billable or any."),
            ),
            actual=_amount(
                "What the work took so far.",
                billable_status_filter=f.text("Which time entries count: billable, non_billable or any."),
            ),
            total=_amount("What the work may take.", enabled=f.flag("Whether a total was set.")),
            parent=f.ref("Project that it is for."),
        ),
    )


class Rates(AsanaStream):
    """What an hour of a person or placeholder costs in a project."""

    name = "rates"
    path = "/rates?parent={project_gid}"
    # The list documents no opt_fields: what it sends is all there is.
    schema = f.no_subfields(
        f.entity(
            parent=f.ref("Project that it holds for."),
            resource=f.person(
                "Person or placeholder it is the rate of.", resource_type=f.text("Either user or placeholder.")
            ),
            rate=f.number("Money for an hour."),
            currency_code=f.text("Currency of it."),
            created_by=f.person("Who set it."),
        ),
    )
