"""The definition for Meltano Hub works in a fresh project, added from a Hub on this machine that lists it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typing_extensions import override

from e2e.conftest import ROOT, counts, run
from scripts.project import DISTRIBUTION

DEFINITION: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "tap-asana.hub.yml").read_text(encoding="utf-8"))
LEFT_OUT = {rule.removeprefix("!").removesuffix(".*") for rule in DEFINITION["select"] if rule.startswith("!")}
NOTHING = "no stream is selected. In Meltano, add the rule '*.*' before rules that exclude."


@contextmanager
def hub() -> Iterator[str]:
    """Serve a Hub that lists this tap and no other plugin; yield the address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the index of extractors, or with the definition."""
            variant = DEFINITION["variant"]
            path = f"/plugins/extractors/{DEFINITION['name']}--{variant}"
            index = {
                DEFINITION["name"]: {
                    "default_variant": variant,
                    "logo_url": DEFINITION["logo_url"],
                    "variants": {variant: {"ref": f"http://{self.headers['Host']}{path}"}},
                }
            }
            answer = {"/plugins/extractors/index": index, path: DEFINITION}.get(self.path)
            self.send_response(200 if answer else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        @override
        def log_message(self, *_: object) -> None:
            """Keep the output of the test short."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def fresh(installer: dict[str, str], tmp_path: Path) -> Path:
    """Return a fresh Meltano project with a loader into files."""
    run(["meltano", "init", "fresh"], tmp_path, installer)
    project = tmp_path / "fresh"
    (loader, *_) = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))["plugins"]["loaders"]
    file = project / "meltano.yml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content.setdefault("plugins", {})["loaders"] = [loader]
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    (project / "output").mkdir(exist_ok=True)
    run(["meltano", "install", "loader", loader["name"]], project, installer)
    return project


def written(project: Path) -> dict[str, int]:
    """Return the number of rows of each stream that was written, and forget them."""
    rows = {}
    for file in (project / "output").glob("*.jsonl"):
        rows[file.stem] = len(file.read_text(encoding="utf-8").splitlines())
        file.unlink()
    return rows


def test_the_hub_s_definition_runs_as_shipped(fresh: Path, installer: dict[str, str], asana: str) -> None:
    """`meltano add` finds the tap and installs it; a run reads all streams but those that `select` leaves out."""
    with hub() as address:
        run(["meltano", "add", "tap-asana"], fresh, {**installer, "MELTANO_HUB_API_ROOT": address})
    assert f"pip_url: {DISTRIBUTION}" in (fresh / "meltano.yml").read_text(encoding="utf-8")
    run(["meltano", "run", "tap-asana", "target-jsonl"], fresh, installer)
    rows = written(fresh)
    assert rows["tasks"] == counts(asana)["tasks"]
    assert rows.keys() & LEFT_OUT == set()
    assert "A first run of" in run(["meltano", "invoke", "tap-asana:check"], fresh, installer)


def test_rules_that_only_exclude_end_the_run(fresh: Path, installer: dict[str, str], asana: str) -> None:
    """A first rule with --exclude selects nothing, which the tap says in one line; with `'*' '*'` it reads the rest."""
    with hub() as address:
        run(["meltano", "add", "tap-asana"], fresh, {**installer, "MELTANO_HUB_API_ROOT": address})
    run(["meltano", "select", "tap-asana", "--exclude", "stories", "*"], fresh, installer)
    with pytest.raises(AssertionError) as failed:
        run(["meltano", "run", "tap-asana", "target-jsonl"], fresh, installer)
    assert NOTHING in str(failed.value)
    assert written(fresh) == {}

    run(["meltano", "select", "tap-asana", "*", "*"], fresh, installer)
    run(["meltano", "run", "tap-asana", "target-jsonl"], fresh, installer)
    rows = written(fresh)
    assert rows["tasks"] == counts(asana)["tasks"]
    assert "stories" not in rows
    assert rows.keys() & LEFT_OUT, "rules of one's own replace those of the definition"
