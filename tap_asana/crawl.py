"""The gids that everything hangs from: workspaces, and the lists in them, each fetched once a run."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_asana.asks import Ask, Page
from tap_asana.client import AsanaClient
from tap_asana.errors import AsanaError
from tap_asana.protocol import Record
from tap_asana.reading import Reading, Unit
from tap_asana.splitting import narrower

PURPOSE = "crawl"

LISTS: Mapping[str, str] = {
    "workspace": "/workspaces",
    "user": "/users?workspace={workspace_gid}",
    "team": "/workspaces/{workspace_gid}/teams",
    "project": "/projects?workspace={workspace_gid}",
    "tag": "/tags?workspace={workspace_gid}",
}
"""Where the parents of each kind are listed."""

ORGANIZATIONS_ONLY = frozenset({"team"})
"""Kinds that a workspace that is no organization does not have; asking for them is an error there."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("is_organization",),
    "project": ("project_brief",),
}
"""What has to be known of a parent to ask only those that can have children; each is an opt_field of its list."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that this run reads."""

    gid: str
    is_organization: bool


@dataclass(frozen=True, slots=True)
class Parent:
    """An object that others hang from, in the workspace where it was found."""

    gid: str
    workspace: Workspace
    facts: Mapping[str, Any]

    @property
    def order(self) -> int:
        """Return the gid as the number that parents are read in the order of."""
        return int(self.gid)


class Crawl:
    """The parents of a run.

    `wanted` are the gids of the setting `workspaces`; an unknown one raises AsanaError with those that exist.
    A stream that lists parents anyway hands them over by `learn`, and no request is made for them.
    """

    def __init__(self, client: AsanaClient, wanted: Iterable[str], *, archived: bool) -> None:
        """Fetch nothing yet."""
        self._client = client
        self._wanted = tuple(wanted)
        self._archived = archived
        self._workspaces: tuple[Workspace, ...] | None = None
        self._known: dict[tuple[str, str], tuple[Parent, ...]] = {}

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """Return the workspaces to read, in the order of their gids (`GET /workspaces`)."""
        if self._workspaces is None:
            return self.learn_workspaces(self.list_workspaces(PURPOSE, FACTS["workspace"]))
        return self._workspaces

    def list_workspaces(self, purpose: str, fields: Iterable[str]) -> Iterator[Record]:
        """Yield all workspaces that the token sees, wanted or not."""
        return self._list(Ask(purpose, LISTS["workspace"], {"opt_fields": ",".join(fields)}, limit=self.page_size))

    def learn_workspaces(self, records: Iterable[Record]) -> tuple[Workspace, ...]:
        """Keep those of the token's workspaces that are wanted; raises AsanaError where a wanted one is not there."""
        seen = {record["gid"]: Workspace(record["gid"], bool(record.get("is_organization"))) for record in records}
        unknown = [gid for gid in self._wanted if gid not in seen]
        if unknown:
            exist = ", ".join(sorted(seen)) or "none"
            raise AsanaError(f"workspaces: {', '.join(unknown)} found; the token sees {exist}")
        wanted = (seen[gid] for gid in self._wanted or seen)
        self._workspaces = tuple(sorted(wanted, key=lambda workspace: int(workspace.gid)))
        return self._workspaces

    @property
    def page_size(self) -> int:
        """Return the number of rows that lists are asked in."""
        return self._client.connection.page_size

    def parents(self, kind: str, workspace: Workspace) -> tuple[Parent, ...]:
        """Return a workspace's parents of a kind, in the order of their gids; fetched unless a stream has them."""
        if kind == "workspace":
            return (Parent(workspace.gid, workspace, {}),)
        if kind in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return ()
        if kind == "project_brief":
            return self._briefs(workspace)
        known = self._known.get((kind, workspace.gid))
        if known is None:
            records = list(self._list(self.ask(PURPOSE, kind, workspace, FACTS.get(kind, ()))))
            known = self.learn(kind, workspace, records)
        return known

    def _briefs(self, workspace: Workspace) -> tuple[Parent, ...]:
        """Return the project briefs: they have no list, their projects name them."""
        briefs = (project.facts["project_brief"] for project in self.parents("project", workspace))
        found = (Parent(brief["gid"], workspace, {}) for brief in briefs if brief)
        return tuple(sorted(found, key=lambda parent: parent.order))

    def ask(self, purpose: str, kind: str, workspace: Workspace, fields: Iterable[str]) -> Ask:
        """Return the ask for a workspace's list of a kind, with the opt_fields given."""
        return self.listing(purpose, LISTS[kind], {"workspace_gid": workspace.gid}, fields, workspace)

    def listing(
        self, purpose: str, path: str, keys: Mapping[str, str], fields: Iterable[str], workspace: Workspace
    ) -> Ask:
        """Return the ask for a path whose placeholders are the keys; its query part becomes parameters."""
        bare, _, query = path.format(**keys).partition("?")
        params = dict(part.split("=", 1) for part in query.split("&") if part)
        if bare == "/projects" and not self._archived:
            params["archived"] = "false"
        if wanted := ",".join(fields):
            params["opt_fields"] = wanted
        return Ask(purpose, bare, params, keys, workspace.gid, path, self.page_size)

    def learn(self, kind: str, workspace: Workspace, records: Iterable[Record]) -> tuple[Parent, ...]:
        """Keep the parents that a whole list has brought."""
        found = {record["gid"]: Parent(record["gid"], workspace, facts(kind, record)) for record in records}
        self._known[kind, workspace.gid] = tuple(sorted(found.values(), key=lambda parent: parent.order))
        return self._known[kind, workspace.gid]

    def narrower(self, page: Page) -> list[Ask]:
        """Return the asks that together bring what a truncated list left out (law 6)."""
        return narrower(page.ask, self._fetch_all)

    def _fetch_all(self, ask: Ask) -> list[Record]:
        return list(self._list(ask))

    def _list(self, ask: Ask) -> Iterator[Record]:
        reading = Reading(self._client, [Unit((0,), [ask])], self._client.connection.concurrency)
        for page in reading:
            if page.truncated:
                reading.add(self.narrower(page))
            yield from page.records


def facts(kind: str, record: Record) -> Record:
    """Return what the crawl keeps of a parent."""
    return {name: record.get(name) for name in ("gid", *FACTS.get(kind, ()))}


def list_kind(path: str) -> str | None:
    """Return the kind of parents that a path is the list of, if others hang from what it lists."""
    return next((kind for kind, listed in LISTS.items() if listed == path), None)


def parent_kind(path: str) -> str:
    """Return the kind of parent that a path names by its first placeholder: workspace, team, project."""
    name = next(name for _, name, _, _ in string.Formatter().parse(path) if name)
    return name.removesuffix("_gid")
