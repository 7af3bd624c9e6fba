"""Each list of each stream is requested only if needed, and once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

import pytest
from harness import SMALL, asana, clock, sync
from interruptions import interrupted
from nested import inner
from reads import Full

from fake_asana.world import World
from tap_asana.parents.hints import MAX_SAMPLE


def test_the_next_run_reads_new_status_updates() -> None:
    """The second run returns the status updates written since the first, and no older ones."""
    api = asana(SMALL)
    first_run = sync(api)
    clock(api).advance(3600)
    changes = api.world.mutate()
    clock(api).advance(3600)
    second = sync(api, state=first_run.state)
    assert changes.changed["status_updates"]
    assert second.gids("status_updates") == changes.changed["status_updates"]


def hide_and_show(world: World) -> Callable[[], None]:
    """Hide a portfolio and a goal with status updates from the user; return a function that shares them."""
    viewer = world.access.viewers["0/fake"]
    me = viewer.user
    assert me
    portfolio = next(row for row in world.portfolios if row.status and me in row.members)
    goal = next(row for row in world.goals if row.status and viewer.sees(row))
    portfolio.members.remove(me)
    goal.private, goal.owner, goal.followers = True, None, []

    def show() -> None:
        portfolio.members.append(me)
        goal.followers.append(me)

    return show


def test_newly_shared_parents_return_past_status_updates() -> None:
    """A newly visible portfolio and goal return all their past status updates, once."""
    api = asana(SMALL)
    show = hide_and_show(api.world)
    first = sync(api, select=["status_updates"])
    hidden = first.gids("status_updates")
    clock(api).advance(3600)
    show()
    second = sync(api, select=["status_updates"], state=first.state)
    assert second.gids("status_updates") == set(api.world.gids("status_updates")) - hidden
    assert {record["parent"]["resource_type"] for record in second.records("status_updates")} == {"portfolio", "goal"}
    clock(api).advance(3600)
    assert not sync(api, select=["status_updates"], state=second.state).gids("status_updates")


@pytest.mark.parametrize("at", range(8, 14))
def test_a_parent_refused_before_a_kill_is_read_later(at: int) -> None:
    """A parent refused in the first attempt is read by a later run, even if the second attempt does not request it."""
    api = asana(SMALL)
    project = min(
        (gid for gid, row in api.world.expected_records("projects").items() if row["current_status_update"]), key=int
    )
    api.world.access.deny(project)
    cut = interrupted(api, at, config={"max_concurrency": 1}, select=["status_updates"])
    api.world.access.denied_statuses.clear()
    union = cut.then(sync(api, select=["status_updates"], state=cut.state or None))
    clock(api).advance(3600)
    union = union.then(sync(api, select=["status_updates"], state=union.state))
    assert union.gids("status_updates") == set(api.world.gids("status_updates"))


def request_counts(run: Full, template: str, parameter: str = "", archived: str | None = None) -> Counter[str]:
    """Return the number of requests of an operation, by a parameter or by the gid in its path; first pages only.

    Lists of archived or unarchived projects alone are other lists than those without such a filter.
    """
    return Counter(
        handled.query[parameter] if parameter else handled.path.split("/")[4]
        for handled in run.api.log
        if handled.template == template and "offset" not in handled.query and handled.query.get("archived") == archived
    )


def having(run: Full, field: str, *streams: str) -> set[str]:
    """Return the gids of the records with a value in a field."""
    return {
        gid for name in streams for gid, row in run.api.world.expected_records(name, run.token).items() if row[field]
    }


def silent_parents(run: Full, field: str, stream: str) -> list[list[str]]:
    """Return the gids of the parents of a stream, by workspace, where none has a value in a field."""
    groups = defaultdict(list)
    for gid, row in run.api.world.expected_records(stream, run.token).items():
        groups[inner(row, "workspace", "gid")].append((gid, row[field]))
    return [[gid for gid, _ in group] for group in groups.values() if not any(value for _, value in group)]


def test_status_updates_are_requested_for_parents_that_have_one(either: Full) -> None:
    """Status updates are requested once for each parent with a current one.

    Other parents are requested only in a workspace where none of their kind has one, and there a sample of them.
    """
    parents, field = ("projects", "portfolios", "goals"), "current_status_update"
    reported = having(either, field, *parents)
    silent = [group for name in parents for group in silent_parents(either, field, name)]
    assert reported.union(*silent) != {
        gid for name in parents for gid in either.api.world.expected_records(name, either.token)
    }
    counts = request_counts(either, "GET /status_updates", "parent")
    assert set(counts.values()) == {1}
    assert reported <= counts.keys() <= reported.union(*silent)
    for group in silent:
        assert len(counts.keys() & group) == min(len(group), MAX_SAMPLE)


def test_existing_briefs_are_requested_once(either: Full) -> None:
    """Only the briefs named by projects are requested, once each."""
    briefs = request_counts(either, "GET /project_briefs/{project_brief_gid}")
    assert briefs == dict.fromkeys(either.api.world.expected_records("project_briefs", either.token), 1)


def test_time_entries_are_requested_for_tasks_with_time(either: Full) -> None:
    """Only tasks with tracked time are requested for their entries."""
    tracked = having(either, "actual_time_minutes", "tasks")
    assert tracked
    assert request_counts(either, "GET /tasks/{task_gid}/time_tracking_entries") == dict.fromkeys(tracked, 1)


PARENTS = (
    ("GET /projects/{project_gid}/sections", "", "projects"),
    ("GET /task_templates", "project", "projects"),
    ("GET /custom_types", "project", "projects"),
    ("GET /budgets", "parent", "projects"),
    ("GET /rates", "parent", "projects"),
    ("GET /teams/{team_gid}/team_memberships", "", "teams"),
    ("GET /portfolios/{portfolio_gid}/items", "", "portfolios"),
    ("GET /goal_relationships", "supported_goal", "goals"),
    ("GET /goals/{goal_gid}/stories", "", "goals"),
)
"""Lists with one request per parent, and the stream of those parents."""


@pytest.mark.parametrize(("template", "parameter", "stream"), PARENTS)
def test_lists_of_parents_are_requested_once_for_each(either: Full, template: str, parameter: str, stream: str) -> None:
    """A list of a parent is requested once for each parent, and not again if it is outside the plan."""
    counts = request_counts(either, template, parameter)
    parents = set(either.api.world.gids(stream, either.token))
    paid = {gid for gid in parents if not is_outside_plan(either, template, stream, gid)}
    assert paid
    assert paid <= counts.keys() <= parents
    assert set(counts.values()) == {1}


def is_outside_plan(run: Full, template: str, stream: str, gid: str) -> bool:
    """Report whether such a list is outside the plan of a parent's workspace."""
    workspace = inner(run.api.world.expected_records(stream, run.token)[gid], "workspace", "gid")
    templates = {handled.template for handled in run.api.log if handled.status == 402}
    return template in templates and not run.api.world.workspaces[workspace].organization


