"""What ends a run, each as one line for the operator.

AsanaError              anything that ends the run
├── FatalAnswer         Asana refused what all hangs from: the token, or the list of workspaces
├── Outage              retries are used up, and the network or Asana stayed away for other requests too
├── UnreadableFile      a file came cut or damaged, however often it was fetched
│   └── DamagedFile     all of it came, and it is not what it should be
└── Stopped             the run itself is being ended; open requests give up
"""

from __future__ import annotations


class AsanaError(Exception):
    """A run cannot go on; the message is one line, without secrets or task text."""


class FatalResponseError(AsanaError):
    """Asana gave an answer after which nothing more can be read."""


class RetriesExhaustedError(AsanaError):
    """A request failed in a passing way more often than it is retried."""


class CorruptDownloadError(AsanaError):
    """A file came cut or damaged; it has to be fetched again."""


class CorruptExportError(CorruptDownloadError):
    """A file came whole, and cannot be read."""


class RunCancelled(AsanaError):
    """The run is ending, so this request was given up."""


class TargetClosedError(Exception):
    """Nobody reads what is written: nothing more can be, not even STATE."""

    def __init__(self) -> None:
        """Say what that means."""
        super().__init__("The target went away; what no STATE has confirmed will be read again.")


class TerminationSignal(BaseException):
    """The operator or the scheduler ends the run; nothing may take it for an error and go on.

    `signal` is the number of the signal.
    """

    def __init__(self, signal: int) -> None:
        """Keep the signal."""
        super().__init__(signal)
        self.signal = signal
