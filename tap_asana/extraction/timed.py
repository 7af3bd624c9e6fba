"""Tasks that an export told to have time on them: exports do not hold the entries."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator

from tap_asana.asks import Page
from tap_asana.extraction.members import PATHS, SIGNS, TIME
from tap_asana.extraction.walk import Scope
from tap_asana.parents import Share
from tap_asana.protocol import Record
from tap_asana.reading import Key, Reading, Unit


class Timed:
    """The lane of what is asked under such tasks, in the order of their gids; each takes eight bytes."""

    name = "timed"
    hanging: Collection[str] = (TIME,)
    silent = True

    def __init__(self, scope: Scope) -> None:
        """Know of no task yet."""
        self._scope = scope
        self._gids = array("Q")

    def clear(self) -> None:
        """Know of no task again."""
        self._gids = array("Q")

    def note(self, tasks: Iterable[Record]) -> None:
        """Keep those of an export's tasks that have time on them."""
        self._gids.extend(int(task["gid"]) for task in tasks if task.get(SIGNS[TIME]))

    def share(self, _: Key | None) -> Share:
        """Return nothing: these are no parents of a kind."""
        return {}

    def units(self) -> Iterator[Unit]:
        """Yield a unit for each task behind the place where the read is taken up."""
        place = self._scope.sweep.place(self.name) or ()
        fields = self._scope.fields[TIME]
        for gid in sorted(self._gids):
            key = (0, 0, gid)
            if place < key:
                yield Unit(key, [self._scope.ask(TIME, TIME, PATHS[TIME], fields, task_gid=f"{gid}")])

    def key(self, unit: Key, _: Record) -> Key:
        """Return the unit's: it finds no tasks."""
        return unit

    def take(self, _: Page, __: Reading) -> Iterable[Record]:
        """Return nothing: what comes are the entries."""
        return ()
