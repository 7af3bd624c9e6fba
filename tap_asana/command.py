"""The run of the `tap-asana` command: signals, exit codes, and the last log line of a failed run."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, NoReturn

from typing_extensions import override

from tap_asana.api.redaction import describe_error, keep_log_lines_printable
from tap_asana.commands.process import limit_address_space, watch_reader
from tap_asana.config import ConfigError
from tap_asana.errors import AsanaError, TargetClosedError, TerminationSignal
from tap_asana.limits import Limits
from tap_asana.monitor.report import COMPLETE, FAILED, TERMINATED, RunReport
from tap_asana.tap import TapAsana

SIGNAL_EXIT_BASE = 128
"""The exit code after a signal is this number plus the signal's, as in shells."""

EXIT_LOCK_TIMEOUT_SECONDS = 1.0
"""Seconds to wait for another thread that is already ending the process."""

TERMINATED_MESSAGE = "Run terminated by a signal. The next run resumes from the last STATE."

NO_OUTPUT_MESSAGE = "Standard output is closed. Connect it to a target, a pipe or a file."

_exit_lock = threading.Lock()


class Command(TapAsana):
    """Replicates Asana workspaces as Singer streams: everything on the first run, only changes afterwards."""

    current: ClassVar[Command | None] = None
    """The tap of this process, once its settings are read."""

    @override
    def __init__(self, **kwargs: Any) -> None:
        """Let the end of the process find the tap."""
        Command.current = self
        super().__init__(**kwargs)

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End the process after a signal, even if the target reads nothing more."""
        timer = threading.Timer(
            self.limits.shutdown_grace_seconds,
            _exit,
            ([TERMINATED_MESSAGE], SIGNAL_EXIT_BASE + signum),
            {"flush": False},
        )
        timer.daemon = True
        timer.start()
        super()._handle_termination(signum, frame)


def run_command(limits: Limits | None = None) -> None:
    """Run the command; a failure ends it with one line on standard error and a non-zero exit code."""
    keep_log_lines_printable()
    limit_address_space()
    if sys.stdout is None:  # set by the interpreter if standard output is closed
        _exit([NO_OUTPUT_MESSAGE], 1, flush=False)
    watch_reader(sys.stdout.fileno(), lambda: _exit([str(TargetClosedError())], 1, flush=False))
    Command.limits = limits or Command.limits
    try:
        Command.cli()
    except SystemExit as ended:
        if not ended.code:
            _report(COMPLETE, 0, None)
        raise
    except ConfigError as error:
        _exit(error.lines, 1)
    except AsanaError as error:
        _exit([str(error)], 1)
    except TargetClosedError as error:
        _exit([str(error)], 1, flush=False)
    except TerminationSignal as termination:
        _exit([TERMINATED_MESSAGE], SIGNAL_EXIT_BASE + termination.signal)
    except Exception as error:  # noqa: BLE001 - its message may contain data
        _exit([f"The tap failed: {describe_error(error)}. Message suppressed because it may contain data."], 1)


def _report(result: str, code: int, reason: str | None) -> None:
    """Write how the run ended into its report, if it has one."""
    tap, path = Command.current, Command.report_path
    try:
        if tap is not None and tap.report is not None:
            counts: dict[str, Any] = {}
            with suppress(RuntimeError):  # another thread changes the state at this moment
                counts = tap.session.report() if "session" in vars(tap) else {}
            tap.report.finish(result, code, reason, counts)
        elif isinstance(path, str) and result != COMPLETE:
            RunReport(Path(path)).finish(result, code, reason, {})
    except AsanaError as error:
        if str(error) != reason:  # the error that ended the run is logged already
            logging.getLogger(TapAsana.name).error("%s", error)  # noqa: TRY400 - one line


def _exit(lines: Sequence[str], code: int, *, flush: bool = True) -> NoReturn:
    """Log the lines and end the process at once, without waiting for requests in flight.

    If two threads end the process at the same time, only the first one logs. The other waits briefly and then exits,
    because the first may be blocked by a target that reads nothing.
    """
    if _exit_lock.acquire(timeout=EXIT_LOCK_TIMEOUT_SECONDS):
        logging.disable(logging.WARNING)  # no line of another thread may follow
        for line in lines:
            logging.getLogger(TapAsana.name).error("%s", line)
        _report(TERMINATED if code > SIGNAL_EXIT_BASE else FAILED, code, " ".join(lines))
        logging.shutdown()
        if flush:
            with suppress(BrokenPipeError):
                sys.stdout.flush()
    os._exit(code)
