"""The `tap-asana` command: the tap's own, with whatever ends a run as one line."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from typing_extensions import override

from tap_asana.api.redaction import describe_error, keep_log_lines_printable
from tap_asana.commands.process import limit_address_space, watch_reader
from tap_asana.config import ConfigError, find_environment_errors
from tap_asana.errors import AsanaError, TargetClosedError, TerminationSignal
from tap_asana.limits import Limits
from tap_asana.tap import TapAsana

SIGNAL_EXIT_BASE = 128
"""Added to a signal's number for the exit code, as shells do."""

GC_THRESHOLD = 50_000
"""Objects between two looks of the garbage collector: records are trees, and go without it."""

EXIT_LOCK_TIMEOUT_SECONDS = 1.0
"""Seconds that whoever found another reason first has to tell it, and to write what is left."""

TERMINATED_MESSAGE = "The run was ended from outside; it goes on from the last STATE."

NO_OUTPUT = "Standard output is closed, so that no message can be written. Let it lead to a target, a pipe or a file."

_leaving = threading.Lock()


class Command(TapAsana):
    """The tap as a process, which ends when it is told to even if nobody takes what it writes."""

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        late = threading.Timer(
            self.limits.shutdown_grace_seconds,
            _leave,
            ([TERMINATED_MESSAGE], SIGNAL_EXIT_BASE + signum),
            {"flush": False},
        )
        late.daemon = True
        late.start()
        super()._handle_termination(signum, frame)


def main(limits: Limits | None = None) -> None:
    """Run the command; what ends the run is one line on standard error and an exit code that is not 0."""
    keep_log_lines_printable()
    limit_address_space()
    if sys.stdout is None:  # the interpreter's way to say that it is closed
        _leave([NO_OUTPUT], 1, flush=False)
    watch_reader(sys.stdout.fileno(), lambda: _leave([str(TargetClosedError())], 1, flush=False))
    gc.set_threshold(GC_THRESHOLD)
    Command.limits = limits or Command.limits
    try:
        Command.cli()
    except ConfigError as error:
        _leave(error.lines, 1)
    except AsanaError as error:
        _leave([str(error)], 1)
    except TargetClosedError as error:
        _leave([str(error)], 1, flush=False)
    except TerminationSignal as ending:
        _leave([TERMINATED_MESSAGE], SIGNAL_EXIT_BASE + ending.signal)
    except Exception as error:  # noqa: BLE001 - its message may hold whatever was at hand
        # The SDK met a variable that it cannot turn into a number, or the error is none of the settings'.
        wrong = find_environment_errors(os.environ) if isinstance(error, ValueError) else []
        _leave(wrong or [f"The tap failed: {describe_error(error)}. Its message is kept back, as it may hold data."], 1)


def _leave(lines: Iterable[str], code: int, *, flush: bool = True) -> NoReturn:
    """Log the lines and leave at once, without waiting for requests that are still in flight.

    Two threads can find a reason at the same time: the first to come here tells its own. The other does not wait for
    long, as the first may be writing to a target that takes nothing.
    """
    if _leaving.acquire(timeout=EXIT_LOCK_TIMEOUT_SECONDS):
        logging.disable(logging.WARNING)  # what another thread says while it ends would come behind
        for line in lines:
            logging.getLogger(TapAsana.name).error("%s", line)
        logging.shutdown()
        if flush:
            with suppress(BrokenPipeError):
                sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
