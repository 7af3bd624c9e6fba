"""`tap-asana-login --check` as a command: its options, and its messages for failures."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from harness import discovered, selecting
from typing_extensions import override

from scripts.pipeline import served
from tap_asana.commands.login.__main__ import main
from tap_asana.streams import ALL


def test_the_command_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """--check takes a file or the environment, and a catalog; a refusal or an unknown setting is one line."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    config, catalog = tmp_path / "config.json", tmp_path / "catalog.json"
    catalog.write_text(json.dumps(selecting(discovered(), ["tasks"])), encoding="utf-8")
    with served("--tasks", "40", "--projects", "3") as address:
        config.write_text(json.dumps({"access_token": "0/fake", "api_url": address}), encoding="utf-8")
        assert main(["--check", "--config", str(config)]) == 0
        output = capsys.readouterr()
        assert f"A first run of {len(ALL)} streams" in output.out
        assert output.err == ""
        monkeypatch.setenv("TAP_ASANA_ACCESS_TOKEN", "0/fake")
        monkeypatch.setenv("TAP_ASANA_API_URL", address)
        assert main(["--check", "--config", "ENV", "--catalog", str(catalog)]) == 0
        assert "A first run of 1 stream, estimated:" in capsys.readouterr().out
        monkeypatch.setenv("TAP_ASANA_ACCESS_TOKEN", "0/nobody")
        assert main(["--check", "--config", "ENV"]) == 1
    output = capsys.readouterr()
    assert output.err == "Asana rejected the access token (401): Not Authorized\n"
    assert "0/nobody" not in output.out
    config.write_text(json.dumps({"access_token": "0/fake", "privcy": "redact"}), encoding="utf-8")
    for name, nearest, arguments in (
        ("privcy", "privacy", str(config)),
        ("TAP_ASANA_PRIVCY", "TAP_ASANA_PRIVACY", "ENV"),
    ):
        assert main(["--check", "--config", arguments]) == 1
        assert capsys.readouterr().err.startswith(f"{name}: no such setting; the nearest is {nearest}.")
        monkeypatch.setenv("TAP_ASANA_PRIVCY", "redact")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "--check: no configuration given; use --config FILE or --config ENV."),
        (["--config", "{tmp}/nowhere"], "--config: {tmp}/nowhere cannot be read (No such file or directory)."),
        (["--config", "ENV"], "access_token: got no credentials; expected access_token, or "),
    ],
)
def test_a_check_of_nothing_is_a_line(
    arguments: list[str],
    line: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without settings, or with wrong ones, the check says so as the tap does."""
    monkeypatch.delenv("TAP_ASANA_ACCESS_TOKEN", raising=False)
    assert main(["--check", *(argument.format(tmp=tmp_path) for argument in arguments)]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(line.format(tmp=tmp_path))
    assert output.err.count("\n") == 1


def test_a_closed_pager_causes_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed pager ends the check without a traceback."""

    class Closed(io.StringIO):
        @override
        def write(self, _: str) -> int:
            raise BrokenPipeError

    config = tmp_path / "config.json"
    config.write_text('{"access_token": "0/fake"}', encoding="utf-8")
    monkeypatch.setattr("sys.stdout", Closed())
    assert main(["--check", "--config", str(config)]) == 1
    assert capsys.readouterr().err == ""
    assert logging.root.manager.disable == 0
