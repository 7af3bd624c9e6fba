"""The local Asana's portfolios, goals and status updates obey the laws of the real one."""

from __future__ import annotations

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.goals import Goal
from fake_asana.model.portfolios import Portfolio, items_in
from fake_asana.oracle.streams import STREAMS

SERVICE = "0/service"


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a world that no test changes."""
    return FakeClient()


def portfolios(client: FakeClient) -> list[Portfolio]:
    """Find the portfolios of the first workspace: mine, mine and empty, shared with me, somebody else's."""
    return client.world.portfolios.of(client.first)


def first_goal(client: FakeClient) -> Goal:
    """Find the goal that things of every kind support."""
    return client.world.goals.of(client.first)[0]


@pytest.mark.parametrize("owner", ["me", "other", None])
def test_a_person_lists_the_portfolios_that_are_theirs(client: FakeClient, owner: str | None) -> None:
    """A person's list holds what they own, whatever owner it names; the others they are a member of are not in it."""
    me = client.first.roster[0]
    query: Json = {"owner": client.first.roster[1].gid if owner == "other" else owner} if owner else {}
    listed = {row["gid"] for row in client.all("/portfolios", workspace=client.first.gid, **query)}
    assert listed == {row.gid for row in portfolios(client) if row.owner is me}
    assert listed < set(client.world.gids("portfolios"))


def test_a_service_account_lists_all_portfolios_or_an_owners(client: FakeClient) -> None:
    """Without an owner all portfolios of the workspace are listed, with one that person's."""
    query: Json = {"workspace": client.first.gid, "token": SERVICE}
    assert {row["gid"] for row in client.all("/portfolios", **query)} == {row.gid for row in portfolios(client)}
    owner = portfolios(client)[2].owner
    rows = client.all("/portfolios", owner=owner.gid, **query)
    assert {row["gid"] for row in rows} == {row.gid for row in portfolios(client) if row.owner is owner}


def test_a_portfolio_is_read_by_its_members(client: FakeClient) -> None:
    """What is shared with a person can be read by gid, what is not is forbidden."""
    _, _, shared, foreign, *_ = portfolios(client)
    assert client.get(f"/portfolios/{shared.gid}", opt_fields="archived")["archived"] is shared.archived
    assert client.refusal(f"/portfolios/{foreign.gid}")[0] == 403
    assert client.get(f"/portfolios/{foreign.gid}", token=SERVICE)


def test_shared_portfolios_are_found_by_memberships(client: FakeClient) -> None:
    """Own and shared portfolios are those that one's memberships name, and theirs only."""
    query: Json = {"workspace": client.first.gid, "opt_fields": "portfolio.name"}
    rows = client.all("/portfolio_memberships", user="me", **query)
    mine = set(client.world.gids("portfolios")) & set(client.world.portfolios.rows)
    assert {row["portfolio"]["gid"] for row in rows} == {
        gid for gid in mine if client.world.portfolios.rows[gid].workspace is client.first
    }
    assert client.refusal("/portfolio_memberships", workspace=client.first.gid)[0] == 400
    assert client.all("/portfolio_memberships", user="me", token=SERVICE, **query) == []


def test_items_are_projects_and_portfolios(client: FakeClient) -> None:
    """Items say what they are; fields that a portfolio does not have are missing in it."""
    rows = client.all(f"/portfolios/{portfolios(client)[0].gid}/items")
    assert {row["resource_type"] for row in rows} == {"project", "portfolio"}
    rows = client.all(f"/portfolios/{portfolios(client)[0].gid}/items", opt_fields="default_view,owner.name")
    assert {"default_view" in row for row in rows} == {True, False}
    assert all("owner" in row for row in rows)


def test_items_show_what_the_token_sees(client: FakeClient) -> None:
    """A person misses the hidden project and the foreign portfolio in their own portfolio."""
    portfolio = portfolios(client)[0]
    seen, every = (
        {row["gid"] for row in client.all(f"/portfolios/{portfolio.gid}/items", token=token)}
        for token in ("0/fake", SERVICE)
    )
    assert every - seen == {portfolios(client)[3].gid, *client.world.hidden_projects & set(client.first.projects)}
    assert client.all(f"/portfolios/{portfolios(client)[1].gid}/items") == []


def test_a_nested_portfolio_holds_its_own_items_only(client: FakeClient) -> None:
    """The place of a portfolio in another is no item of its own."""
    nested = portfolios(client)[2]
    rows = client.all(f"/portfolios/{nested.gid}/items", token=SERVICE)
    items = items_in(client.world.portfolio_items, nested)
    assert {row["gid"] for row in rows} == {item.resource.gid for item in items}
    assert nested.gid not in {row["gid"] for row in rows}


def test_truth_keeps_items_by_both_gids(client: FakeClient) -> None:
    """A project in two portfolios is two items."""
    for key, record in client.world.expected_records("portfolio_items", SERVICE).items():
        assert key == f"{record['portfolio_gid']}:{record['gid']}"


def test_private_goals_are_seen_by_their_people(client: FakeClient) -> None:
    """A private goal is missing for others, and forbidden by gid; a follower and the service account see it."""
    private = [goal for goal in client.world.goals.of(client.first) if goal.private]
    listed = {row["gid"] for row in client.all("/goals", workspace=client.first.gid)}
    assert [goal.gid in listed for goal in private] == [True, False]
    assert client.refusal(f"/goals/{private[1].gid}")[0] == 403
    assert {goal.gid for goal in private} <= {
        row["gid"] for row in client.all("/goals", workspace=client.first.gid, token=SERVICE)
    }


