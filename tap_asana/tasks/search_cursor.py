"""Where a search goes on: by what its answers bring, and not by how full they are (law 10).

A search has no pages. Its tasks come in the order of their creation, which no change moves, and each question asks for
those made after some instant. Nobody knows whether Asana's bounds include their instant, how exactly they compare
instants, or whether tasks that the token may not see count against the limit. So questions overlap, an overlap that is
too narrow has to prove itself, and only an answer without anything new ends a search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SECOND_MS = 1_000
OVERLAP_MS = 2 * SECOND_MS
"""How far questions overlap: more than any rounding of instants to seconds."""

CROWD = 2
"""Part of a full answer (one half) from which on tasks made so close together may have crowded out others."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What matters of an answer: when its tasks were made and modified, how many are new, and how many could come."""

    made: Sequence[int]
    modified: Sequence[int]
    new: int
    limit: int

    @property
    def is_full(self) -> bool:
        """Tell whether as many tasks came as may come."""
        return len(self.made) >= self.limit

    def crowds(self, top: int) -> bool:
        """Tell whether so many tasks were made just before an instant that more of them may be hidden there."""
        return CROWD * sum(made >= top - OVERLAP_MS for made in self.made) >= self.limit


@dataclass(frozen=True, slots=True)
class Stretch:
    """A question of a search: all visible tasks made before `reached` are known, and those after `after` are wanted.

    `before` and `filters` bound what is asked for. A question whose overlap is too narrow for some Asanas is not
    `sure`: its answer has to hold a task that was made at `reached`. `cuts` counts how often tasks were divided by when
    they were modified. Of its answers it keeps whether one was full, and when the tasks of the last were modified.
    """

    reached: int = 0
    after: int = 0
    before: int | None = None
    filters: tuple[tuple[str, str], ...] = ()
    sure: bool = True
    cuts: int = 0
    was_full: bool = False
    modified: tuple[int, ...] = ()

    def step(self, answer: Answer) -> Step:
        """Return what an answer to this question leads to."""
        modified = tuple(answer.modified) or self.modified
        return replace(self, was_full=self.was_full or answer.is_full, modified=modified).follow(answer)

    def follow(self, answer: Answer) -> Step:
        """Return what an answer leads to that was taken note of."""
        top = max(self.reached, *answer.made, 0)
        proven = self.sure or any(made <= self.reached for made in answer.made)
        if not proven and not answer.made:
            return Step(self, top, self._past(self.reached), divide=self.reached)
        if proven and not answer.new and top == self.reached and not (answer.is_full or answer.crowds(top)):
            return Step(self, top, None)
        after = self._narrowed(top, crowded=answer.crowds(top))
        if after is None:
            return Step(self, top, self._past(top), divide=top)
        following = self._on(top, after, sure=after <= top - OVERLAP_MS)
        return Step(self, top, following, divide=None if proven else self.reached)

    def _narrowed(self, top: int, *, crowded: bool) -> int | None:
        """Return from where the next question overlaps the most and yet goes beyond this one."""
        bounds = [top - 1, top] if crowded else [top - OVERLAP_MS, top - 1, top]
        return next((bound for bound in bounds if bound > self.after), None)

    def _past(self, top: int) -> Stretch | None:
        """Return the question behind an instant around which all is asked for in parts."""
        return self._on(top + SECOND_MS, top + SECOND_MS, sure=True)

    def _on(self, reached: int, after: int, *, sure: bool) -> Stretch | None:
        beyond = self.before is not None and after >= self.before
        return None if beyond else replace(self, reached=reached, after=after, sure=sure)

    def around(self, instant: int, *filters: tuple[str, str], cut: bool = False) -> Stretch:
        """Return the part of the tasks made around an instant that further filters let through."""
        low, high = instant - OVERLAP_MS, instant + OVERLAP_MS
        high = high if self.before is None else min(high, self.before)
        kept = {**dict(self.filters), **dict(filters)}
        return Stretch(low, low, high, tuple(kept.items()), cuts=self.cuts + cut)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows an answer to a stretch: up to where all is known, the next question, None if nothing new came.

    Around the instant `divide` there are more tasks than an answer holds: they have to be asked for in parts.
    """

    stretch: Stretch
    reached: int
    following: Stretch | None
    divide: int | None = None