@pytest.mark.parametrize(
    "template",
    [
        "GET /projects/{project_gid}/custom_field_settings",
        "GET /portfolios/{portfolio_gid}/custom_field_settings",
        "GET /goals/{goal_gid}/custom_field_settings",
        "GET /teams/{team_gid}/custom_field_settings",
        "GET /users/{user_gid}/user_task_list",
        "GET /users/{user_gid}",
        "GET /goals/{goal_gid}",
        "GET /time_tracking_entries/{time_tracking_entry_gid}",
    ],
)
def test_embedded_records_are_not_requested(either: Full, template: str) -> None:
    """Records embedded in a parent's list take no requests of their own."""
    assert not request_counts(either, template)


LISTED = (
    "users",
    "projects",
    "tags",
    "goals",
    "project_templates",
    "allocations",
    "time_periods",
    "roles",
    "portfolios",
)
"""Streams with one list per workspace at a path of the same name."""


@pytest.mark.parametrize("stream", LISTED)
def test_a_list_of_a_workspace_is_requested_once(either: Full, stream: str) -> None:
    """A list shared by several streams is requested once per workspace."""
    workspaces = either.api.world.access.viewers[either.token].workspaces
    assert request_counts(either, f"GET /{stream}", "workspace") == dict.fromkeys(workspaces, 1)


def test_archived_projects_are_requested_where_the_list_has_none(either: Full) -> None:
    """The archived projects are requested once by name in each workspace whose list shows none, and nowhere else."""
    projects = either.api.world.expected_records("projects", either.token).values()
    showing = {inner(row, "workspace", "gid") for row in projects if row["archived"]}
    silent = {*either.api.world.access.viewers[either.token].workspaces} - showing
    assert showing
    assert request_counts(either, "GET /projects", "workspace", "true") == dict.fromkeys(silent, 1)
