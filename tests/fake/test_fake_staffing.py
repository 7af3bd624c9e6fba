"""The local Asana's templates, types, roles, absences and costs obey the laws of the real one."""

from __future__ import annotations

import pytest
from asking import Asked, Json


@pytest.fixture(scope="module")
def asked() -> Asked:
    """Give a world that no test changes."""
    return Asked()


def test_task_templates_have_more_than_a_page(asked: Asked) -> None:
    """The list of a project's templates pages, and a template asked by its bare name comes whole."""
    project = next(iter(asked.first.projects))
    pages = asked.pages("/task_templates", project=project, opt_fields="name,template")
    assert [len(page) for page in pages] == [100, 1]
    recipes = [row["template"] for page in pages for row in page]
    assert {recipe["relative_due_on"] is None for recipe in recipes} == {True, False}
    assert any(value["name"] for recipe in recipes for value in recipe["custom_fields"])
    assert any(recipe["subtasks"] == [] for recipe in recipes)


def test_project_templates_are_listed_by_workspace_or_team(asked: Asked) -> None:
    """Each template of a team is in its workspace's list; one of the two must be named."""
    listed = asked.all("/project_templates", workspace=asked.first.gid, opt_fields="team")
    team = next(row["team"]["gid"] for row in listed if row["team"])
    of_team = [row["gid"] for row in listed if row["team"] and row["team"]["gid"] == team]
    assert [row["gid"] for row in asked.all("/project_templates", team=team)] == of_team
    assert [row["gid"] for row in asked.all(f"/teams/{team}/project_templates")] == of_team
    assert asked.refusal("/project_templates")[0] == 400


def test_projects_name_templates_that_exist(asked: Asked) -> None:
    """What a project was made from is in the list of templates."""
    templates = asked.world.expected_records("project_templates")
    named = [project["created_from_template"] for project in asked.world.expected_records("projects").values()]
    assert {template["gid"] for template in named if isinstance(template, dict)} <= set(templates)


def test_custom_types_overlap(asked: Asked) -> None:
    """A type is listed under several projects, once each; one type has no statuses."""
    rows = [row for project in asked.first.projects for row in under(asked, "/custom_types", "project", project)]
    gids = [row["gid"] for row in rows]
    assert len(gids) > len(set(gids))
    assert any(row["status_options"] is None for row in rows)


def under(asked: Asked, path: str, name: str, gid: str) -> list[Json]:
    """List what hangs from a project; nothing where it is hidden."""
    query: Json = {name: gid}
    return [] if gid in asked.world.hidden_projects else asked.all(path, **query)


def test_tasks_have_types_that_their_project_knows(asked: Asked) -> None:
    """Some tasks are of a custom type, with one of its statuses; the others have neither."""
    types = asked.world.expected_records("custom_types", "0/service") | asked.world.expected_records("custom_types")
    tasks = asked.world.expected_records("tasks").values()
    for task in tasks:
        kind, status = task["custom_type"], task["custom_type_status_option"]
        assert (kind is None) is (status is None) is (task["resource_subtype"] != "custom")
        if isinstance(kind, dict) and isinstance(status, dict):
            options = types[kind["gid"]]["status_options"]
            assert isinstance(options, list)
            assert status["gid"] in {option["gid"] for option in options}
    assert any(task["custom_type"] for task in tasks)


def test_a_budget_is_one_and_unpaged(asked: Asked) -> None:
    """A project has one budget or none, in a list without pages."""
    counts = set()
    for project in set(asked.first.projects) - asked.world.hidden_projects:
        status, body = asked.ask("/budgets", parent=project)
        assert (status, set(body)) == (200, {"data"})
        counts.add(len(body["data"]))
    assert counts == {0, 1}


def test_costs_are_fractions_and_belong_to_people_or_placeholders(asked: Asked) -> None:
    """Rates and allocations name people and placeholders; some allocations say no effort."""
    for stream, name in (("rates", "resource"), ("allocations", "assignee")):
        rows = asked.world.expected_records(stream, "0/service").values()
        assert {row[name]["resource_type"] for row in rows} == {"user", "placeholder"}  # type: ignore[index]  # each names somebody


def test_allocations_are_listed_by_workspace_or_project(asked: Asked) -> None:
    """The allocations of a workspace are those of its projects."""
    listed = {row["gid"] for row in asked.all("/allocations", workspace=asked.first.gid)}
    assert listed == {
        row["gid"] for project in asked.first.projects for row in under(asked, "/allocations", "parent", project)
    }
    assert asked.refusal("/allocations")[0] == 400


def test_archived_roles_are_listed_unless_told_otherwise(asked: Asked) -> None:
    """Without `archived` both sorts come; standard roles were never made."""
    query: Json = {"workspace": asked.first.gid, "opt_fields": "is_standard_role,creation_time,permissions.create_team"}
    every, active, archived = (asked.all("/roles", **query, **more) for more in ({}, no(), {"archived": "true"}))
    assert len(every) == len(active) + len(archived)
    assert archived
    assert {row["is_standard_role"] for row in every if row["creation_time"] is None} == {True}
    assert set(every[0]["permissions"]) == {"create_team"}


def no() -> Json:
    """Say no to archived ones."""
    return {"archived": "false"}


def test_absences_are_one_persons(asked: Asked) -> None:
    """Absences want a user and a workspace, and overlap with the days that are asked for."""
    absence = next(row for row in asked.world.absences if row.workspace is asked.first)
    query: Json = {"user": absence.user.gid, "workspace": asked.first.gid}
    assert absence.gid in {row["gid"] for row in asked.all("/ooo_entries", **query)}
    days: Json = {"start_date": absence.last, "end_date": absence.last}
    assert absence.gid in {row["gid"] for row in asked.all("/ooo_entries", **query, **days)}
    assert asked.all("/ooo_entries", **query, start_date="2100-01-01") == []
    assert asked.refusal("/ooo_entries", workspace=asked.first.gid)[0] == 400
    assert asked.refusal("/ooo_entries", user=absence.user.gid)[0] == 400


def test_agents_say_little(asked: Asked) -> None:
    """A list shows name and subtype of each teammate; photos are null or whole."""
    rows = asked.all(f"/workspaces/{asked.first.gid}/agents")
    assert {frozenset(row) for row in rows} == {frozenset({"gid", "resource_type", "resource_subtype", "name"})}


def test_briefs_are_read_by_gid(asked: Asked) -> None:
    """Every brief that a project names is in the truth, its text only on request."""
    briefs = asked.world.expected_records("project_briefs")
    for gid in briefs:
        assert "text" not in asked.get(f"/project_briefs/{gid}")
        assert asked.get(f"/project_briefs/{gid}", opt_fields="text")["text"] == briefs[gid]["text"]
