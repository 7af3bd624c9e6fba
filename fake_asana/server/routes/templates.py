"""Operations on templates and custom types."""

from __future__ import annotations

from fake_asana.messages import ApiError
from fake_asana.model.custom_types import CUSTOM_TYPE, CustomType
from fake_asana.model.templates import PROJECT_TEMPLATE, TASK_TEMPLATE
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing
from fake_asana.server.routes.hanging import of_project
from fake_asana.server.routes.people import team


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
