"""The views of sql/: from the fake's world through the tap, the target and PostgreSQL to the rows that analysts see."""

from __future__ import annotations

import psycopg
from nested import Row, Rows, inner
from postgres import psql
from warehouse import Loaded, same, view_rows

from scripts.views import SETS, SQL, statements

EVENTS = (
    *("assigned", "unassigned", "section_changed", "added_to_project", "removed_from_project"),
    *("marked_complete", "marked_incomplete", "due_date_changed"),
)
NESTED = ("assignee", "parent", "completed_by", "created_by", "workspace")
"""Objects of a task whose gids or names are columns."""

DUE = ("due_on", "due_at")
WORKSPACE = ("is_active", "is_admin", "is_guest", "is_view_only", "created_at")
TEAM = ("is_admin", "is_guest", "is_limited_access")


def values(owner: str, row: Row) -> Rows:
    """Return the rows of the custom field values of a record."""
    return [
        {
            owner: row["gid"],
            "custom_field_gid": field["gid"],
            "custom_field_name": field["name"],
            **{
                name: field.get(name) for name in ("representation_type", "display_value", "text_value", "number_value")
            },
            "date_value": inner(field, "date_value", "date"),
            "date_time_value": inner(field, "date_value", "date_time"),
            "enum_option_gid": inner(field, "enum_value", "gid"),
            "enum_option_name": inner(field, "enum_value", "name"),
        }
        for field in row["custom_fields"]
    ]


def chosen(owner: str, row: Row, place: str, kind: str) -> Rows:
    """Return the rows of the items of a custom field of a record."""
    return [
        {
            owner: row["gid"],
            "custom_field_gid": field["gid"],
            "custom_field_name": field["name"],
            f"{kind}_gid": item["gid"],
            f"{kind}_name": item["name"],
        }
        for field in row["custom_fields"]
        for item in field.get(place) or ()
    ]


def linked(tasks: Rows, place: str, kind: str) -> Rows:
    """Return the rows of the named objects that tasks link to."""
    return [
        {"task_gid": task["gid"], f"{kind}_gid": item["gid"], f"{kind}_name": item["name"]}
        for task in tasks
        for item in task[place]
    ]


def test_each_link_of_a_task_is_a_row(loaded: Loaded) -> None:
    """Projects, sections, followers, tags and dependencies of each task that lives are there, and no others."""
    tasks = loaded.records["tasks"]
    for place, kind in (("projects", "project"), ("followers", "user"), ("tags", "tag")):
        same(
            view_rows(loaded, "views", "task_follower" if kind == "user" else f"task_{kind}"),
            linked(tasks, place, kind),
        )
    same(
        view_rows(loaded, "views", "task_section"),
        [
            {
                "task_gid": task["gid"],
                "project_gid": place["project"]["gid"],
                "section_gid": place["section"]["gid"],
                "section_name": place["section"]["name"],
            }
            for task in tasks
            for place in task["memberships"]
            if place.get("section")
        ],
    )
    same(
        view_rows(loaded, "views", "task_dependency"),
        [{"task_gid": task["gid"], "depends_on_task_gid": on["gid"]} for task in tasks for on in task["dependencies"]],
    )


def test_each_custom_field_has_a_typed_value(loaded: Loaded) -> None:
    """Values of tasks and projects come with their type, options and people one by one with their names."""
    for owner, rows in (("task", loaded.records["tasks"]), ("project", loaded.records["projects"])):
        key = f"{owner}_gid"
        same(
            view_rows(loaded, "views", f"{owner}_custom_field_value"),
            [view_row for row in rows for view_row in values(key, row)],
        )
        same(
            view_rows(loaded, "views", f"{owner}_custom_field_option"),
            [view_row for row in rows for view_row in chosen(key, row, "multi_enum_values", "enum_option")],
        )
    same(
        view_rows(loaded, "views", "task_custom_field_person"),
        [view_row for row in loaded.records["tasks"] for view_row in chosen("task_gid", row, "people_value", "user")],
    )


