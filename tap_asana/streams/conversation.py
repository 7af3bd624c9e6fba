"""What is said and shown: stories, attachments and status updates."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records import fields as f
from tap_asana.streams.nested import likes, reactions
from tap_asana.sync.readers import CreatedSince
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_tree import TaskTree


def _task(description: str) -> f.Schema:
    return f.ref(description, resource_subtype=f.text("Kind of task that it is."))


def _dates(description: str) -> f.Schema:
    return f.obj(
        description,
        start_on=f.day("Day of the start."),
        due_at=f.instant("Moment due, if a time was set."),
        due_on=f.day("Day due."),
    )


def _preview(description: str) -> f.Schema:
    return f.objs(
        description,
        fallback=f.prose("Words to show where a preview cannot be."),
        footer=f.prose("Words below."),
        header=f.prose("Words above."),
        header_link=f.prose("Address behind the header."),
        html_text=f.prose("Body as HTML."),
        text=f.prose("Body."),
        title=f.prose("Title."),
        title_link=f.prose("Address behind the title."),
    )


class Stories(AsanaStream):
    """Comments on every task, and its history of changes as Asana recorded it."""

    name = "stories"
    reader = TaskTree()
    path = "/tasks/{task_gid}/stories"
    paths = ("/goals/{goal_gid}/stories",)
    replication_key = "created_at"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the task."),
        task_gid=f.parent_gid("Task that the story belongs to; null for a story of a goal."),
        goal_gid=f.parent_gid("Goal that the story belongs to; null for a story of a task."),
        created_at=f.instant("When it happened."),
        resource_subtype=f.text("What happened, such as comment_added or assigned."),
        text=f.narrative("The comment, or the event in words that can change over time."),
        html_text=f.narrative("The same as HTML; it can hold names of people and links to their profiles."),
        is_pinned=f.flag("Whether it is pinned to the top of the task."),
        sticker_name=f.text("Sticker in the comment."),
        created_by=f.person("Who did it; null for Asana itself."),
        type=f.text("Either comment or system."),
        is_editable=f.flag("Whether its text can be edited."),
        is_edited=f.flag("Whether its text was edited."),
        liked=f.flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        num_likes=f.number("How many like it."),
        reaction_summary=reactions("Emoji that people gave it."),
        previews=_preview("Previews of what the comment links to."),
        old_name=f.prose("Title before a renaming."),
        new_name=f.prose("Title after a renaming."),
        old_dates=_dates("Dates before a change."),
        new_dates=_dates("Dates after a change."),
        old_resource_subtype=f.text("Kind of task before a change."),
        new_resource_subtype=f.text("Kind of task after a change."),
        story=f.ref_gid(
            "Other story that this one is about.",
            created_at=f.instant("When that happened."),
            created_by=f.person("Who did that."),
            resource_subtype=f.text("What happened there."),
            text=f.narrative("Words of that story."),
        ),
        assignee=f.person("Who the task was assigned to."),
        follower=f.person("Who began or ceased to follow."),
        old_section=f.ref("Section before a move."),
        new_section=f.ref("Section after a move."),
        task=_task("Other task that the event is about."),
        project=f.ref("Project that the event is about."),
        tag=f.ref("Tag that was added or removed."),
        custom_field=f.ref(
            "Custom field whose value changed.",
            representation_type=f.text("How its value is shown."),
        ),
        old_text_value=f.prose("Text before."),
        new_text_value=f.prose("Text after."),
        old_number_value=f.number("Number before."),
        new_number_value=f.number("Number after."),
        old_enum_value=f.ref("Option before."),
        new_enum_value=f.ref("Option after."),
        # Asana documents these two whole, without the paths below them.
        old_date_value=f.no_subfields(_dates("Date before, of a custom field.")),
        new_date_value=f.no_subfields(_dates("Date after, of a custom field.")),
        old_people_value=f.people("People before."),
        new_people_value=f.people("People after."),
        old_multi_enum_values=f.refs("Options before."),
        new_multi_enum_values=f.refs("Options after."),
        new_approval_status=f.text("Approval after."),
        old_approval_status=f.text("Approval before."),
        duplicate_of=_task("Task that this one was merged into as a duplicate."),
        duplicated_from=_task("Task that this one was copied from."),
        dependency=_task("Task that was added or removed as a dependency."),
        source=f.text("Where it was done: web, email, mobile, api or unknown."),
        target=_task("What the story belongs to."),
    )
    omitted: ClassVar[f.Reasons] = {
        "hearted": "deprecated; liked says it",
        "hearts": "deprecated; likes says it",
        "num_hearts": "deprecated; num_likes says it",
    }


class Attachments(AsanaStream):
    """Files and links on tasks, projects and project briefs; what they are, not they."""

    name = "attachments"
    reader = TaskTree()
    path = "/attachments?parent={task_gid}"
    paths = ("/attachments?parent={project_gid}", "/attachments?parent={project_brief_gid}")
    replication_key = "created_at"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the parent."),
        name=f.prose("Name of the file."),
        resource_subtype=f.text("Where it is kept, such as asana, gdrive or external."),
        created_at=f.instant("When it was added."),
        permanent_url=f.text("Address that lasts; it takes a login in Asana."),
        host=f.text("Service that keeps it."),
        parent=f.ref(
            "Task, project or project brief that it hangs from.",
            resource_type=f.text("Kind of thing that the parent is."),
            resource_subtype=f.text("Kind of task, where the parent is one."),
        ),
        size=f.number("Bytes, where Asana keeps the file."),
        # Asana's own address for it opens without login for half an hour (seen).
        view_url=f.unless(
            f.prose("Address to look at it, if its service has one; null for files that Asana keeps."),
            "resource_subtype",
            "asana",
        ),
        connected_to_app=f.flag("Whether the app of the token made it."),
    )
    omitted: ClassVar[f.Reasons] = {
        "download_url": "works for two minutes and is not to be stored",
    }


class StatusUpdates(AsanaStream):
    """What people reported on the state of projects, portfolios and goals."""

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
        title=f.prose("Headline of the update."),
        resource_subtype=f.text("What it is about: project, portfolio or goal."),
        text=f.prose("The update."),
        html_text=f.prose("The update as HTML."),
        status_type=f.text("The state reported, such as on_track or at_risk."),
        author=f.person("Who wrote it."),
        created_at=f.instant("When it was written."),
        created_by=f.person("Who posted it."),
        liked=f.flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        reaction_summary=reactions("Emoji that people gave it."),
        modified_at=f.instant("When it changed last."),
        num_likes=f.number("How many like it."),
        parent=f.ref(
            "Project, portfolio or goal that it reports on.",
            resource_type=f.text("Kind of thing that the parent is."),
        ),
    )
    omitted: ClassVar[f.Reasons] = {
        "hearted": "deprecated; liked says it",
        "hearts": "deprecated; likes says it",
        "num_hearts": "deprecated; num_likes says it",
    }
