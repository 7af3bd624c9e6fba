"""What README and docs/reliability.md tell operators of the log is what the log says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
TROUBLE = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Troubleshooting")[2]
LINES = list(
    dict.fromkeys(
        line
        for row in re.findall(r"^\| (`.+?) \|", PAGE + TROUBLE, re.MULTILINE)
        for line in re.findall(r"`([^`]+)`", row)
    )
)
SHORT = 4
"""Letters of a fragment that say too little to be looked for."""


def said() -> str:
    """Return all texts of the package that are not docstrings, with a gap for each value in them."""
    texts = []
    for file in (ROOT / "tap_asana").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts += [re.sub(r"%[.\d]*[a-z]", "…", node.value)]
    return "\n".join(texts)


SAID = said()


@pytest.mark.parametrize("line", LINES)
def test_each_line_that_is_told_is_one_of_the_log(line: str) -> None:
    """Every part of a line that stands between values is in the code."""
    fragments = [part.strip(" ,;:()%") for part in re.split(r"…|\(40[01234]\)|NAME", line)]
    assert [part for part in fragments if len(part) >= SHORT and part not in SAID] == []


def test_every_error_is_on_the_page() -> None:
    """The page names each way in which the client ends a run."""
    assert len(LINES) > 20
    for file in ("client.py", "auth.py", "splitting.py"):
        source = (ROOT / "tap_asana" / file).read_text(encoding="utf-8")
        for start in re.findall(r'(?:FatalAnswer|Outage)\(f?"([A-Z][^{"]+)', source):
            assert start.strip() in PAGE
