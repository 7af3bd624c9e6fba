"""Instants as whole milliseconds since the epoch, which are easy to compare and to bound."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.state.instants import format_instant, parse_instant

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)


def number(instant: str) -> int:
    """Return an instant as a number."""
    return round(parse_instant(instant).timestamp() * 1000)


def numbers(tasks: Iterable[Record], name: str) -> list[int]:
    """Return the instants that tasks hold under a name as numbers; what is no instant is passed over."""
    return [number(task[name]) for task in tasks if is_timestamp(task.get(name))]


def text(number: int) -> str:
    """Return a number as Asana writes instants."""
    return format_instant(EPOCH + number * MILLISECOND)
