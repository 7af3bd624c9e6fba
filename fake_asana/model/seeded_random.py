"""Reproducible randomness: every draw follows from a seed, without stored state."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15
SPREAD = 0xD1342543DE82EF95
MULTIPLIER_1 = 0xBF58476D1CE4E5B9
MULTIPLIER_2 = 0x94D049BB133111EB


@lru_cache(maxsize=2**15)  # each rendering of a row draws the same again
def mix(*parts: int) -> int:
    """Return a well distributed 64-bit number that follows from the parts (splitmix64)."""
    z = 0
    for part in parts:
        z = (z + part * SPREAD + STEP) & MASK
        z = ((z ^ (z >> 30)) * MULTIPLIER_1) & MASK
        z = ((z ^ (z >> 27)) * MULTIPLIER_2) & MASK
        z ^= z >> 31
    return z


class SeededRandom:
    """A cheap random generator with a seed."""

    __slots__ = ("state",)

    def __init__(self, *seed: int) -> None:
        """Seed the generator with any whole numbers."""
        self.state = mix(*seed)

    @classmethod
    def of_state(cls, state: int) -> SeededRandom:
        """Return a generator that continues from the state of another."""
        rng = cls.__new__(cls)
        rng.state = state
        return rng

    def below(self, bound: int) -> int:
        """Return a whole number in [0, bound)."""
        z = (self.state * SPREAD + STEP) & MASK  # mix(self.state) inlined: it dominates the time to build a world
        z = ((z ^ (z >> 30)) * MULTIPLIER_1) & MASK
        z = ((z ^ (z >> 27)) * MULTIPLIER_2) & MASK
        self.state = z = z ^ (z >> 31)
        return z % bound

    def chance(self, percent: float) -> bool:
        """Return True in about `percent` of a hundred draws."""
        return self.below(10_000) < percent * 100

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return self.below(1 << 53) / (1 << 53)

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]

    def sample(self, choices: Sequence[T], max_count: int) -> list[T]:
        """Return between none and `max_count` different choices, in their own order."""
        indexes = {self.below(len(choices)) for _ in range(self.below(max_count + 1))} if choices else set()
        return [choices[index] for index in sorted(indexes)]
