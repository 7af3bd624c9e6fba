"""Operations on tracked time, its categories and timesheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.portfolios import items_in
from fake_asana.model.tracking import CATEGORY, ENTRY, TIMESHEET, Category, TimeEntry, Timesheet
from fake_asana.server.call import Call, Route, list_in_workspace
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.portfolios import Portfolio

START_PARAMETER, END_PARAMETER = "entered_on_start_date", "entered_on_end_date"
BOUND_REQUIRED = f"At least one of {START_PARAMETER} or {END_PARAMETER} must be given with a workspace"
TIME_PARENT_REQUIRED = "Must specify a task, a project that time is attributable to, a portfolio, a user or a workspace"


def categories(call: Call) -> Listing:
    """Return the active categories of a workspace, or the archived ones on request."""
    call.require("workspace")
    workspace = call.workspace()
    call.require_feature(workspace, Category.feature)
    archived = call.flag("is_archived") or False
    return Listing.sorted([row for row in call.world.time_categories.of(workspace) if row.archived is archived])


def task_entries(call: Call) -> Listing:
    """Return the entries of one task."""
    task = call.task(call.params["task_gid"])
    call.require_feature(task.workspace, TimeEntry.feature)
    return Listing.sorted(call.world.time_entries.of(task))


def time_entries(call: Call) -> Listing:
    """Return the entries of a task, project, portfolio, user or workspace, filtered by day."""
    holder = next((name for name in ENTRY_HOLDERS if name in call.query), None)
    if holder is None:
        raise ApiError(400, TIME_PARENT_REQUIRED)
    first, last = call.query.get(START_PARAMETER, ""), call.query.get(END_PARAMETER, "~")
    rows = ENTRY_HOLDERS[holder](call)
    return Listing.sorted([row for row in rows if first <= row.entered_on <= last])


def entries_of_task(call: Call) -> list[TimeEntry]:
    """Return the entries of a task."""
    task = call.task(call.query["task"])
    call.require_feature(task.workspace, TimeEntry.feature)
    return call.world.time_entries.of(task)


def entries_of_project(call: Call) -> list[TimeEntry]:
    """Return the entries attributed to a project."""
    project = call.project(call.query["attributable_to"])
    call.require_feature(project.workspace, TimeEntry.feature)
    rows = call.world.time_entries.of(project.workspace)
    return [row for row in rows if next(row.task.projects(), None) is project]


def entries_of_portfolio(call: Call) -> list[TimeEntry]:
    """Return the entries attributed to the items of a portfolio."""
    portfolio: Portfolio = call.find("portfolio", call.world.portfolios.rows, call.query["portfolio"])
    call.require_feature(portfolio.workspace, TimeEntry.feature)
    item_gids = {item.resource.gid for item in items_in(call.world.portfolio_items, portfolio)}
    rows = call.world.time_entries.of(portfolio.workspace)
    return [row for row in rows if any(project.gid in item_gids for project in row.task.projects())]


def entries_of_user(call: Call) -> list[TimeEntry]:
    """Return the entries of a person, in all workspaces or in one."""
    user = call.user(call.query["user"])
    candidates = entries_of_workspace(call) if "workspace" in call.query else list(call.world.time_entries)
    return [row for row in candidates if row.author is user]


def entries_of_workspace(call: Call) -> list[TimeEntry]:
    """Return the entries of a workspace; ApiError 400 without a bound for the day."""
    workspace = call.workspace()
    call.require_feature(workspace, TimeEntry.feature)
    if not {START_PARAMETER, END_PARAMETER} & call.query.keys():
        raise ApiError(400, BOUND_REQUIRED)
    rows = call.world.time_entries.of(workspace)
    is_whole = call.dialect.tracking.lists_others or call.viewer.service
    return rows if is_whole else [row for row in rows if row.author is call.viewer.user]


ENTRY_HOLDERS: dict[str, Callable[[Call], list[TimeEntry]]] = {
    "task": entries_of_task,
    "attributable_to": entries_of_project,
    "portfolio": entries_of_portfolio,
    "user": entries_of_user,
    "workspace": entries_of_workspace,
}


def time_entry(call: Call) -> TimeEntry:
    """Return one entry."""
    gid = call.params["time_tracking_entry_gid"]
    row: TimeEntry = call.find("time_tracking_entry", call.world.time_entries.rows, gid)
    return row


UNLISTED_FIELDS = frozenset({"task", "created_at", "approval_status", "billable_status", "description"})
"""Fields documented for the record of one entry, but for no list."""

TRACKING_ROUTES = (
    Route("GET /time_tracking_categories", CATEGORY, categories),
    Route("GET /tasks/{task_gid}/time_tracking_entries", ENTRY, task_entries, unlisted=UNLISTED_FIELDS),
    Route("GET /time_tracking_entries", ENTRY, time_entries, unlisted=UNLISTED_FIELDS),
    Route("GET /time_tracking_entries/{time_tracking_entry_gid}", ENTRY, time_entry, "one"),
    Route(
        "GET /timesheet_approval_statuses",
        TIMESHEET,
        list_in_workspace(lambda w: w.timesheets, Timesheet.feature),
    ),
)
