"""Resources of a workspace, and their collections, by gid and by holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.access import Viewer
    from fake_asana.model.kinds import Row, Typed
    from fake_asana.model.people import Workspace


class Resource:
    """A row of a workspace, visible with all its `holders` if the plan has its `feature`."""

    resource_type: ClassVar[str]
    feature: ClassVar[str] = ""

    def __init__(self, gid: str, seed: int, workspace: Workspace, *holders: Typed) -> None:
        """Create a row below these holders, or directly below its workspace."""
        self.gid, self.seed, self.workspace, self.holders = gid, seed, workspace, holders

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Return True if the viewer sees all holders and the plan has the feature."""
        is_available = self.workspace.gid in viewer.workspaces and self.feature not in self.workspace.missing_features
        return is_available and all(viewer.reaches(holder) for holder in self.holders)


T = TypeVar("T", bound=Resource)


class Collection(Generic[T]):
    """Resources of one kind: `rows` by gid, and indexed by workspace, holders and further places."""

    def __init__(self) -> None:
        """Create an empty collection."""
        self.rows: dict[str, T] = {}
        self.by_place: dict[str, dict[str, T]] = {}

    def __iter__(self) -> Iterator[T]:
        """Yield the resources, oldest first."""
        return iter(self.rows.values())

    def add(self, resource: T, *further_places: Row) -> T:
        """Add a resource under its workspace, its holders and further places."""
        self.rows[resource.gid] = resource
        for place in (resource.workspace, *resource.holders, *further_places):
            self.by_place.setdefault(place.gid, {})[resource.gid] = resource
        return resource

    def of(self, place: Row) -> list[T]:
        """Return the resources under a place, oldest first."""
        return list(self.by_place.get(place.gid, {}).values())

    def remove(self, resource: T) -> None:
        """Remove a resource from every place."""
        del self.rows[resource.gid]
        for rows in self.by_place.values():
            rows.pop(resource.gid, None)
