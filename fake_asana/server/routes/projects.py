"""Operations on projects, sections, briefs, tags and custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.clock import SECOND
from fake_asana.model.custom_fields import FIELD, SETTING
from fake_asana.model.custom_types import CUSTOM_TYPE, CustomType
from fake_asana.model.projects import BRIEF, PROJECT, SECTION, TAG
from fake_asana.model.templates import PROJECT_TEMPLATE, TASK_TEMPLATE
from fake_asana.server.call import Call, Route, of_project
from fake_asana.server.paging import Listing, limit_of
from fake_asana.server.routes.people import team

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.projects import Brief, Project, Tag


def projects(call: Call) -> Listing:
    """The projects of a workspace, or of a team; both archived and not unless asked."""
    if "team" in call.query:
        return of_team(call, call.query["team"])
    return chosen(call, call.workspace().projects.values())


def found_projects(call: Call) -> Listing:
    """As many projects as `limit` says, those of one instant in any order; archived ones are among them."""
    workspace, limits = call.workspace(), call.limits
    most = limit_of(call.query) or call.dialect.search_rows
    call.paid(workspace, "search")
    after, horizon = call.since("created_at.after"), call.world.now() - limits.search_lag * 1000
    tick = SECOND if call.dialect.search_seconds else 1
    least = 0 if after is None else after - after % tick + tick * ("after" not in limits.search_inclusive)
    fitting = (row for row in workspace.projects.values() if least <= row.created <= horizon)
    rows = [row for row in fitting if call.dialect.search_hides or call.viewer.sees(row)]
    by = {"created_at": lambda row: row.created, "modified_at": lambda row: row.modified}
    order = by[call.query.get("sort_by", "modified_at")]
    found = sorted(rows, key=order, reverse=not call.flag("sort_ascending"))[:most]
    return Listing([row for row in found if call.viewer.sees(row)])


def team_projects(call: Call) -> Listing:
    """The projects of a team: those without a team are in nobody's list."""
    return of_team(call, call.params["team_gid"])


def of_team(call: Call, gid: str) -> Listing:
    """The projects of one team."""
    found = team(call, gid)
    return chosen(call, [project for project in found.workspace.projects.values() if project.team is found])


def chosen(call: Call, rows: Iterable[Project]) -> Listing:
    """Projects by the `archived` of the query."""
    archived = call.flag("archived")
    return Listing.sorted([row for row in rows if archived is None or row.archived is archived])


def sections(call: Call) -> Listing:
    """The sections of a project as they lie there."""
    found = list(call.project(call.params["project_gid"]).sections.values())
    return Listing(found, key=lambda section: (section.rank,))


def task_counts(call: Call) -> dict[str, object]:
    """How many tasks a project holds, subtasks that were added to it included: none of the counts comes unasked."""
    tasks = [task for task in call.project(call.params["project_gid"]).ordered() if call.viewer.sees(task)]
    counts: dict[str, int] = {}
    for name, rows in (("tasks", tasks), ("milestones", [task for task in tasks if task.subtype == "milestone"])):
        completed = sum(1 for task in rows if task.completed is not None)
        counts[f"num_{name}"] = len(rows)
        counts[f"num_completed_{name}"] = completed
        counts[f"num_incomplete_{name}"] = len(rows) - completed
    return {name: counts[name] for name in call.query.get("opt_fields", "").split(",") if name in counts}


def brief(call: Call) -> Brief:
    """One brief."""
    found: Brief = call.find("project_brief", call.world.briefs, call.params["project_brief_gid"])
    call.paid(found.project.workspace, "project_briefs")
    return found


def tags(call: Call) -> Listing:
    """The tags of a workspace."""
    return Listing.sorted(list(call.workspace().tags.values()))


def tag(call: Call) -> Tag:
    """One tag."""
    found: Tag = call.find("tag", call.world.tags, call.params["tag_gid"])
    return found


def library(call: Call) -> Listing:
    """The custom fields that are global to a workspace, where its plan has them."""
    workspace = call.workspace()
    call.paid(workspace, "custom_fields")
    return Listing.sorted(list(workspace.custom_fields.values()))


def project_settings(call: Call) -> Listing:
    """The fields of a project."""
    project = call.project(call.params["project_gid"])
    call.paid(project.workspace, "custom_fields")
    return Listing.sorted([inside.row for inside in project.settings])


def team_settings(call: Call) -> Listing:
    """The fields of a team."""
    found = team(call, call.params["team_gid"])
    call.paid(found.workspace, "custom_fields")
    return Listing.sorted([inside.row for inside in found.settings])


def project_templates(call: Call) -> Listing:
    """The templates of a team or of a workspace; ApiError 400 when neither is named."""
    gid = call.params.get("team_gid") or call.query.get("team")
    if gid is not None:
        found = team(call, gid)
        rows = call.world.project_templates.of(found.workspace)
        return Listing.sorted([row for row in rows if row.team is found])
    if "workspace" not in call.query:
        raise ApiError(400, "Must specify a workspace or a team")
    return Listing.sorted(call.world.project_templates.of(call.workspace()))


ROUTES = (
    Route("GET /projects", PROJECT, projects),
    Route("GET /projects/{project_gid}", PROJECT, lambda c: c.project(c.params["project_gid"]), "one"),
    Route("GET /workspaces/{workspace_gid}/projects", PROJECT, projects),
    Route("GET /workspaces/{workspace_gid}/projects/search", PROJECT, found_projects, "whole", budget="search"),
    Route("GET /teams/{team_gid}/projects", PROJECT, team_projects),
    Route("GET /projects/{project_gid}/sections", SECTION, sections),
    Route("GET /projects/{project_gid}/task_counts", PROJECT, task_counts, "one"),
    Route("GET /project_briefs/{project_brief_gid}", BRIEF, brief, "one"),
    Route("GET /tags", TAG, tags),
    Route("GET /tags/{tag_gid}", TAG, tag, "one"),
    Route("GET /workspaces/{workspace_gid}/tags", TAG, tags),
    Route("GET /workspaces/{workspace_gid}/custom_fields", FIELD, library, full=True),
    Route("GET /projects/{project_gid}/custom_field_settings", SETTING, project_settings, full=True),
    Route("GET /teams/{team_gid}/custom_field_settings", SETTING, team_settings, "whole", full=True),
    Route("GET /project_templates", PROJECT_TEMPLATE, project_templates),
    Route("GET /teams/{team_gid}/project_templates", PROJECT_TEMPLATE, project_templates),
    Route("GET /task_templates", TASK_TEMPLATE, of_project(lambda w: w.task_templates, "project")),
    Route(
        "GET /custom_types",
        CUSTOM_TYPE,
        of_project(lambda w: w.custom_types, "project", CustomType.feature),
        full=True,
    ),
)
