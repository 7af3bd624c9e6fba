"""A stream as a complete read of it would hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.kinds import Kind, Record, Row
    from fake_asana.model.state import State

Found = Callable[["State", "Viewer"], "Iterable[Row]"]
Keys = Callable[[Any], "Record"]


def nothing(_: object) -> Record:
    """No further keys."""
    return {}


class Stream(NamedTuple):
    """A kind, how its rows are found, and the gids of what they hang from where their records do not say so."""

    kind: Kind[Any]
    rows: Found
    adds: Keys = nothing
