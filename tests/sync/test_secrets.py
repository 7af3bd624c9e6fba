"""No log at any level contains a secret, a name, an address or text of people (law 9)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from client_fixture import REQUEST, ClientFixture, bad, good
from client_fixture import TOKEN as SECRET
from clock import PATIENCE
from harness import PERSON as TOKEN
from harness import SERVICE, asana, attempt
from sensitive_data import PERSON_MARK, PROSE, sensitive_api
from serving import serving
from tap_process import environment
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.model.access import SERVICE as SERVICE_TOKEN
from fake_asana.server.api import Api
from fake_asana.server.http import FakeServer
from tap_asana.errors import FatalResponseError, RetriesExhaustedError
from tap_asana.sync.stream import AsanaStream

SENSITIVE_TEXT = f"Say {PERSON_MARK} that {PROSE} {SECRET} ann.{PERSON_MARK}@example.com"
"""Sensitive text repeated in responses."""

MARKS = (PERSON_MARK, PROSE, SECRET, "@example.com", "0/fake", SERVICE_TOKEN, "X-Amz-Signature=", "hu5h", "offset=ey")


def leaks(log: str) -> list[str]:
    """Return the marked texts in a log."""
    return [mark for mark in MARKS if mark in log]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Capture the records of every logger at every level."""
    with caplog.at_level(0):
        yield caplog


def responding(status: int, body: bytes) -> Callable[[HttpRequest], HttpResponse]:
    """Return an Asana whose responses contain sensitive text."""
    return lambda _: HttpResponse(status, {"Content-Type": "application/json"}, body)


def error_response(status: int) -> Callable[[HttpRequest], HttpResponse]:
    """Return an Asana whose error messages contain sensitive text."""
    return responding(
        status,
        json.dumps(
            {"errors": [{"message": SENSITIVE_TEXT, "phrase": SENSITIVE_TEXT, "help": SENSITIVE_TEXT}]}
        ).encode(),
    )


BAD_RESPONSES = {
    **{str(status): error_response(status) for status in (400, 401, 402, 403, 404, 412, 424, 451, 500, 503)},
    "redirect": lambda _: HttpResponse(302, {"Location": f"https://example.com/?{SENSITIVE_TEXT}"}, b""),
    "malformed": responding(200, f'{{"data": [{{"name": "{SENSITIVE_TEXT}'.encode()),
    "no envelope": responding(200, json.dumps([SENSITIVE_TEXT]).encode()),
    "html": responding(502, f"<html>{SENSITIVE_TEXT}</html>".encode()),
    "wrong record": responding(200, json.dumps({"data": [{"gid": SENSITIVE_TEXT, "name": SENSITIVE_TEXT}]}).encode()),
}


@pytest.mark.parametrize(
    ("how", "path"), [*((how, "/tasks") for how in BAD_RESPONSES), ("400", "/workspaces"), ("401", "/workspaces")]
)
def test_bad_responses_are_logged_without_their_text(log: pytest.LogCaptureFixture, how: str, path: str) -> None:
    """Errors, redirects, damaged responses and invalid records are logged without their text."""

    class Echoing(Api):
        @override
        def handle(self, request: HttpRequest) -> HttpResponse:
            return BAD_RESPONSES[how](request) if request.path.endswith(path) else super().handle(request)

    like = asana()
    result = attempt(Echoing(like.world), select=["workspaces", "tasks"])
    assert leaks(log.text) == []
    if isinstance(result.error, FatalResponseError):
        assert leaks(str(result.error)) == []
        assert "\n" not in str(result.error)


