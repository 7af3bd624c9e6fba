"""The views in Fivetran's table layout have the values of the records."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest
from nested import inner
from warehouse import Loaded, same, view_rows


def instant(value: str | None) -> str | None:
    """Return a date as the first moment of that day."""
    return f"{value}T00:00:00.000Z" if value else None


FIVETRAN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "section": ("sections", {"created_at": "created_at", "project_id": "project.gid"}),
    "tag": ("tags", {"color": "color", "created_at": "created_at", "notes": "notes", "workspace_id": "workspace.gid"}),
    "project": (
        "projects",
        {name: name for name in ("archived", "color", "created_at", "modified_at", "notes")}
        | {"current_status": "current_status_update.title"}
        | {f"{name}_id": f"{name}.gid" for name in ("owner", "workspace")},
    ),
    "task": (
        "tasks",
        {name: name for name in ("notes", "completed", "completed_at", "created_at", "modified_at", "due_at", "liked")}
        | {f"{name}_id": f"{name}.gid" for name in ("assignee", "completed_by", "created_by", "parent", "workspace")},
    ),
}
"""Other columns than id and name, with their place in a record."""


@pytest.mark.parametrize("view", FIVETRAN)
def test_fivetrans_tables_hold_the_records(loaded: Loaded, view: str) -> None:
    """Each object is a row of its table, under Fivetran's column names."""
    stream, columns = FIVETRAN[view]
    places = {"id": "gid", **columns, **({} if view == "section" else {"name": "name"})}
    same(
        [{name: row[name] for name in places} for row in view_rows(loaded, "fivetran", view)],
        [
            {name: inner(row, *place.split(".")) for name, place in places.items()}
            for row in loaded.records[stream]
            if row["gid"] not in loaded.gone
        ],
    )


def test_former_people_are_users(loaded: Loaded) -> None:
    """Members of a workspace and authors that Asana does not list as users are there, so that no comment is lost."""
    users = {row["gid"]: (row["email"], row["name"]) for row in loaded.records["users"]}
    named = [row["user"] for row in loaded.records["workspace_memberships"]]
    named += [row["created_by"] for row in loaded.records["stories"] if row["created_by"]]
    former = {person["gid"]: (None, person["name"]) for person in named if person["gid"] not in users}
    assert former
    found = view_rows(loaded, "fivetran", "user")
    assert {row["id"]: (row["email"], row["name"]) for row in found} == {**former, **users}
    assert len(found) == len(former) + len(users)


def test_each_project_has_a_team(loaded: Loaded) -> None:
    """A project without a team is its own team, as the package's inner join would lose it; so is an unlisted team."""
    teams = {row["gid"]: (row["name"], row["organization"]["gid"]) for row in loaded.records["teams"]}
    projects = loaded.records["projects"]
    owners = {row["gid"]: row["team"] or {"gid": row["gid"], "name": row["name"]} for row in projects}
    named = {owners[row["gid"]]["gid"]: (owners[row["gid"]]["name"], row["workspace"]["gid"]) for row in projects}
    assert named.keys() - teams.keys()
    found = view_rows(loaded, "fivetran", "team")
    assert {row["id"]: (row["name"], row["organization_id"]) for row in found} == {**named, **teams}
    assert len(found) == len({**named, **teams})
    places = {row["id"]: row["team_id"] for row in view_rows(loaded, "fivetran", "project")}
    assert places == {gid: owner["gid"] for gid, owner in owners.items()}


def test_fivetrans_stories_belong_to_tasks(loaded: Loaded) -> None:
    """Each story of a living task is there with its author and text."""
    same(
        [
            {name: row[name] for name in ("id", "target_id", "created_by_id", "text", "type")}
            for row in view_rows(loaded, "fivetran", "story")
        ],
        [
            {"id": row["gid"], "target_id": row["task_gid"], "created_by_id": inner(row, "created_by", "gid")}
            | {name: row[name] for name in ("text", "type")}
            for row in loaded.records["stories"]
            if row["task_gid"] and row["task_gid"] not in loaded.gone
        ],
    )


def test_fivetrans_links_are_those_of_the_tasks(loaded: Loaded) -> None:
    """The four tables of links hold the same pairs as the analysts' views; the default section has its name."""
    for view, column in (
        *(("task_section", "section"), ("task_follower", "user"), ("task_tag", "tag")),
        ("project_task", "project"),
    ):
        ours = "task_project" if view == "project_task" else view
        same(
            view_rows(loaded, "fivetran", view),
            [
                {"task_id": row["task_gid"], f"{column}_id": row[f"{column}_gid"]}
                for row in view_rows(loaded, "views", ours)
            ],
        )
    names = {row["id"]: row["name"] for row in view_rows(loaded, "fivetran", "section")}
    untitled = {row["gid"] for row in loaded.records["sections"] if row["name"] == "Untitled section"}
    assert untitled == {gid for gid, name in names.items() if name == "(no section)"}


READ = {
    "user": "id email name _fivetran_deleted",
    "team": "id name organization_id _fivetran_deleted",
    "project": "id name archived color created_at current_status due_date modified_at notes owner_id public team_id"
    " workspace_id _fivetran_deleted",
    "section": "id name created_at project_id",
    "task": "id name notes assignee_id completed completed_at completed_by_id created_at modified_at due_on due_at"
    " start_on parent_id workspace_id liked num_likes",
    "story": "id created_at created_by_id target_id text type source hearted num_hearts",
    "tag": "id name color created_at notes message workspace_id _fivetran_deleted",
    "project_task": "project_id task_id",
    "task_section": "section_id task_id",
    "task_follower": "task_id user_id",
    "task_tag": "tag_id task_id",
}
"""The columns of each source table that fivetran/dbt_asana reads, except `_fivetran_synced`."""

KINDS = {
    "timestamp with time zone": "created_at modified_at completed_at due_at _fivetran_synced",
    "timestamp without time zone": "due_on start_on due_date",
    "boolean": "_fivetran_deleted archived public completed liked hearted",
    "numeric": "num_likes num_hearts",
}
"""PostgreSQL's types of these columns, as in Fivetran's destination, where days have no zone; all others are text."""


def test_the_views_have_the_columns_that_the_dbt_package_reads(loaded: Loaded) -> None:
    """Each table of the package's source is a view, and each column is there with its type."""
    query = "select table_name, column_name, data_type from information_schema.columns where table_schema = %s"
    found: dict[str, dict[str, str]] = {}
    with psycopg.connect(loaded.database) as connection:
        for view, column, kind in connection.execute(query, ("asana_fivetran",)):
            found.setdefault(view, {})[column] = "text" if kind == "character varying" else kind
    types = {column: kind for kind, columns in KINDS.items() for column in columns.split()}
    wanted = {view: ["_fivetran_synced", *columns.split()] for view, columns in READ.items()}
    assert {view: {name: types.get(name, "text") for name in names} for view, names in wanted.items()} == {
        view: {name: kind for name, kind in columns.items() if name in wanted[view]} for view, columns in found.items()
    }


def test_days_are_moments_for_fivetran(loaded: Loaded) -> None:
    """Due and start days are timestamps, so that a query can take either a day or a moment."""
    tasks = {row["gid"]: row for row in loaded.records["tasks"]}
    for row in view_rows(loaded, "fivetran", "task"):
        task = tasks[row["id"]]
        assert (row["due_on"], row["start_on"]) == (instant(task.get("due_on")), instant(task.get("start_on")))
