"""The extra `faker` gives the expressions of stream maps the object `fake`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from e2e.conftest import ROOT, run
from scripts.pipeline import TAP


def test_the_extra_provides_fake_names(environment: dict[str, str], tmp_path: Path) -> None:
    """With the extra installed, names are replaced, and a seed gives the same ones again."""
    packages = tmp_path / "packages"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(packages), f"{ROOT}[faker]"]
    run(install, tmp_path, os.environ)
    maps = {"users": {"name": "fake.name()", "email": None, "photo": None}, "__else__": None}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"stream_maps": maps, "faker_config": {"seed": 7}}), encoding="utf-8")
    variables = {**environment, "PYTHONPATH": f"{packages}:{os.environ.get('PYTHONPATH', '')}"}
    outputs = []
    for _ in range(2):
        output = run([TAP, "--config", config, "--config", "ENV"], tmp_path, variables)
        messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        outputs.append([message["record"] for message in messages if message["type"] == "RECORD"])
    first, second = outputs
    assert first == second
    assert {record.keys() >= {"gid", "name"} for record in first} == {True}
    assert not [record for record in first if "email" in record]
