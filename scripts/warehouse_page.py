"""The tables of docs/warehouse.md: the views with their columns, and the questions with their queries."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from scripts.dialects import DIALECTS
from scripts.questions import questions
from scripts.views import Statement, statements


def columns(statement: Statement) -> list[str]:
    """Return the names of a view's columns."""
    parsed = sqlglot.parse_one(statement.render_query(DIALECTS["bigquery"]), read="bigquery")
    return parsed.named_selects if isinstance(parsed, exp.Query) else []


def view_rows(view_set: str) -> Iterator[str]:
    """Yield a table of the views of a set."""
    yield "| view | row | columns |"
    yield "|---|---|---|"
    for each in statements(view_set):
        yield f"| `{each.name}` | {each.description} | {', '.join(f'`{column}`' for column in columns(each))} |"


def analyst_views() -> str:
    """Return the table of the views for analysts."""
    return "\n".join(view_rows("views")) + "\n"


def fivetran_views() -> str:
    """Return the table of the views in Fivetran's layout."""
    return "\n".join(view_rows("fivetran")) + "\n"


def answers() -> str:
    """Return the questions with their queries."""
    return "\n".join(f"**{each.text}**\n\n```sql\n{each.query}\n```\n" for each in questions())
