"""Where time went: tracked time, its categories and weekly timesheets."""

from __future__ import annotations

from tap_asana.records.fields import (
    day,
    entity,
    flag,
    instant,
    number,
    parent_gid,
    person,
    prose,
    ref,
    refs,
    text,
    unlisted,
)
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_streams import TaskTreeStream


class TimeTrackingEntries(TaskTreeStream):
    """Time that people tracked on every task."""

    name = "time_tracking_entries"
    path = "/tasks/{task_gid}/time_tracking_entries"
    replication_key = "entered_on"
    schema = entity(
        workspace_gid=parent_gid("Workspace of the task."),
        task_gid=parent_gid("Task that the time was spent on."),
        duration_minutes=number("Minutes tracked."),
        entered_on=day("Day that the time counts for."),
        attributable_to=ref("Project whose budget bears the time."),
        created_by=person("Who tracked it."),
        categories=refs("Categories of the entry.", color=text("Color it is shown in.")),
        task=unlisted(
            ref("Task, where Asana sends it; task_gid says it too.", resource_subtype=text("Kind of task that it is."))
        ),
        created_at=unlisted(instant("When it was entered, where Asana sends it.")),
        approval_status=unlisted(text("How its approval stands, where Asana sends it.")),
        billable_status=unlisted(text("Whether it is billable, where Asana sends it.")),
        description=unlisted(prose("What was done, where Asana sends it.")),
    )


class TimeTrackingCategories(AsanaStream):
    """Categories that time can be tracked in, archived ones included."""

    name = "time_tracking_categories"
    # Asana lists the archived ones only when asked for them by themselves.
    paths = (
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=false",
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=true",
    )
    schema = entity(
        workspace_gid=parent_gid("Workspace of the category."),
        name=prose("Name of the category."),
        color=text("Color it is shown in."),
        is_archived=flag("Whether new entries cannot have it any more."),
    )


class TimesheetApprovalStatuses(AsanaStream):
    """How far the approval of every weekly timesheet has come."""

    name = "timesheet_approval_statuses"
    path = "/timesheet_approval_statuses?workspace={workspace_gid}"
    schema = entity(
        created_at=instant("When it was made."),
        user=person("Whose timesheet it is."),
        workspace=ref("Workspace it belongs to."),
        start_date=day("First day of the week."),
        end_date=day("Last day of the week."),
        approval_status=text("How it stands: DRAFT, SUBMITTED, APPROVED or REJECTED."),
    )
