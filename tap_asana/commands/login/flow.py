"""The walk through OAuth's grant, from an app's credentials to settings that the tap can run with."""

from __future__ import annotations

import argparse
import getpass
import os
import shlex
import sys
import time
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tap_asana.api.auth import TokenEndpoint
from tap_asana.api.transport import new_session
from tap_asana.commands.login import config_file
from tap_asana.commands.login.callback import CallbackServer
from tap_asana.commands.login.config_file import ENVIRONMENT, configuration
from tap_asana.commands.login.grant import OUT_OF_BAND, AuthorizationRequest, LoginError
from tap_asana.config import ConfigError, Settings, configured_value

REFUSED = "Asana refused to exchange the code for a token"
LOST = "Asana's OAuth token endpoint did not answer; the code could not be exchanged, try again"


def connect(options: argparse.Namespace) -> dict[str, Any]:
    """Lead somebody through the grant; return the whole configuration, after it was written or printed.

    Raises AsanaError where it ends without one; then nothing was written.
    """
    file = _file(options.config)
    held = configuration([name for name in options.config if name == ENVIRONMENT or Path(name).exists()])
    app = {name: _credential(name, getattr(options, name), held) for name in ("client_id", "client_secret")}
    settings = Settings.from_config(_checked({**held, **app, "refresh_token": "to-come"}))
    grant, code = _consented(options, app["client_id"], settings)
    endpoint = TokenEndpoint(
        settings.oauth_token_url, session=new_session(1), timeout=settings.request_timeout, sleep=time.sleep
    )
    granted = endpoint.exchange(grant.form(code, app["client_secret"]), REFUSED, LOST)
    if not isinstance(granted.get("refresh_token"), str):
        raise LoginError("Asana's answer holds no refresh token; nothing was written.")
    made = {**app, "refresh_token": granted["refresh_token"], "redirect_uri": grant.redirect_uri}
    _save(file, made)
    return {**held, **made}


def _file(names: list[str]) -> Path | None:
    """Return the file to write: the last one named; raises NotConnected where it cannot be."""
    paths = [Path(name) for name in names if name != ENVIRONMENT]
    if paths:
        config_file.writable(paths[-1])
    return paths[-1] if paths else None


def _credential(name: str, option: str | None, held: Mapping[str, Any]) -> str:
    """Return one of the app's two credentials, asked for where nothing gives it; a secret is not shown."""
    found = option or os.environ.get(f"TAP_ASANA_{name.upper()}") or configured_value(held, name)
    if not found:
        found = _asked(name)
    return found if isinstance(found, str) else ""


def _asked(name: str) -> str:
    option = f"--{name.replace('_', '-')}"
    if not sys.stdin.isatty():
        line = f"{name}: found nothing; give it by {option}, TAP_ASANA_{name.upper()} or the file of --config."
        raise ConfigError([line])
    prompt = f"{name.replace('_', ' ').capitalize()} of the OAuth app: "
    if name == "client_secret":
        return getpass.getpass(prompt, sys.stderr).strip()
    _say(prompt, end="")
    return sys.stdin.readline().strip()


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration that has the app's credentials; raises ConfigError before anybody is sent to a browser."""
    if not all(config[name] for name in ("client_id", "client_secret")):
        raise ConfigError(
            ["client_id and client_secret: found nothing; allowed is what Asana shows for the OAuth app."]
        )
    return config


def _consented(options: argparse.Namespace, client_id: str, settings: Settings) -> tuple[AuthorizationRequest, str]:
    """Return a request for consent, and the code that it brought."""
    if options.paste:
        grant = AuthorizationRequest(client_id, options.redirect_uri or OUT_OF_BAND, options.scope)
        _send(grant.address(settings.oauth_token_url), browser=not options.no_browser)
        _say("Paste the code that Asana shows, or the address that you were sent to: ", end="")
        return grant, grant.pasted(sys.stdin.readline())
    with CallbackServer(options.redirect_uri, options.port) as redirect:
        grant = AuthorizationRequest(client_id, redirect.address, options.scope)
        _send(grant.address(settings.oauth_token_url), browser=not options.no_browser)
        _say(f"Waiting for the browser at {redirect.address} ...")
        return grant, grant.code(redirect.wait(options.timeout))


def _send(address: str, *, browser: bool) -> None:
    """Send somebody to an address, whether a browser can be opened or not."""
    opened = browser and webbrowser.open(address)
    _say("A browser was opened. If none shows, open this address:" if opened else "Open this address in a browser:")
    _say(f"\n  {address}\n")


def _save(file: Path | None, made: Mapping[str, str]) -> None:
    """Write the settings into the file, or print them as variables where there is none."""
    if file is not None:
        config_file.complete(file, made)
        _say(f"Connected. {file} holds what the tap needs: tap-asana --config {file}")
        return
    _say("Connected. These variables are what the tap needs: tap-asana --config ENV")
    for name, value in made.items():
        print(f"TAP_ASANA_{name.upper()}={shlex.quote(value)}", flush=True)  # noqa: T201 - what was asked for


def _say(words: str, end: str = "\n") -> None:
    """Tell whoever sits there; standard output is for what is kept."""
    print(words, end=end, file=sys.stderr, flush=True)  # noqa: T201 - a dialogue
