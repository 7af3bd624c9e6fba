"""Memberships of the fake."""

from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, Json

BASE = {"gid", "resource_type", "resource_subtype", "parent", "member", "access_level"}
OLD = {"role", "goal", "is_commenter", "is_editor"}


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a client of a world that no test changes."""
    return FakeClient()


def shared(client: FakeClient, kind: str) -> str:
    """Return a visible parent with members, of one kind."""
    parents = (row.parent for row in client.world.memberships if row.parent.resource_type == kind)
    viewer = client.world.access.viewers["0/fake"]
    return next(parent.gid for parent in parents if viewer.sees(parent))


@pytest.mark.parametrize("kind", ["project", "portfolio", "goal", "custom_field", "custom_type"])
def test_each_kind_of_parent_has_its_fields(client: FakeClient, kind: str) -> None:
    """Goals add deprecated fields; custom fields and types have their own resource_type."""
    rows = client.all("/memberships", parent=shared(client, kind))
    assert {row["resource_subtype"] for row in rows} == {f"{kind}_membership"}
    own = f"{kind}_membership" if kind.startswith("custom") else "membership"
    assert {row["resource_type"] for row in rows} == {own}
    assert {frozenset(row) for row in rows} == {frozenset(BASE | OLD if kind == "goal" else BASE)}


def test_memberships_ignore_opt_fields(client: FakeClient) -> None:
    """The documentation lists none, so the records stay the same."""
    query: Json = {"parent": shared(client, "project")}
    assert client.all("/memberships", opt_fields="member.email", **query) == client.all("/memberships", **query)


def test_users_and_teams_are_members(client: FakeClient) -> None:
    """Projects are shared with users and with teams."""
    rows = client.world.expected_records("project_memberships").values()
    assert {row["member"]["resource_type"] for row in rows} == {"user", "team"}  # type: ignore[index]  # every membership has a member


def memberships(client: FakeClient, **query: Any) -> list[Json]:  # noqa: ANN401 - parameters of any type
    """List memberships."""
    return client.all("/memberships", **query)


def test_a_team_lists_its_projects(client: FakeClient) -> None:
    """Without a parent, only a team with its one subtype is accepted."""
    row = next(row for row in client.world.memberships if row.member.resource_type == "team" and row.subtype[0] == "p")
    rows = memberships(client, member=row.member.gid, resource_subtype="project_membership")
    assert row.parent.gid in {membership["parent"]["gid"] for membership in rows}
    assert {membership["member"]["gid"] for membership in rows} == {row.member.gid}
    assert client.error("/memberships")[0] == 400
    assert client.error("/memberships", member=row.member.gid)[0] == 400


def test_memberships_are_filtered_by_member(client: FakeClient) -> None:
    """A parent and a member select one membership."""
    parent = shared(client, "goal")
    first, *_ = memberships(client, parent=parent)
    assert memberships(client, parent=parent, member=first["member"]["gid"]) == [first]


def test_the_memberships_of_all_parents_are_expected(client: FakeClient) -> None:
    """The memberships of visible projects, portfolios and goals are the expected records."""
    for kind in ("project", "portfolio", "goal"):
        parents = client.world.expected_records(f"{kind}s")
        listed = {row["gid"] for gid in parents for row in memberships(client, parent=gid)}
        assert listed == set(client.world.gids(f"{kind}_memberships"))


def test_my_tasks_is_inline_and_listed_by_user(client: FakeClient) -> None:
    """A workspace membership includes the list of the user's own path."""
    rows = client.all(
        f"/workspaces/{client.first.gid}/workspace_memberships",
        opt_fields="user,user_task_list.(name|owner|workspace)",
    )
    for row in rows:
        query = {"workspace": client.first.gid, "opt_fields": "name,owner,workspace"}
        assert client.get(f"/users/{row['user']['gid']}/user_task_list", **query) == row["user_task_list"]
    assert client.error(f"/users/{rows[0]['user']['gid']}/user_task_list")[0] == 400
