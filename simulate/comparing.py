"""Comparisons of what a target holds with the world of a played history."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from expected_losses import unlisted_tasks
from harness import Message

from simulate.player import Played


def selected(played: Played, streams: Iterable[str]) -> list[str]:
    """Return those streams that the history selects."""
    return [stream for stream in streams if not played.history.streams or stream in played.history.streams]


def written(played: Played, streams: Iterable[str]) -> list[str]:
    """Return those streams that the history selects and of which the target has a SCHEMA."""
    return [stream for stream in selected(played, streams) if stream in played.kept.schemas]


def unreachable(played: Played) -> set[str]:
    """Return the tasks that no list holds: without search or export nobody finds them (README, "How it works")."""
    return unlisted_tasks(played.api.world, (), played.history.token)


def are_values_changed(played: Played) -> bool:
    """Return whether values differ from Asana's, by its own fault or by a setting, or are refused to the end."""
    history = played.history
    return bool(history.dialect.breakage or "privacy" in history.settings or history.lasting)


def differs(played: Played, row: Message, truth: Message, *, besides: Collection[str] = ()) -> bool:
    """Return whether values differ that both have: a list may leave out what it does not document.

    `besides` names fields of objects inside the record that may differ.
    """
    ignored = frozenset(besides) | (frozenset() if played.history.dialect.nested_resource_type else {"resource_type"})
    common = {name for name in row.keys() & truth.keys() if row[name] is not None}
    return any(_without(row[name], ignored) != _without(truth[name], ignored) for name in common)


def _without(value: Any, ignored: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value without some fields of the objects in it."""
    if isinstance(value, list):
        return [_without(part, ignored) for part in value]
    if isinstance(value, dict):
        return {name: _without(part, ignored) for name, part in value.items() if name not in ignored}
    return value
