"""The options of `tap-asana-login`."""

from __future__ import annotations

import argparse

from tap_asana import __version__
from tap_asana.commands.login.callback import HOST, PORT

SCOPE = "default"
"""Full permissions: what 41 of Asana's operations, those of sections among them, cannot be read without (facts 5.3)."""

HIGHEST = 65_535
"""The highest port there is."""

DESCRIPTION = """\
Connect tap-asana with an OAuth app, or check a connection.

Without --check, you are led through Asana's OAuth grant: a browser asks for
your consent, and the app's client_id and client_secret and your refresh_token
are written into the file of --config (for its owner alone; other settings in it
stay), or printed as environment variables. The check follows.

With --check, nothing is changed: you are told who the token is, what it sees,
and what a first run will cost."""

EPILOG = f"""\
The app is made at https://app.asana.com/0/my-apps. Register
http://{HOST}:{PORT}/ as its redirect URL, or the one that you give with
--redirect-uri; with --paste, where no browser can reach this machine,
urn:ietf:wg:oauth:2.0:oob.

Client id and secret are taken from the options, TAP_ASANA_CLIENT_ID and
TAP_ASANA_CLIENT_SECRET, or the file; what is missing is asked for.

  tap-asana-login --config config.json          log in, and write config.json
  tap-asana-login --paste > .env                paste a code, write variables
  tap-asana-login --check --config config.json  check what the file connects to
  tap-asana-login --check --config ENV          the same for variables"""


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(
        prog="tap-asana-login",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"tap-asana-login {__version__}")
    made.add_argument(
        "--config",
        metavar="FILE",
        action="append",
        default=[],
        help="the tap's configuration; ENV stands for the environment. Several are read one over the other",
    )
    made.add_argument("--check", action="store_true", help="check the connection of --config, and do nothing else")
    made.add_argument("--catalog", metavar="FILE", help="tell the cost of the streams that this catalog selects")
    login = made.add_argument_group("to log in")
    login.add_argument("--client-id", metavar="ID", help="client id of the OAuth app")
    login.add_argument(
        "--client-secret",
        metavar="SECRET",
        help="its client secret; others on this machine may see it here, so better leave it out, and be asked",
    )
    login.add_argument("--port", type=_port, default=PORT, help=f"where {HOST} waits for the browser (default: {PORT})")
    login.add_argument("--redirect-uri", metavar="URL", help="the redirect URL in full, as the app is registered")
    login.add_argument("--paste", action="store_true", help="wait for no browser: the code is pasted here")
    login.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    login.add_argument(
        "--scope", default=SCOPE, help="scopes to ask for, with spaces between (default: full permissions)"
    )
    login.add_argument(
        "--timeout",
        type=_seconds,
        default=300.0,
        metavar="SECONDS",
        help="how long to wait for the browser (default: 300)",
    )
    return made


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a whole number from 0 to {HIGHEST}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a number of seconds above 0")
    return seconds
