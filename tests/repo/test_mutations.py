"""The list of protections that `scripts.mutate` takes out is long, and a patch that does not apply is named.

The command itself refuses to begin while a patch of the list does not apply exactly once.
"""

from __future__ import annotations

import pytest

from scripts.mutate import Verdict, check, mutated
from scripts.mutations import MUTATIONS
from scripts.mutations.mutation import Mutation

SAMPLE = Mutation("a guard", "tap_asana/tap.py", "if a:", "if True:", ("tests/repo/test_mutations.py",))


def test_each_protection_is_listed_once() -> None:
    """No two patches have the same name or are the same, and each changes something."""
    assert len({each.name for each in MUTATIONS}) == len({each[1:4] for each in MUTATIONS}) == len(MUTATIONS) > 30
    assert [each.name for each in MUTATIONS if each.old == each.new or not each.tests] == []


@pytest.mark.parametrize("text", ["b = 1\n", "if a:\n    if a:\n"])
def test_a_patch_applies_exactly_once(text: str) -> None:
    """Code without the protection, or with two places like it, is an error that names both."""
    assert mutated("if a:\n    b()\n", SAMPLE) == "if True:\n    b()\n"
    with pytest.raises(ValueError, match=r"a guard: tap_asana/tap.py has its code [02] times, not once"):
        mutated(text, SAMPLE)


def test_an_outdated_list_is_reported() -> None:
    """A patch whose code or whose tests are gone has a line each."""
    gone = SAMPLE._replace(old="this code is nowhere", tests=("tests/repo/test_nothing.py",))
    code, tests = check([gone])
    assert "0 times" in code
    assert tests == "a guard: no tests/repo/test_nothing.py"


def test_a_survivor_has_two_noes() -> None:
    """The table says who misses each protection."""
    assert Verdict(SAMPLE, by_tests=False, by_simulation=False).row() == "| a guard | no | no |"
    assert Verdict(SAMPLE, by_tests=True, by_simulation=False).row() == "| a guard | yes | no |"
