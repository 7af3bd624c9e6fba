"""A replaced refresh token: used for the rest of the run, and stored for the next run if possible."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from harness import TINY, asana, clock, fake_session
from tap_process import tap

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.http import FakeServer
from fake_asana.server.oauth import OAuth
from tap_asana.api.token_file import FILE_CHANGED, NOT_FROM_FILE, TokenFile
from tap_asana.config import Settings
from tap_asana.run import Run

APP = {"client_id": OAuth.client_id, "client_secret": OAuth.client_secret, "refresh_token": OAuth.refresh_token}
HOURS = 3


@pytest.fixture
def api() -> Api:
    """Return a fake Asana whose refresh tokens are good once."""
    return asana(TINY, dialect=Dialect(rotates_refresh_tokens=True))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a configuration with group permissions and settings of another program."""
    config_file = tmp_path / "config.json"
    config_file.write_text(json.dumps({**APP, "start_date": "2024-01-31", "note": "Zürich"}), encoding="utf-8")
    config_file.chmod(0o640)
    return config_file


def held(file: Path) -> dict[str, Any]:
    """Return the content of a file."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def hours(api: Api, token_file: TokenFile | None, refresh_token: str = OAuth.refresh_token) -> None:
    """Let a run ask something every hour, so that its access token is renewed each time."""
    now = clock(api)
    run = Run(
        Settings.from_config({**APP, "refresh_token": refresh_token}),
        session=fake_session(api),
        now=now,
        clock=now,
        sleep=now.advance,
        token_file=token_file,
    )
    with closing(run):
        for _ in range(HOURS):
            assert list(run.directory.list_workspaces("test", ["name"]))
            now.advance(3600)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings of the log; no line contains a token."""
    lines = [record.getMessage() for record in caplog.records]
    assert not [line for line in lines if OAuth.refresh_token + ":" in line or OAuth.client_secret in line]
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_a_replaced_token_is_used_and_written_back(api: Api, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The run uses each new token, and the file has the last one; its mode and other settings are unchanged."""
    before = held(file)
    hours(api, TokenFile.find([file], {}))
    assert api.oauth.token_requests == HOURS
    assert held(file) == {**before, "refresh_token": api.oauth.refresh_token}
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(file.parent.iterdir()) == [file]
    assert warnings(caplog) == []
    hours(api, TokenFile.find([file], {}), held(file)["refresh_token"])
    assert held(file)["refresh_token"] == api.oauth.refresh_token


def changed(file: Path) -> None:
    """Edit a file while the run lasts."""
    file.write_text(json.dumps({**APP, "page_size": 50}), encoding="utf-8")


def gone(file: Path) -> None:
    """Remove a file while the run lasts."""
    file.unlink()


def replaced(file: Path) -> None:
    """Let somebody else log in while the run lasts."""
    file.write_text(json.dumps({**APP, "refresh_token": "another"}), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed, FILE_CHANGED),
        (replaced, FILE_CHANGED),
        (gone, "the configuration file cannot be written (No such file"),
    ],
)
def test_a_changed_file_is_not_overwritten(
    api: Api, file: Path, change: Callable[[Path], object], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A change by somebody else is kept; one warning gives the reason, and the run continues."""
    token_file = TokenFile.find([file], {})
    change(file)
    left = file.read_bytes() if file.exists() else None
    hours(api, token_file)
    assert (file.read_bytes() if file.exists() else None) == left
    (line,) = warnings(caplog)
    assert line.startswith(f"Asana replaced the refresh token, but the new one was not saved: {reason}")


def test_a_token_from_the_environment_is_not_written(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """With settings from the environment there is one warning, for any number of replacements."""
    hours(api, None)
    assert api.oauth.token_requests == HOURS
    (line,) = warnings(caplog)
    assert NOT_FROM_FILE in line


def test_the_last_file_with_a_token_is_written(file: Path, tmp_path: Path) -> None:
    """The last file with a token is written; none if the token is in the environment, as with Meltano."""
    later = tmp_path / "later.json"
    later.write_text(json.dumps({"page_size": 50}), encoding="utf-8")
    found = TokenFile.find([file, later], {})
    assert found is not None
    assert found.replace_token(OAuth.refresh_token, "2/new") == ""
    assert held(file)["refresh_token"] == "2/new"
    assert held(later) == {"page_size": 50}
    assert TokenFile.find([file], {"TAP_ASANA_REFRESH_TOKEN": "2/new"}) is None
    other = TokenFile.find([file], {"TAP_ASANA_REFRESH_TOKEN": "2/other"})
    assert other is not None
    assert other.replace_token("2/other", "2/newer") == NOT_FROM_FILE
    assert held(file)["refresh_token"] == "2/new"


def test_a_link_stays_a_link(file: Path) -> None:
    """A file reached through a link is written at its real place."""
    link = file.with_name("link.json")
    link.symlink_to(file)
    found = TokenFile.find([link], {})
    assert found is not None
    assert found.replace_token(OAuth.refresh_token, "2/new") == ""
    assert link.is_symlink()
    assert held(file)["refresh_token"] == "2/new"


def test_the_command_writes_into_its_configuration(shell: FakeServer, file: Path) -> None:
    """The process hands on --config: two runs by the same file succeed, though each ends the token it began with."""
    shell.api.oauth.rotates = True
    addresses = {"api_url": shell.url, "oauth_token_url": f"{shell.api.files_url}/-/oauth_token"}
    file.write_text(json.dumps({**APP, **addresses}), encoding="utf-8")
    for _ in range(2):
        ended = tap("--config", file, "--test", NO_PROXY="127.0.0.1")
        assert ended.returncode == 0, ended.stderr
        assert OAuth.refresh_token + ":" not in ended.stdout + ended.stderr
    assert held(file)["refresh_token"] == shell.api.oauth.refresh_token != OAuth.refresh_token
