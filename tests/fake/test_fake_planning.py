"""Portfolios, goals and status updates of the fake."""

from __future__ import annotations

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.goals import Goal
from fake_asana.model.portfolios import Portfolio, items_in
from fake_asana.oracle.streams import STREAMS

SERVICE = "0/service"


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a client of a world that no test changes."""
    return FakeClient()


def portfolios(client: FakeClient) -> list[Portfolio]:
    """Return the portfolios of the first workspace: owned, owned and empty, shared, foreign."""
    return client.world.portfolios.of(client.first)


def first_goal(client: FakeClient) -> Goal:
    """Return the goal with supporters of every kind."""
    return client.world.goals.of(client.first)[0]


@pytest.mark.parametrize("owner", ["me", "other", None])
def test_a_person_lists_their_own_portfolios(client: FakeClient, owner: str | None) -> None:
    """The list of a person ignores `owner` and leaves out shared portfolios."""
    me = client.first.roster[0]
    query: Json = {"owner": client.first.roster[1].gid if owner == "other" else owner} if owner else {}
    listed = {row["gid"] for row in client.all("/portfolios", workspace=client.first.gid, **query)}
    assert listed == {row.gid for row in portfolios(client) if row.owner is me}
    assert listed < set(client.world.gids("portfolios"))


def test_a_service_account_lists_all_portfolios(client: FakeClient) -> None:
    """`owner` restricts the list to one person's."""
    query: Json = {"workspace": client.first.gid, "token": SERVICE}
    assert {row["gid"] for row in client.all("/portfolios", **query)} == {row.gid for row in portfolios(client)}
    owner = portfolios(client)[2].owner
    rows = client.all("/portfolios", owner=owner.gid, **query)
    assert {row["gid"] for row in rows} == {row.gid for row in portfolios(client) if row.owner is owner}


def test_members_read_a_portfolio_by_gid(client: FakeClient) -> None:
    """A shared portfolio is readable by gid, a foreign one gets 403."""
    _, _, shared, foreign, *_ = portfolios(client)
    assert client.get(f"/portfolios/{shared.gid}", opt_fields="archived")["archived"] is shared.archived
    assert client.error(f"/portfolios/{foreign.gid}")[0] == 403
    assert client.get(f"/portfolios/{foreign.gid}", token=SERVICE)


def test_memberships_list_shared_portfolios(client: FakeClient) -> None:
    """A person's memberships name their own and shared portfolios only."""
    query: Json = {"workspace": client.first.gid, "opt_fields": "portfolio.name"}
    rows = client.all("/portfolio_memberships", user="me", **query)
    mine = set(client.world.gids("portfolios")) & set(client.world.portfolios.rows)
    assert {row["portfolio"]["gid"] for row in rows} == {
        gid for gid in mine if client.world.portfolios.rows[gid].workspace is client.first
    }
    assert client.error("/portfolio_memberships", workspace=client.first.gid)[0] == 400
    assert client.all("/portfolio_memberships", user="me", token=SERVICE, **query) == []


def test_items_are_projects_and_portfolios(client: FakeClient) -> None:
    """A portfolio as an item has no fields of projects alone."""
    rows = client.all(f"/portfolios/{portfolios(client)[0].gid}/items")
    assert {row["resource_type"] for row in rows} == {"project", "portfolio"}
    rows = client.all(f"/portfolios/{portfolios(client)[0].gid}/items", opt_fields="default_view,owner.name")
    assert {"default_view" in row for row in rows} == {True, False}
    assert all("owner" in row for row in rows)


def test_items_are_visible_ones(client: FakeClient) -> None:
    """A person does not see hidden projects and foreign portfolios in their own portfolio."""
    portfolio = portfolios(client)[0]
    visible, all_items = (
        {row["gid"] for row in client.all(f"/portfolios/{portfolio.gid}/items", token=token)}
        for token in ("0/fake", SERVICE)
    )
    assert all_items - visible == {
        portfolios(client)[3].gid,
        *client.world.hidden_projects & set(client.first.projects),
    }
    assert client.all(f"/portfolios/{portfolios(client)[1].gid}/items") == []


def test_a_nested_portfolio_has_its_own_items_only(client: FakeClient) -> None:
    """Its position in another portfolio is not one of its items."""
    nested = portfolios(client)[2]
    rows = client.all(f"/portfolios/{nested.gid}/items", token=SERVICE)
    assert {row["gid"] for row in rows} == {
        item.resource.gid for item in items_in(client.world.portfolio_items, nested)
    }
    assert nested.gid not in {row["gid"] for row in rows}


def test_expected_items_are_keyed_by_both_gids(client: FakeClient) -> None:
    """A project in two portfolios is two items."""
    for key, record in client.world.expected_records("portfolio_items", SERVICE).items():
        assert key == f"{record['portfolio_gid']}:{record['gid']}"


def test_private_goals_are_visible_to_their_people(client: FakeClient) -> None:
    """Others get 403; a follower and the service account see the goal."""
    private = [goal for goal in client.world.goals.of(client.first) if goal.private]
    listed = {row["gid"] for row in client.all("/goals", workspace=client.first.gid)}
    assert [goal.gid in listed for goal in private] == [True, False]
    assert client.error(f"/goals/{private[1].gid}")[0] == 403
    assert {goal.gid for goal in private} <= {
        row["gid"] for row in client.all("/goals", workspace=client.first.gid, token=SERVICE)
    }


