"""People as they come and go."""

from __future__ import annotations

from fake_asana import seeding
from fake_asana.model.people import User
from fake_asana.model.state import State
from fake_asana.model.task_lists import TaskList


class PeopleDeeds(State):
    """Who joins and who leaves."""

    def add_user(self, workspace_gid: str) -> str:
        """A new person joins a workspace; their gid."""
        user = User(*self.fresh())
        self.users[user.gid] = user
        member = seeding.join(self, self.workspaces[workspace_gid], user)
        member.created = self.now()
        self.record("added", user)
        self.record("added", member)
        self.record("added", TaskList(member))
        return user.gid

    def remove_user(self, user_gid: str, workspace_gid: str) -> None:
        """A person leaves a workspace and its teams; their tasks still name them."""
        workspace, user = self.workspaces[workspace_gid], self.users[user_gid]
        del user.workspaces[workspace_gid]
        for member in [member for member in workspace.members.values() if member.user is user]:
            del workspace.members[member.gid], self.workspace_memberships[member.gid]
            self.record("deleted", member)
            self.record("deleted", TaskList(member))
        for absence in [absence for absence in self.absences.of(user) if absence.workspace is workspace]:
            self.absences.drop(absence)
            self.record("deleted", absence)
        for team in workspace.teams.values():
            for place in [place for place in team.members.values() if place.user is user]:
                del team.members[place.gid], self.team_memberships[place.gid]
                self.record("deleted", place)
        self.record("changed" if user.workspaces else "deleted", user)

    def add_team(self, workspace_gid: str, name: str = "New team ✨") -> str:
        """A new team with one member; its gid."""
        workspace = self.workspaces[workspace_gid]
        team = seeding.add_team(self, workspace, name)
        self.record("added", team)
        self.record("added", seeding.add_member(self, team, workspace.roster[0]))
        return team.gid
