"""Tasks and what hangs from them: several streams that one walk of the tasks serves."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_asana.crawl import Workspace
from tap_asana.extraction.listing import Listing
from tap_asana.extraction.members import Checkpoint
from tap_asana.protocol import Record
from tap_asana.state import Bookmark, Sweep, opening
from tap_asana.streams.base import AsanaStream


class FamilyStream(AsanaStream):
    """A stream that is read while the tasks are walked; the first of them to be synced reads for all."""

    replication_key: ClassVar[str]

    _walked = False

    @override
    @classmethod
    def sources(cls) -> Mapping[str, str]:
        """Return the lists beside the walk of the tasks: those of what hangs from other parents."""
        return dict.fromkeys(cls.paths, "")

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[Record, Any, Any]:
        if not self._walked:
            self._walk(self._members())
        yield from super()._sync_records(context, write_messages=write_messages)

    def _members(self) -> list[FamilyStream]:
        return [stream for stream in self.companions() if isinstance(stream, FamilyStream)]

    def bookmark(self, workspace: Workspace) -> Bookmark:
        """Return this stream's place in a workspace."""
        return Bookmark(self.stream_state, workspace.gid, self.replication_key)

    def _walk(self, members: Sequence[FamilyStream]) -> None:
        """Read each workspace for all members, together where they are at the same place (law 2)."""
        workspaces = self.run.crawl.workspaces
        start = self.run.start
        settings = self.run.settings
        for member in members:
            member.join()
        for workspace in workspaces:
            groups: dict[Sweep, dict[str, FamilyStream]] = {}
            for member in members:
                sweep = opening(member.bookmark(workspace), start, settings.start_date, settings.lookback_seconds)
                groups.setdefault(sweep, {})[member.name] = member
            for sweep, group in groups.items():
                self._read(workspace, sweep, group)

    def join(self) -> None:
        """Note that this stream is being read, and announce it."""
        self._walked = True
        self.announce()

    def _read(self, workspace: Workspace, sweep: Sweep, members: dict[str, FamilyStream]) -> None:
        fields = {name: member.fields() for name, member in members.items()}
        bookmarks = [member.bookmark(workspace) for member in members.values()]
        for event in Listing(self.run.client, self.run.crawl, workspace, sweep, fields).events():
            if isinstance(event, Checkpoint):
                for bookmark in bookmarks:
                    bookmark.advance(replace(sweep, done=event.done))
                self.write_state_when_due()
            else:
                members[event.stream].write_all({**event.keys, **record} for record in event.records)
        for bookmark in bookmarks:
            bookmark.close(sweep)
