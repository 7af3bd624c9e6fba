"""The `tap-asana-login` command: log in with an OAuth app, or check a connection. Each failure is one line."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tap_asana import __version__
from tap_asana.api.redaction import describe_error, escape_control_characters
from tap_asana.api.token_file import TokenFile
from tap_asana.commands.check.report import report
from tap_asana.commands.login.callback import DEFAULT_PORT, HOST
from tap_asana.commands.login.flow import configuration, connect
from tap_asana.config import ConfigError, read_json_object
from tap_asana.configured_tap import ENVIRONMENT
from tap_asana.errors import AsanaError, TerminationSignal

DEFAULT_SCOPE = "default"
"""Full permissions: 41 of Asana's operations, those of sections among them, are covered by no narrower scope."""

MAX_PORT = 65_535

DESCRIPTION = """\
Connect tap-asana with an OAuth app, or check a connection.

Without --check, log in: a browser asks for your consent, and the app's
client_id and client_secret and your refresh_token are written to the file given
with --config (readable by its owner only; other settings in it are kept), or
printed as environment variables. A check follows.

With --check, only report on the connection: the owner of the token, the
workspaces and features it can access, and the estimated cost of a first run."""

EPILOG = f"""\
Create the app at https://app.asana.com/0/my-apps. Register
http://{HOST}:{DEFAULT_PORT}/ as its redirect URL, or the URL that you give with
--redirect-uri. If no browser can reach this machine, use --paste and register
urn:ietf:wg:oauth:2.0:oob.

The client id and secret are taken from the options, from TAP_ASANA_CLIENT_ID
and TAP_ASANA_CLIENT_SECRET, or from the file; otherwise you are asked for them.

  tap-asana-login --config config.json          log in, and write config.json
  tap-asana-login --paste > .env                paste a code, write variables
  tap-asana-login --check --config config.json  check the connection of a file
  tap-asana-login --check --config ENV          check that of the environment"""


def main(arguments: list[str] | None = None) -> int:
    """Log in or check; return the exit code, which is 1 after a failure, with one line on standard error."""
    options = parser().parse_args(arguments)
    try:
        with _logging_disabled():
            _run(options)
    except ConfigError as error:
        lines = error.lines
    except AsanaError as error:
        lines = (str(error),)
    except (KeyboardInterrupt, EOFError, TerminationSignal):
        lines = ("", "Interrupted.")
    except BrokenPipeError:
        sys.stdout = None  # prevents the interpreter from flushing to the closed pipe at exit
        lines = ()
    except Exception as error:  # noqa: BLE001 - its message may contain a secret
        lines = (
            f"tap-asana-login failed: {describe_error(error)}. Message suppressed because it may contain a secret.",
        )
    else:
        return 0
    for line in lines:
        print(escape_control_characters(line), file=sys.stderr)  # noqa: T201 - the one line
    return 1


@contextmanager
def _logging_disabled() -> Iterator[None]:
    """Disable logging: the report and the error line already contain the client's warnings."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(previous)


def _run(options: argparse.Namespace) -> None:
    if options.check and not options.config:
        raise ConfigError(["--check: no configuration given; use --config FILE or --config ENV."])
    catalog = read_json_object("--catalog", Path(options.catalog)) if options.catalog else None
    files = [Path(name) for name in options.config if name != ENVIRONMENT]
    if options.check:
        report(configuration(options.config), sys.stdout, catalog, TokenFile.find(files))
        return
    config = connect(options)
    # Without a file, standard output holds the variables and nothing else.
    report(config, sys.stdout if files else sys.stderr, catalog, TokenFile.find(files))


def parser() -> argparse.ArgumentParser:
    """Return the command-line parser."""
    command = argparse.ArgumentParser(
        prog="tap-asana-login",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument("--version", action="version", version=f"tap-asana-login {__version__}")
    command.add_argument(
        "--config",
        metavar="FILE",
        action="append",
        default=[],
        help="the tap's configuration, or ENV for the environment; can be repeated, later ones take precedence",
    )
    command.add_argument("--check", action="store_true", help="only check the connection of --config")
    command.add_argument("--catalog", metavar="FILE", help="estimate the streams that this catalog selects")
    login = command.add_argument_group("to log in")
    login.add_argument("--client-id", metavar="ID", help="client id of the OAuth app")
    login.add_argument(
        "--client-secret",
        metavar="SECRET",
        help="its client secret; other users of this machine may see it here, so better omit it and be asked",
    )
    login.add_argument(
        "--port",
        type=_port_number,
        default=DEFAULT_PORT,
        help=f"port on {HOST} that receives the browser's redirect (default: {DEFAULT_PORT})",
    )
    login.add_argument("--redirect-uri", metavar="URL", help="the complete redirect URL registered with the app")
    login.add_argument("--paste", action="store_true", help="paste the code instead of waiting for the browser")
    login.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    login.add_argument(
        "--scope", default=DEFAULT_SCOPE, help="scopes to request, separated by spaces (default: full permissions)"
    )
    login.add_argument(
        "--timeout",
        type=_positive_seconds,
        default=300.0,
        metavar="SECONDS",
        help="how long to wait for the browser (default: 300)",
    )
    return command


def _port_number(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"got {text!r}; expected a whole number from 0 to {MAX_PORT}")
    return int(text)


def _positive_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"got {text!r}; expected a number of seconds above 0")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
