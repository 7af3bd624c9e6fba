"""README's own words, typed in order into a shell in a fresh copy of the repository, against the made-up Asana."""

from __future__ import annotations

import json
import re
from pathlib import Path

from e2e.conftest import ROOT, counts, run

ELSEWHERE = ("make test", "make lint", "make bench", "make e2e")
"""What CI runs by itself, and what would run this test again."""

PLACEHOLDER = "..."
"""Stands for the reader's own token."""


def typed(text: str) -> list[str]:
    """Return the lines that a document tells to type, without the comments behind them."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line[2:].split("  #")[0].strip() for block in blocks for line in block.splitlines() if line[:2] == "$ "]
    return [line for line in lines if line not in ELSEWHERE]


def test_every_line_of_the_readme_works(project: Path, environment: dict[str, str], asana: str) -> None:
    """Typed one after the other, README's lines install, read, go on from a state, and run through Meltano."""
    lines = typed((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"make demo", "meltano run tap-asana target-jsonl"} <= set(lines)
    script = "\n".join(["set -euo pipefail", *lines]).replace(PLACEHOLDER, "0/fake")
    bare = {name: value for name, value in environment.items() if name != "TAP_ASANA_ACCESS_TOKEN"}
    said = run(["bash", "-xc", script], project, bare)
    assert "NOT EQUAL" not in said
    messages = map(json.loads, (project / "asana.jsonl").read_text(encoding="utf-8").splitlines())
    tasks = [each for each in messages if each["type"] == "RECORD" and each["stream"] == "tasks"]
    assert len(tasks) == counts(asana)["tasks"]
