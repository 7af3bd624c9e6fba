"""Plans without features, denied resources, and changes of planning."""

from __future__ import annotations

import pytest
from fake_client import FakeClient

from fake_asana.model.clock import format_instant
from fake_asana.world import Sizes

TINY = Sizes(tasks=40, users=8, projects=9, stories=1, busiest=8)

OF_WORKSPACE = (
    "/portfolios",
    "/goals",
    "/time_periods",
    "/time_tracking_categories",
    "/timesheet_approval_statuses",
    "/allocations",
    "/roles",
    "/workspaces/{gid}/agents",
    "/workspaces/{gid}/custom_fields",
)
OF_PROJECT = ("/custom_types?project", "/budgets?parent", "/rates?parent", "/allocations?parent")
PAID = {
    *("custom_fields", "custom_field_settings", "portfolios", "portfolio_items", "portfolio_memberships"),
    *("goals", "goal_memberships", "goal_relationships", "time_periods", "time_tracking_categories"),
    *("time_tracking_entries", "timesheet_approval_statuses", "allocations", "budgets", "rates", "custom_types"),
    *("roles", "agents", "project_briefs"),
}
"""Streams that a plan may not have."""


@pytest.fixture
def client() -> FakeClient:
    """Give a client of a world of its own."""
    return FakeClient(sizes=TINY)


@pytest.mark.parametrize("path", OF_WORKSPACE)
def test_the_free_plan_gets_402(client: FakeClient, path: str) -> None:
    """Paid resources of the free workspace are refused, those of an organization are not."""
    for workspace, status in ((client.third, 402), (client.first, 200)):
        assert client.request(path.format(gid=workspace.gid), workspace=workspace.gid, limit=100)[0] == status


@pytest.mark.parametrize("path", OF_PROJECT)
def test_projects_of_the_free_plan_get_402(client: FakeClient, path: str) -> None:
    """Paid resources of a project in the free workspace are refused."""
    path, _, name = path.partition("?")
    for workspace, status in ((client.third, 402), (client.first, 200)):
        assert client.request(path, **{name: next(iter(workspace.projects))})[0] == status


def test_a_downgrade_removes_paid_resources(client: FakeClient) -> None:
    """No paid resource remains expected, and tasks and projects lose their paid fields."""
    for workspace in client.world.workspaces.values():
        client.world.downgrade(workspace)
    counts = client.world.counts()
    assert {stream for stream in PAID if counts[stream]} == set()
    for project in client.world.expected_records("projects").values():
        assert (project["custom_fields"], project["custom_field_settings"]) == ([], [])
    for task in client.world.expected_records("tasks").values():
        assert (task["custom_fields"], task["actual_time_minutes"], task["custom_type"]) == ([], None, None)


def test_a_downgrade_gets_402_by_gid(client: FakeClient) -> None:
    """Goals, portfolios, briefs and entries are refused by gid."""
    world = client.world
    goal, portfolio = next(iter(world.goals)), next(iter(world.portfolios))
    brief, task = next(iter(world.briefs)), next(iter(world.tasks))
    for workspace in world.workspaces.values():
        world.downgrade(workspace)
    paths = [f"/goals/{goal.gid}/stories", f"/portfolios/{portfolio.gid}/items", f"/project_briefs/{brief}"]
    paths += [f"/tasks/{task}/time_tracking_entries"]
    assert {client.request(path)[0] for path in paths} == {402}
    assert client.error("/memberships", parent=goal.gid)[0] == 402
    assert client.error("/goal_relationships", supported_goal=goal.gid)[0] == 402
    assert client.error("/status_updates", parent=portfolio.gid)[0] == 402


def test_a_downgrade_can_remove_one_feature(client: FakeClient) -> None:
    """Portfolios remain without goals."""
    client.world.downgrade(client.first, "goals")
    assert client.error("/goals", workspace=client.first.gid)[0] == 402
    assert client.get("/portfolios", workspace=client.first.gid)


def test_every_kind_of_parent_can_be_denied(client: FakeClient) -> None:
    """The lists of a denied project, portfolio, goal, task, user, team or brief are refused."""
    world, first = client.world, client.first
    brief, task, team = next(iter(world.briefs)), next(iter(world.tasks)), next(iter(first.teams))
    portfolio, goal, user = world.portfolios.of(first)[0].gid, world.goals.of(first)[0].gid, first.roster[0].gid
    project = next(iter(first.projects))
    requests: list[tuple[str, str, dict[str, str]]] = [
        *((project, path, {"parent": project}) for path in ("/memberships", "/status_updates", "/budgets", "/rates")),
        *((project, path, {"project": project}) for path in ("/task_templates", "/custom_types")),
        (portfolio, f"/portfolios/{portfolio}/items", {}),
        (portfolio, "/memberships", {"parent": portfolio}),
        (goal, "/goal_relationships", {"supported_goal": goal}),
        (goal, f"/goals/{goal}/stories", {}),
        (task, f"/tasks/{task}/time_tracking_entries", {}),
        (user, "/ooo_entries", {"user": user, "workspace": first.gid}),
        (team, f"/teams/{team}/project_templates", {}),
        (brief, f"/project_briefs/{brief}", {}),
    ]
    for gid, path, query in requests:
        assert client.request(path, **query)[0] == 200
        world.access.deny(gid)
        assert client.request(path, **query)[0] == 403, path
        del world.access.denied_statuses[gid]


