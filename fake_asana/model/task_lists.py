"""The list My Tasks that each person has in each workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.kinds import Kind, ref

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace, WorkspaceMembership


class TaskList:
    """The list of one person in one workspace."""

    resource_type: ClassVar[str] = "user_task_list"

    def __init__(self, member: WorkspaceMembership) -> None:
        """The list that comes with a place in a workspace."""
        self.gid: str = member.list_gid
        self.owner: User = member.user
        self.workspace: Workspace = member.workspace
        self.name: str = f"My tasks in {member.workspace.name}"


TASK_LIST: Kind[TaskList] = Kind(
    "user_task_list",
    {
        "name": lambda t: t.name,
        "owner": lambda t: ref(t.owner),
        "workspace": lambda t: ref(t.workspace),
    },
    compact=("name", "owner", "workspace"),
)
