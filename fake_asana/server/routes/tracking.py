"""Operations on tracked time, its categories and timesheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.portfolios import inside
from fake_asana.model.tracking import CATEGORY, ENTRY, TIMESHEET, Category, Entry, Timesheet
from fake_asana.server.call import Call, Route, of_workspace
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.portfolios import Portfolio

FIRST, LAST = "entered_on_start_date", "entered_on_end_date"
BOUND = f"At least one of {FIRST} or {LAST} must be given with a workspace"
HOLDER = "Must specify a task, a project that time is attributable to, a portfolio, a user or a workspace"


def categories(call: Call) -> Listing:
    """The categories of a workspace: those in use, unless the archived ones are asked for."""
    call.needed("workspace")
    workspace = call.workspace()
    call.paid(workspace, Category.feature)
    archived = call.flag("is_archived") or False
    return Listing.sorted([row for row in call.world.categories.of(workspace) if row.archived is archived])


def task_entries(call: Call) -> Listing:
    """The entries of one task."""
    task = call.task(call.params["task_gid"])
    call.paid(task.workspace, Entry.feature)
    return Listing.sorted(call.world.entries.of(task))


def entries(call: Call) -> Listing:
    """The entries of a task, a project, a portfolio, a user or a workspace; that wants a bound for the day."""
    holder = next((name for name in HOLDERS if name in call.query), None)
    if holder is None:
        raise ApiError(400, HOLDER)
    first, last = call.query.get(FIRST, ""), call.query.get(LAST, "~")
    rows = HOLDERS[holder](call)
    return Listing.sorted([row for row in rows if first <= row.entered_on <= last])


def of_task(call: Call) -> list[Entry]:
    """The entries of a task."""
    task = call.task(call.query["task"])
    call.paid(task.workspace, Entry.feature)
    return call.world.entries.of(task)


def of_project(call: Call) -> list[Entry]:
    """The entries that count for a project."""
    project = call.project(call.query["attributable_to"])
    call.paid(project.workspace, Entry.feature)
    rows = call.world.entries.of(project.workspace)
    return [row for row in rows if next(row.task.projects(), None) is project]


def of_portfolio(call: Call) -> list[Entry]:
    """The entries that count for what lies in a portfolio."""
    portfolio: Portfolio = call.find("portfolio", call.world.portfolios.rows, call.query["portfolio"])
    call.paid(portfolio.workspace, Entry.feature)
    held = {item.thing.gid for item in inside(call.world.items, portfolio)}
    rows = call.world.entries.of(portfolio.workspace)
    return [row for row in rows if any(project.gid in held for project in row.task.projects())]


def of_user(call: Call) -> list[Entry]:
    """The entries of a person, in one workspace where the query names it."""
    user = call.user(call.query["user"])
    kept = of_place(call) if "workspace" in call.query else list(call.world.entries)
    return [row for row in kept if row.author is user]


def of_place(call: Call) -> list[Entry]:
    """The entries of a workspace; ApiError 400 without a bound for the day."""
    workspace = call.workspace()
    call.paid(workspace, Entry.feature)
    if not {FIRST, LAST} & call.query.keys():
        raise ApiError(400, BOUND)
    return call.world.entries.of(workspace)


HOLDERS: dict[str, Callable[[Call], list[Entry]]] = {
    "task": of_task,
    "attributable_to": of_project,
    "portfolio": of_portfolio,
    "user": of_user,
    "workspace": of_place,
}


def entry(call: Call) -> Entry:
    """One entry."""
    gid = call.params["time_tracking_entry_gid"]
    found: Entry = call.find("time_tracking_entry", call.world.entries.rows, gid)
    return found


UNLISTED = frozenset({"task", "created_at", "approval_status", "billable_status", "description"})
"""What the record of one entry documents, and no list."""

ROUTES = (
    Route("GET /time_tracking_categories", CATEGORY, categories),
    Route("GET /tasks/{task_gid}/time_tracking_entries", ENTRY, task_entries, unlisted=UNLISTED),
    Route("GET /time_tracking_entries", ENTRY, entries, unlisted=UNLISTED),
    Route("GET /time_tracking_entries/{time_tracking_entry_gid}", ENTRY, entry, "one"),
    Route(
        "GET /timesheet_approval_statuses",
        TIMESHEET,
        of_workspace(lambda w: w.timesheets, Timesheet.feature),
    ),
)
