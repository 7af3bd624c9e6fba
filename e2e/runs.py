"""Runs of the real command against a fake Asana, which may be killed: each one resumes from the last STATE."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import requests
from harness import Message, Output, discovered, selecting
from tap_process import READ, environment, messages, prepared

from scripts.pipeline import control

MAX_SECONDS = 120

Limit = Callable[[], None]


class Runs:
    """Runs of the command in one folder, with the state of the last one."""

    def __init__(self, folder: Path, address: str, streams: Iterable[str] = READ, **settings: object) -> None:
        """Write the settings and the catalog."""
        self._address, self._command, self._state = address, prepared(folder, address), folder / "state.json"
        config = folder / "config.json"
        config.write_text(json.dumps({**json.loads(config.read_text(encoding="utf-8")), **settings}), encoding="utf-8")
        catalog = selecting(discovered(), streams)
        (folder / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
        self.log, self.output = folder / "log", Output()

    def start(
        self, variables: Mapping[str, str] | None = None, *, limits: Limit | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a run at the last STATE; its output goes to a pipe."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                env=environment(**(variables or {})),
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=limits,  # noqa: PLW1509 - no threads
            )

    @property
    def command(self) -> list[str | Path]:
        """Return the command, with the last STATE if there is one."""
        return [*self._command, *(("--state", self._state) if self._state.exists() else ())]

    def keep(self, lines: bytes) -> None:
        """Keep the output of a run up to its last STATE."""
        self.output = self.output.then(messages(lines.splitlines(keepends=True)).confirmed())
        if self.output.state:
            self._state.write_text(json.dumps(self.output.state), encoding="utf-8")

    def complete(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a run that succeeds, and keep its output."""
        lines, _ = process.communicate(timeout=MAX_SECONDS)
        assert process.returncode == 0, self.log.read_text(encoding="utf-8")[-2000:]
        self.keep(lines)

    def truth(self, stream: str) -> dict[str, Message]:
        """Return Asana's records of a stream, by gid."""
        rows = requests.get(control(self._address, f"truth/{stream}"), timeout=60).json()
        return {row["gid"]: row for row in rows}

    def missing(self) -> dict[str, set[str]]:
        """Return the tasks and stories that the kept output lacks."""
        found = {name: self.truth(name).keys() - self.output.gids(name) for name in READ}
        return {name: gids for name, gids in found.items() if gids}
