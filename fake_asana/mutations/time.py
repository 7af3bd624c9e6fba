"""Time as people track it, and take it off."""

from __future__ import annotations

from fake_asana import seeding
from fake_asana.model.absences import Absence
from fake_asana.model.state import State
from fake_asana.model.tracking import Entry


class TimeDeeds(State):
    """What people do with their time."""

    def track_time(self, task_gid: str, minutes: int = 25) -> str:
        """Track time on a task, whose minutes grow and whose clock stands still; the gid of the entry."""
        task = self.tasks[task_gid]
        entry = Entry(*self.fresh(), task, minutes, self.now())
        seeding.spend(self, entry)
        self.record("added", entry, parent=task, silent=True)
        self.record("changed", task, field="actual_time_minutes", silent=True)
        return entry.gid

    def go_away(self, user_gid: str, workspace_gid: str) -> str:
        """Enter an absence of somebody that begins now; its gid."""
        user = self.users[user_gid]
        absence = Absence(*self.fresh(), self.workspaces[workspace_gid], user, self.now())
        self.absences.add(absence, user)
        self.record("added", absence)
        return absence.gid
