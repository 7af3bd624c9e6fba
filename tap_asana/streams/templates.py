"""What new work is made from: templates of projects and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_asana.records.fields import (
    entity,
    flag,
    instant,
    no_subfields,
    number,
    obj,
    objs,
    parent_gid,
    people,
    personal,
    prose,
    ref,
    ref_gid,
    refs,
    text,
)
from tap_asana.streams.nested import values
from tap_asana.sync.stream import AsanaStream

if TYPE_CHECKING:
    from tap_asana.records.fields import Schema


def _recipes(description: str) -> Schema:
    return objs(
        description,
        name=prose("Title of that task."),
        task_resource_subtype=text("Kind of task."),
    )


class ProjectTemplates(AsanaStream):
    """Templates that projects are made from."""

    name = "project_templates"
    path = "/project_templates?workspace={workspace_gid}"
    schema = entity(
        workspace_gid=parent_gid("Workspace of the template."),
        name=prose("Name of the template."),
        description=prose("What the template is for."),
        html_description=prose("The description as HTML."),
        public=flag("Whether its whole team can see it."),
        owner=personal(ref_gid("Who answers for it.")),
        team=ref("Team it belongs to."),
        requested_dates=refs(
            "Dates to give when a project is made from it; gid 1 is the start, 2 the due date.",
            description=prose("What the date is for."),
        ),
        color=text("Color it is shown in."),
        requested_roles=refs("Roles to fill when a project is made from it."),
    )


class TaskTemplates(AsanaStream):
    """Templates of every project that tasks are made from."""

    name = "task_templates"
    path = "/task_templates?project={project_gid}"
    schema = entity(
        name=prose("Name of the template."),
        project=ref_gid("Project it belongs to."),
        template=no_subfields(
            obj(
                "The task that comes of it.",
                name=prose("Title of that task."),
                task_resource_subtype=text("Kind of task: default_task, milestone_task or approval_task."),
                description=prose("Its description."),
                html_description=prose("Its description as HTML."),
                memberships=refs("Projects it goes to."),
                relative_start_on=number("Days from its making to its start."),
                relative_due_on=number("Days from its making to its due day."),
                due_time=text("Time of day at which it is due."),
                dependencies=_recipes("Templates of tasks that it waits for."),
                dependents=_recipes("Templates of tasks that wait for it."),
                followers=people("People that will follow it."),
                attachments=refs("Files it will have.", resource_subtype=text("Where the file is kept.")),
                subtasks=_recipes("Templates of its subtasks."),
                custom_fields=values("Values it will have."),
            ),
        ),
        created_by=personal(ref_gid("Who made it.")),
        created_at=instant("When it was made."),
    )
