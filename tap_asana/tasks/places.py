"""Where tasks were met first, as long as a list that comes before may have them too."""

from __future__ import annotations

from collections.abc import Hashable

from tap_asana.fetch.scheduler import Key

ROOM = 1 << 10


class Places:
    """The places of one lane that it is not done with, by the tasks that were met there.

    Answers come in any order, but a read that is taken up goes on behind the place that it was done with. What an
    earlier list has too may hang from a later one then, which may be gone, with its project, user or tag. So no read is
    taken up between the two.
    """

    def __init__(self) -> None:
        """Start without places."""
        self._places: dict[Hashable, Key] = {}
        self._room = ROOM
        self._gaps: list[tuple[Key, Key]] = []

    def meet(self, what: Hashable, key: Key, done: Key | None, *, new: bool) -> None:
        """Note where something is met; if it is not new, and this is before its place, all between is done together.

        What the lane is done with is forgotten.
        """
        if not new:
            place = self._places.get(what, key)
            self._gaps += [(key, place)] if key < place else []
            return
        if len(self._places) >= self._room:
            self._places = {each: place for each, place in self._places.items() if done is None or place > done}
            self._room = ROOM + 2 * len(self._places)
        self._places[what] = key

    def is_safe(self, done: Key) -> bool:
        """Tell whether a read that is done up to a key can be taken up there."""
        self._gaps = [(first, last) for first, last in self._gaps if done[: len(last)] <= last]
        return all(done < first for first, _ in self._gaps)
