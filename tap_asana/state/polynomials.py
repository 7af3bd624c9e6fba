"""Polynomials over the numbers modulo a prime: just enough to find the roots of one.

A polynomial is the list of its coefficients, the constant one first, without zeros at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

PRIME = 2**63 - 25

Polynomial = list[int]


def trimmed(coefficients: Sequence[int]) -> Polynomial:
    """Return a polynomial without zeros at its end, each coefficient modulo PRIME."""
    reduced = [each % PRIME for each in coefficients]
    while reduced and not reduced[-1]:
        reduced.pop()
    return reduced


def divided(dividend: Sequence[int], divisor: Sequence[int]) -> tuple[Polynomial, Polynomial]:
    """Return quotient and remainder."""
    rest, size = list(dividend), len(divisor)
    inverse = pow(divisor[-1], -1, PRIME)
    quotient = [0] * max(0, len(rest) - size + 1)
    for place in reversed(range(len(quotient))):
        factor = rest[place + size - 1] * inverse % PRIME
        quotient[place] = factor
        if factor:
            for offset, coefficient in enumerate(divisor, place):
                rest[offset] = (rest[offset] - factor * coefficient) % PRIME
    return trimmed(quotient), trimmed(rest[: size - 1])


def multiplied(left: Sequence[int], right: Sequence[int]) -> Polynomial:
    """Return a product."""
    if not left or not right:
        return []
    product = [0] * (len(left) + len(right) - 1)
    for place, factor in enumerate(left):
        for offset, coefficient in enumerate(right, place):
            product[offset] += factor * coefficient
    return trimmed(product)


def difference(left: Sequence[int], right: Sequence[int]) -> Polynomial:
    """Return a difference."""
    size = max(len(left), len(right))
    first, second = ([*each, *[0] * (size - len(each))] for each in (left, right))
    return trimmed([one - other for one, other in zip(first, second, strict=True)])


def distinct_roots(polynomial: Polynomial) -> list[int]:
    """Return the numbers at which a polynomial is zero, each once, in any order."""
    identity = [0, 1]
    if len(polynomial) < len(identity):
        return []
    linear = _common_divisor(polynomial, difference(_power(identity, PRIME, polynomial), identity))
    return _split(linear)


def _split(product: Polynomial) -> list[int]:
    """Return the roots of a product of different linear factors: by Cantor and Zassenhaus, with fixed shifts."""
    unsplit, found = [product], list[int]()
    for shift in count(1):
        rest = []
        for part in unsplit:
            if len(part) <= 2:  # noqa: PLR2004 - a constant has no root, a linear polynomial has one
                found += [-part[0] * pow(part[1], -1, PRIME) % PRIME] if len(part) == 2 else []  # noqa: PLR2004 - same
                continue
            half = _common_divisor(part, difference(_power([shift, 1], PRIME // 2, part), [1]))
            rest += [half, divided(part, half)[0]]
        unsplit = rest
        if not unsplit:
            return found
    raise AssertionError  # pragma: no cover - `count` has no end


def _common_divisor(left: Polynomial, right: Polynomial) -> Polynomial:
    while right:
        left, right = right, divided(left, right)[1]
    return left


def _power(base: Polynomial, exponent: int, modulus: Polynomial) -> Polynomial:
    """Return a power, reduced by another polynomial."""
    result = [1]
    for digit in f"{exponent:b}":
        result = divided(multiplied(result, result), modulus)[1]
        if digit == "1":
            result = divided(multiplied(result, base), modulus)[1]
    return result
