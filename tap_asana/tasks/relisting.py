"""Lists of several pages: what people move while they are read can be on none of the pages.

Asana's page tokens hold the rank of the last row (facts 3.6). So rows that come or go shift nothing, but a task that is
dragged from behind the reader's place to before it is on no page, and so is one that moves out of a list that is still
to be read into one that was. No clock need tell of either (facts 3.1). So each list of several pages is listed again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, MutableMapping
from dataclasses import dataclass, field, replace

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page, Request
from tap_asana.state.bookmarks import short_hash
from tap_asana.state.instants import parse_instant

RELIST = "again"
"""The part of asks that list once more."""

PARENT = 2
"""Numbers in the key of the list of a project, user or tag."""

SINGLE = "task_gid"
"""The key of asks for one task."""

AGAIN_FIELDS = ("modified_at", "created_at")

MAX_SINGLE_TASKS = 20
"""Tasks that are fetched one by one; where more are unknown, their list is read again."""


@dataclass(slots=True)
class LongList:
    """The tasks that a list was seen to hold.

    `young` are those made since the walk began: they come with the next run whatever happens, and tell nothing.
    `doubtful` are those of which the list alone does not tell whether they were read.
    """

    gids: array[int] = field(default_factory=lambda: array("Q"))
    young: set[int] = field(default_factory=set)
    doubtful: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, task: Record, until: str) -> int:
        """Add a task; return its gid."""
        gid = int(task["gid"])
        self.gids.append(gid)
        if is_timestamp(task.get("created_at")) and is_since(task["created_at"], until):
            self.young.add(gid)
        return gid

    @property
    def fingerprint(self) -> str:
        """Return a few characters that differ where the tasks do, in whatever order they came."""
        return short_hash(sorted(set(self.gids) - self.young))


class LongLists:
    """The lists of several pages of one lane.

    `kept` are the fingerprints of those that this read has come through, in state: they tell a read that is taken up
    whether a list still holds what the attempt before it knew.
    """

    def __init__(self, lane: str, until: str, kept: MutableMapping[str, str]) -> None:
        """Start without lists."""
        self._lane, self._until, self._kept = lane, until, kept
        self._lists: dict[str, LongList] = {}
        self._again: dict[str, LongList] = {}
        self._asks: dict[str, Request] = {}

    def name(self, place: Iterable[int], part: str) -> str:
        """Return what state calls a list."""
        return ":".join((self._lane, *map(str, place), part))

    def is_kept(self, name: str) -> bool:
        """Tell whether this read has come through a list and found that it has several pages."""
        return name in self._kept

    def ask(self, name: str) -> Request:
        """Return the ask for a list that was listed once more."""
        return self._asks[name]

    def note(self, name: str, page: Page, doubtful: Iterable[int] | None = None) -> bool:
        """Note a page of a list; tell whether this is the first one of a list that has several.

        A list that is taken up in its middle has `doubtful` tasks, which an attempt before this one read if they were
        in the list then: that is so where it still holds the same ones.
        """
        known, long = self._lists.get(name), page.next_request is not None or page.truncated
        first = known is None and long
        if first:
            known = self._lists[name] = LongList()
        if known is None:
            return False
        for task in page.records:
            known.add(task, self._until)
        known.doubtful.extend(doubtful or ())
        if page.unavailable is None and not long and doubtful is None:
            self._kept[name] = known.fingerprint
        elif page.unavailable is None and not long and self._kept.get(name, known.fingerprint) == known.fingerprint:
            del known.doubtful[:]
        return first

    def again(self, ask: Request, name: str) -> Request:
        """Return the ask that lists the tasks of an ask once more, by their gids and clocks alone."""
        self._asks[name] = ask.with_offset(None)
        params = {**ask.params, "opt_fields": ",".join(AGAIN_FIELDS)}
        return replace(ask, params=params, parent_keys={**ask.parent_keys, "list": name}, label=RELIST, offset=None)

    def unknown(self, page: Page, knows: Callable[[int], bool]) -> Collection[int]:
        """Note a page of a list that is listed once more; at its end return the tasks that nobody knows.

        What was modified since the walk began is left to the next run.
        """
        name = page.request.parent_keys["list"]
        now, then = self._again.setdefault(name, LongList()), self._lists.get(name)
        for task in page.records:
            gid = now.add(task, self._until)
            if not is_timestamp(task.get("modified_at")) or not is_since(task["modified_at"], self._until):
                now.doubtful.append(gid)
        if page.next_request is not None or page.truncated or page.unavailable is not None:
            return ()
        if then is None and self._kept.get(name) == now.fingerprint:
            return ()
        del self._again[name]
        met = set(then.gids) - set(then.doubtful) if then else set[int]()
        return [gid for gid in sorted(set(now.doubtful)) if gid not in met and not knows(gid)]


def is_since(value: object, since: str | None) -> bool:
    """Do what `modified_since` does where Asana has it: what has no instant may be as late as any."""
    return since is None or not is_timestamp(value) or parse_instant(f"{value}") >= parse_instant(since)
