"""docs/laws.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "laws.md").read_text(encoding="utf-8")


def test_every_law_names_tests_that_exist() -> None:
    """Each of the twelve laws names a test, and each named test is defined."""
    laws = re.split(r"^\d+\. ", PAGE, flags=re.MULTILINE)[1:]
    defined = {
        name
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = [set(re.findall(r"`(test_[a-z0-9_]+)`", law)) for law in laws]
    assert len(laws) == 12
    assert all(named)
    assert set().union(*named) <= defined
