"""The cursor of a search: it moves by the tasks that answers contain, and not by how full they are (law 10).

A search has no pages. Its tasks come in the order of their creation, which no change moves, and each query asks for
those created after an instant. Asana does not document whether its bounds include their instant, how exactly they
compare instants, or whether tasks that the token may not see count against the limit. So queries overlap, a
possibly narrow overlap has to prove itself, and only an answer without a new task ends a search.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page
from tap_asana.config import EPOCH
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.tasks.context import SearchRefusedError, SearchUnavailableError

SECOND_MS = 1_000
OVERLAP_MS = 2 * SECOND_MS
"""Overlap of two queries: more than any rounding of instants to seconds."""

ANY_TASK: Mapping[str, str] = {"created_at.after": "2000-01-01T00:00:00.000Z"}
"""A filter that every task passes: Asana once documented that a search needs one."""

CROWD_DIVISOR = 2
"""If one task in so many was created close before an instant, a full answer may hide others from there."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The instants at which an answer's tasks were created and modified, its number of new tasks, and its limit.

    All instants are milliseconds since the epoch.
    """

    created: Sequence[int]
    modified: Sequence[int]
    new: int
    limit: int

    @property
    def is_full(self) -> bool:
        """Return whether the answer has as many tasks as it may have."""
        return len(self.created) >= self.limit

    def is_crowded(self, top: int) -> bool:
        """Return whether so many tasks were created shortly before an instant that the answer may hide others."""
        return CROWD_DIVISOR * sum(created >= top - OVERLAP_MS for created in self.created) >= self.limit


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A query of a search: all visible tasks created before `reached` are known, those created after `after` wanted.

    `before` and `filters` bound it further. A query whose overlap may be too narrow is not `certain`: its answer has to
    contain a task created at `reached`. `cuts` counts the divisions by time of modification. `was_full` and `modified`
    describe the answers so far: whether one was full, and when the tasks of the last one were modified.
    """

    reached: int = 0
    after: int = 0
    before: int | None = None
    filters: tuple[tuple[str, str], ...] = ()
    certain: bool = True
    cuts: int = 0
    was_full: bool = False
    modified: tuple[int, ...] = ()

    def step(self, answer: SearchAnswer) -> Step:
        """Return the next step after an answer to this query."""
        modified = tuple(answer.modified) or self.modified
        return replace(self, was_full=self.was_full or answer.is_full, modified=modified).next_step(answer)

    def next_step(self, answer: SearchAnswer) -> Step:
        """Return the step that follows from an answer that `was_full` and `modified` describe already."""
        top = max(self.reached, *answer.created, 0)
        is_proven = self.certain or any(created <= self.reached for created in answer.created)
        if not is_proven and not answer.created:
            return Step(self, top, self._beyond(self.reached), divide=self.reached)
        is_open = answer.is_full or answer.is_crowded(top)
        if is_proven and not answer.new and top == self.reached and not is_open:
            return Step(self, top, None)
        after = self._overlapping(top, crowded=answer.is_crowded(top))
        if after is None:
            return self.divided(top)
        following = self._next_query(top, after, certain=after <= top - OVERLAP_MS)
        return Step(self, top, following, divide=None if is_proven else self.reached)

    def divided(self, top: int) -> Step:
        """Return the step that requests all tasks around an instant in parts, and then those beyond it."""
        return Step(self, top, self._beyond(top), divide=top)

    def _overlapping(self, top: int, *, crowded: bool) -> int | None:
        """Return the lower bound with the largest overlap that still goes beyond this query; None if there is none."""
        bounds = [top - 1, top] if crowded else [top - OVERLAP_MS, top - 1, top]
        return next((bound for bound in bounds if bound > self.after), None)

    def _beyond(self, top: int) -> SearchQuery | None:
        """Return the query beyond an instant around which all tasks are requested in parts."""
        return self._next_query(top + SECOND_MS, top + SECOND_MS, certain=True)

    def _next_query(self, reached: int, after: int, *, certain: bool) -> SearchQuery | None:
        is_beyond = self.before is not None and after >= self.before
        return None if is_beyond else replace(self, reached=reached, after=after, certain=certain)

    def around(self, instant: int, *filters: tuple[str, str], cut: bool = False) -> SearchQuery:
        """Return the query for the tasks created around an instant that pass further filters."""
        low, high = instant - OVERLAP_MS, instant + OVERLAP_MS
        high = high if self.before is None else min(high, self.before)
        all_filters = {**dict(self.filters), **dict(filters)}
        return SearchQuery(low, low, high, tuple(all_filters.items()), cuts=self.cuts + cut)


