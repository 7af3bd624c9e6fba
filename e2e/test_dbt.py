"""A real dbt builds the package of `dbt/` twice: its models hold what Asana holds, after changes and deletions too."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from e2e.asked import wrong_answers
from e2e.conftest import ROOT, WORLD, run, tool
from e2e.warehouses import DuckDB, Postgres, Warehouse
from scripts.dbt_models import VIEW_SETS
from scripts.dialects.dialect import KEYS
from scripts.pipeline import control, served
from scripts.views import statements

PERSON, SERVICE = "0/fake", "0/service"
SEED = ("--seed", "1")
"""The option of a world in which each question has an answer."""

LOG = "audit_log_events"
UNCOMPARED = {"deletions", LOG}
"""Streams without a table of equal rows in Asana: one is empty at first, the other forgets."""

COUNTS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], int]]] = {
    "current_task": ("tasks", lambda _: 1),
    "task_project": ("tasks", lambda task: len(task["projects"])),
    "task_follower": ("tasks", lambda task: len(task["followers"])),
    "task_tag": ("tasks", lambda task: len(task["tags"])),
    "task_custom_field_value": ("tasks", lambda task: len(task["custom_fields"])),
    "task_comment": ("stories", lambda story: bool(story["task_gid"] and story["type"] == "comment")),
    "team_user": ("team_memberships", lambda _: 1),
    "workspace_user": ("workspace_memberships", lambda _: 1),
}
"""The rows of a model that a record of a stream makes."""

NAMED = ("users", "projects", "sections", "tags", "custom_fields")
"""The streams of what tasks name."""

VIEWS = [statement.name for view_set in VIEW_SETS for statement in statements(view_set)]

Truth = dict[str, dict[str, Mapping[str, Any]]]
"""Asana's records by stream and key."""


@pytest.fixture(params=[PERSON, SERVICE], ids=["person", "service account"])
def token(request: pytest.FixtureRequest) -> str:
    """Return each token in turn."""
    return str(request.param)


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path, token: str) -> Iterator[Warehouse]:
    """Serve a fake Asana, and yield each warehouse in turn, still empty."""
    folder = tmp_path / "runs"
    folder.mkdir()
    with served(*WORLD, *SEED) as address:
        if request.param == "duckdb":
            yield DuckDB(folder, address, token)
        else:
            database = request.getfixturevalue("database").replace("+psycopg", "")
            yield Postgres(folder, address, token, database)


