"""The expected records of each stream: its kind, and the rows visible to a viewer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from fake_asana.model import audit
from fake_asana.model.attachments import ATTACHMENT, Attachment, attachments_of_task
from fake_asana.model.audit import AUDIT
from fake_asana.model.custom_fields import FIELD, SETTING, CustomField
from fake_asana.model.custom_types import CUSTOM_TYPE
from fake_asana.model.goals import GOAL, PERIOD, RELATIONSHIP
from fake_asana.model.memberships import MEMBERSHIP
from fake_asana.model.people import TASK_LIST, TEAM, TEAM_MEMBERSHIP, USER, WORKSPACE, WORKSPACE_MEMBERSHIP, TaskList
from fake_asana.model.portfolios import ITEM_LINK, PORTFOLIO
from fake_asana.model.project_lists import PROJECT_LISTS
from fake_asana.model.projects import BRIEF, PROJECT, SECTION, TAG, Brief
from fake_asana.model.resourcing import ALLOCATION, RATE
from fake_asana.model.staffing import ABSENCE, AGENT, ROLE
from fake_asana.model.statuses import STATUS
from fake_asana.model.stories import STORY, Story, stories_of_task
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

FindRows = Callable[["State", "Viewer"], "Iterable[Row]"]
ParentGids = Callable[[Any], "Record"]


def no_gids(_: object) -> Record:
    """Return no further gids."""
    return {}


class Stream(NamedTuple):
    """A kind, a function for its rows, and one for parent gids missing in the records."""

    kind: Kind[Any]
    rows: FindRows
    parent_gids: ParentGids = no_gids


def visible(pick: Callable[[State], Collection[Any]]) -> FindRows:
    """Return a function for the visible rows of a collection."""

    def rows(state: State, viewer: Viewer) -> Iterator[Resource]:
        return filter(viewer.sees, pick(state))

    return rows


def memberships_in(kind: str) -> Stream:
    """Return the stream of memberships in parents of one kind."""

    def rows(state: State, viewer: Viewer) -> Iterator[Membership]:
        return (row for row in state.memberships if row.parent.resource_type == kind and viewer.sees(row))

    return Stream(MEMBERSHIP, rows)


def briefs(state: State, viewer: Viewer) -> Iterator[Brief]:
    """Yield the visible briefs of workspaces with briefs."""
    for brief in state.briefs.values():
        if viewer.sees(brief) and "project_briefs" not in brief.project.workspace.missing_features:
            yield brief


def field_settings(state: State, viewer: Viewer) -> Iterator[Setting]:
    """Yield the visible fields of projects, teams, portfolios and goals."""
    for holder in (*state.projects.values(), *state.teams.values(), *state.portfolios, *state.goals):
        yield from filter(viewer.sees, (nested.row for nested in holder.settings))


def task_lists(state: State, viewer: Viewer) -> Iterator[TaskList]:
    """Yield the My Tasks list of each member of the token's workspaces."""
    for gid in viewer.workspaces:
        yield from map(TaskList, state.workspaces[gid].members.values())


def workspace_gid(resource: Resource) -> Record:
    """Return the workspace of a resource."""
    return {"workspace_gid": resource.workspace.gid}


def project_rows(stream: str) -> FindRows:
    """Return a function for the visible rows of one of PROJECT_LISTS."""
    return visible(lambda s: s.project_rows[stream])


CHILD_STREAMS: dict[str, Stream] = {
    "user_task_lists": Stream(TASK_LIST, task_lists),
    "agents": Stream(AGENT, visible(lambda s: s.agents)),
    "roles": Stream(ROLE, visible(lambda s: s.roles)),
    "ooo_entries": Stream(ABSENCE, visible(lambda s: s.absences), workspace_gid),
    "project_memberships": memberships_in("project"),
    "project_briefs": Stream(BRIEF, briefs),
    "project_templates": Stream(PROJECT_TEMPLATE, visible(lambda s: s.project_templates), workspace_gid),
    "task_templates": Stream(TASK_TEMPLATE, visible(lambda s: s.task_templates)),
    "custom_field_settings": Stream(SETTING, field_settings),
    "custom_types": Stream(CUSTOM_TYPE, visible(lambda s: s.custom_types), workspace_gid),
    "portfolios": Stream(PORTFOLIO, visible(lambda s: s.portfolios)),
    "portfolio_items": Stream(
        ITEM_LINK, visible(lambda s: s.portfolio_items), lambda item: {"portfolio_gid": item.portfolio.gid}
    ),
    "portfolio_memberships": memberships_in("portfolio"),
    "time_periods": Stream(PERIOD, visible(lambda s: s.time_periods), workspace_gid),
    "goals": Stream(GOAL, visible(lambda s: s.goals)),
    "goal_memberships": memberships_in("goal"),
    "goal_relationships": Stream(RELATIONSHIP, visible(lambda s: s.goal_relationships)),
    "status_updates": Stream(STATUS, visible(lambda s: s.status_updates)),
    "time_tracking_categories": Stream(CATEGORY, visible(lambda s: s.time_categories), workspace_gid),
    "time_tracking_entries": Stream(
        ENTRY,
        visible(lambda s: s.time_entries),
        lambda entry: {**workspace_gid(entry), "task_gid": entry.task.gid},
    ),
    "timesheet_approval_statuses": Stream(TIMESHEET, visible(lambda s: s.timesheets)),
    "allocations": Stream(ALLOCATION, visible(lambda s: s.allocations), workspace_gid),
    "rates": Stream(RATE, visible(lambda s: s.rates)),
}

