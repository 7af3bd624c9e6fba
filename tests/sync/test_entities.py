"""Every entity: nothing is asked in vain, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from harness import SMALL, asana, attempt, clock, sync
from interruptions import killing
from reads import Full

from fake_asana.world import World


def test_status_updates_come_with_the_next_run() -> None:
    """The second run brings the status updates written since, and no older ones."""
    api = asana(SMALL)
    first_run = sync(api)
    clock(api).advance(3600)
    changes = api.world.mutate()
    clock(api).advance(3600)
    second = sync(api, state=first_run.state)
    assert changes.changed["status_updates"]
    assert second.gids("status_updates") == changes.changed["status_updates"]


def hide_and_show(world: World) -> Callable[[], None]:
    """Take a portfolio and a goal that somebody reported on from the token's person; returns what gives them back."""
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


def test_what_is_shared_later_brings_its_past_status_updates() -> None:
    """A portfolio and a goal that the token can newly see bring all that was reported on them, and only then."""
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
def test_a_parent_that_was_refused_before_the_run_was_cut_off_is_read_when_it_opens(at: int) -> None:
    """What the first attempt was refused is read whole by a later run, though the second attempt did not ask for it."""
    api = asana(SMALL)
    shut = min(
        (gid for gid, row in api.world.expected_records("projects").items() if row["current_status_update"]), key=int
    )
    api.world.access.deny(shut)
    cut = attempt(api, config={"max_concurrency": 1}, select=["status_updates"], on_request=killing(at))
    api.world.access.denied_statuses.clear()
    union = cut.vouched().then(sync(api, select=["status_updates"], state=cut.state or None))
    clock(api).advance(3600)
    union = union.then(sync(api, select=["status_updates"], state=union.state))
    assert union.gids("status_updates") == set(api.world.gids("status_updates"))


def asked_for(run: Full, template: str, parameter: str = "") -> Counter[str]:
    """Return how often an operation was asked, by a parameter of it or by the gid in its path; first pages only."""
    return Counter(
        handled.query[parameter] if parameter else handled.path.split("/")[4]
        for handled in run.api.log
        if handled.template == template and "offset" not in handled.query
    )


def having(run: Full, field: str, *streams: str) -> set[str]:
    """Return the gids of the records that have something in a field."""
    return {
        gid for name in streams for gid, row in run.api.world.expected_records(name, run.token).items() if row[field]
    }


def test_status_updates_are_asked_where_there_is_one(either: Full) -> None:
    """Only what has a current status update is asked for all of them, and once."""
    parents = ("projects", "portfolios", "goals")
    reported = having(either, "current_status_update", *parents)
    assert reported != {gid for name in parents for gid in either.api.world.expected_records(name, either.token)}
    assert asked_for(either, "GET /status_updates", "parent") == dict.fromkeys(reported, 1)


def test_briefs_are_asked_where_there_is_one(either: Full) -> None:
    """Only the briefs that projects name are asked for, each once."""
    briefs = asked_for(either, "GET /project_briefs/{project_brief_gid}")
    assert briefs == dict.fromkeys(either.api.world.expected_records("project_briefs", either.token), 1)


def test_time_is_asked_where_there_is_some(either: Full) -> None:
    """Only tasks with time on them are asked for their entries."""
    tracked = having(either, "actual_time_minutes", "tasks")
    assert tracked
    assert asked_for(either, "GET /tasks/{task_gid}/time_tracking_entries") == dict.fromkeys(tracked, 1)


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
"""Lists that there is one of for each parent, and the stream of those parents."""


@pytest.mark.parametrize(("template", "parameter", "stream"), PARENTS)
def test_what_hangs_from_parents_is_asked_once_for_each(
    either: Full, template: str, parameter: str, stream: str
) -> None:
    """A list under every parent of a kind is asked once for each, and not again where the plan lacks it."""
    asked = asked_for(either, template, parameter)
    parents = set(either.api.world.gids(stream, either.token))
    paid = {gid for gid in parents if not lacks(either, template, stream, gid)}
    assert paid
    assert paid <= asked.keys() <= parents
    assert set(asked.values()) == {1}


def lacks(run: Full, template: str, stream: str, gid: str) -> bool:
    """Tell whether the plan of a parent's workspace refused such a list to anybody."""
    workspace = run.api.world.expected_records(stream, run.token)[gid].get("workspace") or {}
    lacking = {handled.template for handled in run.api.log if handled.status == 402}
    return template in lacking and not run.api.world.workspaces[workspace["gid"]].organization  # type: ignore[index] # plain JSON


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
def test_what_comes_with_a_list_is_not_asked_for(either: Full, template: str) -> None:
    """What a parent's own list carries takes no request of its own."""
    assert not asked_for(either, template)


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
"""Streams with one list for each workspace, by their name."""


@pytest.mark.parametrize("stream", LISTED)
def test_a_list_of_a_workspace_is_fetched_once(either: Full, stream: str) -> None:
    """However many streams need a list, each workspace is asked for it once."""
    workspaces = either.api.world.access.viewers[either.token].workspaces
    assert asked_for(either, f"GET /{stream}", "workspace") == dict.fromkeys(workspaces, 1)
