"""What is worked on: projects, sections, tags and tasks."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.records import fields as f
from tap_asana.streams.nested import likes, settings, status, values
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.task_tree import TaskTree


class Projects(AsanaStream):
    """Projects of every workspace, archived ones and those without a team included."""

    name = "projects"
    path = "/projects?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name of the project."),
        archived=f.flag("Whether the project was put away."),
        color=f.text("Color of its icon."),
        icon=f.text("Sign that stands for it."),
        created_at=f.instant("When it was made."),
        current_status_update=status("Newest status update about it."),
        custom_field_settings=settings("Custom fields that its tasks can have."),
        default_view=f.text("How it opens: list, board, calendar or timeline."),
        due_on=f.day("Day on which it should be done."),
        html_notes=f.prose("Its description as HTML."),
        members=f.people("People it is shared with by name; teams are not here."),
        modified_at=f.instant("When it itself changed; its tasks do not count."),
        notes=f.prose("Its description."),
        privacy_setting=f.text("Who can find it: the workspace, its team, members."),
        start_on=f.day("Day on which work begins."),
        default_access_level=f.text("What new members may do."),
        minimum_access_level_for_customization=f.text(
            "Access it takes to change its workflow and looks.",
        ),
        minimum_access_level_for_sharing=f.text("Access it takes to share it."),
        custom_fields=values("Values set on the project itself."),
        completed=f.flag("Whether it was marked complete."),
        completed_at=f.instant("When it was marked complete."),
        completed_by=f.person("Who marked it complete."),
        followers=f.people("Members that hear about new tasks."),
        owner=f.personal(f.ref_gid("Who answers for it.")),
        team=f.ref("Team it is shared with; null for newer projects."),
        permalink_url=f.text("Address of it in the web application."),
        project_brief=f.ref_gid("Its brief, if it has one."),
        created_from_template=f.ref("Template it was made from."),
        workspace=f.ref("Workspace it belongs to."),
    )
    omitted: ClassVar[f.Reasons] = {
        "current_status": "deprecated; current_status_update says it",
        "due_date": "deprecated; due_on says it",
        "public": "deprecated; privacy_setting says it",
    }


class Sections(AsanaStream):
    """Sections and board columns of every project, empty ones included."""

    name = "sections"
    path = "/projects/{project_gid}/sections"
    schema = f.entity(
        name=f.prose("Heading of the section."),
        created_at=f.instant("When it was made."),
        project=f.ref("Project it divides."),
    )
    omitted: ClassVar[f.Reasons] = {"projects": "deprecated; project says it"}


class Tags(AsanaStream):
    """Tags of every workspace."""

    name = "tags"
    path = "/tags?workspace={workspace_gid}"
    schema = f.entity(
        name=f.prose("Name of the tag."),
        color=f.text("Color it is shown in."),
        notes=f.prose("What the tag is for."),
        created_at=f.instant("When it was made."),
        followers=f.people("People that follow it."),
        workspace=f.ref("Workspace it belongs to."),
        permalink_url=f.text("Address of it in the web application."),
    )


class Tasks(AsanaStream):
    """Every task once: subtasks of any depth, and tasks without a project too."""

    name = "tasks"
    reader = TaskTree()
    path = "/tasks?project={project_gid}"
    replication_key = "modified_at"
    schema = f.entity(
        name=f.prose("Title of the task."),
        resource_subtype=f.text("Kind of task: default_task, milestone, approval, custom."),
        created_by=f.personal(f.ref_gid("Who made it.")),
        approval_status=f.text("Where an approval stands; null for other tasks."),
        assigned_by=f.person("Who assigned it."),
        completed=f.flag("Whether it is done."),
        completed_at=f.instant("When it was done."),
        completed_by=f.person("Who completed it."),
        created_at=f.instant("When it was made."),
        dependencies=f.refs_gid("Tasks that it waits for."),
        dependents=f.refs_gid("Tasks that wait for it."),
        due_at=f.instant("Moment at which it is due, if a time was set."),
        due_on=f.day("Day on which it is due, where it was set."),
        external=f.ref_gid(
            "What the app of the token keeps on it.", gid=f.prose("Gid of it."), data=f.prose("Words of that app.")
        ),
        html_notes=f.prose("Its description as HTML."),
        is_rendered_as_separator=f.flag("Whether it shows as a heading of subtasks."),
        liked=f.flag("Whether the owner of the token likes it."),
        likes=likes("Who likes it."),
        memberships=f.objs(
            "Where it is: each project with the section in it.",
            project=f.ref("The project."),
            section=f.ref("The section of that project."),
        ),
        modified_at=f.instant("When it changed last; comments count."),
        notes=f.prose("Its description."),
        num_likes=f.number("How many like it."),
        num_subtasks=f.number("How many subtasks hang directly from it."),
        start_at=f.instant("Moment at which work begins, if a time was set."),
        start_on=f.day("Day on which work begins."),
        actual_time_minutes=f.number("Minutes tracked on it."),
        assignee=f.person("Who should do it."),
        assignee_section=f.ref("Section of the assignee's My Tasks that it is in."),
        custom_fields=values(
            "Values of custom fields, one per field of its projects.",
            resource_subtype=f.text("Type of the field."),
            html_text_value=f.prose("Value of a text field as HTML."),
            people_value=f.people("Value of a people field."),
            reference_value=f.array_of(
                "Value of a reference field.",
                f.personal(f.ref("One of them.", resource_type=f.text("Kind of thing referred to."))),
            ),
        ),
        custom_type=f.ref("Custom type it has."),
        custom_type_status_option=f.ref("Status it has within its custom type."),
        followers=f.people("People that hear about changes."),
        parent=f.ref(
            "Task that it is a subtask of.",
            resource_subtype=f.text("Kind of task that the parent is."),
        ),
        projects=f.refs("Projects it is in."),
        tags=f.refs("Tags it has."),
        workspace=f.ref("Workspace it belongs to."),
        permalink_url=f.text("Address of it in the web application."),
    )
    omitted: ClassVar[f.Reasons] = {
        "assignee_status": "deprecated; assignee_section says it",
        "hearted": "deprecated; liked says it",
        "hearts": "deprecated; likes says it",
        "num_hearts": "deprecated; num_likes says it",
    }


class ProjectBriefs(AsanaStream):
    """Briefs of the projects that have one."""

    name = "project_briefs"
    path = "/project_briefs/{project_brief_gid}"
    schema = f.entity(
        title=f.prose("Headline of the brief."),
        html_text=f.prose("The brief as HTML."),
        text=f.prose("The brief."),
        permalink_url=f.text("Address of it in the web application."),
        project=f.ref("Project it describes."),
    )


class UserTaskLists(AsanaStream):
    """The list My Tasks of every user, by workspace."""

    name = "user_task_lists"
    # Workspace memberships carry the lists; asking by user would take a request for each.
    embedded_in: ClassVar[dict[str, str]] = {"/workspaces/{workspace_gid}/workspace_memberships": "user_task_list"}
    schema = f.entity(
        name=f.personal(f.text("Name of the list.")),
        owner=f.personal(f.ref_gid("Whose tasks they are.")),
        workspace=f.ref_gid("Workspace it belongs to."),
    )
