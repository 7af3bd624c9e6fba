"""Custom types of tasks, with the statuses that tasks of the type go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from fake_asana.model.kinds import Kind, Record
from fake_asana.model.resources import Resource

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.people import Workspace
    from fake_asana.model.projects import Project

STATES = (("Neu ✨", "Incomplete", "blue"), ("Doing", "Incomplete", None), ("Erledigt", "Complete", "none"))


class StatusOption:
    """A status that tasks of a type can have."""

    resource_type: ClassVar[str] = "custom_type_status_option"

    def __init__(self, gid: str, at: int) -> None:
        """The status at its place among those of the type."""
        self.gid, self.at, self.name = gid, at, STATES[at][0]

    def record(self) -> Record:
        """The status as the type shows it."""
        return {
            "gid": self.gid,
            "resource_type": self.resource_type,
            "name": self.name,
            "completion_state": STATES[self.at][1],
            "enabled": self.at != 1,
            "color": STATES[self.at][2],
        }


class CustomType(Resource):
    """A type of tasks, in use in some projects: who sees one of them sees it."""

    resource_type: ClassVar[str] = "custom_type"
    feature: ClassVar[str] = "custom_types"

    def __init__(self, gid: str, seed: int, workspace: Workspace, name: str) -> None:
        """A type without statuses, in use nowhere."""
        super().__init__(gid, seed, workspace)
        self.name = name
        self.options: list[StatusOption] = []
        self.projects: list[Project] = []

    @override
    def seen_by(self, viewer: Viewer) -> bool:
        """Whether somebody sees a project that it is in use in."""
        return super().seen_by(viewer) and any(viewer.reaches(project) for project in self.projects)


CUSTOM_TYPE: Kind[CustomType] = Kind(
    "custom_type",
    {
        "name": lambda t: t.name,
        "status_options": lambda t: [option.record() for option in t.options] or (None if t.seed // 2 % 2 else []),
    },
)