def test_a_new_status_update_is_the_current_one(client: FakeClient) -> None:
    """The parent's clock stands still."""
    client.clock.advance(60)
    project = next(iter(client.first.projects.values()))
    before, mark = project.modified, client.world.mark()
    gid = client.world.post_status_update(project.gid)
    assert client.get(f"/projects/{project.gid}")["current_status_update"]["gid"] == gid
    assert project.modified == before
    since = format_instant(client.world.now())
    assert [row["gid"] for row in client.all("/status_updates", parent=project.gid, created_since=since)] == [gid]
    changes = client.world.changes_since(mark)
    assert (changes.changed["status_updates"], changes.untimestamped["projects"]) == ({gid}, {project.gid})


def test_tracked_time_moves_no_clock(client: FakeClient) -> None:
    """A new entry adds to the task's minutes and is an untimestamped change."""
    task = next(iter(client.world.tasks.values()))
    before, mark = (task.tracked_minutes or 0, task.modified), client.world.mark()
    entry = client.world.track_time(task.gid, 25)
    assert (task.tracked_minutes, task.modified) == (before[0] + 25, before[1])
    silent = client.world.changes_since(mark).untimestamped
    assert (silent["time_tracking_entries"], silent["tasks"]) == ({entry}, {task.gid})


def test_time_on_a_changed_task_is_a_change(client: FakeClient) -> None:
    """A task with a moved clock is read with its entries."""
    gid, mark = next(iter(client.world.tasks)), client.world.mark()
    entry = client.world.track_time(gid)
    client.world.comment(gid)
    assert client.world.changes_since(mark).changed["time_tracking_entries"] == {entry}


def test_items_are_added_and_removed(client: FakeClient) -> None:
    """A new item is the last one, and a removed one is not listed."""
    portfolio = client.world.portfolios.of(client.first)[1]
    gid, mark = next(iter(client.first.projects)), client.world.mark()
    item = client.world.put_in_portfolio(portfolio.gid, gid)
    assert client.all(f"/portfolios/{portfolio.gid}/items")[-1]["gid"] == gid
    assert client.world.changes_since(mark).changed["portfolio_items"] == {item}
    client.world.take_from_portfolio(portfolio.gid, gid)
    assert client.all(f"/portfolios/{portfolio.gid}/items") == []
    assert client.world.changes_since(mark).deleted["portfolio_items"] == {item}


def test_an_item_that_comes_after_a_removed_one_has_a_place_of_its_own(client: FakeClient) -> None:
    """Pages go by the places of items: of two at the same place, one would be on no page."""
    portfolio, gids = client.world.portfolios.of(client.first)[1], list(client.first.projects)[:3]
    for gid in gids[:2]:
        client.world.put_in_portfolio(portfolio.gid, gid)
    client.world.take_from_portfolio(portfolio.gid, gids[0])
    client.world.put_in_portfolio(portfolio.gid, gids[2])
    assert [row["gid"] for row in client.all(f"/portfolios/{portfolio.gid}/items", limit=1)] == gids[1:]


def test_goals_change_and_get_comments(client: FakeClient) -> None:
    """A goal's value changes its record, and a comment is one of its stories."""
    goal, mark = client.world.goals.of(client.first)[0], client.world.mark()
    client.world.advance_goal(goal.gid, 0.5)
    story = client.world.comment_on_goal(goal.gid)
    assert client.get(f"/goals/{goal.gid}")["metric"]["current_number_value"] == 0.5
    assert client.all(f"/goals/{goal.gid}/stories")[-1]["gid"] == story
    changed = client.world.changes_since(mark).changed
    assert (changed["goals"], changed["stories"]) == ({goal.gid}, {story})


@pytest.mark.parametrize("mutation", ["delete_project", "delete_task", "delete_team", "share_project", "remove_user"])
def test_a_deletion_includes_the_rows_below(client: FakeClient, mutation: str) -> None:
    """After a deletion or sharing, every difference in the expected records is a reported change."""
    world, first = client.world, client.first
    world.track_time(next(iter(world.tasks)))
    gids = {
        "delete_project": [next(iter(first.projects))],
        "delete_task": [next(iter(world.tasks))],
        "delete_team": [next(iter(first.teams))],
        "share_project": [min(world.hidden_projects)],
        "remove_user": [first.roster[1].gid, first.gid],
    }
    before, mark = {stream: set(world.gids(stream)) for stream in world.counts()}, world.mark()
    getattr(world, mutation)(*gids[mutation])
    changes = world.changes_since(mark)
    for stream, old in before.items():
        new = set(world.gids(stream))
        assert old - new == changes.deleted[stream] & old, stream
        assert new - old <= changes.changed[stream], stream


def test_an_undeleted_task_restores_the_rows_below(client: FakeClient) -> None:
    """Its time entries and the goals it supports return."""
    world = client.world
    gid = next(iter(world.tasks))
    world.track_time(gid)
    before = {stream: set(world.gids(stream)) for stream in ("time_tracking_entries", "goal_relationships")}
    world.delete_task(gid)
    assert set(world.gids("time_tracking_entries")) < before["time_tracking_entries"]
    world.undelete_task(gid)
    assert {stream: set(world.gids(stream)) for stream in before} == before
