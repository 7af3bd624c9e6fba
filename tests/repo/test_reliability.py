"""The log lines in README and docs/reliability.md are those of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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
    """Return all string literals of the package except docstrings, with a gap for each value."""
    texts = []
    for file in (ROOT / "tap_asana").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts += [re.sub(r"%[.\d]*[a-z]", "…", node.value)]
    return "\n".join(texts)


SAID = said()


@pytest.mark.parametrize("line", LINES)
def test_each_documented_line_is_in_the_code(line: str) -> None:
    """Every part of a documented line between values is in the code."""
    fragments = [part.strip(" ,;:()%") for part in re.split(r"…|\(40[01234]\)|NAME", line)]
    assert [part for part in fragments if len(part) >= SHORT and part not in SAID] == []


ENDINGS = {"AsanaError", "FatalResponseError", "RetriesExhaustedError", "CorruptDownloadError", "CorruptExportError"}
"""The errors that end, or can end, a run with a line of their own."""


def endings() -> Iterator[str]:
    """Yield the start of each line that ends a run, up to its first value.

    The name of the setting or file is left out. tap-asana-login and tap-asana-state are not runs: their user sees their
    lines at the terminal.
    """
    package = ROOT / "tap_asana"
    terminal = {file for name in ("login", "state") for file in (package / "commands" / name).rglob("*.py")}
    for file in sorted({*package.rglob("*.py")} - terminal):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            line = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ENDINGS:
                line = node.args[0]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "msg":
                line = node.value
            first = line.values[0] if isinstance(line, ast.JoinedStr) else line
            if isinstance(first, ast.Constant):
                text = str(first.value)
                yield (text.partition(": ")[2] if ": " in text else text).strip(" (")


def warnings() -> Iterator[str]:
    """Yield the longest part between two values of each warning."""
    for file in (ROOT / "tap_asana").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {
            ast.unparse(node.targets[0]): node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "logger.warning":
                text = (
                    node.args[0].value
                    if isinstance(node.args[0], ast.Constant)
                    else named.get(ast.unparse(node.args[0]))
                )
                yield max(re.split(r"%[.\d]*[a-z]", str(text)), key=len).strip(" ,;:()") if text else ""


def test_every_warning_is_on_the_page() -> None:
    """The page, or README's help, has each warning; `report_missed` has two, each a documented line."""
    parts = sorted(set(warnings()) - {""})
    assert len(parts) > 30
    assert [part for part in parts if part not in PAGE.replace("…", "") + TROUBLE] == []


def test_every_error_is_on_the_page() -> None:
    """The page has each line that ends a run."""
    begins = sorted(set(endings()))
    assert len(begins) > 10
    assert [line for line in begins if line not in PAGE] == []