@pytest.mark.parametrize("settings", [TOKEN, {**SERVICE, "extraction_method": "export"}], ids=["lists", "export"])
def test_a_successful_run_logs_no_private_text(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    """A run over a world with all private text marked logs its progress, and no mark."""
    output = attempt(sensitive_api(monkeypatch), config=settings)
    assert output.error is None
    assert "done in" in log.text
    assert leaks(log.text) == []
    assert leaks(json.dumps(output.records("tasks"))) != []


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a world with marked text."""
    api = sensitive_api(monkeypatch)
    start = time.monotonic()
    api.world.clock = lambda: 1_780_000_000 + 60 * (time.monotonic() - start)  # an export takes minutes
    with serving(FakeServer(api)) as server:
        yield f"http://127.0.0.1:{server.server_port}/api/1.0"


def run(tmp_path: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run the command with log level DEBUG."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-X", "dev", "-m", "tap_asana", "--config", str(config)]
    variables = environment(TAP_ASANA_LOGLEVEL="DEBUG")
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=6 * PATIENCE)


def test_debug_logs_contain_no_private_text(served: str, tmp_path: Path) -> None:
    """Over a real connection, no library logs private text, page tokens or signatures, not even at DEBUG.

    The SDK does not log the values that a filter finds in records either.
    """
    result = run(
        tmp_path,
        access_token=SERVICE_TOKEN,
        api_url=served,
        extraction_method="export",
        page_size=20,
        requests_per_minute=10**6,
        stream_maps={"tasks": {"__filter__": "name"}},
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert '"GET /api/1.0/workspaces?…' in result.stderr
    assert "GET /-/download" in result.stderr
    assert "Found 'tasks' filter rule" in result.stderr
    assert leaks(result.stderr) == []


def test_a_crash_logs_no_private_text(served: str, tmp_path: Path) -> None:
    """The error of a stream map is logged by its place and kind, because its message could hold a task's name."""
    maps = {"tasks": {"number": "int(name)"}, "__else__": None}
    result = run(tmp_path, access_token="0/fake", api_url=served, stream_maps=maps, requests_per_minute=10**6)
    assert result.returncode == 1
    assert 'stream_maps.tasks.number: cannot evaluate "int(name)" (ValueError).' in result.stderr
    assert "Traceback" not in result.stderr
    assert leaks(result.stderr) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"access_token": SECRET, "client_secret": "hu5h"},
        {"access_token": SECRET, "privacy": "redact", "privacy_key": "hu5h"},
    ],
    ids=["two kinds", "key"],
)
def test_invalid_settings_log_no_secret(settings: dict[str, object], tmp_path: Path) -> None:
    """An invalid setting is logged at every level without the secrets in the configuration."""
    result = run(tmp_path, **settings)
    assert result.returncode == 1
    assert leaks(result.stderr) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_does_not_follow_a_redirect(status: int) -> None:
    """A redirect, even to the same host, is an error; its target is not requested."""
    fixture = ClientFixture()
    for address in ("https://evil.example.com/x", "http://app.asana.com/x", "https://app.asana.com/api/1.0/users"):
        fixture.script("/tasks", {**bad(status), "headers": {"Location": address}})
        with pytest.raises(RetriesExhaustedError):
            fixture.client.fetch(REQUEST)
    assert {request.url.partition("?")[0] for request in fixture.asana.request_history} == {
        "https://app.asana.com/api/1.0/tasks",
        "https://app.asana.com/api/1.0/workspaces",
    }


def test_the_address_of_the_next_page_is_ignored() -> None:
    """Only the token of the next page is used, not the address in the response."""
    fixture = ClientFixture()
    first = good("1", offset="2")
    first["json"]["next_page"] |= {"uri": "https://evil.example.com/", "path": "//evil.example.com/"}
    fixture.script("/tasks", first, good("2"))
    page = fixture.client.fetch(REQUEST)
    assert page.next_request is not None
    fixture.client.fetch(page.next_request)
    assert {request.hostname for request in fixture.asana.request_history} == {"app.asana.com"}


def test_a_crash_inside_a_stream_logs_no_message(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error inside a stream is never logged with its message."""

    def fail(_: AsanaStream, records: Iterable[dict[str, Any]]) -> None:
        raise KeyError(next(iter(records))["name"])

    api = sensitive_api(monkeypatch)
    monkeypatch.setattr(AsanaStream, "write_records", fail)
    result = attempt(api, select=["projects"])
    assert PROSE in str(result.error)
    assert leaks(log.text) == []
