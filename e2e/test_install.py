"""Each way of README to install the tap works, from a folder with the wheel that stands for the package index."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from e2e.conftest import ROOT, run
from tap_asana import __version__

SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Install\n")[2]
LINES = re.findall(r"^\$ (.+)$", SECTION.partition("```console\n")[2].partition("```")[0], re.MULTILINE)
COMMANDS = {
    "uv": "$UV_TOOL_BIN_DIR/tap-asana --version",
    "pipx": "$PIPX_BIN_DIR/tap-asana --version",
    "uvx": "true",  # has run the command itself
    "python3": "tap/bin/tap-asana --version",
    "meltano": "meltano invoke tap-asana --version",
}
"""The tool that each line begins with, and how to run what it has installed."""


def test_the_readme_has_every_way() -> None:
    """The lines are those that this file runs."""
    assert [line.split()[0] for line in LINES] == list(COMMANDS)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split()[0])
def test_a_way_to_install_works(line: str, installer: dict[str, str], tmp_path: Path) -> None:
    """In an empty Meltano project with the file for the Hub, the line alone gives the command."""
    run(["meltano", "init", "project"], tmp_path, installer)
    project = tmp_path / "project"
    shutil.copytree(ROOT / "docs", project / "docs")
    tool, *_ = line.split()
    output = run(["bash", "-c", f"set -e; {line}; {COMMANDS[tool]}"], project, installer)
    assert f"tap-asana v{__version__}, Meltano SDK v" in output or "Usage: tap-asana [OPTIONS]" in output
