"""A login for tests: a fake Asana, a configuration file, and a browser that the test plays."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from clock import PATIENCE

from fake_asana.server.http import FakeServer
from tap_asana.commands.login.__main__ import main
from tap_asana.commands.login.grant import query_parameters

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "1200000000000042", "hu5h-app", "2/hu5h-again"
APP_OPTIONS = ("--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET)
SECRETS = ("hu5h", "0/code", "1/fake")

Browser = Callable[[str], object]


class OAuthLogin:
    """A user who runs `tap-asana-login`; `browser` is called with each URL that the command opens."""

    def __init__(self, shell: FakeServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write a configuration with the URLs of the fake, and without an app."""
        self.api, self.oauth = shell.api, shell.api.oauth
        self.file = folder / "config.json"
        self.urls = {"api_url": shell.url, "oauth_token_url": f"{shell.api.files_url}/-/oauth_token"}
        self.write_config({**self.urls, "start_date": "2024-01-31"})
        self.opened_urls: list[str] = []
        self.pages: list[str] = []
        self.browser: Browser = self.consent
        self.threads: list[threading.Thread] = []
        monkeypatch.setattr("webbrowser.open", self.open)

    def write_config(self, config: object) -> None:
        """Write the configuration file."""
        self.file.write_text(json.dumps(config), encoding="utf-8")

    @property
    def config(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the content of the configuration file."""
        return json.loads(self.file.read_text(encoding="utf-8"))

    def open(self, url: str) -> bool:
        """Register the redirect URI and call the browser in a thread, while the login waits."""
        self.opened_urls.append(url)
        self.oauth.redirect_uris.add(query_parameters(url)["redirect_uri"])
        self.threads.append(threading.Thread(target=self.browser, args=(url,)))
        self.threads[-1].start()
        return True

    def consent(self, url: str) -> None:
        """Give consent: open the URL and follow the redirect."""
        self.pages.append(browse(url).text)

    def log_in(self, *arguments: str) -> int:
        """Run the command; return its exit code."""
        code = main(["--config", str(self.file), "--port", "0", *APP_OPTIONS, *arguments])
        for thread in self.threads:
            thread.join(PATIENCE)
        return code


def browse(url: str, *, follow: bool = True) -> requests.Response:
    """Fetch a page as a browser does."""
    return requests.get(url, allow_redirects=follow, timeout=PATIENCE)


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the last line of a failed login; check for secrets and a traceback."""
    printed = capsys.readouterr()
    assert printed.out == ""
    assert not [secret for secret in SECRETS if secret in printed.err]
    assert "Traceback" not in printed.err
    return printed.err.splitlines()[-1]
