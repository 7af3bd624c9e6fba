"""Where time went: tracked time, its categories and weekly timesheets."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.fields import (
    Reasons,
    day,
    entity,
    flag,
    instant,
    key,
    number,
    person,
    prose,
    ref,
    refs,
    text,
)
from tap_asana.streams.base import AsanaStream
from tap_asana.streams.family import FamilyStream

UNLISTED = "no list documents it; it would take a request per entry"


class TimeTrackingEntries(FamilyStream):
    """Time that people tracked on every task."""

    name = "time_tracking_entries"
    path = "/tasks/{task_gid}/time_tracking_entries"
    replication_key = "entered_on"
    schema = entity(
        workspace_gid=key("Workspace of the task."),
        task_gid=key("Task that the time was spent on."),
        duration_minutes=number("Minutes tracked."),
        entered_on=day("Day that the time counts for."),
        attributable_to=ref("Project whose budget bears the time."),
        created_by=person("Who tracked it."),
        categories=refs("Categories of the entry.", color=text("Color it is shown in.")),
    )
    omitted: ClassVar[Reasons] = {
        "task": "no list documents it; task_gid says it",
        "created_at": UNLISTED,
        "approval_status": UNLISTED,
        "billable_status": UNLISTED,
        "description": UNLISTED,
    }


class TimeTrackingCategories(AsanaStream):
    """Categories that time can be tracked in, archived ones included."""

    name = "time_tracking_categories"
    # Asana lists the archived ones only when asked for them by themselves.
    paths = (
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=false",
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=true",
    )
    schema = entity(
        workspace_gid=key("Workspace of the category."),
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
