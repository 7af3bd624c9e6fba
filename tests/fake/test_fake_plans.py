"""What a plan does not have, what a token may not see, and what people do, in the local Asana's planning."""

from __future__ import annotations

import pytest
from asking import Asked

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
def asked() -> Asked:
    """Give a world of the test's own."""
    return Asked(sizes=TINY)


@pytest.mark.parametrize("path", OF_WORKSPACE)
def test_the_free_plan_answers_402(asked: Asked, path: str) -> None:
    """What is paid for is refused in the free workspace, and answered in an organization."""
    for workspace, status in ((asked.third, 402), (asked.first, 200)):
        assert asked.ask(path.format(gid=workspace.gid), workspace=workspace.gid, limit=100)[0] == status


@pytest.mark.parametrize("path", OF_PROJECT)
def test_the_free_plan_answers_402_for_projects_too(asked: Asked, path: str) -> None:
    """What hangs from projects is refused in the free workspace by the name of its project."""
    path, _, name = path.partition("?")
    for workspace, status in ((asked.third, 402), (asked.first, 200)):
        assert asked.ask(path, **{name: next(iter(workspace.projects))})[0] == status


def test_a_downgrade_takes_everything_paid(asked: Asked) -> None:
    """Nothing paid is left in the truth of a workspace without any feature, and its tasks and projects show none."""
    for workspace in asked.world.workspaces.values():
        asked.world.downgrade(workspace)
    counts = asked.world.counts()
    assert {stream for stream in PAID if counts[stream]} == set()
    for project in asked.world.expected_records("projects").values():
        assert (project["custom_fields"], project["custom_field_settings"]) == ([], [])
    for task in asked.world.expected_records("tasks").values():
        assert (task["custom_fields"], task["actual_time_minutes"], task["custom_type"]) == ([], None, None)


def test_a_downgrade_answers_402_by_gid(asked: Asked) -> None:
    """Goals, portfolios, briefs and entries are refused by gid, whoever knows it."""
    world = asked.world
    goal, portfolio = next(iter(world.goals)), next(iter(world.portfolios))
    brief, task = next(iter(world.briefs)), next(iter(world.tasks))
    for workspace in world.workspaces.values():
        world.downgrade(workspace)
    paths = [f"/goals/{goal.gid}/stories", f"/portfolios/{portfolio.gid}/items", f"/project_briefs/{brief}"]
    paths += [f"/tasks/{task}/time_tracking_entries"]
    assert {asked.ask(path)[0] for path in paths} == {402}
    assert asked.refusal("/memberships", parent=goal.gid)[0] == 402
    assert asked.refusal("/goal_relationships", supported_goal=goal.gid)[0] == 402
    assert asked.refusal("/status_updates", parent=portfolio.gid)[0] == 402


def test_a_downgrade_may_take_one_feature(asked: Asked) -> None:
    """Without goals there still are portfolios."""
    asked.world.downgrade(asked.first, "goals")
    assert asked.refusal("/goals", workspace=asked.first.gid)[0] == 402
    assert asked.get("/portfolios", workspace=asked.first.gid)


