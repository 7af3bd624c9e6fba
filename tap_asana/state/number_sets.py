"""Sets of numbers in a fixed size: any number of them can be added and taken out, and the few that remain can be named.

A bucket holds the sums of the first powers of its numbers, modulo a prime. As many sums as there are numbers determine
the numbers (Minsky, Trachtenberg and Zippel, "Set reconciliation with nearly optimal communication complexity", 2003).
Nothing in a set is an entry of a single number.
"""

from __future__ import annotations

import base64
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tap_asana.state.polynomials import PRIME, Polynomial, difference, distinct_roots, divided, multiplied, trimmed

CAPACITY = 32
"""Numbers of a bucket that can be named: each takes eight bytes."""

SUMS = CAPACITY + 1
"""Sums of a bucket, with the number of its numbers."""

MIXER = 0x9E3779B97F4A7C15
"""Spreads numbers over buckets: 2**64 divided by the golden ratio."""

MAX_NUMBER = PRIME - 1
"""Numbers are from 1 to this one."""


@dataclass(slots=True)
class Content:
    """The numbers of a set with how often each is in it, and how many of its buckets hold too many to name."""

    numbers: Counter[int] = field(default_factory=Counter)
    full_buckets: int = 0


class NumberSet:
    """A set of numbers in a number of buckets, a power of two."""

    def __init__(self, buckets: int, sums: Sequence[int] = ()) -> None:
        """Start with the sums of a state, or with an empty set."""
        self.buckets = buckets
        self._sums = list(sums) or [0] * (buckets * SUMS)

    def __len__(self) -> int:
        """Return how many numbers were added and not taken out; 0 if more were taken out."""
        number = sum(self._sums[::SUMS]) % PRIME
        return number if number <= PRIME // 2 else 0

    def update(self, numbers: Iterable[int], times: int = 1) -> None:
        """Add numbers so many times: one that is added twice counts twice, -1 takes them out."""
        sums, shift = self._sums, 65 - self.buckets.bit_length()
        for number in numbers:
            place = (number * MIXER % 2**64 >> shift) * SUMS
            power = times
            for place_of_sum in range(place, place + SUMS):
                sums[place_of_sum] = (sums[place_of_sum] + power) % PRIME
                power = power * number % PRIME

    def united(self, other: NumberSet) -> NumberSet:
        """Return a set with the numbers of both, in the buckets of the one that has fewer."""
        buckets = min(self.buckets, other.buckets)
        sums = [0] * (buckets * SUMS)
        for each in (self, other):
            merged = each.buckets // buckets
            for place, value in enumerate(each._sums):  # noqa: SLF001 - it is a set like this one
                bucket, power = divmod(place, SUMS)
                target = bucket // merged * SUMS + power
                sums[target] = (sums[target] + value) % PRIME
        return NumberSet(buckets, sums)

    def content(self) -> Content:
        """Return the numbers of the set, if few are in it or were taken out without being in it."""
        found = Content()
        for place in range(0, len(self._sums), SUMS):
            numbers = _numbers(self._sums[place : place + SUMS])
            if numbers is None:
                found.full_buckets += 1
            else:
                found.numbers.update(numbers)
        return found

    def to_text(self) -> str:
        """Return the set as the state keeps it."""
        return base64.b64encode(struct.pack(f">{len(self._sums)}Q", *self._sums)).decode()

    @classmethod
    def from_text(cls, text: str) -> NumberSet:
        """Load a set from the state; an empty one if the text has another form."""
        content = base64.b64decode(text)
        sums = struct.unpack(f">{len(content) // 8}Q", content[: len(content) // 8 * 8])
        buckets = len(sums) // SUMS
        is_valid = buckets & (buckets - 1) == 0 < buckets and len(sums) == buckets * SUMS and max(sums) < PRIME
        return cls(buckets, sums) if is_valid else cls(1)


def _numbers(sums: Sequence[int]) -> list[int] | None:
    """Return the numbers whose sums these are; None if there are too many.

    The sums of powers are the logarithm of a fraction of two polynomials: the roots of one are the numbers in the set,
    the roots of the other are numbers that were taken out of it more often than they were added.
    """
    surplus = sums[0] if sums[0] <= PRIME // 2 else sums[0] - PRIME
    if not any(sums):
        return []
    if abs(surplus) > CAPACITY:
        return None
    numerator, denominator = _fraction(_exponential(sums), (CAPACITY + surplus) // 2)
    more, fewer = (_with_multiplicity(trimmed(each[::-1])) for each in (numerator, denominator))
    if more is None or fewer is None or len(more) - len(fewer) != surplus:
        return None
    for exponent in range(1, SUMS):
        powers = (sum(pow(number, exponent, PRIME) for number in numbers) for numbers in (more, fewer))
        if (next(powers) - next(powers) - sums[exponent]) % PRIME:
            return None
    return sorted(more)


def _exponential(sums: Sequence[int]) -> Polynomial:
    """Return the first coefficients of the fraction whose logarithm the sums are."""
    series = [1]
    for degree in range(1, SUMS):
        total = sum(sums[place] * series[degree - place] for place in range(1, degree + 1))
        series.append(-total * pow(degree, -1, PRIME) % PRIME)
    return trimmed(series)


def _fraction(series: Polynomial, max_degree: int) -> tuple[Polynomial, Polynomial]:
    """Return numerator and denominator of the fraction with a series, by the algorithm of Euclid."""
    previous, rest = [*[0] * SUMS, 1], series
    previous_factor, factor = list[int](), [1]
    while len(rest) - 1 > max_degree:
        quotient, remainder = divided(previous, rest)
        previous, rest = rest, remainder
        previous_factor, factor = factor, difference(previous_factor, multiplied(quotient, factor))
    return rest, factor


def _with_multiplicity(polynomial: Polynomial) -> list[int] | None:
    """Return the roots of a polynomial, multiple ones several times; None if it is no product of linear factors."""
    roots, rest = list[int](), polynomial
    for root in distinct_roots(polynomial):
        while len(rest) > 1:
            quotient, remainder = divided(rest, [-root % PRIME, 1])
            if remainder:
                break
            roots.append(root)
            rest = quotient
    return roots if len(rest) == 1 else None
