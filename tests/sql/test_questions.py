"""Each question of sql/questions.sql is answered as the fake's own records say, by DuckDB and by PostgreSQL."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from answers import HORIZON_DAYS, Answers, Truth, instant, seen, work
from asking import ask_duckdb, clock_at, comparable
from duck import with_views
from harness import EVENTFUL, SERVICE, asana, sync
from warehouse import STREAMS, Loaded

from fake_asana.model.dialect import Dialect
from fake_asana.world import World
from scripts.questions import questions

NAMES = [question.name for question in questions()]
Pair = tuple[Answers, Answers]
"""The answers of a warehouse, and the right ones."""


def rename(world: World) -> None:
    """Rename objects that tasks name, and people whom no people field names; no clock of a task moves."""
    fixed = re.findall(r'people_value": \[(.*?)\]', json.dumps([*world.records("tasks"), *world.records("stories")]))
    members = [member.user for member in next(iter(world.workspaces.values())).members.values()]
    people = [user for user in members if user.gid not in "".join(fixed)]
    assert people
    fields = list(world.custom_fields.values())
    options = [option for field in fields if field.type.subtype == "enum" for option in field.options]
    renamed: list[Any] = [*world.projects.values(), *world.sections.values(), *world.teams.values()]
    for row in [*renamed, *people, *fields, *options]:
        row.name = f"{row.name} (new)"


@pytest.fixture(scope="module")
def person(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Return DuckDB's answers for a person's token, after the first run and after changes."""
    return [
        (ask_duckdb(loaded.runs[: count + 1], truth.now, tmp_path_factory.mktemp("person")), truth.answers())
        for count, truth in enumerate(loaded.truths)
    ]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Return DuckDB's answers for a service account, after the first run, and after changes and new names."""
    api = asana(EVENTFUL, dialect=Dialect(moves_modify_tasks=True))
    first = sync(api, select=STREAMS, config=SERVICE)
    before = seen(api.world, SERVICE["access_token"])
    work(api.world)
    rename(api.world)
    second = sync(api, select=STREAMS, config=SERVICE, state=first.state)
    after = seen(api.world, SERVICE["access_token"])
    return [
        (ask_duckdb(runs, truth.now, tmp_path_factory.mktemp("service")), truth.answers())
        for runs, truth in (((first,), before), ((first, second), after))
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("moment", [0, 1], ids=["first run", "after changes"])
@pytest.mark.parametrize("token", ["person", "service"])
def test_duckdb_answers_each_question(request: pytest.FixtureRequest, token: str, moment: int, name: str) -> None:
    """DuckDB has the right answer for each token, after a first run and after changes and deletions."""
    found, right = request.getfixturevalue(token)[moment]
    assert right[name]
    assert comparable(found[name]) == comparable(right[name])


@pytest.mark.parametrize("name", NAMES)
def test_postgres_answers_each_question(loaded: Loaded, name: str) -> None:
    """PostgreSQL has the right answer after a first run, and after changes and deletions."""
    for found, truth in zip(loaded.answers, loaded.truths, strict=True):
        assert comparable(found[name]) == comparable(truth.answers()[name])


def test_the_workload_has_allocations_and_absences(loaded: Loaded, tmp_path: Path) -> None:
    """Asked before the start of each allocation and absence, each has its hours, its percent or its days."""
    truth, [query] = loaded.truths[0], [each.query for each in questions() if each.name == "workload"]
    starts = {row["start_date"] for name in ("allocations", "ooo_entries") for row in truth.records[name]}
    answers = []
    with with_views(loaded.runs[:1], tmp_path) as database:
        for start in sorted(starts):
            moment = instant(f"{start}T00:00:00Z") - timedelta(days=3)
            right = list(Truth(truth.records, moment).workload())
            database.execute(clock_at(moment, "timestamp"))
            assert comparable(database.execute(query).fetchall()) == comparable(right)
            answers += right
    assert all(any(row[place] for row in answers) for place in (2, 3, 4))


def test_what_has_no_end_lasts(loaded: Loaded, tmp_path: Path) -> None:
    """An allocation and an absence without a last day count on each day from their first one on."""
    truth, [query] = loaded.truths[0], [each.query for each in questions() if each.name == "workload"]
    lasting = ("allocations", "ooo_entries")
    endless = {name: [{**row, "end_date": None} for row in truth.records[name]] for name in lasting}
    right = list(Truth({**truth.records, **endless}, truth.now).workload())
    with with_views(loaded.runs[:1], tmp_path) as database:
        for name in lasting:
            database.execute(f"update asana.{name} set end_date = null")
        database.execute(clock_at(truth.now, "timestamp"))
        found = database.execute(query).fetchall()
    assert any(row[4] == HORIZON_DAYS for row in right)
    assert comparable(found) == comparable(right)


def test_a_question_takes_three_lines() -> None:
    """No query is longer than three lines, and each question has a right answer to compare with."""
    assert [each.name for each in questions() if len(each.query.splitlines()) > 3] == []
