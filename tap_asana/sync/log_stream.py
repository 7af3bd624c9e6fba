"""Streams that are the log of a workspace, read on from their own bookmark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_asana.api.protocol import Record, Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.errors import AsanaError
from tap_asana.fetch.scheduler import WorkItem
from tap_asana.parents.kinds import Workspace
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.sync.incremental import IncrementalStream


class LogStream(IncrementalStream):
    """A log of a workspace that Asana hands out in the order of time, as one list; `since` names the parameter.

    Asana forgets what is old, so that a table can hold more than can be read again.
    """

    rereadable = False
    since_param: ClassVar[str]

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the entries since the bookmark, workspace by workspace."""
        workspaces = [each for each in self.run.directory.workspaces if each.gid not in self.already_read]
        self.run.fetcher.prefetch(self._log(workspace, self.window(workspace).since) for workspace in workspaces)
        for workspace in workspaces:
            refused = False
            for page in self.log_pages(workspace, self.window(workspace).since):
                refused = refused or page.unavailable is not None
                self.write_entries(workspace, page)
            if not refused:
                self.close(workspace)
        return ()

    def write_entries(self, workspace: Workspace, page: Page) -> None:
        """Write the entries of a page, and then keep that they were written, by the last one that says when it was."""
        self.write_all({**page.request.parent_keys, **record} for record in page.records)
        moments = [moment for record in page.records if (moment := self._moment(record))]
        if moments:
            self.bookmark(workspace).advance(replace(self.window(workspace), since=moments[-1]))
            self.write_state_when_due()

    def _moment(self, record: Record) -> str | None:
        """Return when an entry says that it was, where that can be read."""
        try:
            return format_instant(parse_instant(str(record.get(self.replication_key))))
        except AsanaError:
            return None

    def refuse(self, workspace: Workspace, ask: Request, refused: Unavailable) -> None:
        """Note that the log was refused to another stream, which asked for this one too."""
        self.run.client.metrics.record_skip(replace(ask, stream=self.name), refused)
        self.already_read.add(workspace.gid)

    def close(self, workspace: Workspace) -> None:
        """End a read of the whole log."""
        self.bookmark(workspace).close(self.window(workspace))

    @cached_property
    def already_read(self) -> set[str]:
        """Return the workspaces whose log another stream has read for this one too."""
        return set()

    def log_pages(self, workspace: Workspace, since: str | None) -> Iterator[Page]:
        """Yield the pages of a workspace's log from an instant on."""
        return self.run.fetcher.read([WorkItem((0,), [self._log(workspace, since)])])

    def _log(self, workspace: Workspace, since: str | None) -> Request:
        ask = self.run.directory.build_request(self.name, self.path, {}, self.opt_fields(), workspace)
        return ask if since is None else ask.with_params(ask.label, **{self.since_param: since})
