"""The command as users and Meltano run it: a process with an exit code, output and log."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from harness import CATALOG
from tap_process import failure, tap

from scripts.pipeline import served
from tap_asana.command import Command
from tap_asana.config import ConfigError
from tap_asana.settings import SETTINGS
from tap_asana.tap import TapAsana


def test_discovery_needs_no_configuration() -> None:
    """--discover prints the catalog of all streams with no settings at all."""
    ended = tap("--discover")
    assert ended.returncode == 0
    streams = TapAsana(validate_config=False).streams
    assert {stream["stream"] for stream in json.loads(ended.stdout)["streams"]} == streams.keys()


SHOWN_TEARDOWN = "import atexit, sys; atexit.register(print, 'torn down', file=sys.stderr); "


def test_a_successful_process_ends_without_teardown() -> None:
    """The process ends as soon as its output is written; a failure of that is not lost."""
    version = f"{SHOWN_TEARDOWN}from tap_asana.__main__ import main; main()"
    ended = subprocess.run([sys.executable, "-c", version, "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("tap-asana v")
    assert "torn down" not in ended.stderr
    full = f"{SHOWN_TEARDOWN}from tap_asana.commands.process import end_at_once; print('text'); end_at_once()"
    with Path("/dev/full").open("w", encoding="utf-8") as disk:
        failed = subprocess.run(
            [sys.executable, "-c", full], stdout=disk, stderr=subprocess.PIPE, text=True, check=False
        )
    assert failed.returncode
    assert "torn down" in failed.stderr


def test_about_needs_no_configuration() -> None:
    """--about lists all settings without any configuration, and marks the secret ones."""
    ended = tap("--about", "--format", "json")
    assert ended.returncode == 0
    about = json.loads(ended.stdout)
    properties = about["settings"]["properties"]
    assert {name: properties[name] for name in SETTINGS["properties"]} == SETTINGS["properties"]
    assert about["settings"]["oneOf"] == SETTINGS["oneOf"]
    assert about["description"] == TapAsana.__doc__


def test_wrong_settings_end_the_run_with_a_line_each(tmp_path: Path) -> None:
    """A run with wrong settings says one line for each and exits with 1: no traceback, no secret."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"client_id": "hush", "page_size": 0, "start_date": "soon"}), encoding="utf-8")
    ended = tap("--config", config)
    assert [line.split(":")[0] for line in failure(ended)] == [
        "client_secret and refresh_token",
        "start_date",
        "page_size",
    ]
    assert "hush" not in ended.stderr


def test_a_catalog_without_a_selected_stream_ends_the_run_with_a_line(tmp_path: Path) -> None:
    """A run that would read nothing says so, and what Meltano's rules lack; no request is sent."""
    catalog = json.loads(CATALOG)
    for stream in catalog["streams"]:
        stream["metadata"] = [{"breadcrumb": [], "metadata": {"selected": False}}]
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(catalog), encoding="utf-8")
    line = "--catalog: no stream is selected. In Meltano, add the rule '*.*' before rules that exclude."
    assert failure(tap("--config", "ENV", "--catalog", file, TAP_ASANA_ACCESS_TOKEN="0/fake")) == [line]


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b'{"access_token": "hush', "is not valid JSON (line 1, column 18)"),
        (b"\xff\xfe\x00", "is not valid JSON in UTF-8"),
        (b'["hush"]', "does not hold a JSON object"),
    ],
    ids=["missing", "cut", "binary", "list"],
)
def test_an_unusable_file_is_named_in_one_line(option: str, content: bytes | None, line: str, tmp_path: Path) -> None:
    """A missing or broken file ends the run with one line and exit code 1, without a traceback or its content."""
    file, good = tmp_path / "given.json", tmp_path / "config.json"
    good.write_text('{"access_token": "0/fake"}', encoding="utf-8")
    if content is not None:
        file.write_bytes(content)
    arguments = [f"{option}={file}"] if option == "--config" else ["--config", str(good), option, str(file)]
    with pytest.raises(ConfigError) as raised:
        Command.get_singer_command().main(arguments, standalone_mode=False)
    assert raised.value.lines == (f"{option}: {file} {line}.",)


def test_a_missing_configuration_ends_the_run_with_a_line(tmp_path: Path) -> None:
    """The process says which file is missing, and exits with 1: no traceback."""
    file = tmp_path / "nowhere.json"
    ended = tap("--config", file)
    assert ended.stdout == ""
    assert failure(ended) == [f"--config: {file} cannot be read (No such file or directory)."]


@pytest.mark.parametrize(("token", "gid"), [("0/fake", "404"), ("0/nobody", "")])
def test_an_unknown_workspace_or_token_ends_the_run_with_one_line(token: str, gid: str) -> None:
    """An unknown workspace and an unknown token each end the run with one line."""
    with served("--tasks", "1", "--projects", "1") as address:
        (line,) = failure(
            tap(
                "--config",
                "ENV",
                TAP_ASANA_ACCESS_TOKEN=token,
                TAP_ASANA_API_URL=address,
                TAP_ASANA_WORKSPACES=json.dumps([gid] if gid else []),
            )
        )
    assert token not in line
    assert gid in line


def test_a_run_ends_with_its_state(tmp_path: Path) -> None:
    """The last message is a STATE: some targets, target-jsonl for one, pass on none that a record follows."""
    config = tmp_path / "config.json"
    with served("--tasks", "40", "--projects", "3") as address:
        config.write_text(json.dumps({"access_token": "0/fake", "api_url": address}), encoding="utf-8")
        ended = tap("--config", config)
    assert ended.returncode == 0
    assert json.loads(ended.stdout.splitlines()[-1])["type"] == "STATE"
