"""Writes a history as a test to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from simulate.history import History


def as_test(history: History, violations: Sequence[str]) -> str:
    """Return the source of a test that plays the history."""
    comments = "".join(f"    # {line[:100]}\n" for line in violations)
    play_it = f"    assert violations(\n        {code(history)}\n    ) == ()"
    return f"def test_seed_{history.seed}() -> None:\n{comments}{play_it}"


def code(value: Any) -> str:  # noqa: ANN401 - a part of a history
    """Return Python source of a value; fields with their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_arguments(value))})"
    if isinstance(value, tuple):
        return f"({', '.join(map(code, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name!r}: {code(part)}" for name, part in value.items()) + "}"
    return repr(value)


def _arguments(value: Any) -> list[str]:  # noqa: ANN401 - a dataclass
    return [
        f"{each.name}={code(getattr(value, each.name))}"
        for each in fields(value)
        if not _is_default(getattr(value, each.name), each)
    ]


def _is_default(given: object, each: Any) -> bool:  # noqa: ANN401 - a dataclass field
    default = each.default_factory() if each.default_factory is not MISSING else each.default
    return bool(given == default)
