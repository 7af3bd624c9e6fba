"""The rows that leave with a deleted object, and the statements that delete them: `python -m scripts.deleted_rows`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.project import ROOT

OWNERS: Mapping[str, tuple[str, ...]] = {
    "tasks": (),
    "stories": ("task_gid", "goal_gid"),
    "attachments": ("parent.gid",),
    "time_tracking_entries": ("task_gid",),
    "projects": (),
    "sections": ("project.gid",),
    "project_memberships": ("parent.gid",),
    "project_briefs": ("project.gid",),
    "project_templates": (),
    "task_templates": ("project.gid",),
    "allocations": ("parent.gid",),
    "budgets": ("parent.gid",),
    "rates": ("parent.gid",),
    "status_updates": ("parent.gid",),
    "portfolios": (),
    "portfolio_items": ("portfolio_gid",),
    "portfolio_memberships": ("parent.gid",),
    "goals": (),
    "goal_memberships": ("parent.gid",),
    "goal_relationships": ("supported_goal.gid", "supporting_resource.gid"),
    "custom_fields": (),
    "custom_field_settings": ("parent.gid", "custom_field.gid"),
    "tags": (),
    "teams": (),
    "team_memberships": ("team.gid",),
    "users": (),
}
"""The columns of each table with the gid of an object that takes the row with it.

Asana reports the deletion of a task but not of its children. The parent of a task is not among them: a subtask has a
deletion of its own.
"""

SQL = ROOT / "sql"
FIRST = "-- Written by python -m scripts.deleted_rows: see docs/deletions.md.\n"
NOTE = """\
-- Asana reports the deletion of a task but not of its children, so each column with the gid of a parent is compared.
-- The parent of a task is not among them: a subtask has a deletion of its own."""
LATEST = "-- The latest action on each gid counts. The action removed only means that an object left its parent."

POSTGRES = """\
-- Deletes the rows of objects deleted in Asana, and of their children, from the tables of a schema.
-- Run it after each load, with that schema as search_path. Running it again changes nothing.

begin;

{latest}
create temporary table deleted_gids on commit drop as
select gid
from (
    select distinct on (gid) gid, action
    from deletions
    where action in ('deleted', 'undeleted')
    order by gid, occurred_at desc, action desc
) as latest
where action = 'deleted';

{note} Streams not selected have no table.
do $$
declare
    target record;
begin
    for target in
        select name, case when place like '%.gid' then replace(place, '.gid', ' ->> ''gid''') else place end as place
        from (values
{columns}
        ) as gid_column (name, place)
        where to_regclass(name) is not null
    loop
        execute format('delete from %I where %s in (select gid from deleted_gids)', target.name, target.place);
    end loop;
end
$$;

commit;
"""
BIGQUERY = """\
-- Deletes the rows of objects deleted in Asana, and of their children, from the dataset asana.
-- Run it after each load. Running it again changes nothing.

set @@dataset_id = 'asana';

{latest}
create temp table deleted_gids as
select gid
from deletions
where action in ('deleted', 'undeleted')
qualify row_number() over (partition by gid order by occurred_at desc, action desc) = 1 and action = 'deleted';

{note} Streams not selected have no table.
for target in (
    select gid_column.name, gid_column.place
    from unnest([
{columns}
    ]) as gid_column
    inner join asana.INFORMATION_SCHEMA.TABLES as tables on tables.table_name = gid_column.name
)
do
    execute immediate format('delete from `%s` where %s in (select gid from deleted_gids)', target.name, target.place);
end for;
"""
PLAIN = """\
-- Deletes the rows of objects deleted in Asana, and of their children, from {place}.
-- Run it after each load. Running it again changes nothing. {missing}

{latest}
create temporary table deleted_gids as
select gid
from (
    select
        gid,
        action,
        row_number() over (partition by gid order by occurred_at desc, action desc) as place
    from {prefix}deletions
    where action in ('deleted', 'undeleted')
) as latest
where place = 1 and action = 'deleted';

{note}
{statements}

drop table deleted_gids;
"""


def columns() -> Iterator[tuple[str, str]]:
    """Yield each table and each of its columns, or places in a column, to compare with the deleted gids."""
    for name, owners in OWNERS.items():
        yield from ((name, place) for place in ("gid", *owners))


def postgres() -> str:
    """Return the statements for PostgreSQL."""
    listed = ",\n".join(f"            ('{name}', '{place}')" for name, place in columns())
    return POSTGRES.format(latest=LATEST, note=NOTE, columns=listed)


def bigquery() -> str:
    """Return the statements for BigQuery."""
    (name, place), *others = columns()
    structs = [f"struct('{name}' as name, '{place}' as place)", *(f"('{name}', '{place}')" for name, place in others)]
    return BIGQUERY.format(latest=LATEST, note=NOTE, columns=",\n".join(f"        {struct}" for struct in structs))


def duckdb() -> str:
    """Return the statements for DuckDB, whose tables sql/tables_duckdb.sql makes: all of them."""
    statements = (_delete(f"asana.{name}", _duckdb_column(place)) for name, place in columns())
    return PLAIN.format(
        place="the schema asana",
        missing="All tables must exist.",
        prefix="asana.",
        latest=LATEST,
        note=NOTE,
        statements="\n".join(statements),
    )


def sqlite() -> str:
    """Return the statements for SQLite, with the columns that target-sqlite makes of objects."""
    statements = (_delete(name, _sqlite_column(place)) for name, place in columns())
    return PLAIN.format(
        place="a database",
        missing="sqlite3 reports each missing table and goes on.",
        prefix="",
        latest=LATEST,
        note=NOTE,
        statements="\n".join(statements),
    )


def _delete(table: str, column: str) -> str:
    return f"delete from {table} where {column} in (select gid from deleted_gids);"  # noqa: S608 - a generated file


def _duckdb_column(place: str) -> str:
    column, _, inner = place.partition(".")
    return f"({column} ->> '$.{inner}')" if inner else column


def _sqlite_column(place: str) -> str:
    return place.replace(".", "__")


FILES = {SQL / f"apply_deletions_{render.__name__}.sql": render for render in (postgres, bigquery, duckdb, sqlite)}
"""The file of each database, and the function for its text."""


def main() -> None:
    """Write each file."""
    for file, render in FILES.items():
        file.write_text(FIRST + render(), encoding="utf-8")


if __name__ == "__main__":
    main()
