"""The demo's report: one page with the answers to the questions, which needs no network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import vl_convert

from scripts.charts import CHARTS, STATUS_HUES, TOP, Rows, short
from scripts.questions import Question

PAGE = Path(__file__).with_name("report.html")
COUNTED = ("stream", "written", "in Asana")


def plain(value: object) -> object:
    """Return a value of DuckDB as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def library() -> str:
    """Return the script of Vega-Lite."""
    script: str = vl_convert.javascript_bundle(None)  # type: ignore[arg-type] # without a snippet it is whole
    return script.replace("</script", r"<\/script")


def page(
    subtitle: str, tiles: Mapping[str, str], answers: Mapping[Question, Rows], counts: Rows, script: str | None = None
) -> str:
    """Return the page: `counts` has a row for each stream, in the columns COUNTED; the script is that of Vega-Lite."""
    charts = {each.name: CHARTS[each.name](rows) for each, rows in answers.items() if each.name in CHARTS}
    cards = [card(each.text, body(each, rows), each.query) for each, rows in answers.items()]
    cards.append(card("What was read?", table(counts), wide=True))
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        subtitle=escape(subtitle),
        tiles="".join(f"<div><b>{escape(value)}</b>{escape(label)}</div>" for label, value in tiles.items()),
        cards="\n".join(cards),
        library=script or library(),
        charts=json.dumps(charts, ensure_ascii=False).replace("<", r"\u003c"),
    )


def body(question: Question, rows: Rows) -> str:
    """Return the place of a chart, or a table."""
    if question.name in CHARTS:
        return f'<div class="chart" id="{question.name}"></div>'
    return table(rows[:TOP])


def card(title: str, content: str, query: str = "", *, wide: bool = False) -> str:
    """Return a part of the page, with the query that was asked."""
    asked = f"<details><summary>the query</summary><pre>{escape(query)}</pre></details>" if query else ""
    return f"<section{' class=wide' if wide else ''}><h2>{escape(title)}</h2>{content}{asked}</section>"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of rows with the same columns; a column `color` is a mark before the first one."""
    names = [name for name in (rows[0] if rows else ()) if name != "color"]
    head = "".join(f"<th{right(row_value(rows, name))}>{escape(name.replace('_', ' '))}</th>" for name in names)
    lines = ("".join(cells(row, names)) for row in rows)
    body_rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="table"><table><tr>{head}</tr>{body_rows}</table></div>'


def row_value(rows: Sequence[Mapping[str, Any]], name: str) -> object:
    """Return the first value of a column that is not null."""
    return next((row[name] for row in rows if row[name] is not None), None)


def cells(row: Mapping[str, Any], names: Iterable[str]) -> Iterable[str]:
    """Yield the cells of a row."""
    dot = f'<span class="dot" style="background:{STATUS_HUES[row["color"]]}"></span>' if row.get("color") else ""
    for name in names:
        yield f"<td{right(row[name])}>{dot}{escape(shown(row[name]))}</td>"
        dot = ""


def right(value: object) -> str:
    """Return the attribute that aligns numbers."""
    return ' class="number"' if isinstance(value, int | float) else ""


def shown(value: object) -> str:
    """Return a value as people read it."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else short("" if value is None else str(value), 48)
