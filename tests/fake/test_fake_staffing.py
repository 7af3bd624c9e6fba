"""Templates, custom types, roles, absences and resourcing of the fake."""

from __future__ import annotations

import pytest
from fake_client import FakeClient, Json


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a client of a world that no test changes."""
    return FakeClient()


def test_task_templates_fill_more_than_a_page(client: FakeClient) -> None:
    """Templates are paged, and the bare name of a template selects all its fields."""
    project = next(iter(client.first.projects))
    pages = client.pages("/task_templates", project=project, opt_fields="name,template")
    assert [len(page) for page in pages] == [100, 1]
    recipes = [row["template"] for page in pages for row in page]
    assert {recipe["relative_due_on"] is None for recipe in recipes} == {True, False}
    assert any(value["name"] for recipe in recipes for value in recipe["custom_fields"])
    assert any(recipe["subtasks"] == [] for recipe in recipes)


def test_project_templates_are_listed_by_workspace_or_team(client: FakeClient) -> None:
    """The templates of a team are in its workspace's list; one holder is required."""
    listed = client.all("/project_templates", workspace=client.first.gid, opt_fields="team")
    team = next(row["team"]["gid"] for row in listed if row["team"])
    of_team = [row["gid"] for row in listed if row["team"] and row["team"]["gid"] == team]
    assert [row["gid"] for row in client.all("/project_templates", team=team)] == of_team
    assert [row["gid"] for row in client.all(f"/teams/{team}/project_templates")] == of_team
    assert client.error("/project_templates")[0] == 400


def test_templates_of_projects_exist(client: FakeClient) -> None:
    """The template of a project is in the list of templates."""
    templates = client.world.expected_records("project_templates")
    named = [project["created_from_template"] for project in client.world.expected_records("projects").values()]
    assert {template["gid"] for template in named if isinstance(template, dict)} <= set(templates)


def test_custom_types_are_shared_by_projects(client: FakeClient) -> None:
    """A type is listed once under each of its projects; one type has no statuses."""
    rows = [
        row for project in client.first.projects for row in list_of_project(client, "/custom_types", "project", project)
    ]
    gids = [row["gid"] for row in rows]
    assert len(gids) > len(set(gids))
    assert any(row["status_options"] is None for row in rows)


def list_of_project(client: FakeClient, path: str, name: str, gid: str) -> list[Json]:
    """List the rows of a project, none if it is hidden."""
    query: Json = {name: gid}
    return [] if gid in client.world.hidden_projects else client.all(path, **query)


def test_tasks_have_types_of_their_projects(client: FakeClient) -> None:
    """Some tasks have a custom type and one of its statuses, the others neither."""
    types = client.world.expected_records("custom_types", "0/service") | client.world.expected_records("custom_types")
    tasks = client.world.expected_records("tasks").values()
    for task in tasks:
        kind, status = task["custom_type"], task["custom_type_status_option"]
        assert (kind is None) is (status is None) is (task["resource_subtype"] != "custom")
        if isinstance(kind, dict) and isinstance(status, dict):
            options = types[kind["gid"]]["status_options"]
            assert isinstance(options, list)
            assert status["gid"] in {option["gid"] for option in options}
    assert any(task["custom_type"] for task in tasks)


def test_a_project_has_at_most_one_budget(client: FakeClient) -> None:
    """The list of budgets has no pages."""
    counts = set()
    for project in set(client.first.projects) - client.world.hidden_projects:
        status, body = client.request("/budgets", parent=project)
        assert (status, set(body)) == (200, {"data"})
        counts.add(len(body["data"]))
    assert counts == {0, 1}


def test_resourcing_names_users_and_placeholders(client: FakeClient) -> None:
    """Rates and allocations are those of users and placeholders."""
    for stream, name in (("rates", "resource"), ("allocations", "assignee")):
        rows = client.world.expected_records(stream, "0/service").values()
        assert {row[name]["resource_type"] for row in rows} == {"user", "placeholder"}  # type: ignore[index]  # each names somebody


def test_allocations_are_listed_by_workspace_or_project(client: FakeClient) -> None:
    """The allocations of a workspace are those of its projects."""
    listed = {row["gid"] for row in client.all("/allocations", workspace=client.first.gid)}
    assert listed == {
        row["gid"]
        for project in client.first.projects
        for row in list_of_project(client, "/allocations", "parent", project)
    }
    assert client.error("/allocations")[0] == 400


def test_archived_roles_are_listed_by_default(client: FakeClient) -> None:
    """`archived` selects one sort; standard roles have no creation time."""
    query: Json = {
        "workspace": client.first.gid,
        "opt_fields": "is_standard_role,creation_time,permissions.create_team",
    }
    every, active, archived = (
        client.all("/roles", **query, **more) for more in ({}, not_archived(), {"archived": "true"})
    )
    assert len(every) == len(active) + len(archived)
    assert archived
    assert {row["is_standard_role"] for row in every if row["creation_time"] is None} == {True}
    assert set(every[0]["permissions"]) == {"create_team"}


def not_archived() -> Json:
    """Return the query for active rows."""
    return {"archived": "false"}


def test_absences_are_listed_by_user_and_days(client: FakeClient) -> None:
    """User and workspace are required; days select overlapping absences."""
    absence = next(row for row in client.world.absences if row.workspace is client.first)
    query: Json = {"user": absence.user.gid, "workspace": client.first.gid}
    assert absence.gid in {row["gid"] for row in client.all("/ooo_entries", **query)}
    days: Json = {"start_date": absence.last, "end_date": absence.last}
    assert absence.gid in {row["gid"] for row in client.all("/ooo_entries", **query, **days)}
    assert client.all("/ooo_entries", **query, start_date="2100-01-01") == []
    assert client.error("/ooo_entries", workspace=client.first.gid)[0] == 400
    assert client.error("/ooo_entries", user=absence.user.gid)[0] == 400


def test_agents_are_compact_by_default(client: FakeClient) -> None:
    """A list shows name and subtype of each teammate."""
    rows = client.all(f"/workspaces/{client.first.gid}/agents")
    assert {frozenset(row) for row in rows} == {frozenset({"gid", "resource_type", "resource_subtype", "name"})}


def test_briefs_are_read_by_gid(client: FakeClient) -> None:
    """Every expected brief is readable; its text must be selected."""
    briefs = client.world.expected_records("project_briefs")
    for gid in briefs:
        assert "text" not in client.get(f"/project_briefs/{gid}")
        assert client.get(f"/project_briefs/{gid}", opt_fields="text")["text"] == briefs[gid]["text"]
