"""The kinds of parents (objects with children of their own), and the lists of each kind."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tap_asana.api.decoding import Record

PARENT_LISTS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("/workspaces",),
    "user": ("/users?workspace={workspace_gid}",),
    "team": ("/workspaces/{workspace_gid}/teams",),
    "project": ("/projects?workspace={workspace_gid}",),
    "tag": ("/tags?workspace={workspace_gid}",),
    "portfolio": ("/portfolios?workspace={workspace_gid}", "/portfolios/{shared_portfolio_gid}"),
    "goal": ("/goals?workspace={workspace_gid}",),
}
"""The lists of each kind; a person's list of portfolios contains only their own, so shared ones are read one by one."""

SHARED_PORTFOLIOS_PATH = "/portfolio_memberships?user=me&workspace={workspace_gid}"

MEMBERSHIPS_PATH = "/workspaces/{workspace_gid}/workspace_memberships"
"""This list includes people who have left the workspace, whom texts may still name."""

UNPAGED_PATHS = ("/budgets",)
"""Lists without pages: Asana documents no `limit` for them."""

ORGANIZATIONS_ONLY = frozenset({"team"})
"""Kinds that exist only in organizations; in other workspaces their lists fail."""

PARENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("is_organization",),
    "project": ("archived", "modified_at", "project_brief", "current_status_update"),
    "portfolio": ("current_status_update",),
    "goal": ("current_status_update",),
}
"""Fields to request with a parent: they show whether it can have children, whether its list is whole, and whether
searches may leave out its tasks."""

ProgressByKind: TypeAlias = Mapping[str, tuple[int, int]]
"""The number of finished parents and of all parents, by kind in reading order."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace to read."""

    gid: str
    is_organization: bool


class PersonOrder(NamedTuple):
    """A reading order of people: `sort_key` returns a number for each gid, and `name` identifies the order.

    `redact_gid` returns a gid as log lines may show it.
    """

    name: str
    sort_key: Callable[[str], int]
    redact_gid: Callable[[str], str]


BY_GID = PersonOrder("", int, str)


@dataclass(frozen=True, slots=True)
class Parent:
    """An object with children; `attributes` are the PARENT_FIELDS of its kind that Asana returned.

    Parents are read in the order of their gids, or of their ranks if they have one.
    """

    gid: str
    attributes: Mapping[str, Any]
    rank: int | None = None

    @property
    def sort_key(self) -> int:
        """Return the number to sort parents by."""
        return int(self.gid) if self.rank is None else self.rank

    @property
    def state_key(self) -> str:
        """Return the name of the parent in the state: its rank, or its gid if it has none."""
        return str(self.sort_key)


def attributes_of(kind: str, record: Record) -> Record:
    """Return the gid and the PARENT_FIELDS of a parent's record, as far as Asana returned them."""
    return {name: record[name] for name in ("gid", *PARENT_FIELDS.get(kind, ())) if name in record}


@cache
def list_kind(path: str) -> str | None:
    """Return the kind of parents in the list at a path, or None if it lists no parents."""
    return next((kind for kind, paths in PARENT_LISTS.items() if path in paths), None)


@cache
def parent_kind(path: str) -> str:
    """Return the kind of parent in the first placeholder of a path: workspace, team, project."""
    name = next(name for _, name, _, _ in string.Formatter().parse(path) if name)
    return name.removesuffix("_gid")


def evenly_spaced(parents: Sequence[Parent], count: int) -> list[Parent]:
    """Return `count` of the parents, at equal distances."""
    count = min(len(parents), max(0, count))
    return [parents[index * len(parents) // count] for index in range(count)]
