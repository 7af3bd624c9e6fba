"""Templates of projects and tasks."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.streams.nested import values
from tap_asana.sync.stream import AsanaStream


def _recipes(description: str) -> f.Schema:
    return f.objs(
        description,
        name=f.prose("Name of the task."),
        task_resource_subtype=f.text("Subtype of the task."),
    )


class ProjectTemplates(AsanaStream):
    """Project templates."""

    name = "project_templates"
    path = "/project_templates?workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace.", "workspaces"),
        name=f.prose("Name."),
        description=f.prose("Description."),
        html_description=f.prose("Description in HTML."),
        public=f.flag("Whether it is visible to its team."),
        owner=f.person_gid("Owner."),
        team=f.ref("Team.", "teams"),
        requested_dates=f.refs(
            "Dates to provide when a project is created from it; gid 1 is the start date, 2 the due date.",
            f.NO_STREAM,
            description=f.prose("Description of the date."),
        ),
        color=f.text("Color in the web application."),
        requested_roles=f.refs("Roles to fill when a project is created from it.", f.NO_STREAM),
    )


class TaskTemplates(AsanaStream):
    """Task templates of every project."""

    name = "task_templates"
    path = "/task_templates?project={project_gid}"
    schema = f.entity(
        name=f.prose("Name."),
        project=f.ref_gid("Project.", "projects"),
        template=f.no_subfields(
            f.obj(
                "Tasks created from it.",
                name=f.prose("Name of the task."),
                task_resource_subtype=f.text("Subtype: default_task, milestone_task or approval_task."),
                description=f.prose("Description."),
                html_description=f.prose("Description in HTML."),
                memberships=f.refs("Projects to add the task to.", "projects"),
                relative_start_on=f.number("Days from creation to the start date."),
                relative_due_on=f.number("Days from creation to the due date."),
                due_time=f.text("Time of day of the due date."),
                dependencies=_recipes("Templates of its dependencies."),
                dependents=_recipes("Templates of its dependents."),
                followers=f.people("Followers."),
                attachments=f.refs("Attachments.", f.NO_STREAM, resource_subtype=f.text("Storage service.")),
                subtasks=_recipes("Templates of its subtasks."),
                custom_fields=values("Custom field values."),
            ),
        ),
        created_by=f.person_gid("Creator."),
        created_at=f.instant("Creation time."),
    )
