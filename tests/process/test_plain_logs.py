"""The real process: its log is printable, a closed output is reported, and little memory is enough."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import TINY, asana
from serving import serving
from tap_process import environment

from fake_asana.model.dialect import Dialect
from fake_asana.server.http import FakeServer

CODES = "name=quiet\x1b]0;owned\x07\x1b[2J;info=\x9b31m;affected=true"
"""A notice with codes that rename the terminal's window, clear it and switch to red."""

LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (300_000 * 1024,) * 2)
sys.argv[0] = "tap-asana"
runpy.run_module("tap_asana", run_name="__main__", alter_sys=True)
"""
"""The command as `ulimit -v 300000` would have it."""


def ended(*arguments: str | Path, code: str = "", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command, or code that starts it, with settings in the environment."""
    command = [sys.executable, *(["-c", code] if code else ["-m", "tap_asana"]), *arguments]
    settings = environment(**{"TAP_ASANA_ACCESS_TOKEN": "0/fake", **variables})
    return subprocess.run(command, env=settings, capture_output=True, check=False)


def controls(text: str) -> set[str]:
    """Return the characters of a text that do not print, but for the ends of lines."""
    return {letter for line in text.split("\n") for letter in line if not letter.isprintable()}


def test_a_header_with_terminal_codes_is_logged_with_escapes() -> None:
    """The notice is logged, and its control characters are escaped."""
    with serving(FakeServer(asana(TINY, dialect=Dialect(change_notice=CODES)))) as server:
        run = ended("--config", "ENV", TAP_ASANA_API_URL=server.url)
    log = run.stderr.decode("utf-8")
    assert run.returncode == 0
    assert r"name=quiet\x1b]0;owned\x07\x1b[2J;info=\x9b31m;affected=true" in log
    assert controls(log) == set()


def test_a_file_name_with_terminal_codes_is_logged_with_escapes(tmp_path: Path) -> None:
    """The name of a file is escaped too."""
    run = ended("--config", tmp_path / "no\x1b[2J\nwhere.json")
    (line,) = run.stderr.decode("utf-8").splitlines()
    assert run.returncode == 1
    assert r"no\x1b[2J\nwhere.json cannot be read" in line
    assert controls(line) == set()


@pytest.mark.parametrize("arguments", [("--config", "ENV"), ("--discover",)])
def test_closed_standard_output_ends_in_one_line(arguments: tuple[str, ...]) -> None:
    """`tap-asana >&-` says that it cannot write, and exits with 1."""
    command = ["sh", "-c", '"$0" -m tap_asana "$@" >&-', sys.executable, *arguments]
    variables = {**os.environ, "TAP_ASANA_ACCESS_TOKEN": "0/fake"}
    run = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    (line,) = run.stderr.splitlines()
    assert (run.returncode, line.partition(".")[0]) == (1, "Standard output is closed")


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited and counted so on Linux only")
def test_a_run_works_in_300_mb_of_address_space() -> None:
    """The most requests in flight leave the process under the limit that containers and schedulers set."""
    with serving(FakeServer(asana(TINY))) as server:
        run = ended("--config", "ENV", code=LIMITED, TAP_ASANA_API_URL=server.url, TAP_ASANA_MAX_CONCURRENCY="50")
    assert (run.returncode, b"done in" in run.stderr) == (0, True), run.stderr[-2000:]
