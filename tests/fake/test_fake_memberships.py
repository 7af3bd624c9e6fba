"""The local Asana's memberships come in the shapes of the real one."""

from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, Json

BASE = {"gid", "resource_type", "resource_subtype", "parent", "member", "access_level"}
OLD = {"role", "goal", "is_commenter", "is_editor"}


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a world that no test changes."""
    return FakeClient()


def shared(client: FakeClient, kind: str) -> str:
    """Find something of a kind that the token sees and that has members."""
    found = (row.parent for row in client.world.memberships if row.parent.resource_type == kind)
    viewer = client.world.access.viewers["0/fake"]
    return next(parent.gid for parent in found if viewer.sees(parent))


@pytest.mark.parametrize("kind", ["project", "portfolio", "goal", "custom_field", "custom_type"])
def test_each_kind_of_parent_has_its_shape(client: FakeClient, kind: str) -> None:
    """A membership names its kind; those of goals bring deprecated fields, and of fields and types their own type."""
    rows = client.all("/memberships", parent=shared(client, kind))
    assert {row["resource_subtype"] for row in rows} == {f"{kind}_membership"}
    own = f"{kind}_membership" if kind.startswith("custom") else "membership"
    assert {row["resource_type"] for row in rows} == {own}
    assert {frozenset(row) for row in rows} == {frozenset(BASE | OLD if kind == "goal" else BASE)}


def test_memberships_know_no_opt_fields(client: FakeClient) -> None:
    """Nothing is documented to be asked for: the list stays as it is."""
    query: Json = {"parent": shared(client, "project")}
    assert client.all("/memberships", opt_fields="member.email", **query) == client.all("/memberships", **query)


def test_people_and_teams_are_members(client: FakeClient) -> None:
    """Projects are shared with people and with teams."""
    rows = client.world.expected_records("project_memberships").values()
    assert {row["member"]["resource_type"] for row in rows} == {"user", "team"}  # type: ignore[index]  # every membership has a member


def places(client: FakeClient, **query: Any) -> list[Json]:  # noqa: ANN401 - parameters of any type
    """List memberships."""
    return client.all("/memberships", **query)


def test_a_team_lists_its_projects(client: FakeClient) -> None:
    """Without a parent, a team with the one known subtype gives its projects; anything else is refused."""
    row = next(row for row in client.world.memberships if row.member.resource_type == "team" and row.subtype[0] == "p")
    rows = places(client, member=row.member.gid, resource_subtype="project_membership")
    assert row.parent.gid in {found["parent"]["gid"] for found in rows}
    assert {found["member"]["gid"] for found in rows} == {row.member.gid}
    assert client.refusal("/memberships")[0] == 400
    assert client.refusal("/memberships", member=row.member.gid)[0] == 400


def test_a_member_narrows_the_list(client: FakeClient) -> None:
    """One member of a parent can be asked for."""
    parent = shared(client, "goal")
    first, *_ = places(client, parent=parent)
    assert places(client, parent=parent, member=first["member"]["gid"]) == [first]


def test_memberships_of_all_parents_are_the_truth(client: FakeClient) -> None:
    """The places in every project, portfolio and goal that the token sees are those of the truth."""
    for kind in ("project", "portfolio", "goal"):
        parents = client.world.expected_records(f"{kind}s")
        found = {row["gid"] for gid in parents for row in places(client, parent=gid)}
        assert found == set(client.world.gids(f"{kind}_memberships"))


def test_my_tasks_are_found_inline_and_by_user(client: FakeClient) -> None:
    """A workspace membership carries the list that the user's own path gives."""
    rows = client.all(
        f"/workspaces/{client.first.gid}/workspace_memberships",
        opt_fields="user,user_task_list.(name|owner|workspace)",
    )
    for row in rows:
        query = {"workspace": client.first.gid, "opt_fields": "name,owner,workspace"}
        assert client.get(f"/users/{row['user']['gid']}/user_task_list", **query) == row["user_task_list"]
    assert client.refusal(f"/users/{rows[0]['user']['gid']}/user_task_list")[0] == 400
