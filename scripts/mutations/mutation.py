"""A change of the code that takes out one protection."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """One protection: its name, its file, the code that it is, the code without it, and the tests of its kind.

    If no test can miss it, `argument` says why it is kept.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    argument: str = ""
