"""One class per stream, and the order in which they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_asana.streams.audit import AuditLogEvents
from tap_asana.streams.conversation import Attachments, StatusUpdates, Stories
from tap_asana.streams.customization import CustomFields, CustomFieldSettings, CustomTypes
from tap_asana.streams.deletions import Deletions
from tap_asana.streams.membership import (
    GoalMemberships,
    PortfolioMemberships,
    ProjectMemberships,
    TeamMemberships,
    WorkspaceMemberships,
)
from tap_asana.streams.people import Agents, Roles, Teams, Users, Workspaces
from tap_asana.streams.planning import GoalRelationships, Goals, PortfolioItems, Portfolios, TimePeriods
from tap_asana.streams.resourcing import Allocations, Budgets, OooEntries, Rates
from tap_asana.streams.templates import ProjectTemplates, TaskTemplates
from tap_asana.streams.time import TimesheetApprovalStatuses, TimeTrackingCategories, TimeTrackingEntries
from tap_asana.streams.work import ProjectBriefs, Projects, Sections, Tags, Tasks, UserTaskLists

if TYPE_CHECKING:
    from tap_asana.sync.stream import AsanaStream

ALL: tuple[type[AsanaStream], ...] = (
    Workspaces,
    Projects,
    # Bearings are taken before the rest is read, so that nothing can vanish in between.
    Deletions,
    AuditLogEvents,
    Users,
    Teams,
    TeamMemberships,
    WorkspaceMemberships,
    UserTaskLists,
    Agents,
    Roles,
    OooEntries,
    ProjectMemberships,
    ProjectBriefs,
    ProjectTemplates,
    TaskTemplates,
    Sections,
    Tags,
    Portfolios,
    PortfolioItems,
    PortfolioMemberships,
    TimePeriods,
    Goals,
    GoalMemberships,
    GoalRelationships,
    CustomFields,
    CustomFieldSettings,
    CustomTypes,
    TimeTrackingCategories,
    TimesheetApprovalStatuses,
    Allocations,
    Budgets,
    Rates,
    StatusUpdates,
    # The walk of the tasks is long: a run that takes it up does not read again what came before it.
    Tasks,
    Stories,
    Attachments,
    TimeTrackingEntries,
)
