"""Where tasks were met first, as long as a list that comes before may have them too."""

from __future__ import annotations

from collections.abc import Hashable

from tap_asana.reading import Key

ROOM = 1 << 10


class Places:
    """The places of one lane that it is not done with, by the tasks that were met there.

    Answers come in any order, but a read that is taken up goes on behind the place that it was done with. So whatever
    an earlier list has too is read there: the later list may be gone by then, with its project, user or tag.
    """

    def __init__(self) -> None:
        """Start without places."""
        self._places: dict[Hashable, Key] = {}
        self._room = ROOM

    def keep(self, what: Hashable, key: Key, done: Key | None) -> None:
        """Keep where something is met for the first time; what the lane is done with is forgotten."""
        if len(self._places) >= self._room:
            self._places = {each: place for each, place in self._places.items() if done is None or place > done}
            self._room = ROOM + 2 * len(self._places)
        self._places[what] = key

    def move(self, what: Hashable, key: Key) -> bool:
        """Move something to a place where it is met again if that comes before; tell whether it does."""
        before = key < self._places.get(what, key)
        if before:
            self._places[what] = key
        return before

    def holds(self, what: Hashable, key: Key) -> bool:
        """Tell whether something is still read at a place, and was not moved to one before."""
        return self._places.get(what, key) >= key
