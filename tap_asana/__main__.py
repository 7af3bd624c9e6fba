"""The `tap-asana` command: the tap's own, with errors as one line each."""

from __future__ import annotations

import logging
import os
import sys

from tap_asana.config import ConfigError
from tap_asana.errors import AsanaError
from tap_asana.tap import TapAsana


def main() -> None:
    """Run the command; what ends the run is one line on standard error and exit code 1."""
    try:
        TapAsana.cli()
    except ConfigError as error:
        _end(error.lines)
    except AsanaError as error:
        _end([str(error)])
    except BrokenPipeError:
        # Nobody reads on; what Python would still flush at its end has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(["The target went away."])


def _end(lines: list[str] | tuple[str, ...]) -> None:
    for line in lines:
        logging.getLogger(TapAsana.name).error("%s", line)
    sys.exit(1)


if __name__ == "__main__":
    main()
