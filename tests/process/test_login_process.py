"""`tap-asana-login` as a process: terminal, variables, interruption, and a tap run with its configuration."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import IO

import pytest
import requests
from clock import PATIENCE
from tap_process import environment, tap

from fake_asana.server.http import FakeServer
from fake_asana.server.oauth import OUT_OF_BAND, OAuth
from tap_asana import __version__
from tap_asana.commands.login.grant import query_parameters
from tap_asana.streams import ALL

CONNECTING = (Path(__file__).parents[2] / "docs" / "connecting.md").read_text(encoding="utf-8")
APP = {"TAP_ASANA_CLIENT_ID": OAuth.client_id, "TAP_ASANA_CLIENT_SECRET": OAuth.client_secret}


@pytest.fixture
def file(shell: FakeServer, tmp_path: Path) -> Path:
    """Write a configuration with the address of the fake Asana."""
    written_config = tmp_path / "config.json"
    token_url = f"{shell.api.files_url}/-/oauth_token"
    written_config.write_text(json.dumps({"api_url": shell.url, "oauth_token_url": token_url}), encoding="utf-8")
    return written_config


def begun(
    *arguments: str | Path, variables: Mapping[str, str] = APP, stdin: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start the command."""
    command = [sys.executable, "-m", "tap_asana.commands.login", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=environment(**variables), stdin=stdin, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )


def address(errors: IO[str] | None) -> str:
    """Read the output of a login up to the printed address, and return that address."""
    assert errors is not None
    return next(line.strip() for line in errors if line.startswith("  http"))


def test_the_tap_runs_with_the_file_of_a_login(shell: FakeServer, file: Path) -> None:
    """A browser elsewhere opens the printed address and is redirected; then the tap runs with the written file."""
    with begun("--config", file, "--no-browser", "--port", "0") as login:
        asked = address(login.stderr)
        shell.api.oauth.redirect_uris.add(query_parameters(asked)["redirect_uri"])
        assert requests.get(asked, timeout=PATIENCE).ok
        output, log = login.communicate(timeout=PATIENCE)
    assert login.returncode == 0, log
    assert "Connected." in log
    assert [line for line in log.splitlines() if " | " in line or "left out" in line] == []
    assert f"A first run of {len(ALL)} streams" in output
    assert max(map(len, output.splitlines())) <= 80
    ended = tap("--config", file)
    assert ended.returncode == 0, ended.stderr
    records = [message for message in map(json.loads, ended.stdout.splitlines()) if message["type"] == "RECORD"]
    assert sum(record["stream"] == "tasks" for record in records) == shell.api.world.counts("0/fake")["tasks"]


def test_a_pasted_code_becomes_variables(file: Path) -> None:
    """Without a file, standard output holds variables and nothing else, and with these the tap runs."""
    places = {f"TAP_ASANA_{name.upper()}": value for name, value in json.loads(file.read_text("utf-8")).items()}
    with begun("--config", "ENV", "--paste", "--no-browser", variables={**APP, **places}) as login:
        asked = address(login.stderr)
        assert query_parameters(asked)["redirect_uri"] == OUT_OF_BAND
        page = requests.get(asked, timeout=PATIENCE).text
        code = unescape(page.partition("<p>")[2].partition("</p>")[0])
        output, log = login.communicate(f" {code}\n", timeout=PATIENCE)
    assert login.returncode == 0, log
    written_config = dict(line.split("=", 1) for line in output.splitlines())
    assert written_config == {**APP, "TAP_ASANA_REFRESH_TOKEN": "refresh", "TAP_ASANA_REDIRECT_URI": OUT_OF_BAND}
    assert f"A first run of {len(ALL)} streams" in log
    assert tap("--config", "ENV", "--test", **written_config, **places).returncode == 0


def test_variables_in_a_file_are_taken_up_as_the_docs_say(tmp_path: Path) -> None:
    """The lines of docs/connecting.md keep .env from others and give it to the tap, which does not look for it."""
    kept = tmp_path / ".env"
    kept.write_text("TAP_ASANA_ACCESS_TOKEN='0/a $token'\nTAP_ASANA_PAGE_SIZE=0\n", encoding="utf-8")
    lines = re.findall(r"^\$ ((?:chmod|set) .+)$", CONNECTING, re.MULTILINE)
    assert len(lines) == 2
    run = f"{sys.executable} -m tap_asana --config ENV"
    for script, found in ((run, "access_token: got no"), ("; ".join([*lines, run]), "page_size: got 0")):
        ended = subprocess.run(
            ["/bin/sh", "-c", script], cwd=tmp_path, env=environment(), check=False, capture_output=True, text=True
        )
        assert ended.returncode == 1
        assert found in ended.stderr
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("pasted", ["", "\n", "no code at all\n"])
def test_nothing_pasted_is_a_line(file: Path, pasted: str) -> None:
    """An end of the input, an empty line and a sentence are no code."""
    before = file.read_bytes()
    with begun("--config", file, "--paste", "--no-browser") as login:
        output, log = login.communicate(pasted, timeout=PATIENCE)
    assert (login.returncode, output) == (1, "")
    assert log.splitlines()[-1].endswith("No code was pasted; nothing was written.")
    assert file.read_bytes() == before


def test_an_interruption_is_a_line(file: Path) -> None:
    """Ctrl-C while the browser is waited for ends the login with one line and exit code 1."""
    before = file.read_bytes()
    with begun("--config", file, "--no-browser", "--port", "0") as login:
        address(login.stderr)
        assert login.stderr is not None
        while not login.stderr.readline().startswith("Waiting for the browser"):
            pass
        login.send_signal(signal.SIGINT)
        output, log = login.communicate(timeout=PATIENCE)
    assert (login.returncode, output) == (1, "")
    assert log.split() == ["Interrupted."]
    assert file.read_bytes() == before


def test_the_secret_is_prompted_for_without_echo(file: Path) -> None:
    """At a terminal, missing values are prompted for; the id is echoed, the secret is not."""
    ours, theirs = pty.openpty()
    with begun("--config", file, "--paste", "--no-browser", variables={}, stdin=theirs) as login:
        assert login.stderr is not None
        os.write(ours, f"{OAuth.client_id}\n".encode())
        prompt = ""
        while "secret of the OAuth app: " not in prompt:
            prompt += login.stderr.read(1)
        os.write(ours, b"not-to-be-seen\n")
        assert query_parameters(address(login.stderr))["client_id"] == OAuth.client_id
        os.write(ours, b"0/nothing\n")
        _, log = login.communicate(timeout=PATIENCE)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert login.returncode == 1
    assert "Asana refused to exchange the code" in log
    assert OAuth.client_id in shown
    assert "not-to-be-seen" not in shown + prompt + log


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["--check", "--config", "--paste", "--scope", "TAP_ASANA_CLIENT_ID", "redirect URL"]),
        (["--version"], [f"tap-asana-login {__version__}"]),
    ],
)
def test_the_command_explains_itself(arguments: list[str], words: list[str]) -> None:
    """--help describes purpose and usage in lines of at most 80 columns; --version is the tap's."""
    with begun(*arguments) as login:
        output, log = login.communicate(timeout=PATIENCE)
    assert (login.returncode, log) == (0, "")
    assert not [word for word in words if word not in output]
    assert max(map(len, output.splitlines())) <= 80
