"""What a complete read holds: each stream's kind, and the rows that somebody sees."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from fake_asana.model import attachments, audit, stories
from fake_asana.model.attachments import ATTACHMENT, Attachment
from fake_asana.model.audit import AUDIT
from fake_asana.model.custom_fields import FIELD, CustomField
from fake_asana.model.people import TEAM, TEAM_MEMBERSHIP, USER, WORKSPACE, WORKSPACE_MEMBERSHIP
from fake_asana.model.projects import PROJECT, SECTION, Brief
from fake_asana.model.stories import STORY, Story
from fake_asana.model.tags import TAG
from fake_asana.model.tasks import TASK, Task
from fake_asana.oracle.child_streams import HUNG
from fake_asana.oracle.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.access import Viewer
    from fake_asana.model.kinds import Record
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.state import State

VOLATILE = {"attachments": frozenset({"download_url"})}


def workspaces(state: State, viewer: Viewer) -> list[Workspace]:
    """The workspaces of the token."""
    return [state.workspaces[gid] for gid in viewer.workspaces]


def members(state: State, viewer: Viewer) -> list[User]:
    """Everybody who is active in one of the workspaces, once."""
    found = {
        member.user.gid: member.user
        for workspace in workspaces(state, viewer)
        for member in workspace.members.values()
        if member.active
    }
    return list(found.values())


def fields(state: State, viewer: Viewer) -> Iterator[CustomField]:
    """The libraries that the plan includes, and what is local to a parent the token sees."""
    for field in state.custom_fields.values():
        known = field.workspace.gid in viewer.workspaces and "custom_fields" not in field.workspace.lacks
        if known and viewer.sees(field):
            yield field


def tasks(state: State, viewer: Viewer) -> Iterator[Task]:
    """Every task that the token sees, at any depth, in a project or not."""
    return filter(viewer.sees_task, state.tasks.values())


def all_stories(state: State, viewer: Viewer) -> Iterator[Story]:
    """The stories of all those tasks, and of the goals that the token sees."""
    yield from chain.from_iterable(stories.of_task(task) for task in tasks(state, viewer))
    yield from chain.from_iterable(goal.stories for goal in filter(viewer.sees, state.goals))


def all_attachments(state: State, viewer: Viewer) -> Iterator[Attachment]:
    """The files of tasks, projects and briefs."""
    for project in filter(viewer.sees, state.projects.values()):
        yield from state.files.get(project.gid, ())
        yield from state.files.get(project.brief.gid, ()) if project.brief else ()
    for task in tasks(state, viewer):
        yield from attachments.of_task(task)


def of_story(story: Story) -> Record:
    """What a story hangs from: a task or a goal, in its workspace."""
    holders = {f"{kind}_gid": story.task.gid if story.task.resource_type == kind else None for kind in ("task", "goal")}
    return {**holders, "workspace_gid": story.task.workspace.gid}


def of_attachment(attachment: Attachment) -> Record:
    """The workspace of what a file hangs from."""
    holder = attachment.parent
    return {"workspace_gid": (holder.project if isinstance(holder, Brief) else holder).workspace.gid}


STREAMS: dict[str, Stream] = {
    "workspaces": Stream(WORKSPACE, workspaces),
    "users": Stream(USER, members),
    "teams": Stream(TEAM, lambda s, v: filter(v.sees, s.teams.values())),
    "team_memberships": Stream(
        TEAM_MEMBERSHIP,
        lambda s, v: [member for member in s.team_memberships.values() if v.sees(member.team)],
    ),
    "workspace_memberships": Stream(
        WORKSPACE_MEMBERSHIP,
        lambda s, v: [m for w in workspaces(s, v) for m in w.members.values()],
    ),
    "projects": Stream(PROJECT, lambda s, v: filter(v.sees, s.projects.values())),
    "sections": Stream(SECTION, lambda s, v: filter(v.sees, s.sections.values())),
    "tags": Stream(TAG, lambda s, v: [t for t in s.tags.values() if t.workspace.gid in v.workspaces]),
    "custom_fields": Stream(FIELD, fields, lambda field: {"workspace_gid": field.workspace.gid}),
    "tasks": Stream(TASK, tasks),
    "stories": Stream(STORY, all_stories, of_story),
    "attachments": Stream(ATTACHMENT, all_attachments, of_attachment),
    "audit_log_events": Stream(AUDIT, audit.visible),
    **HUNG,
}
