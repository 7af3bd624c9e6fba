"""Who is there for the work, and what it costs: allocations, absences, budgets, rates."""

from __future__ import annotations

from tap_asana.records.fields import Schema, day, entity, flag, no_subfields, number, obj, parent_gid, person, ref, text
from tap_asana.sync.stream import AsanaStream


class Allocations(AsanaStream):
    """Time of people that is set aside for projects."""

    name = "allocations"
    path = "/allocations?workspace={workspace_gid}"
    schema = entity(
        workspace_gid=parent_gid("Workspace of the allocation."),
        start_date=day("First day."),
        end_date=day("Last day."),
        effort=obj(
            "How much time.",
            type=text("What is counted: hours or percent."),
            value=number("How many of them."),
        ),
        assignee=person("Person or placeholder whose time it is.", resource_type=text("Either user or placeholder.")),
        created_by=person("Who made it."),
        parent=ref("Project that the time is for."),
        resource_subtype=text("Kind of allocation."),
    )


class OooEntries(AsanaStream):
    """Absences of every user, by workspace."""

    name = "ooo_entries"
    path = "/ooo_entries?user={user_gid}&workspace={workspace_gid}"
    schema = entity(
        workspace_gid=parent_gid("Workspace in which the person is absent."),
        start_date=day("First day of absence."),
        end_date=day("Last day of absence."),
        user=person("Who is absent."),
        created_by=person("Who entered it."),
    )


def _amount(description: str, **more: Schema) -> Schema:
    return obj(
        description,
        value=number("How much."),
        units=text("What is counted: minutes, or a currency."),
        **more,
    )


class Budgets(AsanaStream):
    """The budget of every project that has one."""

    name = "budgets"
    path = "/budgets?parent={project_gid}"
    # The list documents no opt_fields: it sends budgets whole.
    schema = no_subfields(
        entity(
            budget_type=text("What it limits: cost or time."),
            estimate=_amount(
                "What the work should take.",
                enabled=flag("Whether there is an estimate."),
                source=text("What it is computed from: tasks, capacity_plans or none."),
                billable_status_filter=text("Which tasks count: billable, non_billable or any."),
            ),
            actual=_amount(
                "What the work took so far.",
                billable_status_filter=text("Which time entries count: billable, non_billable or any."),
            ),
            total=_amount("What the work may take.", enabled=flag("Whether a total was set.")),
            parent=ref("Project that it is for."),
        ),
    )


class Rates(AsanaStream):
    """What an hour of a person or placeholder costs in a project."""

    name = "rates"
    path = "/rates?parent={project_gid}"
    # The list documents no opt_fields: what it sends is all there is.
    schema = no_subfields(
        entity(
            parent=ref("Project that it holds for."),
            resource=person(
                "Person or placeholder it is the rate of.", resource_type=text("Either user or placeholder.")
            ),
            rate=number("Money for an hour."),
            currency_code=text("Currency of it."),
            created_by=person("Who set it."),
        ),
    )
