"""Custom types of tasks, and their statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from fake_asana.model.kinds import Kind, Record
from fake_asana.model.resources import Resource

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.people import Workspace
    from fake_asana.model.projects import Project

TYPE_STATUSES = (("Neu ✨", "Incomplete", "blue"), ("Doing", "Incomplete", None), ("Erledigt", "Complete", "none"))


class StatusOption:
    """A status of the tasks of one type."""

    resource_type: ClassVar[str] = "custom_type_status_option"

    def __init__(self, gid: str, index: int) -> None:
        """Create the status at a position among those of its type."""
        self.gid, self.at, self.name = gid, index, TYPE_STATUSES[index][0]

    def record(self) -> Record:
        """Return the status in the form that its type uses."""
        return {
            "gid": self.gid,
            "resource_type": self.resource_type,
            "name": self.name,
            "completion_state": TYPE_STATUSES[self.at][1],
            "enabled": self.at != 1,
            "color": TYPE_STATUSES[self.at][2],
        }


class CustomType(Resource):
    """A type of tasks that some projects use; it is visible with any such project."""

    resource_type: ClassVar[str] = "custom_type"
    feature: ClassVar[str] = "custom_types"

    def __init__(self, gid: str, seed: int, workspace: Workspace, name: str) -> None:
        """Create a type without statuses and projects."""
        super().__init__(gid, seed, workspace)
        self.name = name
        self.options: list[StatusOption] = []
        self.projects: list[Project] = []

    @override
    def is_visible_to(self, viewer: Viewer) -> bool:
        """Return True if one of its projects is visible."""
        return super().is_visible_to(viewer) and any(viewer.reaches(project) for project in self.projects)


CUSTOM_TYPE: Kind[CustomType] = Kind(
    "custom_type",
    {
        "name": lambda t: t.name,
        "status_options": lambda t: [option.record() for option in t.options] or (None if t.seed // 2 % 2 else []),
    },
)
