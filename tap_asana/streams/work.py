"""What is worked on: projects, sections, tags and tasks."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records.fields import (
    Reasons,
    array_of,
    day,
    entity,
    flag,
    instant,
    number,
    objs,
    people,
    person,
    personal,
    prose,
    ref,
    ref_gid,
    refs,
    refs_gid,
    text,
)
from tap_asana.streams.nested import likes, settings, status, values
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_streams import TaskTreeStream


class Projects(AsanaStream):
    """Projects of every workspace, archived ones and those without a team included."""

    name = "projects"
    path = "/projects?workspace={workspace_gid}"
    schema = entity(
        name=prose("Name of the project."),
        archived=flag("Whether the project was put away."),
        color=text("Color of its icon."),
        icon=text("Sign that stands for it."),
        created_at=instant("When it was made."),
        current_status_update=status("Newest status update about it."),
        custom_field_settings=settings("Custom fields that its tasks can have."),
        default_view=text("How it opens: list, board, calendar or timeline."),
        due_on=day("Day on which it should be done."),
        html_notes=prose("Its description as HTML."),
        members=people("People it is shared with by name; teams are not here."),
        modified_at=instant("When it itself changed; its tasks do not count."),
        notes=prose("Its description."),
        privacy_setting=text("Who can find it: the workspace, its team, members."),
        start_on=day("Day on which work begins."),
        default_access_level=text("What new members may do."),
        minimum_access_level_for_customization=text(
            "Access it takes to change its workflow and looks.",
        ),
        minimum_access_level_for_sharing=text("Access it takes to share it."),
        custom_fields=values("Values set on the project itself."),
        completed=flag("Whether it was marked complete."),
        completed_at=instant("When it was marked complete."),
        completed_by=person("Who marked it complete."),
        followers=people("Members that hear about new tasks."),
        owner=personal(ref_gid("Who answers for it.")),
        team=ref("Team it is shared with; null for newer projects."),
        permalink_url=text("Address of it in the web application."),
        project_brief=ref_gid("Its brief, if it has one."),
        created_from_template=ref("Template it was made from."),
        workspace=ref("Workspace it belongs to."),
    )
    omitted: ClassVar[Reasons] = {
        "current_status": "deprecated; current_status_update says it",
        "due_date": "deprecated; due_on says it",
        "public": "deprecated; privacy_setting says it",
    }


class Sections(AsanaStream):
    """Sections and board columns of every project, empty ones included."""

    name = "sections"
    path = "/projects/{project_gid}/sections"
    schema = entity(
        name=prose("Heading of the section."),
        created_at=instant("When it was made."),
        project=ref("Project it divides."),
    )
    omitted: ClassVar[Reasons] = {"projects": "deprecated; project says it"}


class Tags(AsanaStream):
    """Tags of every workspace."""

    name = "tags"
    path = "/tags?workspace={workspace_gid}"
    schema = entity(
        name=prose("Name of the tag."),
        color=text("Color it is shown in."),
        notes=prose("What the tag is for."),
        created_at=instant("When it was made."),
        followers=people("People that follow it."),
        workspace=ref("Workspace it belongs to."),
        permalink_url=text("Address of it in the web application."),
    )


class Tasks(TaskTreeStream):
    """Every task once: subtasks of any depth, and tasks without a project too."""

    name = "tasks"
    path = "/tasks?project={project_gid}"
    replication_key = "modified_at"
    schema = entity(
        name=prose("Title of the task."),
        resource_subtype=text("Kind of task: default_task, milestone, approval, custom."),
        created_by=personal(ref_gid("Who made it.")),
        approval_status=text("Where an approval stands; null for other tasks."),
        assigned_by=person("Who assigned it."),
        completed=flag("Whether it is done."),
        completed_at=instant("When it was done."),
        completed_by=person("Who completed it."),
        created_at=instant("When it was made."),
        dependencies=refs_gid("Tasks that it waits for."),
        dependents=refs_gid("Tasks that wait for it."),
        due_at=instant("Moment at which it is due, if a time was set."),
        due_on=day("Day on which it is due, where it was set."),
        external=ref_gid(
            "What the app of the token keeps on it.", gid=prose("Gid of it."), data=prose("Words of that app.")
        ),
        html_notes=prose("Its description as HTML."),
        is_rendered_as_separator=flag("Whether it shows as a heading of subtasks."),
        liked=flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        memberships=objs(
            "Where it is: each project with the section in it.",
            project=ref("The project."),
            section=ref("The section of that project."),
        ),
        modified_at=instant("When it changed last; comments count."),
        notes=prose("Its description."),
        num_likes=number("How many like it."),
        num_subtasks=number("How many subtasks hang directly from it."),
        start_at=instant("Moment at which work begins, if a time was set."),
        start_on=day("Day on which work begins."),
        actual_time_minutes=number("Minutes tracked on it."),
        assignee=person("Who should do it."),
        assignee_section=ref("Section of the assignee's My Tasks that it is in."),
        custom_fields=values(
            "Values of custom fields, one per field of its projects.",
            resource_subtype=text("Type of the field."),
            html_text_value=prose("Value of a text field as HTML."),
            people_value=people("Value of a people field."),
            reference_value=array_of(
                "Value of a reference field.",
                personal(ref("One of them.", resource_type=text("Kind of thing referred to."))),
            ),
        ),
        custom_type=ref("Custom type it has."),
        custom_type_status_option=ref("Status it has within its custom type."),
        followers=people("People that hear about changes."),
        parent=ref(
            "Task that it is a subtask of.",
            resource_subtype=text("Kind of task that the parent is."),
        ),
        projects=refs("Projects it is in."),
        tags=refs("Tags it has."),
        workspace=ref("Workspace it belongs to."),
        permalink_url=text("Address of it in the web application."),
    )
    omitted: ClassVar[Reasons] = {
        "assignee_status": "deprecated; assignee_section says it",
        "hearted": "deprecated; liked says it",
        "hearts": "deprecated; likes says it",
        "num_hearts": "deprecated; num_likes says it",
    }


class ProjectBriefs(AsanaStream):
    """Briefs of the projects that have one."""

    name = "project_briefs"
    path = "/project_briefs/{project_brief_gid}"
    schema = entity(
        title=prose("Headline of the brief."),
        html_text=prose("The brief as HTML."),
        text=prose("The brief."),
        permalink_url=text("Address of it in the web application."),
        project=ref("Project it describes."),
    )


class UserTaskLists(AsanaStream):
    """The list My Tasks of every user, by workspace."""

    name = "user_task_lists"
    # Workspace memberships carry the lists; asking by user would take a request for each.
    embedded_in: ClassVar[dict[str, str]] = {"/workspaces/{workspace_gid}/workspace_memberships": "user_task_list"}
    schema = entity(
        name=personal(text("Name of the list.")),
        owner=personal(ref_gid("Whose tasks they are.")),
        workspace=ref_gid("Workspace it belongs to."),
    )
