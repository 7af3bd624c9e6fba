"""Tasks and what hangs from them: several streams that one walk of the tasks serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_asana.extraction.choice import Past
from tap_asana.extraction.members import Checkpoint
from tap_asana.extraction.walk import Scope
from tap_asana.parents import Parent, Workspace
from tap_asana.protocol import Record
from tap_asana.state import Bookmark, SeenProjects, Sweep, format_instant, opening
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
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Walk the tasks for the whole family, then yield what this stream finds in other lists."""
        if not self._walked:
            self._walk(self._members())
        yield from super().get_records(context)

    def _members(self) -> list[FamilyStream]:
        return [stream for stream in self.companions() if isinstance(stream, FamilyStream)]

    def bookmark(self, workspace: Workspace) -> Bookmark:
        """Return this stream's place in a workspace."""
        return Bookmark(self.stream_state, workspace.gid, self.replication_key)

    def _walk(self, members: Sequence[FamilyStream]) -> None:
        """Read each workspace for all members, together where they are at the same place (law 2)."""
        for member in members:
            member.join()
        for workspace in self.run.crawl.workspaces:
            seen = SeenProjects(self._tap.streams["projects"].stream_state, workspace.gid)
            marks = [member.bookmark(workspace).value for member in self._family()]
            seen.note([project.gid for project in self._projects(workspace)], self.run.start, marks)
            for sweep, group in self._groups(workspace, members).items():
                self._read(workspace, sweep, group, seen)

    def _projects(self, workspace: Workspace) -> Sequence[Parent]:
        return self.run.crawl.parents("project", workspace)

    def join(self) -> None:
        """Note that this stream is being read, and announce it."""
        self._walked = True
        self.announce()

    def _family(self) -> list[FamilyStream]:
        return [stream for stream in self._tap.streams.values() if isinstance(stream, FamilyStream)]

    def _groups(self, workspace: Workspace, members: Iterable[FamilyStream]) -> dict[Sweep, dict[str, FamilyStream]]:
        settings = self.run.settings
        groups: dict[Sweep, dict[str, FamilyStream]] = {}
        for member in members:
            bookmark = member.bookmark(workspace)
            sweep = opening(bookmark, self.run.start, settings.start_date, settings.lookback_seconds)
            groups.setdefault(sweep, {})[member.name] = member
        return groups

    def _read(
        self, workspace: Workspace, sweep: Sweep, members: Mapping[str, FamilyStream], seen: SeenProjects
    ) -> None:
        """Read one sweep to its end, keeping its places on the way."""
        run, bookmarks = self.run, [member.bookmark(workspace) for member in members.values()]
        fields = {name: member.fields() for name, member in members.items()}
        past = self._past(workspace, bookmarks, seen)
        for event in run.choice.events(Scope(run.client, run.crawl, workspace, sweep, fields), past):
            if isinstance(event, Checkpoint):
                sweep = sweep.moved(event.places)
                for bookmark in bookmarks:
                    bookmark.advance(sweep)
                run.progress.reading("tasks", *event.share)
                self.write_state_when_due()
            else:
                members[event.stream].write_all({**event.keys, **record} for record in event.records)
        seen.forget(past.refused)
        for bookmark in bookmarks:
            bookmark.close(sweep)

    def _past(self, workspace: Workspace, bookmarks: Iterable[Bookmark], seen: SeenProjects) -> Past:
        marks = [bookmark.value for bookmark in bookmarks]
        known = set.intersection(*(seen.known(mark) for mark in marks))
        new = {project.gid for project in self._projects(workspace)} - known
        start = self.run.settings.start_date
        return Past(first=None in marks, new=new, start_date=format_instant(start) if start else None)
