"""What happens to all that hangs from something when that is deleted, brought back or shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.custom_types import CustomType
from fake_asana.model.state import State

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row
    from fake_asana.model.projects import Project
    from fake_asana.model.resources import Resource


class HangingDeeds(State):
    """Consequences."""

    def follow(self, action: str, row: Row) -> None:
        """Let everything that hangs from a row be deleted, undeleted or shared with it."""
        if action == "deleted":
            self.gone.add(row.gid)
        else:
            self.gone.discard(row.gid)
        for thing in self.under(row):
            if action != "deleted" or not self.lives_on(thing):
                self.record(action, thing, parent=row, told=False)

    def lives_on(self, thing: Resource) -> bool:
        """Whether a type is still in use in another project."""
        return isinstance(thing, CustomType) and any(project.gid not in self.gone for project in thing.projects)

    def follow_project(self, action: str, project: Project) -> None:
        """The same for a project, with its brief, the fields on it and those of its own."""
        self.follow(action, project)
        if project.brief:
            self.record(action, project.brief, told=False)
        for inside in project.settings:
            self.record(action, inside.row, told=False)
            if inside.row.field.owner is project:
                self.record(action, inside.row.field, told=False)
