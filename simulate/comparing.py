"""Comparisons of what a target holds with the world of a played history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from expected_losses import unlisted_tasks
from harness import Message

from simulate.player import Played


def selected(played: Played, streams: Iterable[str]) -> list[str]:
    """Return those streams that the history selects."""
    return [stream for stream in streams if not played.history.streams or stream in played.history.streams]


def unreachable(played: Played) -> set[str]:
    """Return the tasks that no list holds: without search or export nobody finds them (README, "How it works")."""
    return unlisted_tasks(played.api.world, (), played.history.token)


def differs(played: Played, row: Message, truth: Message) -> bool:
    """Return whether values differ that both have: a list may leave out what it does not document."""
    if not played.history.dialect.nested_resource_type:
        row, truth = _without_types(row), _without_types(truth)
    return any(row[name] != truth[name] for name in row.keys() & truth.keys() if row[name] is not None)


def _without_types(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value without the resource_type of nested objects."""
    if isinstance(value, list):
        return [_without_types(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_types(part) for name, part in value.items() if name != "resource_type"}
    return value
