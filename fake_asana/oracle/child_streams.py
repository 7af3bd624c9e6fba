"""The streams of all that hangs from workspaces, projects, portfolios, goals and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_asana.model.absences import ABSENCE
from fake_asana.model.agents import AGENT
from fake_asana.model.custom_fields import SETTING
from fake_asana.model.custom_types import CUSTOM_TYPE
from fake_asana.model.goals import GOAL, RELATIONSHIP
from fake_asana.model.memberships import MEMBERSHIP
from fake_asana.model.periods import PERIOD
from fake_asana.model.portfolios import LINK, PORTFOLIO
from fake_asana.model.projects import BRIEF
from fake_asana.model.resourcing import ALLOCATION, BUDGET, RATE
from fake_asana.model.roles import ROLE
from fake_asana.model.statuses import STATUS
from fake_asana.model.task_lists import TASK_LIST, TaskList
from fake_asana.model.templates import PROJECT_TEMPLATE, TASK_TEMPLATE
from fake_asana.model.tracking import CATEGORY, ENTRY, TIMESHEET
from fake_asana.oracle.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fake_asana.model.access import Viewer
    from fake_asana.model.custom_fields import Setting
    from fake_asana.model.kinds import Record
    from fake_asana.model.memberships import Membership
    from fake_asana.model.projects import Brief
    from fake_asana.model.resources import Collection, Resource
    from fake_asana.model.state import State
    from fake_asana.oracle.stream import Found


def seen(pick: Callable[[State], Collection[Any]]) -> Found:
    """A finder of what somebody sees of a shelf."""

    def rows(state: State, viewer: Viewer) -> Iterator[Resource]:
        return filter(viewer.sees, pick(state))

    return rows


def members(kind: str) -> Stream:
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


HUNG: dict[str, Stream] = {
    "user_task_lists": Stream(TASK_LIST, task_lists),
    "agents": Stream(AGENT, seen(lambda s: s.agents)),
    "roles": Stream(ROLE, seen(lambda s: s.roles)),
    "ooo_entries": Stream(ABSENCE, seen(lambda s: s.absences), workspace),
    "project_memberships": members("project"),
    "project_briefs": Stream(BRIEF, briefs),
    "project_templates": Stream(PROJECT_TEMPLATE, seen(lambda s: s.project_templates), workspace),
    "task_templates": Stream(TASK_TEMPLATE, seen(lambda s: s.task_templates)),
    "custom_field_settings": Stream(SETTING, settings),
    "custom_types": Stream(CUSTOM_TYPE, seen(lambda s: s.custom_types), workspace),
    "portfolios": Stream(PORTFOLIO, seen(lambda s: s.portfolios)),
    "portfolio_items": Stream(LINK, seen(lambda s: s.items), lambda item: {"portfolio_gid": item.portfolio.gid}),
    "portfolio_memberships": members("portfolio"),
    "time_periods": Stream(PERIOD, seen(lambda s: s.periods), workspace),
    "goals": Stream(GOAL, seen(lambda s: s.goals)),
    "goal_memberships": members("goal"),
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
