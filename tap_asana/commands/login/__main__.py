"""The `tap-asana-login` command: whatever ends it before its time is one line."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tap_asana.api.redaction import describe_error, escape_control_characters
from tap_asana.api.token_file import TokenFile
from tap_asana.commands.check.report import report
from tap_asana.commands.login.config_file import ENVIRONMENT, configuration, contents
from tap_asana.commands.login.flow import connect
from tap_asana.commands.login.options import parser
from tap_asana.config import ConfigError
from tap_asana.errors import AsanaError, TerminationSignal


def main(arguments: list[str] | None = None) -> int:
    """Log in or check; return the exit code, 1 with a line on standard error where it came to nothing."""
    options = parser().parse_args(arguments)
    try:
        with _silence():
            _run(options)
    except ConfigError as error:
        lines = error.lines
    except AsanaError as error:
        lines = (str(error),)
    except (KeyboardInterrupt, EOFError, TerminationSignal):
        lines = ("", "Interrupted.")
    except BrokenPipeError:
        sys.stdout = None  # nobody reads any more, so there is nothing to flush at the end
        lines = ()
    except Exception as error:  # noqa: BLE001 - its message may hold whatever was at hand
        lines = (
            f"tap-asana-login failed: {describe_error(error)}. Its message is kept back, as it may hold a secret.",
        )
    else:
        return 0
    for line in lines:
        print(escape_control_characters(line), file=sys.stderr)  # noqa: T201 - the one line
    return 1


@contextmanager
def _silence() -> Iterator[None]:
    """Log nothing: what the client has to say of refusals and waits is in the report, or in the line that ends it."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _run(options: argparse.Namespace) -> None:
    if options.check and not options.config:
        raise ConfigError(["--check: found no configuration; allowed is --config FILE, or --config ENV."])
    catalog = contents(Path(options.catalog), "--catalog") if options.catalog else None
    named = [Path(name) for name in options.config if name != ENVIRONMENT]
    if options.check:
        report(configuration(options.config), sys.stdout, catalog, TokenFile.find(named))
        return
    config = connect(options)
    # Without a file, standard output is for the variables alone.
    report(config, sys.stdout if named else sys.stderr, catalog, TokenFile.find(named))


if __name__ == "__main__":
    sys.exit(main())
