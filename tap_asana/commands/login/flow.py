"""The OAuth authorization-code flow: from the credentials of an app to settings that the tap can run with."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shlex
import sys
import time
import webbrowser
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tap_asana.api.auth import TokenEndpoint
from tap_asana.api.token_file import write_atomically
from tap_asana.api.transport import new_session
from tap_asana.commands.login.callback import CallbackServer
from tap_asana.commands.login.grant import OUT_OF_BAND, AuthorizationRequest, LoginError
from tap_asana.config import ConfigError, Settings, configured_value, read_json_object
from tap_asana.configured_tap import ENVIRONMENT
from tap_asana.sources import read_files
from tap_asana.tap import TapAsana

CODE_REJECTED = "Asana refused to exchange the code for a token"
NO_TOKEN_ANSWER = "Asana's OAuth token endpoint did not answer, so the code was not exchanged; try again"  # noqa: S105 - a message


def configuration(names: Collection[str]) -> dict[str, Any]:
    """Return the settings in files and, for the name ENV, the environment, merged as the tap does it.

    The settings are not validated. Raises ConfigError if a file or a variable is unreadable.
    """
    properties = TapAsana.all_properties()
    settings = read_files((Path(name) for name in names if name != ENVIRONMENT), properties)
    tap = TapAsana(config=settings, parse_env_config=ENVIRONMENT in names, validate_config=False, setup_mapper=False)
    return dict(tap.config)


def connect(options: argparse.Namespace) -> dict[str, Any]:
    """Guide the user through the OAuth flow; return the whole configuration, after saving or printing the new settings.

    Raises AsanaError if the flow fails; then nothing was written.
    """
    file = _output_file(options.config)
    current = configuration([name for name in options.config if name == ENVIRONMENT or Path(name).exists()])
    app = {name: _credential(name, getattr(options, name), current) for name in ("client_id", "client_secret")}
    settings = Settings.from_config(_with_credentials({**current, **app, "refresh_token": "not-yet-known"}))
    request, code = _request_consent(options, app["client_id"], settings)
    endpoint = TokenEndpoint(
        settings.oauth_token_url, session=new_session(1), timeout=settings.request_timeout, sleep=time.sleep
    )
    response = endpoint.exchange(request.form(code, app["client_secret"]), CODE_REJECTED, NO_TOKEN_ANSWER)
    if not isinstance(response.get("refresh_token"), str):
        raise LoginError("Asana's response contains no refresh token; nothing was written.")
    new_settings = {**app, "refresh_token": response["refresh_token"], "redirect_uri": request.redirect_uri}
    _save(file, new_settings)
    return {**current, **new_settings}


def _output_file(names: list[str]) -> Path | None:
    """Return the last file named, which the settings are written to; raises LoginError if it is not writable."""
    paths = [Path(name) for name in names if name != ENVIRONMENT]
    if paths:
        _check_writable(paths[-1])
    return paths[-1] if paths else None


def _credential(name: str, option: str | None, current: Mapping[str, Any]) -> str:
    """Return the app's client id or secret from the option, the environment, the configuration or the user."""
    credential = option or os.environ.get(f"TAP_ASANA_{name.upper()}") or configured_value(current, name)
    if not credential:
        credential = _prompt(name)
    return credential if isinstance(credential, str) else ""


def _prompt(name: str) -> str:
    """Ask the user for a credential, without echoing a secret; raises ConfigError without a terminal."""
    option = f"--{name.replace('_', '-')}"
    if not sys.stdin.isatty():
        raise ConfigError(
            [f"{name}: not given; use {option}, TAP_ASANA_{name.upper()} or the file given with --config."]
        )
    prompt = f"{name.replace('_', ' ').capitalize()} of the OAuth app: "
    if name == "client_secret":
        return getpass.getpass(prompt, sys.stderr).strip()
    _say(prompt, end="")
    return sys.stdin.readline().strip()


def _with_credentials(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration; raises ConfigError if a credential is empty, before a browser is opened."""
    if not all(config[name] for name in ("client_id", "client_secret")):
        raise ConfigError(["client_id and client_secret: not given; Asana shows both on the page of the OAuth app."])
    return config


def _request_consent(
    options: argparse.Namespace, client_id: str, settings: Settings
) -> tuple[AuthorizationRequest, str]:
    """Ask for consent in the browser; return the request and the authorization code."""
    if options.paste:
        request = AuthorizationRequest(client_id, options.redirect_uri or OUT_OF_BAND, options.scope)
        _open(request.url(settings.oauth_token_url), browser=not options.no_browser)
        _say("Paste the code that Asana shows, or the address that the browser was redirected to: ", end="")
        return request, request.pasted_code(sys.stdin.readline())
    with CallbackServer(options.redirect_uri, options.port) as server:
        request = AuthorizationRequest(client_id, server.url, options.scope)
        _open(request.url(settings.oauth_token_url), browser=not options.no_browser)
        _say(f"Waiting for the browser at {server.url} ...")
        return request, request.code(server.wait(options.timeout))


def _open(url: str, *, browser: bool) -> None:
    """Open a URL in the browser if there is one, and print it in any case."""
    is_open = browser and webbrowser.open(url)
    _say("A browser was opened. If you do not see it, open this address:" if is_open else "Open this address:")
    _say(f"\n  {url}\n")


def _save(file: Path | None, settings: Mapping[str, str]) -> None:
    """Write the settings to the file, or print them as environment variables if there is none."""
    if file is not None:
        _add_settings(file, settings)
        _say(f"Connected. The settings are in {file}. Run: tap-asana --config {file}")
        return
    _say("Connected. Set these environment variables, then run: tap-asana --config ENV")
    for name, value in settings.items():
        print(f"TAP_ASANA_{name.upper()}={shlex.quote(value)}", flush=True)  # noqa: T201 - the output of the command


def _check_writable(path: Path) -> None:
    """Raise LoginError if a file is not writable, so that nobody is sent to a browser in vain."""
    folder = path.resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or path.is_dir():
        raise LoginError(f"--config: cannot write {path}.")


def _add_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Write settings into a file in one step, keeping its other settings; only its owner can read it (mode 0600).

    Raises LoginError if the file is not writable, and ConfigError if it no longer holds a JSON object.
    """
    target = path.resolve()
    current = read_json_object("--config", target) if target.exists() else {}
    text = json.dumps({**current, **settings}, indent=2, ensure_ascii=False) + "\n"
    try:
        write_atomically(target, text)
    except OSError as error:
        raise LoginError(f"--config: cannot write {path} ({error.strerror}).") from error


def _say(text: str, end: str = "\n") -> None:
    """Write to the user on standard error; standard output is reserved for the settings and the report."""
    print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201 - a dialogue