def dbt(warehouse: Warehouse, command: str = "build", **variables: object) -> str:
    """Run a command of dbt over a copy of the package; return its output."""
    folder = warehouse.folder / "dbt"
    shutil.copytree(ROOT / "dbt", folder, dirs_exist_ok=True)
    profile = {"tap_asana": {"target": "e2e", "outputs": {"e2e": {**warehouse.profile, "schema": "dbt"}}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    options = ["--no-use-colors", "--no-send-anonymous-usage-stats", "--vars", yaml.safe_dump(variables)]
    return run([tool("DBT"), *options[:2], command, *options[2:]], folder, {"PATH": "/usr/bin", "HOME": str(folder)})


def truth(warehouse: Warehouse) -> Truth:
    """Return Asana's records for the owner of the token."""

    def records(stream: str) -> list[dict[str, Any]]:
        url = control(warehouse.address, f"truth/{stream}")
        found: list[dict[str, Any]] = requests.get(url, params={"token": warehouse.token}, timeout=60).json()
        return found

    return {
        stream: {":".join(str(row[name]) for name in KEYS[stream]): row for row in records(stream)}
        for stream in KEYS
        if stream not in UNCOMPARED
    }


def staged(warehouse: Warehouse, stream: str) -> set[str]:
    """Return the keys of a staging model."""
    columns = ", ".join(KEYS[stream])
    rows = warehouse.query(f"select {columns} from dbt_tap_asana_staging.stg_tap_asana__{stream}")  # noqa: S608 - names of our own
    keys = [":".join(map(str, row)) for row in rows]
    assert len(keys) == len(set(keys))
    return set(keys)


def differences(warehouse: Warehouse, expected: Truth) -> dict[str, set[str]]:
    """Return, by stream, the keys that only the model or only Asana holds."""
    apart = {stream: staged(warehouse, stream) ^ rows.keys() for stream, rows in expected.items()}
    return {stream: keys for stream, keys in apart.items() if keys}


def counts(warehouse: Warehouse) -> dict[str, int]:
    """Return the number of rows of the models in COUNTS."""
    query = "select count(*) from dbt_tap_asana.tap_asana__{}"
    found = {name: warehouse.query(query.format(name)) for name in COUNTS}
    return {name: int(count) for name, [(count,)] in found.items()}


def expected_counts(expected: Truth) -> dict[str, int]:
    """Return the number of rows that those models must have."""
    return {name: sum(map(rows, expected[stream].values())) for name, (stream, rows) in COUNTS.items()}


def unlike_views(warehouse: Warehouse) -> list[str]:
    """Return the models that do not have the rows of the views of sql/, which were made from the same templates."""
    warehouse.create_views()
    pairs = {name: (f"asana_views.{name}", f"dbt_tap_asana.tap_asana__{name}") for name in VIEWS}
    query = "select count(*) from (select * from {0} except all select * from {1}) as apart"
    return [
        name
        for name, (view, model) in pairs.items()
        for left, right in ((view, model), (model, view))
        if warehouse.query(query.format(left, right)) != [(0,)]
    ]


def change(warehouse: Warehouse, first: Truth) -> dict[str, set[str]]:
    """Simulate workdays, a deleted project, a person who left, and new names; return what moved no clock."""
    silent: dict[str, set[str]] = {}

    def post(action: str, **parts: str) -> Any:  # noqa: ANN401 - JSON of any shape
        answer = requests.post(control(warehouse.address, action), params=parts, timeout=60)
        answer.raise_for_status()
        return answer.json()

    for seed in ("1", "2"):
        for name, gids in post("mutate", seed=seed)["untimestamped"].items():
            silent.setdefault(name, set()).update(gids)
    post("delete_project", gid=next(row for row in first["projects"].values() if not row["archived"])["gid"])
    members = truth(warehouse)["workspace_memberships"]
    member = next(row for row in reversed(members.values()) if row["is_active"])
    post("remove_user", gid=member["user"]["gid"], workspace=member["workspace"]["gid"])
    for stream, gids in named(truth(warehouse)).items():
        for gid in gids:
            post(f"rename_{stream.removesuffix('s')}", gid=gid, name=f"New name of {gid}")
    return silent


def named(records: Truth) -> dict[str, set[str]]:
    """Return the gids of people, projects, sections, tags and custom fields that tasks name.

    People whom a people field names are left out: its value is a text, which stays that of the time of the read.
    """
    tasks, stories = records["tasks"].values(), records["stories"].values()
    fields = [field for task in tasks for field in task["custom_fields"]]
    lists = [field["people_value"] for field in fields if field.get("people_value")]
    lists += [story[name] for story in stories for name in ("old_people_value", "new_people_value") if story.get(name)]
    values = {person["gid"] for people in lists for person in people}
    places = [place for task in tasks for place in task["memberships"]]
    gids = {
        "users": {task["assignee"]["gid"] for task in tasks if task["assignee"]} - values,
        "projects": {place["project"]["gid"] for place in places},
        "sections": {place["section"]["gid"] for place in places if place.get("section")},
        "tags": {tag["gid"] for task in tasks for tag in task["tags"]},
        "custom_fields": {field["gid"] for field in fields},
    }
    return {stream: found & records[stream].keys() for stream, found in gids.items()}


def stale_names(warehouse: Warehouse, expected: Truth) -> list[str]:
    """Return the columns of models that show another name than the present one of the object in the row."""
    present = {gid: row["name"] for stream in NAMED for gid, row in expected[stream].items()}
    columns = "select table_name, column_name from information_schema.columns where table_schema = 'dbt_tap_asana'"
    found = {(model, column) for model, column in warehouse.query(columns)}
    names = [
        (model, column)
        for model, column in found
        if column.endswith("_name") and (model, f"{column.removesuffix('_name')}_gid") in found
    ]
    stale: list[str] = []
    shown: set[str] = set()
    for model, column in sorted(names):
        gid = column.removesuffix("_name") + "_gid"
        rows = warehouse.query(f"select distinct {gid}, {column} from dbt_tap_asana.{model}")  # noqa: S608 - names of our own
        shown |= {key for key, _ in rows} & present.keys()
        stale += [f"{model}.{column}" for key, name in rows if key in present and name != present[key]]
    assert [stream for stream in NAMED if not shown & expected[stream].keys()] == []
    return stale


def unreported(records: Truth, token: str) -> dict[str, set[str]]:
    """Return, by stream, the keys of what no event tells anything of: docs/deletions.md, docs/freshness.md.

    These are the files of project briefs; for a person, also tasks without a project with all that belongs to them.
    """
    tasks = records["tasks"] if token == PERSON else {}

    def root(task: Mapping[str, Any]) -> Mapping[str, Any]:
        return root(tasks[task["parent"]["gid"]]) if task["parent"] and not task["projects"] else task

    gids = {gid for gid, task in tasks.items() if not root(task)["projects"]}
    files = {
        key
        for key, row in records["attachments"].items()
        if row["parent"]["gid"] in gids or row["parent"]["resource_type"] == "project_brief"
    }
    of_tasks = ("stories", "time_tracking_entries")
    children = {name: {key for key, row in records[name].items() if row["task_gid"] in gids} for name in of_tasks}
    return {"tasks": gids, "attachments": files, **children}


OF_TASKS = ("tasks", "stories", "attachments", "time_tracking_entries")
"""The streams that docs/deletions.md has a person read completely once in a while."""


def test_dbt_builds_what_asana_holds(warehouse: Warehouse) -> None:
    """All models equal Asana after a first run, and after changes and deletions; every test of the package passes.

    So do the answers, which a person has right after the complete run of docs/deletions.md.
    """
    warehouse.run()
    output = dbt(warehouse, tap_asana_not_loaded=[])
    assert "Completed successfully" in output
    first = truth(warehouse)
    assert differences(warehouse, first) == {}
    assert counts(warehouse) == expected_counts(first)
    assert unlike_views(warehouse) == []
    assert wrong_answers(warehouse, first) == []

    silent = change(warehouse, first)
    warehouse.run()
    dbt(warehouse, tap_asana_not_loaded=[])
    second = truth(warehouse)
    assert first["projects"].keys() - second["projects"].keys()
    unknowable = unreported(first, warehouse.token)
    apart = differences(warehouse, second)
    unfollowed = unreported(second, warehouse.token)
    allowed = {
        stream: (silent.get(stream, set()) & unfollowed.get(stream, set())) | unknowable.get(stream, set())
        for stream in apart
    }
    assert {stream: keys for stream, keys in apart.items() if keys - allowed[stream]} == {}
    assert unlike_views(warehouse) == []
    assert stale_names(warehouse, second) == []

    if warehouse.token == PERSON:
        warehouse.run(*OF_TASKS)
        assert differences(warehouse, second) == {}
    assert wrong_answers(warehouse, second) == []


def test_deselected_streams_are_empty_models(warehouse: Warehouse) -> None:
    """Where the loader wrote no table, the model is empty and untested, and the others are built."""
    warehouse.run()
    for name in ("deletions", "attachments"):
        warehouse.statements(f"drop table asana.{name}")
    dbt(warehouse, tap_asana_not_loaded=["deletions", "attachments"])
    assert staged(warehouse, "attachments") == set()
    assert staged(warehouse, "tasks") == set(truth(warehouse)["tasks"])
