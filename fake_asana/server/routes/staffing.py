"""Operations on roles, AI teammates, absences, allocations, budgets and rates."""

from __future__ import annotations

from fake_asana.messages import ApiError
from fake_asana.model.project_lists import PROJECT_LISTS, RESOURCING_FEATURE, ProjectList
from fake_asana.model.resourcing import ALLOCATION, RATE
from fake_asana.model.staffing import ABSENCE, AGENT, ROLE, Agent, Role
from fake_asana.server.call import Call, Route, list_in_project, list_in_workspace
from fake_asana.server.paging import Listing


def roles(call: Call) -> Listing:
    """Return the roles of a workspace, archived or not, both by default."""
    workspace, archived = call.workspace(), call.flag("archived")
    call.require_feature(workspace, Role.feature)
    rows = call.world.roles.of(workspace)
    return Listing.sorted([row for row in rows if archived is None or row.archived is archived])


def absences(call: Call) -> Listing:
    """Return the absences of a person from a workspace that overlap the query's days."""
    user = call.user(call.require("user"))
    call.require("workspace")
    workspace = call.workspace()
    first, last = call.query.get("start_date", ""), call.query.get("end_date", "~")
    rows = [row for row in call.world.absences.of(user) if row.workspace is workspace]
    return Listing.sorted([row for row in rows if row.last >= first and row.first <= last])


def allocations(call: Call) -> Listing:
    """Return the allocations to a project or in a workspace, of all or of one assignee; ApiError 400 without either."""
    assignee = call.query.get("assignee")
    if "parent" in call.query:
        project = call.project(call.query["parent"])
        call.require_feature(project.workspace, RESOURCING_FEATURE)
        rows = call.world.allocations.of(project)
    elif "workspace" in call.query:
        workspace = call.workspace()
        call.require_feature(workspace, RESOURCING_FEATURE)
        rows = call.world.allocations.of(workspace)
    else:
        raise ApiError(400, "Must specify a parent or a workspace")
    return Listing.sorted([row for row in rows if assignee in {None, row.assignee.gid}])


def project_route(listed: ProjectList) -> Route:
    """Return the operation of one of PROJECT_LISTS."""
    answer = list_in_project(lambda w: w.project_rows[listed.stream], listed.parent_param, listed.feature)
    return Route(listed.template, listed.kind, answer, listed.paging, full=listed.full, fixed=listed.fixed)


STAFFING_ROUTES = (
    Route("GET /roles", ROLE, roles),
    Route("GET /workspaces/{workspace_gid}/agents", AGENT, list_in_workspace(lambda w: w.agents, Agent.feature)),
    Route("GET /ooo_entries", ABSENCE, absences, full=True),
    Route("GET /allocations", ALLOCATION, allocations, full=True),
    Route("GET /rates", RATE, list_in_project(lambda w: w.rates, "parent", RESOURCING_FEATURE), fixed=True),
    *map(project_route, PROJECT_LISTS),
)
