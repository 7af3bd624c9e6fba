"""The bench reads a local export as the tap does, without any Asana."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from bench.local import prepare
from bench.replay import ReplayAdapter, tap_over

TASKS, STORIES = 30, 2


@pytest.mark.parametrize("privacy", ["none", "pseudonymize"])
def test_a_local_export_is_read_whole(tmp_path: Path, privacy: str) -> None:
    """As many tasks leave as were asked for, each by a gid of its own, with stories."""
    prepare(tmp_path, TASKS, STORIES)
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(output):
        tap_over(ReplayAdapter(tmp_path), ("tasks", "stories"), lambda _: None, privacy).sync_all()
    output.seek(0)
    messages = [json.loads(line) for line in output]
    gids = {
        stream: [each["record"]["gid"] for each in messages if each["type"] == "RECORD" and each["stream"] == stream]
        for stream in ("tasks", "stories")
    }
    assert len(gids["tasks"]) == len({*gids["tasks"]}) == TASKS
    assert len({*gids["stories"]}) == len(gids["stories"]) > 0
