"""Law 8 for operators: a row deleted in Asana leaves its table only after a complete read."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import psycopg
import requests
from harness import discovered, selecting

from scripts.pipeline import control, pipe, served

TARGET = Path(sys.executable).with_name("target-postgres")
STREAMS = ("users", "workspace_memberships", "user_task_lists")


def run(folder: Path, address: str, database: str) -> None:
    """Pipe the tap into a target that deletes the rows of older versions."""
    files = {
        "tap": {"access_token": "0/fake", "api_url": address, "emit_activate_version_messages": True},
        "target": {
            "sqlalchemy_url": database.replace("postgresql://", "postgresql+psycopg://"),
            "default_target_schema": "asana",
            "load_method": "upsert",
            "hard_delete": True,
        },
        "catalog": selecting(discovered(), STREAMS),
    }
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    tap: list[str | Path] = ["--config", folder / "tap.json", "--catalog", folder / "catalog.json"]
    pipe(tap, [TARGET, "--config", folder / "target.json"], folder)


def users(database: str) -> set[str]:
    """Return the gids in the table of users."""
    with psycopg.connect(database) as connection:
        return {gid for (gid,) in connection.execute("select gid from asana.users")}


def test_a_removed_user_leaves_the_table_only_after_a_complete_read(tmp_path: Path, database: str) -> None:
    """While one workspace is unreadable the row stays; after a complete read exactly that row is gone."""
    with served("--tasks", "1", "--projects", "1", "--workspaces", "2", "--users", "8") as address:

        def truth(stream: str) -> list[dict[str, dict[str, str]]]:
            rows: list[dict[str, dict[str, str]]] = requests.get(control(address, f"truth/{stream}"), timeout=60).json()
            return rows

        def change(name: str, **parts: str) -> None:
            requests.post(control(address, name), params=parts, timeout=60).raise_for_status()

        places = [(row["user"]["gid"], row["workspace"]["gid"]) for row in truth("workspace_memberships")]
        often = Counter(gid for gid, _ in places)
        leaver, left = next(place for place in reversed(places) if often[place[0]] == 1)
        other = next(gid for _, gid in places if gid != left)
        before = {str(row["gid"]) for row in truth("users")}
        run(tmp_path, address, database)
        assert users(database) == before

        change("remove_user", gid=leaver, workspace=left)
        assert {str(row["gid"]) for row in truth("users")} == before - {leaver}
        change("deny", gid=other)
        run(tmp_path, address, database)
        assert users(database) == before

        change("deny", gid=other, status="0")
        run(tmp_path, address, database)
        assert users(database) == before - {leaver}
