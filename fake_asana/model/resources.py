"""What hangs from workspaces and their projects, portfolios, goals and tasks: rows on shelves, by gid and by holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.access import Viewer
    from fake_asana.model.kinds import Row, Typed
    from fake_asana.model.people import Workspace


class Resource:
    """A row of a workspace; whoever sees all its `holders` sees it, where the plan has its `feature`."""

    resource_type: ClassVar[str]
    feature: ClassVar[str] = ""

    def __init__(self, gid: str, seed: int, workspace: Workspace, *holders: Typed) -> None:
        """A row that hangs from these holders, or from its workspace alone."""
        self.gid, self.seed, self.workspace, self.holders = gid, seed, workspace, holders

    def seen_by(self, viewer: Viewer) -> bool:
        """Whether somebody sees it."""
        known = self.workspace.gid in viewer.workspaces and self.feature not in self.workspace.lacks
        return known and all(viewer.reaches(holder) for holder in self.holders)


T = TypeVar("T", bound=Resource)


class Collection(Generic[T]):
    """Things of one kind: by gid in `rows`, and by all that they hang from."""

    def __init__(self) -> None:
        """An empty shelf."""
        self.rows: dict[str, T] = {}
        self.hung: dict[str, dict[str, T]] = {}

    def __iter__(self) -> Iterator[T]:
        """The things, oldest first."""
        return iter(self.rows.values())

    def add(self, thing: T, *places: Row) -> T:
        """Keep a thing under its workspace, its holders and further places."""
        self.rows[thing.gid] = thing
        for place in (thing.workspace, *thing.holders, *places):
            self.hung.setdefault(place.gid, {})[thing.gid] = thing
        return thing

    def of(self, place: Row) -> list[T]:
        """The things under a place, oldest first."""
        return list(self.hung.get(place.gid, {}).values())

    def drop(self, thing: T) -> None:
        """Take a thing away from everywhere."""
        del self.rows[thing.gid]
        for hung in self.hung.values():
            hung.pop(thing.gid, None)
