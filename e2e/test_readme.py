"""The commands of README work, typed in order into a shell in a fresh copy of the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

from e2e.conftest import ROOT, counts, run

SKIPPED = ("make test", "make lint", "make bench", "make e2e")
"""Commands that CI runs itself, or that would run this test again."""

ELSEWHERE = "meltano add"
"""Begins a command for another project than this repository; test_install.py runs it."""

PLACEHOLDER = "..."
"""Stands for the reader's token."""


def commands(text: str) -> list[str]:
    """Return the commands in the console blocks of a document, without their comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line[2:].split("  #")[0].strip() for block in blocks for line in block.splitlines() if line[:2] == "$ "]
    return [line for line in lines if line not in SKIPPED and not line.startswith(ELSEWHERE)]


def test_every_line_of_the_readme_works(project: Path, installer: dict[str, str], asana: str) -> None:
    """One after the other, README's commands install, read, resume from a state, and run Meltano."""
    lines = commands((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"make demo", "meltano run tap-asana target-jsonl"} <= set(lines)
    script = "\n".join(["set -euo pipefail", *lines]).replace(PLACEHOLDER, "0/fake")
    bare = {name: value for name, value in installer.items() if name != "TAP_ASANA_ACCESS_TOKEN"}
    output = run(["bash", "-xc", script], project, bare)
    assert "NOT EQUAL" not in output
    rows = [line for file in project.glob("tasks-*.jsonl") for line in file.read_text(encoding="utf-8").splitlines()]
    assert len({json.loads(row)["gid"] for row in rows}) == counts(asana)["tasks"]
    assert len(rows) == counts(asana)["tasks"], "the second run resumes from the state of the first"
