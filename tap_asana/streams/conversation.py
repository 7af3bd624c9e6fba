"""What is said and shown: stories, attachments and status updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_asana.records.fields import (
    Reasons,
    day,
    entity,
    flag,
    instant,
    narrative,
    no_subfields,
    number,
    obj,
    objs,
    parent_gid,
    people,
    person,
    prose,
    ref,
    ref_gid,
    refs,
    text,
    unless,
)
from tap_asana.streams.nested import likes, reactions
from tap_asana.sync.incremental import CreatedSinceStream
from tap_asana.sync.task_streams import TaskTreeStream

if TYPE_CHECKING:
    from tap_asana.records.fields import Schema


def _task(description: str) -> Schema:
    return ref(description, resource_subtype=text("Kind of task that it is."))


def _dates(description: str) -> Schema:
    return obj(
        description,
        start_on=day("Day of the start."),
        due_at=instant("Moment due, if a time was set."),
        due_on=day("Day due."),
    )


def _preview(description: str) -> Schema:
    return objs(
        description,
        fallback=prose("Words to show where a preview cannot be."),
        footer=prose("Words below."),
        header=prose("Words above."),
        header_link=prose("Address behind the header."),
        html_text=prose("Body as HTML."),
        text=prose("Body."),
        title=prose("Title."),
        title_link=prose("Address behind the title."),
    )


class Stories(TaskTreeStream):
    """Comments on every task, and its history of changes as Asana recorded it."""

    name = "stories"
    path = "/tasks/{task_gid}/stories"
    paths = ("/goals/{goal_gid}/stories",)
    replication_key = "created_at"
    schema = entity(
        workspace_gid=parent_gid("Workspace of the task."),
        task_gid=parent_gid("Task that the story belongs to; null for a story of a goal."),
        goal_gid=parent_gid("Goal that the story belongs to; null for a story of a task."),
        created_at=instant("When it happened."),
        resource_subtype=text("What happened, such as comment_added or assigned."),
        text=narrative("The comment, or the event in words that can change over time."),
        html_text=narrative("The same as HTML; it can hold names of people and links to their profiles."),
        is_pinned=flag("Whether it is pinned to the top of the task."),
        sticker_name=text("Sticker in the comment."),
        created_by=person("Who did it; null for Asana itself."),
        type=text("Either comment or system."),
        is_editable=flag("Whether its text can be edited."),
        is_edited=flag("Whether its text was edited."),
        liked=flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        num_likes=number("How many like it."),
        reaction_summary=reactions("Emoji that people gave it."),
        previews=_preview("Previews of what the comment links to."),
        old_name=prose("Title before a renaming."),
        new_name=prose("Title after a renaming."),
        old_dates=_dates("Dates before a change."),
        new_dates=_dates("Dates after a change."),
        old_resource_subtype=text("Kind of task before a change."),
        new_resource_subtype=text("Kind of task after a change."),
        story=ref_gid(
            "Other story that this one is about.",
            created_at=instant("When that happened."),
            created_by=person("Who did that."),
            resource_subtype=text("What happened there."),
            text=narrative("Words of that story."),
        ),
        assignee=person("Who the task was assigned to."),
        follower=person("Who began or ceased to follow."),
        old_section=ref("Section before a move."),
        new_section=ref("Section after a move."),
        task=_task("Other task that the event is about."),
        project=ref("Project that the event is about."),
        tag=ref("Tag that was added or removed."),
        custom_field=ref(
            "Custom field whose value changed.",
            representation_type=text("How its value is shown."),
        ),
        old_text_value=prose("Text before."),
        new_text_value=prose("Text after."),
        old_number_value=number("Number before."),
        new_number_value=number("Number after."),
        old_enum_value=ref("Option before."),
        new_enum_value=ref("Option after."),
        # Asana documents these two whole, without the paths below them.
        old_date_value=no_subfields(_dates("Date before, of a custom field.")),
        new_date_value=no_subfields(_dates("Date after, of a custom field.")),
        old_people_value=people("People before."),
        new_people_value=people("People after."),
        old_multi_enum_values=refs("Options before."),
        new_multi_enum_values=refs("Options after."),
        new_approval_status=text("Approval after."),
        old_approval_status=text("Approval before."),
        duplicate_of=_task("Task that this one was merged into as a duplicate."),
        duplicated_from=_task("Task that this one was copied from."),
        dependency=_task("Task that was added or removed as a dependency."),
        source=text("Where it was done: web, email, mobile, api or unknown."),
        target=_task("What the story belongs to."),
    )
    omitted: ClassVar[Reasons] = {
        "hearted": "deprecated; liked says it",
        "hearts": "deprecated; likes says it",
        "num_hearts": "deprecated; num_likes says it",
    }


class Attachments(TaskTreeStream):
    """Files and links on tasks, projects and project briefs; what they are, not they."""

    name = "attachments"
    path = "/attachments?parent={task_gid}"
    paths = ("/attachments?parent={project_gid}", "/attachments?parent={project_brief_gid}")
    replication_key = "created_at"
    schema = entity(
        workspace_gid=parent_gid("Workspace of the parent."),
        name=prose("Name of the file."),
        resource_subtype=text("Where it is kept, such as asana, gdrive or external."),
        created_at=instant("When it was added."),
        permanent_url=text("Address that lasts; it takes a login in Asana."),
        host=text("Service that keeps it."),
        parent=ref(
            "Task, project or project brief that it hangs from.",
            resource_type=text("Kind of thing that the parent is."),
            resource_subtype=text("Kind of task, where the parent is one."),
        ),
        size=number("Bytes, where Asana keeps the file."),
        # Asana's own address for it opens without login for half an hour (seen).
        view_url=unless(
            prose("Address to look at it, if its service has one; null for files that Asana keeps."),
            "resource_subtype",
            "asana",
        ),
        connected_to_app=flag("Whether the app of the token made it."),
    )
    omitted: ClassVar[Reasons] = {
        "download_url": "works for two minutes and is not to be stored",
    }


class StatusUpdates(CreatedSinceStream):
    """What people reported on the state of projects, portfolios and goals."""

    name = "status_updates"
    paths = (
        "/status_updates?parent={project_gid}",
        "/status_updates?parent={portfolio_gid}",
        "/status_updates?parent={goal_gid}",
    )
    requires_field: ClassVar[dict[str, str]] = dict.fromkeys(("project", "portfolio", "goal"), "current_status_update")
    since_param = "created_since"
    replication_key = "created_at"
    schema = entity(
        title=prose("Headline of the update."),
        resource_subtype=text("What it is about: project, portfolio or goal."),
        text=prose("The update."),
        html_text=prose("The update as HTML."),
        status_type=text("The state reported, such as on_track or at_risk."),
        author=person("Who wrote it."),
        created_at=instant("When it was written."),
        created_by=person("Who posted it."),
        liked=flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        reaction_summary=reactions("Emoji that people gave it."),
        modified_at=instant("When it changed last."),
        num_likes=number("How many like it."),
        parent=ref(
            "Project, portfolio or goal that it reports on.",
            resource_type=text("Kind of thing that the parent is."),
        ),
    )
    omitted: ClassVar[Reasons] = {
        "hearted": "deprecated; liked says it",
        "hearts": "deprecated; likes says it",
        "num_hearts": "deprecated; num_likes says it",
    }