def test_comments_and_history_come_from_the_stories(loaded: Loaded) -> None:
    """Comments are rows of one view, events of a task rows of the other; deleted tasks are in neither."""
    stories = [row for row in loaded.records["stories"] if row["task_gid"] and row["task_gid"] not in loaded.gone]
    common = {"story_gid": "gid", "task_gid": "task_gid"}
    comments = ("created_at", "text", "is_pinned", "is_edited", "num_likes")
    same(
        view_rows(loaded, "views", "task_comment"),
        [
            {column: row[name] for column, name in common.items()}
            | {name: row.get(name) for name in comments}
            | {f"created_by_{name}": inner(row, "created_by", name) for name in ("gid", "name")}
            for row in stories
            if row["type"] == "comment"
        ],
    )
    projects = {row["gid"]: row["project"] for row in loaded.records["sections"]}
    same(
        view_rows(loaded, "views", "task_history"),
        [
            {column: row[name] for column, name in common.items()}
            | {"happened_at": row["created_at"], "event": row["resource_subtype"]}
            | {f"actor_{name}": inner(row, "created_by", name) for name in ("gid", "name")}
            | {
                f"{kind}_{name}": inner(row, kind, name)
                for kind in ("assignee", "old_section", "new_section")
                for name in ("gid", "name")
            }
            | {
                f"project_{name}": inner(row.get("project") or projects.get(inner(row, "new_section", "gid"), {}), name)
                for name in ("gid", "name")
            }
            | {f"{when}_{due}": inner(row, f"{when}_dates", due) for when in ("old", "new") for due in DUE}
            for row in stories
            if row["resource_subtype"] in EVENTS
        ],
    )


def test_people_are_in_teams_and_workspaces(loaded: Loaded) -> None:
    """Each membership is a row with the person's rights."""
    for view, stream, place, flags in (
        ("team_user", "team_memberships", "team", TEAM),
        ("workspace_user", "workspace_memberships", "workspace", WORKSPACE),
    ):
        same(
            view_rows(loaded, "views", view),
            [
                {f"{kind}_{name}": row[kind][name] for kind in (place, "user") for name in ("gid", "name")}
                | {name: row.get(name) for name in flags}
                for row in loaded.records[stream]
            ],
        )


def test_current_tasks_are_those_that_were_not_deleted(loaded: Loaded) -> None:
    """A deleted task is in its table but not in a view."""
    with psycopg.connect(loaded.database) as connection:
        held = {gid for (gid,) in connection.execute("select gid from asana.tasks")}
    lost = held & loaded.gone
    assert lost
    current = view_rows(loaded, "views", "current_task")
    assert {row["task_gid"] for row in current} == held - lost
    assert {row["id"] for row in view_rows(loaded, "fivetran", "task")} == held - lost
    tasks = {row["gid"]: row for row in loaded.records["tasks"]}
    people = {row["user"]["gid"]: row["user"]["name"] for row in loaded.records["workspace_memberships"]}
    for row in current:
        task = tasks[row["task_gid"]]
        above = {"root_gid": root(tasks, task), "created_by_name": people.get(task["created_by"]["gid"])}
        for name, value in row.items():
            kind, _, part = name.rpartition("_")
            nested = part in ("gid", "name") and kind in NESTED
            expected = inner(task, kind, part) if nested else task.get("gid" if name == "task_gid" else name)
            assert value == above.get(name, expected), name


def root(tasks: dict[str, Row], task: Row) -> str:
    """Return the gid of the top task above a task."""
    parent = tasks.get(inner(task, "parent", "gid"))
    return root(tasks, parent) if parent else str(task["gid"])


def test_a_row_that_the_target_marks_is_not_seen(loaded: Loaded) -> None:
    """A soft-deleted row of a snapshot leaves its view."""
    mark = "update asana.tags set _sdc_deleted_at = %s where gid = (select min(gid) from asana.tags) returning gid"
    with psycopg.connect(loaded.database) as connection:
        marked = {gid for (gid,) in connection.execute(mark, ("2026-01-01",))}
        left = {gid for (gid,) in connection.execute("select id from asana_fivetran.tag")}
        assert left == {row["gid"] for row in loaded.records["tags"]} - marked
        connection.rollback()


def test_an_empty_table_stands_in_for_a_stream_that_was_not_loaded(loaded: Loaded) -> None:
    """With the table of tasks alone every view is there, and tasks are seen although no deletion was loaded."""
    with psycopg.connect(loaded.database, autocommit=True) as connection:
        connection.execute("create schema alone; create table alone.tasks as table asana.tasks")
        for name in SETS:
            psql(loaded.database, SQL / f"{name}_postgres.sql", schema="alone")
        views = "select count(*) from information_schema.views where table_schema like 'alone%'"
        assert connection.execute(views).fetchone() == (sum(len(statements(name)) for name in SETS),)
        counts = "select (select count(*) from alone.tasks), (select count(*) from alone_views.current_task)"
        held, seen = connection.execute(counts).fetchone() or (0, 1)
        assert held == seen
        connection.execute("drop schema alone, alone_views, alone_fivetran, alone_empty cascade")
