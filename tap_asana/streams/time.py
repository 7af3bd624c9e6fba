"""Where time went: tracked time, its categories and weekly timesheets."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_tree import TaskTree


class TimeTrackingEntries(AsanaStream):
    """Time that people tracked on every task."""

    name = "time_tracking_entries"
    reader = TaskTree()
    path = "/tasks/{task_gid}/time_tracking_entries"
    replication_key = "entered_on"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the task."),
        task_gid=f.parent_gid("Task that the time was spent on."),
        duration_minutes=f.number("Minutes tracked."),
        entered_on=f.day("Day that the time counts for."),
        attributable_to=f.ref("Project whose budget bears the time."),
        created_by=f.person("Who tracked it."),
        categories=f.refs("Categories of the entry.", color=f.text("Color it is shown in.")),
        task=f.unlisted(
            f.ref(
                "Task, where Asana sends it; task_gid says it too.", resource_subtype=f.text("Kind of task that it is.")
            )
        ),
        created_at=f.unlisted(f.instant("When it was entered, where Asana sends it.")),
        approval_status=f.unlisted(f.text("How its approval stands, where Asana sends it.")),
        billable_status=f.unlisted(f.text("Whether it is billable, where Asana sends it.")),
        description=f.unlisted(f.prose("What was done, where Asana sends it.")),
    )


class TimeTrackingCategories(AsanaStream):
    """Categories that time can be tracked in, archived ones included."""

    name = "time_tracking_categories"
    # Asana lists the archived ones only when asked for them by themselves.
    paths = (
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=false",
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=true",
    )
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the category."),
        name=f.prose("Name of the category."),
        color=f.text("Color it is shown in."),
        is_archived=f.flag("Whether new entries cannot have it any more."),
    )


class TimesheetApprovalStatuses(AsanaStream):
    """How far the approval of every weekly timesheet has come."""

    name = "timesheet_approval_statuses"
    path = "/timesheet_approval_statuses?workspace={workspace_gid}"
    schema = f.entity(
        created_at=f.instant("When it was made."),
        user=f.person("Whose timesheet it is."),
        workspace=f.ref("Workspace it belongs to."),
        start_date=f.day("First day of the week."),
        end_date=f.day("Last day of the week."),
        approval_status=f.text("How it stands: DRAFT, SUBMITTED, APPROVED or REJECTED."),
    )