def test_goals_are_listed_by_holder(client: FakeClient) -> None:
    """A supporter or a level filters the list; a query without holder is refused."""
    goal = first_goal(client)
    query: Json = {"workspace": client.first.gid}
    support = client.world.goal_relationships.of(goal)[0].support
    assert goal.gid in {row["gid"] for row in client.all("/goals", project=support.gid)}
    levels = [
        {row["gid"] for row in client.all("/goals", is_workspace_level=level, **query)} for level in (True, False)
    ]
    assert levels[0] | levels[1] == {row["gid"] for row in client.all("/goals", **query)}
    assert client.error("/goals")[0] == 400


def test_goals_are_compact_by_default(client: FakeClient) -> None:
    """A list shows name and owner; privacy must be selected."""
    row = client.all("/goals", workspace=client.first.gid)[0]
    assert set(row) == {"gid", "resource_type", "name", "owner"}
    assert "privacy_setting" not in client.get(f"/goals/{row['gid']}")


def test_supporters_of_a_goal_are_of_every_kind(client: FakeClient) -> None:
    """Projects, portfolios, tasks and goals support a goal; goals are subgoals."""
    gid = first_goal(client).gid
    rows = client.all("/goal_relationships", supported_goal=gid)
    kinds = {row["supporting_resource"]["resource_type"]: row["resource_subtype"] for row in rows}
    supporting_work = dict.fromkeys(("project", "portfolio", "task"), "supporting_work")
    assert kinds == {**supporting_work, "goal": "subgoal"}
    rows = client.all("/goal_relationships", supported_goal=gid, resource_subtype="subgoal")
    assert {row["resource_subtype"] for row in rows} == {"subgoal"}


def test_stories_of_goals_are_stories(client: FakeClient) -> None:
    """They are among the expected stories, each with its goal as target."""
    goals = [goal for goal in client.world.goals if goal.stories and goal.gid in client.world.gids("goals")]
    rows = [
        row for goal in goals for row in client.all(f"/goals/{goal.gid}/stories", opt_fields="target.resource_type")
    ]
    assert {row["target"]["resource_type"] for row in rows} == {"goal"}
    of_goals = {gid for gid, story in client.world.expected_records("stories").items() if story["goal_gid"]}
    assert {row["gid"] for row in rows} == of_goals


def test_status_updates_start_at_created_since(client: FakeClient) -> None:
    """They are sorted newest first, and the newest is the parent's current one."""
    project = max(client.first.projects.values(), key=lambda project: len(client.world.status_updates.of(project)))
    rows = client.all("/status_updates", parent=project.gid, opt_fields="created_at,title")
    assert len(rows) > 100
    times = [row["created_at"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert client.get(f"/projects/{project.gid}")["current_status_update"]["gid"] == rows[0]["gid"]
    later = client.all("/status_updates", parent=project.gid, created_since=times[7])
    assert [row["gid"] for row in later] == [row["gid"] for row in rows if row["created_at"] >= times[7]]


@pytest.mark.parametrize("kind", ["projects", "portfolios", "goals"])
def test_the_current_status_update_is_the_newest(client: FakeClient, kind: str) -> None:
    """A parent without status updates has no current one."""
    for gid, record in client.world.expected_records(kind, SERVICE).items():
        rows = client.all("/status_updates", parent=gid, token=SERVICE)
        current = record["current_status_update"]
        assert (rows[0] if rows else None) == current


@pytest.mark.parametrize("kind", ["projects", "portfolios", "goals"])
def test_settings_are_inline_and_listed(client: FakeClient, kind: str) -> None:
    """A parent's record and its list have the same settings."""
    for gid, record in client.world.expected_records(kind).items():
        if client.request(f"/{kind}/{gid}/custom_field_settings", limit=100)[0] == 402:
            assert record["custom_field_settings"] == []
            continue
        rows = client.all(f"/{kind}/{gid}/custom_field_settings")
        assert {row["gid"] for row in rows} == {row["gid"] for row in record["custom_field_settings"]}  # type: ignore[attr-defined]  # a list of records


def test_custom_fields_have_every_kind_of_owner(client: FakeClient) -> None:
    """Fields are in the library, or local to a project, team, portfolio or goal."""
    owners = [client.world.custom_fields[gid].owner for gid in client.world.gids("custom_fields")]
    kinds = {owner.resource_type if owner else None for owner in owners}
    assert kinds >= {None, "project", "team", "portfolio", "goal"}


def test_time_periods_are_nested(client: FakeClient) -> None:
    """Quarters are parts of halves, halves of years."""
    rows = client.all("/time_periods", workspace=client.first.gid, opt_fields="period,parent.period")
    parents = {row["period"]: row["parent"] and row["parent"]["period"] for row in rows}
    assert parents == {"FY": None, "H1": "FY", "H2": "FY", "Q1": "H1", "Q2": "H1", "Q3": "H2", "Q4": "H2"}


def test_metrics_are_small_and_large(client: FakeClient) -> None:
    """Targets are fractions and large numbers; some goals have no metric."""
    metrics = [goal["metric"] for goal in client.world.expected_records("goals", SERVICE).values()]
    values = [metric["target_number_value"] for metric in metrics if isinstance(metric, dict)]
    assert None in metrics
    assert min(values) < 1 < 10**9 < max(values)


def test_every_stream_has_records(client: FakeClient) -> None:
    """A person or the service account finds records of every stream."""
    person, service = client.world.counts(), client.world.counts(SERVICE)
    assert [stream for stream in STREAMS if not person[stream] and not service[stream]] == []
