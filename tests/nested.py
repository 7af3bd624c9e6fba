"""Records of Asana, and the values inside them."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
Rows = list[Row]


def inner(row: Row, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value at a path in a record, or null."""
    value: Any = row
    for name in path:
        value = (value or {}).get(name)
    return value
