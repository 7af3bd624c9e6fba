"""What new work is made from: templates of projects and tasks."""

from __future__ import annotations

from tap_asana.records import fields as f
from tap_asana.streams.nested import values
from tap_asana.sync.stream import AsanaStream


def _recipes(description: str) -> f.Schema:
    return f.objs(
        description,
        name=f.prose("Title of that task."),
        task_resource_subtype=f.text("Kind of task."),
    )


class ProjectTemplates(AsanaStream):
    """Templates that projects are made from."""

    name = "project_templates"
    path = "/project_templates?workspace={workspace_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the template."),
        name=f.prose("Name of the template."),
        description=f.prose("What the template is for."),
        html_description=f.prose("The description as HTML."),
        public=f.flag("Whether its whole team can see it."),
        owner=f.personal(f.ref_gid("Who answers for it.")),
        team=f.ref("Team it belongs to."),
        requested_dates=f.refs(
            "Dates to give when a project is made from it; gid 1 is the start, 2 the due date.",
            description=f.prose("What the date is for."),
        ),
        color=f.text("Color it is shown in."),
        requested_roles=f.refs("Roles to fill when a project is made from it."),
    )


class TaskTemplates(AsanaStream):
    """Templates of every project that tasks are made from."""

    name = "task_templates"
    path = "/task_templates?project={project_gid}"
    schema = f.entity(
        name=f.prose("Name of the template."),
        project=f.ref_gid("Project it belongs to."),
        template=f.no_subfields(
            f.obj(
                "The task that comes of it.",
                name=f.prose("Title of that task."),
                task_resource_subtype=f.text("Kind of task: default_task, milestone_task or approval_task."),
                description=f.prose("Its description."),
                html_description=f.prose("Its description as HTML."),
                memberships=f.refs("Projects it goes to."),
                relative_start_on=f.number("Days from its making to its start."),
                relative_due_on=f.number("Days from its making to its due day."),
                due_time=f.text("Time of day at which it is due."),
                dependencies=_recipes("Templates of tasks that it waits for."),
                dependents=_recipes("Templates of tasks that wait for it."),
                followers=f.people("People that will follow it."),
                attachments=f.refs("Files it will have.", resource_subtype=f.text("Where the file is kept.")),
                subtasks=_recipes("Templates of its subtasks."),
                custom_fields=values("Values it will have."),
            ),
        ),
        created_by=f.personal(f.ref_gid("Who made it.")),
        created_at=f.instant("When it was made."),
    )
