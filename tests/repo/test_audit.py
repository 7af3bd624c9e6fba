"""The audit of dependencies never takes silence for a good answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from scripts.audit import SERVICES, audit, findings
from scripts.pipeline import ROOT

CLEAN = {"name": "requests", "version": "2.34.2", "vulns": []}
WEAK = {"name": "urllib3", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.0"]}, {"id": "PYSEC-2"}]}
SKIPPED = {"name": "six", "skip_reason": "Dependency not found on PyPI and could not be audit: six (1.17.0)"}


def answer(*dependencies: Mapping[str, object]) -> str:
    """Return a report as pip-audit prints it."""
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("printed", "weaknesses"),
    [
        (answer(CLEAN), []),
        (answer(CLEAN, WEAK), ["urllib3 1.0: PYSEC-1, PYSEC-2"]),
        (answer(CLEAN, SKIPPED), ["six: Dependency not found on PyPI and could not be audit: six (1.17.0)"]),
        (answer(SKIPPED), None),
        (answer(SKIPPED, SKIPPED), None),
        (answer(), None),
        ("", None),
        ("{", None),
        ("[]", None),
    ],
)
def test_each_kind_of_answer_is_reported(printed: str, weaknesses: list[str] | None) -> None:
    """A vulnerability is reported, and so are unknown packages; an output without known packages counts as missing."""
    assert findings(printed) == weaknesses


@pytest.mark.parametrize(
    ("answers", "code", "line"),
    [
        ((answer(CLEAN), ""), 0, "pypi knows no vulnerability of the pinned dependencies"),
        (("", answer(CLEAN)), 0, "osv knows no vulnerability of the pinned dependencies"),
        ((answer(WEAK), answer(CLEAN)), 1, "urllib3 1.0: PYSEC-1, PYSEC-2"),
        (("", answer(WEAK)), 1, "urllib3 1.0: PYSEC-1, PYSEC-2"),
        ((answer(CLEAN, SKIPPED), answer(CLEAN)), 1, "six: Dependency not found"),
    ],
)
def test_osv_is_asked_if_pypi_does_not_answer(
    answers: tuple[str, str], code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """OSV is the fallback for PyPI, and any vulnerability in an answer is a failure."""
    for required in (False, True):
        assert audit(dict(zip(SERVICES, answers, strict=True)).__getitem__, required=required) == code
        assert capsys.readouterr().out.startswith(line)


@pytest.mark.parametrize("nothing", ["", answer(SKIPPED)])
def test_no_answer_is_a_failure_if_required(nothing: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without any answer the audit says so, and fails if an answer is required."""
    for required in (False, True):
        assert audit(lambda _: nothing, required=required) == required
        warning = "NOT AUDITED: neither pypi nor osv answers for the pinned dependencies\n"
        assert capsys.readouterr().out == warning


def test_the_workflow_requires_an_answer() -> None:
    """GitHub's check runs the audit that fails without one."""
    assert "- run: make audit" in (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert re.search(r"^audit:.*\n\t.* --required$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
