"""Without the list of workspaces nothing can be read: the run ends and deletes nothing (law 6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from harness import TINY, Output, asana, attempt
from reads import run_connection_test
from tap_process import failure, tap

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.faults import Fault, Faults
from scripts.pipeline import served
from tap_asana.errors import AsanaError

VERSIONS = {"emit_activate_version_messages": True}

Spoil = Callable[[Api], object]


def failing(kind: str) -> Spoil:
    """Return a hook that makes the list of workspaces always fail."""

    def plan(request: HttpRequest) -> Fault | None:
        return Fault(kind) if request.path.endswith("/workspaces") else None

    return lambda api: setattr(api, "faults", Faults(plan=plan))


def refusing(status: int, *, own: bool = True) -> Spoil:
    """Return a hook that makes the list of workspaces unavailable."""
    return lambda api: api.refuse("GET /workspaces", status, in_envelope=own)


ROOTS: Mapping[str, tuple[Spoil, str]] = {
    "400": (refusing(400), "Cannot read the list of workspaces (400)"),
    "401": (refusing(401), "Asana rejected the access token (401)"),
    "402": (refusing(402), "Cannot read the list of workspaces (402)"),
    "403": (refusing(403), "Cannot read the list of workspaces (403)"),
    "404": (refusing(404), "Cannot read the list of workspaces (404)"),
    "410": (refusing(410), "Cannot read the list of workspaces (410)"),
    "403 of a proxy": (
        refusing(403, own=False),
        "Request to /workspaces failed on every attempt: 403: Forbidden, not sent by Asana itself",
    ),
    "404 of a proxy": (
        refusing(404, own=False),
        "Request to /workspaces failed on every attempt: 404: Not Found, not sent by Asana itself",
    ),
    "200 of a proxy": (failing("html"), "Request to /workspaces failed on every attempt: malformed JSON"),
    "null": (failing("null"), "Request to /workspaces failed on every attempt: response without data"),
    "302": (failing("302"), "Request to /workspaces failed on every attempt: 302: Found, not sent by Asana itself"),
    "503": (failing("503"), "Request to /workspaces failed on every attempt: 503: Service Unavailable"),
    "none": (lambda api: api.world.access.viewers["0/fake"].workspaces.clear(), "The token sees no workspace"),
}


def assert_failed_with(output: Output, line: str) -> None:
    """Assert that a run failed with one line and announced no version."""
    assert isinstance(output.error, AsanaError)
    assert str(output.error).startswith(line)
    assert "\n" not in str(output.error)
    assert output.of("RECORD") == output.of("ACTIVATE_VERSION") == []


@pytest.mark.parametrize(("spoil", "line"), ROOTS.values(), ids=ROOTS)
@pytest.mark.parametrize("select", [None, ["tasks", "goals"]], ids=["all", "without workspaces"])
def test_a_run_without_workspaces_ends(spoil: Spoil, line: str, select: list[str] | None) -> None:
    """For any other response than the list, the run reports it and announces no version that would empty a table."""
    api = asana(TINY)
    spoil(api)
    assert_failed_with(attempt(api, config=VERSIONS, select=select), line)


@pytest.mark.parametrize(("spoil", "line"), ROOTS.values(), ids=ROOTS)
def test_a_test_without_workspaces_fails(spoil: Spoil, line: str) -> None:
    """A connection test ends in the same way as a run."""
    api = asana(TINY)
    spoil(api)
    with pytest.raises(AsanaError) as raised:
        run_connection_test(api, VERSIONS)
    assert str(raised.value).startswith(line)


@pytest.mark.parametrize("options", [[], ["--test"]], ids=["run", "test"])
def test_a_wrong_api_url_is_one_line_and_exit_code_1(options: list[str], tmp_path: Path) -> None:
    """With another URL of Asana, the process exits with 1, and the line names the rejected request."""
    with served("--tasks", "5", "--projects", "1", "--users", "2") as address:
        config = {"access_token": "0/fake", "api_url": address.replace("/api/1.0", "/api/2.0"), **VERSIONS}
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        process = tap("--config", tmp_path / "config.json", *options, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
    assert failure(process) == ["Cannot read the list of workspaces (404): No matching route for request"]
    assert "ACTIVATE_VERSION" not in process.stdout
