"""What a complete read of each stream holds: its kind, and the rows that a viewer sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from fake_asana.model import attachments, audit, stories
from fake_asana.model.attachments import ATTACHMENT, Attachment
from fake_asana.model.audit import AUDIT
from fake_asana.model.custom_fields import FIELD, SETTING, CustomField
from fake_asana.model.custom_types import CUSTOM_TYPE
from fake_asana.model.goals import GOAL, PERIOD, RELATIONSHIP
from fake_asana.model.memberships import MEMBERSHIP
from fake_asana.model.people import TASK_LIST, TEAM, TEAM_MEMBERSHIP, USER, WORKSPACE, WORKSPACE_MEMBERSHIP, TaskList
from fake_asana.model.portfolios import LINK, PORTFOLIO
from fake_asana.model.projects import BRIEF, PROJECT, SECTION, TAG, Brief
from fake_asana.model.resourcing import ALLOCATION, BUDGET, RATE
from fake_asana.model.staffing import ABSENCE, AGENT, ROLE
from fake_asana.model.statuses import STATUS
from fake_asana.model.stories import STORY, Story
from fake_asana.model.tasks import TASK, Task
from fake_asana.model.templates import PROJECT_TEMPLATE, TASK_TEMPLATE
from fake_asana.model.tracking import CATEGORY, ENTRY, TIMESHEET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fake_asana.model.access import Viewer
    from fake_asana.model.custom_fields import Setting
    from fake_asana.model.kinds import Kind, Record, Row
    from fake_asana.model.memberships import Membership
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Brief
    from fake_asana.model.resources import Collection, Resource
    from fake_asana.model.state import State

Found = Callable[["State", "Viewer"], "Iterable[Row]"]
Keys = Callable[[Any], "Record"]


def nothing(_: object) -> Record:
    """No further keys."""
    return {}


class Stream(NamedTuple):
    """A kind, how its rows are found, and the gids of what they hang from where their records do not say so."""

    kind: Kind[Any]
    rows: Found
    adds: Keys = nothing


def seen(pick: Callable[[State], Collection[Any]]) -> Found:
    """A finder of what somebody sees of a shelf."""

    def rows(state: State, viewer: Viewer) -> Iterator[Resource]:
        return filter(viewer.sees, pick(state))

    return rows


def memberships_in(kind: str) -> Stream:
    """The memberships in parents of one kind."""

    def rows(state: State, viewer: Viewer) -> Iterator[Membership]:
        return (row for row in state.memberships if row.parent.resource_type == kind and viewer.sees(row))

    return Stream(MEMBERSHIP, rows)


def briefs(state: State, viewer: Viewer) -> Iterator[Brief]:
    """The briefs of the projects that somebody sees, where the plan has briefs."""
    for brief in state.briefs.values():
        if viewer.sees(brief) and "project_briefs" not in brief.project.workspace.lacks:
            yield brief


def settings(state: State, viewer: Viewer) -> Iterator[Setting]:
    """The fields on projects, teams, portfolios and goals."""
    for holder in (*state.projects.values(), *state.teams.values(), *state.portfolios, *state.goals):
        yield from filter(viewer.sees, (inside.row for inside in holder.settings))


def task_lists(state: State, viewer: Viewer) -> Iterator[TaskList]:
    """The lists of everybody in the workspaces of the token."""
    for gid in viewer.workspaces:
        yield from map(TaskList, state.workspaces[gid].members.values())


def workspace(thing: Resource) -> Record:
    """The workspace of a thing."""
    return {"workspace_gid": thing.workspace.gid}


CHILD_STREAMS: dict[str, Stream] = {
    "user_task_lists": Stream(TASK_LIST, task_lists),
    "agents": Stream(AGENT, seen(lambda s: s.agents)),
    "roles": Stream(ROLE, seen(lambda s: s.roles)),
    "ooo_entries": Stream(ABSENCE, seen(lambda s: s.absences), workspace),
    "project_memberships": memberships_in("project"),
    "project_briefs": Stream(BRIEF, briefs),
    "project_templates": Stream(PROJECT_TEMPLATE, seen(lambda s: s.project_templates), workspace),
    "task_templates": Stream(TASK_TEMPLATE, seen(lambda s: s.task_templates)),
    "custom_field_settings": Stream(SETTING, settings),
    "custom_types": Stream(CUSTOM_TYPE, seen(lambda s: s.custom_types), workspace),
    "portfolios": Stream(PORTFOLIO, seen(lambda s: s.portfolios)),
    "portfolio_items": Stream(LINK, seen(lambda s: s.items), lambda item: {"portfolio_gid": item.portfolio.gid}),
    "portfolio_memberships": memberships_in("portfolio"),
    "time_periods": Stream(PERIOD, seen(lambda s: s.periods), workspace),
    "goals": Stream(GOAL, seen(lambda s: s.goals)),
    "goal_memberships": memberships_in("goal"),
    "goal_relationships": Stream(RELATIONSHIP, seen(lambda s: s.relationships)),
    "status_updates": Stream(STATUS, seen(lambda s: s.statuses)),
    "time_tracking_categories": Stream(CATEGORY, seen(lambda s: s.categories), workspace),
    "time_tracking_entries": Stream(
        ENTRY,
        seen(lambda s: s.entries),
        lambda entry: {**workspace(entry), "task_gid": entry.task.gid},
    ),
    "timesheet_approval_statuses": Stream(TIMESHEET, seen(lambda s: s.timesheets)),
    "allocations": Stream(ALLOCATION, seen(lambda s: s.allocations), workspace),
    "budgets": Stream(BUDGET, seen(lambda s: s.budgets)),
    "rates": Stream(RATE, seen(lambda s: s.rates)),
}

VOLATILE = {"attachments": frozenset({"download_url"})}


def workspaces(state: State, viewer: Viewer) -> list[Workspace]:
    """The workspaces of the token."""
    return [state.workspaces[gid] for gid in viewer.workspaces]


def active_users(state: State, viewer: Viewer) -> list[User]:
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
    "users": Stream(USER, active_users),
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
    **CHILD_STREAMS,
}
