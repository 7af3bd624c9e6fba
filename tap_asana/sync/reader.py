"""The interface of readers. Those who only describe the streams, such as `--discover`, import nothing that reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from tap_asana.sync.facts import Event, StreamFacts

if TYPE_CHECKING:
    from tap_asana.api.request import Request
    from tap_asana.parents.kinds import Workspace
    from tap_asana.sync.read_session import ReadSession


LOG_LOOKBACK_SECONDS = 1800
"""Seconds before the bookmark of a log that are read again: its entries may arrive late, and behind newer ones."""


class Reader(ABC):
    """How a stream is read; streams with equal readers may be read together."""

    is_rereadable: ClassVar[bool] = True
    """Whether Asana can list all records again at any time."""

    min_lookback_seconds: ClassVar[int] = 0
    """Seconds before its bookmark at which a read starts at least."""

    is_prefetchable: ClassVar[bool] = False
    """Whether lists of the stream may be fetched during the read of an earlier stream."""

    def list_paths(self, path: str, paths: Sequence[str]) -> Sequence[str]:
        """Return the lists to read, given the stream's `path` and `paths`."""
        return paths or [path]

    def begin(self, session: ReadSession) -> Iterator[Event]:  # noqa: ARG002 - a reader may override this
        """Begin what Asana does by itself while other streams are read; yield changes of state."""
        return iter(())

    def goes_first(
        self,
        stream: StreamFacts,  # noqa: ARG002 - a reader may override this
        later: StreamFacts | None,  # noqa: ARG002 - a reader may override this
        session: ReadSession,  # noqa: ARG002 - a reader may override this
    ) -> bool:
        """Return whether a later stream waits until this one is read; without `later`, a list that no stream reads."""
        return False

    def first_requests(
        self,
        stream: StreamFacts,  # noqa: ARG002 - a reader may override this
        workspace: Workspace,  # noqa: ARG002 - a reader may override this
        session: ReadSession,  # noqa: ARG002 - a reader may override this
    ) -> Iterable[Request] | None:
        """Return the requests that the read of a workspace will begin with, or None if another list must be read first.

        They are for reads of their own; the requests of shared lists are not among them.
        """
        return ()

    @abstractmethod
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the records of a stream and of others in the same lists, and changes of state in between."""

    def is_whole(self, stream: StreamFacts, session: ReadSession) -> bool:
        """Return True if this session has read all records of the stream, provided that no list was refused."""
        return session.cursor(stream).covers_everything
