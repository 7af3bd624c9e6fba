"""The command in processes of its own, forked from one that has imported it: as real as started ones, and faster."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tap_process import environment, failure

TOKEN = "0/fake"
"""The token of a person of the fake Asana."""

SERVER = """
import json, os, sys
from tap_asana.command import run_command

report = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    case = json.loads(line)
    child = os.fork()
    if child == 0:
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(case[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        os.chdir(case["folder"])
        os.environ.clear()
        os.environ.update(case["variables"])
        sys.argv[:] = ["tap-asana", *case["arguments"]]
        run_command()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), file=report, flush=True)
"""


@dataclass
class ForkedTap:
    """A server of processes; they work in a folder, in which files can be written first."""

    folder: Path
    variables: dict[str, str]
    _process: subprocess.Popen[str] = field(repr=False)

    def write(self, name: str, content: object) -> Path:
        """Write a file in the folder: text and bytes as they are, anything else as JSON."""
        file = self.folder / name
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    def run(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the command with these arguments, and with further variables."""
        files = {name: self.folder / f"{name}.txt" for name in ("stdout", "stderr")}
        words = list(map(str, arguments))
        case = {
            "arguments": words,
            "variables": environment(**{**self.variables, **variables}),
            "folder": str(self.folder),
            **{name: str(file) for name, file in files.items()},
        }
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(case), file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        texts = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
        return subprocess.CompletedProcess(words, code, **texts)

    def read(self, config: object, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the command with a configuration and the catalog of the folder."""
        files = ("--config", self.write("config.json", config), "--config", "ENV", "--catalog", "catalog.json")
        return self.run(*files, *arguments, **variables)

    def errors(self, config: object, *arguments: str | Path, **variables: str) -> list[str]:
        """Run the command as `read` does, and return its errors."""
        return failure(self.read(config, *arguments, **variables))

    def error(self, config: object, *arguments: str | Path, **variables: str) -> str:
        """Run the command as `read` does, and return its only error."""
        (line,) = self.errors(config, *arguments, **variables)
        return line


@contextmanager
def forking(folder: Path, **variables: str) -> Iterator[ForkedTap]:
    """Start the server; its processes get these variables."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield ForkedTap(folder, variables, process)
        finally:
            process.kill()
