"""Somebody at a desk who logs in: a configuration file, and a browser that the test plays."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from clock import PATIENCE

from fake_asana.server.http import Shell
from tap_asana.commands.login.__main__ import main
from tap_asana.commands.login.grant import query_parameters

ID, SECRET, REFRESH = "1200000000000042", "hu5h-app", "2/hu5h-again"
APP = ("--client-id", ID, "--client-secret", SECRET)
SECRETS = ("hu5h", "0/code", "1/fake")

Deed = Callable[[str], object]


class Desk:
    """Somebody who logs in: a fake Asana that listens, a configuration file, and a browser that does a deed."""

    def __init__(self, shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put down a configuration that knows where Asana is, and nothing of an app."""
        self.api, self.oauth = shell.api, shell.api.oauth
        self.file = folder / "config.json"
        self.addresses = {"api_url": shell.url, "oauth_token_url": f"{shell.api.files_url}/-/oauth_token"}
        self.write({**self.addresses, "start_date": "2024-01-31"})
        self.opened: list[str] = []
        self.pages: list[str] = []
        self.deed: Deed = self.consent
        self.threads: list[threading.Thread] = []
        monkeypatch.setattr("webbrowser.open", self.open)

    def write(self, config: object) -> None:
        """Put something into the file."""
        self.file.write_text(json.dumps(config), encoding="utf-8")

    @property
    def held(self) -> Any:  # noqa: ANN401 - whatever the file holds
        """Return what the file holds."""
        return json.loads(self.file.read_text(encoding="utf-8"))

    def open(self, address: str) -> bool:
        """Be the browser that is opened: it has the address registered, and goes there while the login waits."""
        self.opened.append(address)
        self.oauth.redirect_uris.add(query_parameters(address)["redirect_uri"])
        self.threads.append(threading.Thread(target=self.deed, args=(address,)))
        self.threads[-1].start()
        return True

    def consent(self, address: str) -> None:
        """Go where the browser is sent, and back."""
        self.pages.append(browse(address).text)

    def log_in(self, *arguments: str) -> int:
        """Run the command; returns its exit code."""
        code = main(["--config", str(self.file), "--port", "0", *APP, *arguments])
        for thread in self.threads:
            thread.join(PATIENCE)
        return code


def browse(address: str, *, follow: bool = True) -> requests.Response:
    """Fetch a page as a browser does."""
    return requests.get(address, allow_redirects=follow, timeout=PATIENCE)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line that a login which failed ends with: no secret, and no traceback."""
    said = capsys.readouterr()
    assert said.out == ""
    assert not [secret for secret in SECRETS if secret in said.err]
    assert "Traceback" not in said.err
    return said.err.splitlines()[-1]
