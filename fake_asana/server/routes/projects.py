"""Operations on projects, sections, briefs, tags, custom fields, templates and custom types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.clock import SECOND_MS
from fake_asana.model.custom_fields import FIELD, SETTING
from fake_asana.model.custom_types import CUSTOM_TYPE, CustomType
from fake_asana.model.projects import BRIEF, PROJECT, SECTION, TAG
from fake_asana.model.templates import PROJECT_TEMPLATE, TASK_TEMPLATE
from fake_asana.server.call import Call, Route, list_in_project
from fake_asana.server.paging import Listing, limit_of
from fake_asana.server.routes.people import team

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.projects import Brief, Project, Tag


def projects(call: Call) -> Listing:
    """Return the projects of a workspace or team, archived or not, both by default."""
    if "team" in call.query:
        return projects_of_team(call, call.query["team"])
    return filter_archived(call, call.workspace().projects.values())


def search_projects(call: Call) -> Listing:
    """Return up to `limit` projects, including archived ones; those of the same instant in any order."""
    workspace, limits = call.workspace(), call.limits
    max_rows = limit_of(call.query) or call.dialect.search_rows
    call.require_feature(workspace, "search")
    after, horizon = call.instant("created_at.after"), call.world.now() - limits.search_lag * 1000
    tick = SECOND_MS if call.dialect.search_whole_seconds else 1
    oldest = 0 if after is None else after - after % tick + tick * ("after" not in limits.search_inclusive)
    candidates = (row for row in workspace.projects.values() if oldest <= row.created <= horizon)
    rows = [row for row in candidates if call.dialect.search_counts_hidden or call.viewer.sees(row)]
    orders = {"created_at": lambda row: row.created, "modified_at": lambda row: row.modified}
    order = orders[call.query.get("sort_by", "modified_at")]
    rows_by_order = sorted(rows, key=order, reverse=not call.flag("sort_ascending"))[:max_rows]
    return Listing([row for row in rows_by_order if call.viewer.sees(row)])


def team_projects(call: Call) -> Listing:
    """Return the projects of a team."""
    return projects_of_team(call, call.params["team_gid"])


def projects_of_team(call: Call, gid: str) -> Listing:
    """Return the projects of one team."""
    project_team = team(call, gid)
    return filter_archived(
        call, [project for project in project_team.workspace.projects.values() if project.team is project_team]
    )


def filter_archived(call: Call, rows: Iterable[Project]) -> Listing:
    """Return projects filtered by the query's `archived`."""
    archived = call.flag("archived")
    if archived is None and not call.dialect.lists_archived:
        archived = False
    return Listing.sorted([row for row in rows if archived is None or row.archived is archived])


def sections(call: Call) -> Listing:
    """Return the sections of a project in their order."""
    rows = list(call.project(call.params["project_gid"]).sections.values())
    return Listing(rows, key=lambda section: (section.rank,))


def task_counts(call: Call) -> dict[str, object]:
    """Return the selected task counts of a project, including its subtasks; none by default."""
    tasks = [task for task in call.project(call.params["project_gid"]).ordered_tasks() if call.viewer.sees(task)]
    counts: dict[str, int] = {}
    for name, rows in (("tasks", tasks), ("milestones", [task for task in tasks if task.subtype == "milestone"])):
        completed = sum(1 for task in rows if task.completed is not None)
        counts[f"num_{name}"] = len(rows)
        counts[f"num_completed_{name}"] = completed
        counts[f"num_incomplete_{name}"] = len(rows) - completed
    return {name: counts[name] for name in call.query.get("opt_fields", "").split(",") if name in counts}


def brief(call: Call) -> Brief:
    """Return one brief."""
    project_brief: Brief = call.find("project_brief", call.world.briefs, call.params["project_brief_gid"])
    call.require_feature(project_brief.project.workspace, "project_briefs")
    return project_brief


def tags(call: Call) -> Listing:
    """Return the tags of a workspace."""
    return Listing.sorted(list(call.workspace().tags.values()))


def tag(call: Call) -> Tag:
    """Return one tag."""
    row: Tag = call.find("tag", call.world.tags, call.params["tag_gid"])
    return row


def library(call: Call) -> Listing:
    """Return the global custom fields of a workspace; ApiError 402 if its plan has none."""
    workspace = call.workspace()
    call.require_feature(workspace, "custom_fields")
    return Listing.sorted(list(workspace.custom_fields.values()))


def project_settings(call: Call) -> Listing:
    """Return the fields of a project."""
    project = call.project(call.params["project_gid"])
    call.require_feature(project.workspace, "custom_fields")
    return Listing.sorted([nested.row for nested in project.settings])


def team_settings(call: Call) -> Listing:
    """Return the fields of a team."""
    field_team = team(call, call.params["team_gid"])
    call.require_feature(field_team.workspace, "custom_fields")
    return Listing.sorted([nested.row for nested in field_team.settings])


def project_templates(call: Call) -> Listing:
    """Return the templates of a team or workspace; ApiError 400 without either."""
    gid = call.params.get("team_gid") or call.query.get("team")
    if gid is not None:
        template_team = team(call, gid)
        rows = call.world.project_templates.of(template_team.workspace)
        return Listing.sorted([row for row in rows if row.team is template_team])
    if "workspace" not in call.query:
        raise ApiError(400, "Must specify a workspace or a team")
    return Listing.sorted(call.world.project_templates.of(call.workspace()))


PROJECT_ROUTES = (
    Route("GET /projects", PROJECT, projects),
    Route("GET /projects/{project_gid}", PROJECT, lambda c: c.project(c.params["project_gid"]), "one"),
    Route("GET /workspaces/{workspace_gid}/projects", PROJECT, projects),
    Route("GET /workspaces/{workspace_gid}/projects/search", PROJECT, search_projects, "none", rate_limit="search"),
    Route("GET /teams/{team_gid}/projects", PROJECT, team_projects),
    Route("GET /projects/{project_gid}/sections", SECTION, sections),
    Route("GET /projects/{project_gid}/task_counts", PROJECT, task_counts, "one"),
    Route("GET /project_briefs/{project_brief_gid}", BRIEF, brief, "one"),
    Route("GET /tags", TAG, tags),
    Route("GET /tags/{tag_gid}", TAG, tag, "one"),
    Route("GET /workspaces/{workspace_gid}/tags", TAG, tags),
    Route("GET /workspaces/{workspace_gid}/custom_fields", FIELD, library, full=True),
    Route("GET /projects/{project_gid}/custom_field_settings", SETTING, project_settings, full=True),
    Route("GET /teams/{team_gid}/custom_field_settings", SETTING, team_settings, "none", full=True),
    Route("GET /project_templates", PROJECT_TEMPLATE, project_templates),
    Route("GET /teams/{team_gid}/project_templates", PROJECT_TEMPLATE, project_templates),
    Route("GET /task_templates", TASK_TEMPLATE, list_in_project(lambda w: w.task_templates, "project")),
    Route(
        "GET /custom_types",
        CUSTOM_TYPE,
        list_in_project(lambda w: w.custom_types, "project", CustomType.feature),
        full=True,
    ),
)
