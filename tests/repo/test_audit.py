"""The audit of dependencies never takes silence for a good answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from scripts.audit import SERVICES, audited, judged
from scripts.pipeline import ROOT

CLEAN = {"name": "requests", "version": "2.34.2", "vulns": []}
WEAK = {"name": "urllib3", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.0"]}, {"id": "PYSEC-2"}]}
SKIPPED = {"name": "six", "skip_reason": "Dependency not found on PyPI and could not be audited: six (1.17.0)"}


def answer(*dependencies: Mapping[str, object]) -> str:
    """Return what pip-audit prints."""
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("printed", "weaknesses"),
    [
        (answer(CLEAN), []),
        (answer(CLEAN, WEAK), ["urllib3 1.0: PYSEC-1, PYSEC-2"]),
        (answer(CLEAN, SKIPPED), ["six: Dependency not found on PyPI and could not be audited: six (1.17.0)"]),
        (answer(SKIPPED), None),
        (answer(SKIPPED, SKIPPED), None),
        (answer(), None),
        ("", None),
        ("{", None),
        ("[]", None),
    ],
)
def test_what_a_service_says(printed: str, weaknesses: list[str] | None) -> None:
    """A weakness is told, and so is what the service does not know; one that knows nothing at all did not answer."""
    assert judged(printed) == weaknesses


@pytest.mark.parametrize(
    ("answers", "code", "line"),
    [
        ((answer(CLEAN), ""), 0, "pypi knows no weakness of the pinned dependencies"),
        (("", answer(CLEAN)), 0, "osv knows no weakness of the pinned dependencies"),
        ((answer(WEAK), answer(CLEAN)), 1, "urllib3 1.0: PYSEC-1, PYSEC-2"),
        (("", answer(WEAK)), 1, "urllib3 1.0: PYSEC-1, PYSEC-2"),
        ((answer(CLEAN, SKIPPED), answer(CLEAN)), 1, "six: Dependency not found"),
    ],
)
def test_who_is_asked_and_what_comes_of_it(
    answers: tuple[str, str], code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """OSV is asked where PyPI does not answer, and whatever an answer finds is a failure."""
    for required in (False, True):
        assert audited(dict(zip(SERVICES, answers, strict=True)).__getitem__, required=required) == code
        assert capsys.readouterr().out.startswith(line)


@pytest.mark.parametrize("nothing", ["", answer(SKIPPED)])
def test_that_nobody_answers_is_no_good_answer(nothing: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told as what it is, and fails where an answer is required."""
    for required in (False, True):
        assert audited(lambda _: nothing, required=required) == required
        told = "NOT AUDITED: neither pypi nor osv answers for the pinned dependencies\n"
        assert capsys.readouterr().out == told


def test_the_workflow_requires_an_answer() -> None:
    """GitHub's check runs the audit that fails without one."""
    assert "- run: make audit" in (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert re.search(r"^audit:.*\n\t.* --required$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