def test_every_kind_of_parent_can_be_denied(asked: Asked) -> None:
    """A denied project, portfolio, goal, task, user, team or brief refuses what hangs from it."""
    world, first = asked.world, asked.first
    brief, task, team = next(iter(world.briefs)), next(iter(world.tasks)), next(iter(first.teams))
    portfolio, goal, user = world.portfolios.of(first)[0].gid, world.goals.of(first)[0].gid, first.roster[0].gid
    project = next(iter(first.projects))
    asks: list[tuple[str, str, dict[str, str]]] = [
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
    for gid, path, query in asks:
        assert asked.ask(path, **query)[0] == 200
        world.access.deny(gid)
        assert asked.ask(path, **query)[0] == 403, path
        del world.access.denied_statuses[gid]


def test_a_report_is_the_newest(asked: Asked) -> None:
    """A new status update is its parent's current one, and the parent's clock stands still."""
    asked.clock.advance(60)
    project = next(iter(asked.first.projects.values()))
    before, mark = project.modified, asked.world.mark()
    gid = asked.world.post_status_update(project.gid)
    assert asked.get(f"/projects/{project.gid}")["current_status_update"]["gid"] == gid
    assert project.modified == before
    since = format_instant(asked.world.now())
    assert [row["gid"] for row in asked.all("/status_updates", parent=project.gid, created_since=since)] == [gid]
    changes = asked.world.changes_since(mark)
    assert (changes.changed["status_updates"], changes.untimestamped["projects"]) == ({gid}, {project.gid})


def test_tracked_time_moves_no_clock(asked: Asked) -> None:
    """A new entry adds to the task's minutes, leaves its clock, and is told as silent."""
    task = next(iter(asked.world.tasks.values()))
    before, mark = (task.tracked_minutes or 0, task.modified), asked.world.mark()
    entry = asked.world.track_time(task.gid, 25)
    assert (task.tracked_minutes, task.modified) == (before[0] + 25, before[1])
    silent = asked.world.changes_since(mark).untimestamped
    assert (silent["time_tracking_entries"], silent["tasks"]) == ({entry}, {task.gid})


def test_time_on_a_changed_task_is_a_change(asked: Asked) -> None:
    """An entry on a task whose clock moved is read with it."""
    gid, mark = next(iter(asked.world.tasks)), asked.world.mark()
    entry = asked.world.track_time(gid)
    asked.world.comment(gid)
    assert asked.world.changes_since(mark).changed["time_tracking_entries"] == {entry}


def test_items_come_and_go(asked: Asked) -> None:
    """What is put in a portfolio is listed last, and what is taken out is not listed."""
    portfolio = asked.world.portfolios.of(asked.first)[1]
    gid, mark = next(iter(asked.first.projects)), asked.world.mark()
    item = asked.world.put_in_portfolio(portfolio.gid, gid)
    assert asked.all(f"/portfolios/{portfolio.gid}/items")[-1]["gid"] == gid
    assert asked.world.changes_since(mark).changed["portfolio_items"] == {item}
    asked.world.take_from_portfolio(portfolio.gid, gid)
    assert asked.all(f"/portfolios/{portfolio.gid}/items") == []
    assert asked.world.changes_since(mark).deleted["portfolio_items"] == {item}


def test_goals_change_and_are_talked_about(asked: Asked) -> None:
    """A goal's value changes its record, a comment is a story of it."""
    goal, mark = asked.world.goals.of(asked.first)[0], asked.world.mark()
    asked.world.advance_goal(goal.gid, 0.5)
    story = asked.world.comment_on_goal(goal.gid)
    assert asked.get(f"/goals/{goal.gid}")["metric"]["current_number_value"] == 0.5
    assert asked.all(f"/goals/{goal.gid}/stories")[-1]["gid"] == story
    changed = asked.world.changes_since(mark).changed
    assert (changed["goals"], changed["stories"]) == ({goal.gid}, {story})


@pytest.mark.parametrize("deed", ["delete_project", "delete_task", "delete_team", "share_project", "remove_user"])
def test_what_hangs_from_something_goes_with_it(asked: Asked, deed: str) -> None:
    """After a deletion or a sharing every stream's truth has changed by what the changes tell."""
    world, first = asked.world, asked.first
    world.track_time(next(iter(world.tasks)))
    gids = {
        "delete_project": [next(iter(first.projects))],
        "delete_task": [next(iter(world.tasks))],
        "delete_team": [next(iter(first.teams))],
        "share_project": [min(world.hidden_projects)],
        "remove_user": [first.roster[1].gid, first.gid],
    }
    before, mark = {stream: set(world.gids(stream)) for stream in world.counts()}, world.mark()
    getattr(world, deed)(*gids[deed])
    changes = world.changes_since(mark)
    for stream, old in before.items():
        new = set(world.gids(stream))
        assert old - new == changes.deleted[stream] & old, stream
        assert new - old <= changes.changed[stream], stream


def test_what_hangs_from_a_task_comes_back_with_it(asked: Asked) -> None:
    """A task out of the trash has its time entries and supports its goals again."""
    world = asked.world
    gid = next(iter(world.tasks))
    world.track_time(gid)
    before = {stream: set(world.gids(stream)) for stream in ("time_tracking_entries", "goal_relationships")}
    world.delete_task(gid)
    assert set(world.gids("time_tracking_entries")) < before["time_tracking_entries"]
    world.undelete_task(gid)
    assert {stream: set(world.gids(stream)) for stream in before} == before
