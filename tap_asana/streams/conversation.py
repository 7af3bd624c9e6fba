"""Stories, attachments and status updates."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records import fields as f
from tap_asana.streams.nested import likes, reactions
from tap_asana.sync.readers import CreatedSince
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_tree import TaskTree


def _task(description: str, streams: f.Targets = "tasks") -> f.Schema:
    return f.ref(description, streams, resource_subtype=f.text("Subtype of the task."))


def _dates(description: str) -> f.Schema:
    return f.obj(
        description,
        start_on=f.day("Start date."),
        due_at=f.instant("Due time, if one is set."),
        due_on=f.day("Due date."),
    )


def _preview(description: str) -> f.Schema:
    return f.objs(
        description,
        fallback=f.prose("Text to show if the preview cannot be rendered."),
        footer=f.prose("Footer."),
        header=f.prose("Header."),
        header_link=f.prose("URL of the header."),
        html_text=f.prose("Body in HTML."),
        text=f.prose("Body."),
        title=f.prose("Title."),
        title_link=f.prose("URL of the title."),
    )


class Stories(AsanaStream):
    """Comments and change history of every task and goal."""

    name = "stories"
    reader = TaskTree()
    path = "/tasks/{task_gid}/stories"
    paths = ("/goals/{goal_gid}/stories",)
    replication_key = "created_at"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the task or goal.", "workspaces"),
        task_gid=f.parent_gid("Task of the story; null for a story of a goal.", "tasks"),
        goal_gid=f.parent_gid("Goal of the story; null for a story of a task.", "goals"),
        created_at=f.instant("Time of the comment or event."),
        resource_subtype=f.text("Type of event, such as comment_added or assigned."),
        text=f.narrative("Text of the comment or event; Asana may change the wording of events."),
        html_text=f.narrative("The text in HTML, with names of people and links to their profiles."),
        is_pinned=f.flag("Whether it is pinned to the top of the task."),
        sticker_name=f.text("Sticker in the comment."),
        created_by=f.person("Author; null for Asana itself."),
        type=f.text("comment or system."),
        is_editable=f.flag("Whether its text can be edited."),
        is_edited=f.flag("Whether its text has been edited."),
        liked=f.flag("Whether the token's user has liked it."),
        likes=likes("Likes."),
        num_likes=f.number("Number of likes."),
        reaction_summary=reactions("Emoji reactions."),
        previews=_preview("Previews of links in the comment."),
        old_name=f.prose("Name before the change."),
        new_name=f.prose("Name after the change."),
        old_dates=_dates("Dates before the change."),
        new_dates=_dates("Dates after the change."),
        old_resource_subtype=f.text("Subtype of the task before the change."),
        new_resource_subtype=f.text("Subtype of the task after the change."),
        story=f.ref_gid(
            "Other story to which this one refers.",
            "stories",
            created_at=f.instant("Time of that story."),
            created_by=f.person("Author of that story."),
            resource_subtype=f.text("Type of event of that story."),
            text=f.narrative("Text of that story."),
        ),
        assignee=f.person("New assignee of the task."),
        follower=f.person("Added or removed follower."),
        old_section=f.ref("Section before the move.", "sections"),
        new_section=f.ref("Section after the move.", "sections"),
        task=_task("Other task in the event, such as an added subtask."),
        project=f.ref("Project in the event, such as one the task was added to.", "projects"),
        tag=f.ref("Added or removed tag.", "tags"),
        custom_field=f.ref(
            "Custom field with a changed value.",
            "custom_fields",
            representation_type=f.text("Display format of the value."),
        ),
        old_text_value=f.prose("Text value before the change."),
        new_text_value=f.prose("Text value after the change."),
        old_number_value=f.number("Number value before the change."),
        new_number_value=f.number("Number value after the change."),
        old_enum_value=f.ref("Selected option before the change.", "custom_fields.enum_options"),
        new_enum_value=f.ref("Selected option after the change.", "custom_fields.enum_options"),
        # Asana documents opt_fields for these two objects, but not for their fields.
        old_date_value=f.no_subfields(_dates("Value of a date field before the change.")),
        new_date_value=f.no_subfields(_dates("Value of a date field after the change.")),
        old_people_value=f.people("People before the change."),
        new_people_value=f.people("People after the change."),
        old_multi_enum_values=f.refs("Selected options before the change.", "custom_fields.enum_options"),
        new_multi_enum_values=f.refs("Selected options after the change.", "custom_fields.enum_options"),
        new_approval_status=f.text("Approval status after the change."),
        old_approval_status=f.text("Approval status before the change."),
        duplicate_of=_task("Task into which this duplicate was merged."),
        duplicated_from=_task("Original of this copied task."),
        dependency=_task("Added or removed dependency."),
        source=f.text("Origin: web, email, mobile, api or unknown."),
        target=_task("Task or goal of the story.", ("tasks", "goals")),
    )
    omitted: ClassVar[f.Reasons] = {
        "hearted": "deprecated; use liked",
        "hearts": "deprecated; use likes",
        "num_hearts": "deprecated; use num_likes",
    }


class Attachments(AsanaStream):
    """Metadata of files and links on tasks, projects and project briefs; contents are not downloaded."""

    name = "attachments"
    reader = TaskTree()
    path = "/attachments?parent={task_gid}"
    paths = ("/attachments?parent={project_gid}", "/attachments?parent={project_brief_gid}")
    replication_key = "created_at"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the parent.", "workspaces"),
        name=f.prose("Name of the file."),
        resource_subtype=f.text("Storage service, such as asana, gdrive or external."),
        created_at=f.instant("Creation time."),
        permanent_url=f.text("Permanent URL; it requires a login to Asana."),
        host=f.text("Name of the storage service."),
        parent=f.ref(
            "Task, project or project brief of the attachment.",
            ("tasks", "projects", "project_briefs"),
            resource_type=f.text("Type of the parent."),
            resource_subtype=f.text("Subtype of the parent, if it is a task."),
        ),
        size=f.number("Size in bytes, if the file is stored by Asana."),
        # For files stored by Asana this URL works without a login for half an hour (observed).
        view_url=f.unless(
            f.prose("URL to view the file, if its service has one; null for files stored by Asana."),
            "resource_subtype",
            "asana",
        ),
        connected_to_app=f.flag("Whether the token's app created it."),
    )
    omitted: ClassVar[f.Reasons] = {
        "download_url": "expires after two minutes and must not be stored",
    }


class StatusUpdates(AsanaStream):
    """Status updates of projects, portfolios and goals."""

    name = "status_updates"
    paths = (
        "/status_updates?parent={project_gid}",
        "/status_updates?parent={portfolio_gid}",
        "/status_updates?parent={goal_gid}",
    )
    requires_field: ClassVar[dict[str, str]] = dict.fromkeys(("project", "portfolio", "goal"), "current_status_update")
    reader = CreatedSince("created_since")
    replication_key = "created_at"
    schema = f.entity(
        title=f.prose("Title."),
        resource_subtype=f.text("project_status_update, portfolio_status_update or goal_status_update."),
        text=f.prose("Text."),
        html_text=f.prose("Text in HTML."),
        status_type=f.text("Reported status, such as on_track or at_risk."),
        author=f.person("Author."),
        created_at=f.instant("Creation time."),
        created_by=f.person("Creator."),
        liked=f.flag("Whether the token's user has liked it."),
        likes=likes("Likes."),
        reaction_summary=reactions("Emoji reactions."),
        modified_at=f.instant("Time of the last change."),
        num_likes=f.number("Number of likes."),
        parent=f.ref(
            "Project, portfolio or goal of the update.",
            ("projects", "portfolios", "goals"),
            resource_type=f.text("Type of the parent."),
        ),
    )
    omitted: ClassVar[f.Reasons] = {
        "hearted": "deprecated; use liked",
        "hearts": "deprecated; use likes",
        "num_hearts": "deprecated; use num_likes",
    }
