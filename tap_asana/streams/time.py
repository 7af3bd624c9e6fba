"""Tracked time, its categories and the approval of timesheets."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_tree import TaskTree


class TimeTrackingEntries(AsanaStream):
    """Time tracked on every task."""

    name = "time_tracking_entries"
    reader = TaskTree()
    path = "/tasks/{task_gid}/time_tracking_entries"
    replication_key = "entered_on"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace.", "workspaces"),
        task_gid=f.parent_gid("Task.", "tasks"),
        duration_minutes=f.number("Tracked minutes."),
        entered_on=f.day("Date of the work."),
        attributable_to=f.ref("Project to which the time is attributed.", "projects"),
        created_by=f.person("Creator."),
        categories=f.refs("Categories.", "time_tracking_categories", color=f.text("Color in the web application.")),
        task=f.unlisted(
            f.ref(
                "Task, if Asana returns it; task_gid is always set.",
                "tasks",
                resource_subtype=f.text("Subtype of the task."),
            )
        ),
        created_at=f.unlisted(f.instant("Creation time, if Asana returns it.")),
        approval_status=f.unlisted(f.text("Approval status, if Asana returns it.")),
        billable_status=f.unlisted(f.text("Billable status, if Asana returns it.")),
        description=f.unlisted(f.prose("Description, if Asana returns it.")),
    )


class TimeTrackingCategories(AsanaStream):
    """Categories of tracked time, including archived ones."""

    name = "time_tracking_categories"
    # Asana lists archived categories only in a list of their own.
    paths = (
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=false",
        "/time_tracking_categories?workspace={workspace_gid}&is_archived=true",
    )
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace.", "workspaces"),
        name=f.prose("Name."),
        color=f.text("Color in the web application."),
        is_archived=f.flag("Whether it is archived: new entries cannot use it."),
    )


class TimesheetApprovalStatuses(AsanaStream):
    """Approval status of every weekly timesheet."""

    name = "timesheet_approval_statuses"
    path = "/timesheet_approval_statuses?workspace={workspace_gid}"
    schema = f.entity(
        created_at=f.instant("Creation time."),
        user=f.person("User of the timesheet."),
        workspace=f.ref("Workspace.", "workspaces"),
        start_date=f.day("First day of the week."),
        end_date=f.day("Last day of the week."),
        approval_status=f.text("DRAFT, SUBMITTED, APPROVED or REJECTED."),
    )
