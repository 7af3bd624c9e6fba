"""Projects, sections, tags and tasks."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records import fields as f
from tap_asana.streams.nested import likes, settings, status, values
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_tree import TaskTree


class Projects(AsanaStream):
    """Projects of every workspace, including archived ones and those without a team."""

    name = "projects"
    path = "/projects?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name."),
        archived=f.flag("Whether it is archived."),
        color=f.text("Color of the icon."),
        icon=f.text("Icon."),
        created_at=f.instant("Creation time."),
        current_status_update=status("Latest status update."),
        custom_field_settings=settings("Custom fields of the tasks."),
        default_view=f.text("Default view: list, board, calendar or timeline."),
        due_on=f.day("Due date."),
        html_notes=f.prose("Description in HTML."),
        members=f.people("Users with a direct membership; for teams see project_memberships."),
        modified_at=f.instant("Time of the last change of the project; changes of its tasks do not count."),
        notes=f.prose("Description."),
        privacy_setting=f.text("Privacy setting: the workspace, its team, or members only."),
        start_on=f.day("Start date."),
        default_access_level=f.text("Default access level of new members."),
        minimum_access_level_for_customization=f.text(
            "Access level required to customize the project.",
        ),
        minimum_access_level_for_sharing=f.text("Access level required to share the project."),
        custom_fields=values("Custom field values of the project."),
        completed=f.flag("Whether it is completed."),
        completed_at=f.instant("Completion time."),
        completed_by=f.person("User who completed it."),
        followers=f.people("Followers, who are notified of new tasks."),
        owner=f.person_gid("Owner."),
        team=f.ref("Team that the project is shared with; null for newer projects.", "teams"),
        permalink_url=f.text("URL in the web application."),
        project_brief=f.ref_gid("Project brief, if there is one.", "project_briefs"),
        created_from_template=f.ref("Template of the project.", "project_templates"),
        workspace=f.ref("Workspace.", "workspaces"),
    )
    omitted: ClassVar[f.Reasons] = {
        "current_status": "deprecated; use current_status_update",
        "due_date": "deprecated; use due_on",
        "public": "deprecated; use privacy_setting",
    }


class Sections(AsanaStream):
    """Sections and board columns of every project, including empty ones."""

    name = "sections"
    path = "/projects/{project_gid}/sections"
    schema = f.entity(
        name=f.prose("Name."),
        created_at=f.instant("Creation time."),
        project=f.ref("Project.", "projects"),
    )
    omitted: ClassVar[f.Reasons] = {"projects": "deprecated; use project"}


class Tags(AsanaStream):
    """Tags of every workspace."""

    name = "tags"
    path = "/tags?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name."),
        color=f.text("Color in the web application."),
        notes=f.prose("Description."),
        created_at=f.instant("Creation time."),
        followers=f.people("Followers."),
        workspace=f.ref("Workspace.", "workspaces"),
        permalink_url=f.text("URL in the web application."),
    )


class Tasks(AsanaStream):
    """All tasks, each once, including subtasks of any depth and tasks without a project."""

    name = "tasks"
    reader = TaskTree()
    path = "/tasks?project={project_gid}"
    replication_key = "modified_at"
    schema = f.entity(
        name=f.prose("Name."),
        resource_subtype=f.text("Subtype: default_task, milestone, approval or custom."),
        created_by=f.person_gid("Creator."),
        approval_status=f.text("Status of an approval; null for other tasks."),
        assigned_by=f.person("User who assigned it."),
        completed=f.flag("Whether it is completed."),
        completed_at=f.instant("Completion time."),
        completed_by=f.person("User who completed it."),
        created_at=f.instant("Creation time."),
        dependencies=f.refs_gid("Tasks that this task depends on.", "tasks"),
        dependents=f.refs_gid("Tasks that depend on this task.", "tasks"),
        due_at=f.instant("Due time, if one is set."),
        due_on=f.day("Due date."),
        external=f.ref_gid(
            "Data that the token's app stores on the task.",
            f.NO_STREAM,
            gid=f.prose("Id assigned by the app."),
            data=f.prose("Data of the app."),
        ),
        html_notes=f.prose("Description in HTML."),
        is_rendered_as_separator=f.flag("Whether it is shown as a separator of subtasks."),
        liked=f.flag("Whether the token's user has liked it."),
        likes=likes("Likes."),
        memberships=f.objs(
            "Projects of the task, each with the section in it.",
            project=f.ref("Project.", "projects"),
            section=f.ref("Section.", "sections"),
        ),
        modified_at=f.instant("Time of the last change, including comments."),
        notes=f.prose("Description."),
        num_likes=f.number("Number of likes."),
        num_subtasks=f.number("Number of direct subtasks."),
        start_at=f.instant("Start time, if one is set."),
        start_on=f.day("Start date."),
        actual_time_minutes=f.number("Tracked minutes."),
        assignee=f.person("Assignee."),
        assignee_section=f.ref("Section in the assignee's My Tasks.", f.NO_STREAM),
        custom_fields=values(
            "Custom field values, one for each field of its projects.",
            resource_subtype=f.text("Type of the field."),
            html_text_value=f.prose("Value of a text field in HTML."),
            people_value=f.people("Value of a people field."),
            reference_value=f.array_of(
                "Value of a reference field.",
                f.personal(f.ref("Referenced object.", f.ANY_STREAM, resource_type=f.text("Type of the object."))),
            ),
        ),
        custom_type=f.ref("Custom type.", "custom_types"),
        custom_type_status_option=f.ref("Status within the custom type.", "custom_types.status_options"),
        followers=f.people("Followers, who are notified of changes."),
        parent=f.ref(
            "Parent task.",
            "tasks",
            resource_subtype=f.text("Subtype of the parent."),
        ),
        projects=f.refs("Projects.", "projects"),
        tags=f.refs("Tags.", "tags"),
        workspace=f.ref("Workspace.", "workspaces"),
        permalink_url=f.text("URL in the web application."),
    )
    omitted: ClassVar[f.Reasons] = {
        "assignee_status": "deprecated; use assignee_section",
        "hearted": "deprecated; use liked",
        "hearts": "deprecated; use likes",
        "num_hearts": "deprecated; use num_likes",
    }


class ProjectBriefs(AsanaStream):
    """Project briefs."""

    name = "project_briefs"
    path = "/project_briefs/{project_brief_gid}"
    schema = f.entity(
        title=f.prose("Title."),
        html_text=f.prose("Text in HTML."),
        text=f.prose("Text."),
        permalink_url=f.text("URL in the web application."),
        project=f.ref("Project.", "projects"),
    )


class UserTaskLists(AsanaStream):
    """The My Tasks list of every user in every workspace."""

    name = "user_task_lists"
    # Workspace memberships embed these lists; listing them by user would take a request for each.
    embedded_in: ClassVar[dict[str, str]] = {"/workspaces/{workspace_gid}/workspace_memberships": "user_task_list"}
    schema = f.entity(
        name=f.personal(f.text("Name.")),
        owner=f.person_gid("User."),
        workspace=f.ref_gid("Workspace.", "workspaces"),
    )