CHILD_STREAMS |= {each.stream: Stream(each.kind, project_rows(each.stream)) for each in PROJECT_LISTS}

VOLATILE = {"attachments": frozenset({"download_url"})}


def token_workspaces(state: State, viewer: Viewer) -> list[Workspace]:
    """Return the workspaces of the token."""
    return [state.workspaces[gid] for gid in viewer.workspaces]


def members(state: State, viewer: Viewer) -> list[User]:
    """Return the active users of the workspaces, each once."""
    users = {
        member.user.gid: member.user
        for workspace in token_workspaces(state, viewer)
        for member in workspace.members.values()
        if member.active
    }
    return list(users.values())


def custom_fields(state: State, viewer: Viewer) -> Iterator[CustomField]:
    """Yield the fields of the libraries in the plan, and local fields of visible parents."""
    for field in state.custom_fields.values():
        is_available = (
            field.workspace.gid in viewer.workspaces and "custom_fields" not in field.workspace.missing_features
        )
        if is_available and viewer.sees(field):
            yield field


def visible_tasks(state: State, viewer: Viewer) -> Iterator[Task]:
    """Yield every visible task, at any depth, in a project or not."""
    return filter(viewer.sees_task, state.tasks.values())


def all_stories(state: State, viewer: Viewer) -> Iterator[Story]:
    """Yield the stories of all visible tasks and goals."""
    yield from chain.from_iterable(stories_of_task(task) for task in visible_tasks(state, viewer))
    yield from chain.from_iterable(goal.stories for goal in filter(viewer.sees, state.goals))


def all_attachments(state: State, viewer: Viewer) -> Iterator[Attachment]:
    """Yield the files of visible tasks, projects and briefs."""
    for project in filter(viewer.sees, state.projects.values()):
        yield from state.files.get(project.gid, ())
        yield from state.files.get(project.brief.gid, ()) if project.brief else ()
    for task in visible_tasks(state, viewer):
        yield from attachments_of_task(task)


def story_parents(story: Story) -> Record:
    """Return the task or goal of a story, and its workspace."""
    holders = {f"{kind}_gid": story.task.gid if story.task.resource_type == kind else None for kind in ("task", "goal")}
    return {**holders, "workspace_gid": story.task.workspace.gid}


def attachment_parents(attachment: Attachment) -> Record:
    """Return the workspace of a file."""
    holder = attachment.parent
    return {"workspace_gid": (holder.project if isinstance(holder, Brief) else holder).workspace.gid}


STREAMS: dict[str, Stream] = {
    "workspaces": Stream(WORKSPACE, token_workspaces),
    "users": Stream(USER, members),
    "teams": Stream(TEAM, lambda s, v: filter(v.sees, s.teams.values())),
    "team_memberships": Stream(
        TEAM_MEMBERSHIP,
        lambda s, v: [member for member in s.team_memberships.values() if v.sees(member.team)],
    ),
    "workspace_memberships": Stream(
        WORKSPACE_MEMBERSHIP,
        lambda s, v: [m for w in token_workspaces(s, v) for m in w.members.values()],
    ),
    "projects": Stream(PROJECT, lambda s, v: filter(v.sees, s.projects.values())),
    "sections": Stream(SECTION, lambda s, v: filter(v.sees, s.sections.values())),
    "tags": Stream(TAG, lambda s, v: [t for t in s.tags.values() if t.workspace.gid in v.workspaces]),
    "custom_fields": Stream(FIELD, custom_fields, lambda field: {"workspace_gid": field.workspace.gid}),
    "tasks": Stream(TASK, visible_tasks),
    "stories": Stream(STORY, all_stories, story_parents),
    "attachments": Stream(ATTACHMENT, all_attachments, attachment_parents),
    "audit_log_events": Stream(AUDIT, audit.visible_entries),
    **CHILD_STREAMS,
}
