"""The exceptions that end a run; each message is one line for the operator.

AsanaError                      every error of the tap itself
├── FatalResponseError          Asana rejected the token or the list of workspaces
├── RetriesExhaustedError       Asana or the network stayed unreachable through all retries
├── CorruptDownloadError        an export file arrived incomplete
│   └── CorruptExportError      an export file arrived whole, but its content is invalid
└── RunCancelled                the run is ending; requests in flight are abandoned
TargetClosedError               the target stopped reading
TerminationSignal               the operator or the scheduler ended the run
"""

from __future__ import annotations


class AsanaError(Exception):
    """The run cannot continue. The message is one line without secrets or task text."""


class FatalResponseError(AsanaError):
    """Asana sent a response after which nothing more can be read."""


class RetriesExhaustedError(AsanaError):
    """A request failed on every attempt, and the failure is not limited to one parent."""


class CorruptDownloadError(AsanaError):
    """An export file arrived incomplete; it must be downloaded again."""


class CorruptExportError(CorruptDownloadError):
    """An export file arrived whole, but its content is invalid."""


class RunCancelled(AsanaError):
    """The request was abandoned because the run is ending."""


class TargetClosedError(Exception):
    """The target stopped reading, so that nothing more can be written, not even STATE."""

    def __init__(self) -> None:
        """Explain it to the operator."""
        super().__init__("The target closed the pipe; records after the last STATE will be sent again.")


class TerminationSignal(BaseException):
    """The operator or the scheduler ended the run. A BaseException, so that no handler of errors continues the run.

    `signal` is the number of the signal.
    """

    def __init__(self, signal: int) -> None:
        """Keep the signal."""
        super().__init__(signal)
        self.signal = signal
