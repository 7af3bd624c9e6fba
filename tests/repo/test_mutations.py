"""The list of protections that `scripts.mutate` takes out is long, and a patch that does not apply is named.

The command itself refuses to begin while a patch of the list does not apply exactly once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutate import PAGE, ROOT, check, mutated
from scripts.mutations import MUTATIONS
from scripts.mutations.mutation import Mutation
from scripts.mutations.table import BEGIN, END, FAILS, HEAD, Verdict, verdicts, write

SAMPLE = Mutation("a guard", "tap_asana/tap.py", "if a:", "if True:", ("tests/repo/test_mutations.py",))


def test_each_protection_is_listed_once() -> None:
    """No two patches have the same name or are the same, and each changes something."""
    assert len({each.name for each in MUTATIONS}) == len({each[1:4] for each in MUTATIONS}) == len(MUTATIONS) > 100
    assert [each.name for each in MUTATIONS if each.old == each.new or not each.tests] == []


def test_the_list_fits_the_code() -> None:
    """Each patch applies to the present code, and its tests exist."""
    assert list(check(MUTATIONS)) == []


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


def test_every_protection_is_missed_or_argued() -> None:
    """The page has protections in the order of the list: a test or a history fails without each, or an argument."""
    known = verdicts(PAGE.read_text(encoding="utf-8"))
    judged = [each for each in MUTATIONS if each.name in known]
    assert [*known] == [each.name for each in judged]
    assert [each.name for each in judged if not (known[each.name].is_missed or each.argument)] == []


def test_the_tests_of_the_table_exist() -> None:
    """Each test that the page names is in one of the files that the list names for the protection."""
    known = verdicts(PAGE.read_text(encoding="utf-8"))
    missed = [(each, test) for each in MUTATIONS if each.name in known and (test := known[each.name].test)]
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for each, _ in missed for file in each.tests}
    assert [test for each, test in missed if not any(f"def {test}(" in texts[file] for file in each.tests)] == []


def test_new_verdicts_replace_old_ones(tmp_path: Path) -> None:
    """A page keeps the verdicts that a run has not renewed, and loses protections that are not listed any more."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}{HEAD}| gone | `test_gone` | fails |\n{END}\nafter\n", encoding="utf-8")
    other = SAMPLE._replace(name="another", argument="none: nothing needs it")
    write(page, [SAMPLE, other], {SAMPLE.name: Verdict("test_a", FAILS), other.name: Verdict()})
    assert page.read_text(encoding="utf-8") == (
        f"before\n{BEGIN}{HEAD}| a guard | `test_a` | fails |\n| another | none: nothing needs it | not played |\n"
        f"{END}\nafter\n"
    )
    write(page, [SAMPLE, other], {SAMPLE.name: Verdict("test_b")})
    assert verdicts(page.read_text(encoding="utf-8")) == {SAMPLE.name: Verdict("test_b", FAILS), other.name: Verdict()}


def test_a_survivor_is_missed_by_nobody() -> None:
    """A test or a history that fails misses a protection."""
    missed = [Verdict("test_a"), Verdict(None, FAILS), Verdict(), Verdict(None, "passes 40 histories")]
    assert [each.is_missed for each in missed] == [True, True, False, False]
