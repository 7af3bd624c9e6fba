"""The kinds of objects that others hang from, and where each kind is listed."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from tap_asana.api.protocol import Record

PARENT_LISTS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("/workspaces",),
    "user": ("/users?workspace={workspace_gid}",),
    "team": ("/workspaces/{workspace_gid}/teams",),
    "project": ("/projects?workspace={workspace_gid}",),
    "tag": ("/tags?workspace={workspace_gid}",),
    "portfolio": ("/portfolios?workspace={workspace_gid}", "/portfolios/{shared_portfolio_gid}"),
    "goal": ("/goals?workspace={workspace_gid}",),
}
"""Where the parents of each kind are listed; a person's list of portfolios lacks those that others own."""

ORGANIZATIONS_ONLY = frozenset({"team"})
"""Kinds that a workspace that is no organization does not have; asking for them is an error there."""

PARENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("is_organization",),
    "project": ("project_brief", "current_status_update"),
    "portfolio": ("current_status_update",),
    "goal": ("current_status_update",),
}
"""What has to be known of a parent to ask only those that can have children; each is an opt_field of its lists."""

ProgressByKind: TypeAlias = Mapping[str, tuple[int, int]]
"""How many parents of how many are done, by their kind and in reading order."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that this run reads."""

    gid: str
    is_organization: bool


class PersonOrder(NamedTuple):
    """An order that people are read in, as a number for each gid; `name` tells it from other orders.

    `alias` is what messages call a person's gid.
    """

    name: str
    sort_key: Callable[[str], int]
    redact_gid: Callable[[str], str]


BY_GID = PersonOrder("", int, str)


@dataclass(frozen=True, slots=True)
class Parent:
    """An object that others hang from; `facts` are what FACTS names for its kind.

    Parents are read in the order of their gids, unless they have a `rank`.
    """

    gid: str
    attributes: Mapping[str, Any]
    rank: int | None = None

    @property
    def sort_key(self) -> int:
        """Return the number that parents are read in the order of."""
        return int(self.gid) if self.rank is None else self.rank

    @property
    def state_key(self) -> str:
        """Return what state calls the parent: its gid, unless it has a rank."""
        return str(self.sort_key)


def attributes_of(kind: str, record: Record) -> Record:
    """Return what is kept of a parent's record: its gid and its facts."""
    return {name: record.get(name) for name in ("gid", *PARENT_FIELDS.get(kind, ()))}


def list_kind(path: str) -> str | None:
    """Return the kind of parents that a path is a list of, if others hang from what it lists."""
    return next((kind for kind, paths in PARENT_LISTS.items() if path in paths), None)


def parent_kind(path: str) -> str:
    """Return the kind of parent that a path names by its first placeholder: workspace, team, project."""
    name = next(name for _, name, _, _ in string.Formatter().parse(path) if name)
    return name.removesuffix("_gid")


def spread(parents: Sequence[Parent], most: int) -> list[Parent]:
    """Return so many of the parents, the distances between them being equal."""
    number = min(len(parents), max(0, most))
    return [parents[place * len(parents) // number] for place in range(number)]