@dataclass(frozen=True, slots=True)
class Step:
    """The next step after an answer: all tasks up to `reached` are known, `following` is None if nothing was new.

    Around the instant `divide` there are more tasks than an answer contains: they have to be requested in parts.
    """

    query: SearchQuery
    reached: int
    following: SearchQuery | None
    divide: int | None = None


class FarEnd:
    """The answer to the search for the youngest tasks, and how the search for the oldest ones meets it.

    Asana may return fewer tasks than the limit. An answer is cut if it ends before a task that this one has: it shows
    how many tasks answers have.
    """

    def __init__(self, known_gids: Collection[int]) -> None:
        """Start without an answer; `known_gids` are the tasks that the searches have found so far."""
        self.is_requested = False
        self._known_gids = known_gids
        self._oldest: int | None = None
        self._youngest: int | None = None
        self._count = 0
        self._most_in_cut = 0

    def found(self, created: Sequence[int]) -> None:
        """Note the instants at which the tasks of the answer were created."""
        self._oldest, self._youngest = min(created, default=None), max(created, default=None)
        self._count = len(created)

    def compare(self, created: Sequence[int]) -> None:
        """Compare an answer to a search for the oldest tasks after an instant."""
        if created and self._youngest is not None and max(created) < self._youngest:
            self._most_in_cut = max(self._most_in_cut, len(created))

    def limit(self, limit: int) -> int:
        """Return how many tasks an answer may have."""
        return min(limit, self._most_in_cut or limit)

    def is_reached(self, reached: int) -> bool:
        """Return whether the tasks up to an instant meet it; if it has none, there must not be any."""
        return not self._known_gids if self._oldest is None else self._oldest <= reached

    def without_gap(self, step: Step) -> Step:
        """Return the step, or the one that divides the tasks of the instant at which both ends meet.

        If younger tasks exist, both answers end at that instant, and may hide tasks that were created together. So may
        answers with tasks of that instant alone, if an answer with no more tasks was cut.
        """
        is_last = step.following is None and self._oldest == step.reached
        hides = self._youngest != step.reached or 0 < self._most_in_cut <= self._count
        return step.query.divided(step.reached) if is_last and hides else step


def to_milliseconds(instant: str) -> int:
    """Return an instant in milliseconds since the epoch."""
    return round(parse_instant(instant).timestamp() * 1000)


def from_milliseconds(number: int) -> str:
    """Return milliseconds since the epoch as Asana writes instants."""
    return format_instant(EPOCH + timedelta(milliseconds=number))


def timestamps(tasks: Iterable[Record], name: str) -> list[int]:
    """Return the timestamps in one field of tasks in milliseconds; other values are skipped."""
    return [to_milliseconds(task[name]) for task in tasks if is_timestamp(task.get(name))]


def check_answer(page: Page) -> None:
    """Raise SearchUnavailableError if a search is refused, a task has no timestamps, or the order is another one.

    This applies to the searches of all lanes. In an order other than that of creation, a cursor would skip tasks.
    """
    if page.unavailable is not None:
        raise SearchRefusedError(f"a later search was refused ({page.unavailable.label})")
    if not all(map(_is_dated, page.records)):
        raise SearchUnavailableError("a task has no created_at or modified_at")
    created = timestamps(page.records, "created_at")
    ascending = created if page.request.params.get("sort_ascending") == "true" else created[::-1]
    if any(later < earlier for earlier, later in pairwise(ascending)):
        raise SearchUnavailableError("searches ignore the order in which tasks are asked for")


def _is_dated(task: Record) -> bool:
    return is_timestamp(task.get("modified_at")) and is_timestamp(task.get("created_at"))
