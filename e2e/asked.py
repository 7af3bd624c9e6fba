"""The questions of sql/questions.sql, asked of the views and of dbt's models in a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from answers import STREAMS, Answers, Truth
from asking import clock_at, comparable
from warehouse import as_record_value

from e2e.warehouses import Warehouse
from scripts.questions import questions

VIEWS, MODELS = "asana_views.", "dbt_tap_asana.tap_asana__"
"""What the names of the views, and those of the models, begin with."""


def wrong_answers(warehouse: Warehouse, records: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Return the questions that views or models answer otherwise than Asana's records, given by stream and key."""
    now = datetime.now(timezone.utc)
    moment = now.replace(microsecond=now.microsecond // 1000 * 1000)  # views count milliseconds, as Asana does
    truth = Truth({name: [dict(row) for row in records[name].values()] for name in STREAMS}, moment)
    right = truth.answers()
    assert all(right.values())
    return [
        f"{place}{name}"
        for place in (VIEWS, MODELS)
        for name, answer in ask(warehouse, place, truth.now).items()
        if comparable(answer) != comparable(right[name])
    ]


def ask(warehouse: Warehouse, place: str, moment: datetime) -> Answers:
    """Return the answers at a moment, from views whose names begin with `place`."""
    warehouse.statements(clock_at(moment, warehouse.timestamp, f"{place}clock"))
    return {
        each.name: [tuple(map(as_record_value, row)) for row in warehouse.query(each.query.replace(VIEWS, place))]
        for each in questions()
    }