def test_goals_are_listed_by_one_of_many_holders(client: FakeClient) -> None:
    """A team, a time period or what supports a goal narrows the list; nothing at all is refused."""
    goal = first_goal(client)
    query: Json = {"workspace": client.first.gid}
    support = client.world.goal_relationships.of(goal)[0].support
    assert goal.gid in {row["gid"] for row in client.all("/goals", project=support.gid)}
    lists = (client.all("/goals", is_workspace_level=level, **query) for level in (True, False))
    levels = [{row["gid"] for row in rows} for rows in lists]
    assert levels[0] | levels[1] == {row["gid"] for row in client.all("/goals", **query)}
    assert client.refusal("/goals")[0] == 400


def test_goals_are_compact_until_fields_are_asked_for(client: FakeClient) -> None:
    """A list shows name and owner; privacy comes only when it is asked for."""
    row = client.all("/goals", workspace=client.first.gid)[0]
    assert set(row) == {"gid", "resource_type", "name", "owner"}
    assert "privacy_setting" not in client.get(f"/goals/{row['gid']}")


def test_goals_are_supported_by_things_of_every_kind(client: FakeClient) -> None:
    """Projects, portfolios, tasks and goals support a goal; a subgoal is told apart."""
    gid = first_goal(client).gid
    rows = client.all("/goal_relationships", supported_goal=gid)
    kinds = {row["supporting_resource"]["resource_type"]: row["resource_subtype"] for row in rows}
    work = dict.fromkeys(("project", "portfolio", "task"), "supporting_work")
    assert kinds == {**work, "goal": "subgoal"}
    rows = client.all("/goal_relationships", supported_goal=gid, resource_subtype="subgoal")
    assert {row["resource_subtype"] for row in rows} == {"subgoal"}


def test_goal_stories_are_stories(client: FakeClient) -> None:
    """The stories of all goals are in the truth of stories, each with its goal as target."""
    told = [goal for goal in client.world.goals if goal.stories and goal.gid in client.world.gids("goals")]
    rows = [row for goal in told for row in client.all(f"/goals/{goal.gid}/stories", opt_fields="target.resource_type")]
    assert {row["target"]["resource_type"] for row in rows} == {"goal"}
    of_goals = {gid for gid, story in client.world.expected_records("stories").items() if story["goal_gid"]}
    assert {row["gid"] for row in rows} == of_goals


def test_reports_begin_where_they_are_asked_to(client: FakeClient) -> None:
    """Status updates come newest first, from `created_since` on, and the newest is the parent's current one."""
    project = max(client.first.projects.values(), key=lambda project: len(client.world.status_updates.of(project)))
    rows = client.all("/status_updates", parent=project.gid, opt_fields="created_at,title")
    assert len(rows) > 100
    times = [row["created_at"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert client.get(f"/projects/{project.gid}")["current_status_update"]["gid"] == rows[0]["gid"]
    later = client.all("/status_updates", parent=project.gid, created_since=times[7])
    assert [row["gid"] for row in later] == [row["gid"] for row in rows if row["created_at"] >= times[7]]


@pytest.mark.parametrize("kind", ["projects", "portfolios", "goals"])
def test_only_parents_with_reports_have_a_current_one(client: FakeClient, kind: str) -> None:
    """A parent names its newest report exactly when it has one."""
    for gid, record in client.world.expected_records(kind, SERVICE).items():
        rows = client.all("/status_updates", parent=gid, token=SERVICE)
        current = record["current_status_update"]
        assert (rows[0] if rows else None) == current


@pytest.mark.parametrize("kind", ["projects", "portfolios", "goals"])
def test_fields_on_parents_are_inline_and_listed(client: FakeClient, kind: str) -> None:
    """A parent's own record and the list of its settings hold the same."""
    for gid, record in client.world.expected_records(kind).items():
        if client.request(f"/{kind}/{gid}/custom_field_settings", limit=100)[0] == 402:
            assert record["custom_field_settings"] == []
            continue
        rows = client.all(f"/{kind}/{gid}/custom_field_settings")
        assert {row["gid"] for row in rows} == {row["gid"] for row in record["custom_field_settings"]}  # type: ignore[attr-defined]  # a list of records


def test_some_fields_belong_to_a_portfolio_or_a_goal(client: FakeClient) -> None:
    """Fields of the truth are in the library, or local to a project, team, portfolio or goal."""
    owners = [client.world.custom_fields[gid].owner for gid in client.world.gids("custom_fields")]
    kinds = {owner.resource_type if owner else None for owner in owners}
    assert kinds >= {None, "project", "team", "portfolio", "goal"}


def test_periods_nest(client: FakeClient) -> None:
    """Quarters lie in halves, halves in years, years in nothing."""
    rows = client.all("/time_periods", workspace=client.first.gid, opt_fields="period,parent.period")
    within = {row["period"]: row["parent"] and row["parent"]["period"] for row in rows}
    assert within == {"FY": None, "H1": "FY", "H2": "FY", "Q1": "H1", "Q2": "H1", "Q3": "H2", "Q4": "H2"}


def test_numbers_of_goals_are_of_every_size(client: FakeClient) -> None:
    """Targets are fractions and large numbers, and some goals are not measured."""
    metrics = [goal["metric"] for goal in client.world.expected_records("goals", SERVICE).values()]
    values = [metric["target_number_value"] for metric in metrics if isinstance(metric, dict)]
    assert None in metrics
    assert min(values) < 1 < 10**9 < max(values)


def test_every_stream_has_something_in_it(client: FakeClient) -> None:
    """A person, or else the service account, finds records of every kind."""
    person, service = client.world.counts(), client.world.counts(SERVICE)
    assert [stream for stream in STREAMS if not person[stream] and not service[stream]] == []
