"""The reader of deletions and restorations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_asana.sync.facts import Event, StreamFacts
from tap_asana.sync.reader import LOG_LOOKBACK_SECONDS, Reader
from tap_asana.sync.readers import Log

if TYPE_CHECKING:
    from tap_asana.sync.read_session import ReadSession


@dataclass(frozen=True)
class DeletionSources(Reader):
    """The audit log of a workspace, else its events, else the events of each project.

    `log` is the reader of the stream of the whole audit log, which takes its entries from the same pages.
    """

    is_rereadable: ClassVar[bool] = False
    min_lookback_seconds: ClassVar[int] = LOG_LOOKBACK_SECONDS
    log: Log

    @override
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the deletions since the bookmark, of all workspaces from one source before the next is requested."""
        from tap_asana.sync.deletions import DeletionsRead  # noqa: PLC0415 - discovery does not import what reads

        return DeletionsRead(self.log, stream, session).events()
