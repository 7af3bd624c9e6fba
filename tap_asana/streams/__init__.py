"""The streams, one class each, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_asana.streams.audit import AuditLogEvents, Deletions
from tap_asana.streams.conversation import Attachments, StatusUpdates, Stories
from tap_asana.streams.customization import CustomFields, CustomFieldSettings, CustomTypes
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
    # Before all others, so that the next run reports every deletion during this read.
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
    # Last, because the traversal of the tasks is long: a resumed run does not read the other streams again.
    Tasks,
    Stories,
    Attachments,
    TimeTrackingEntries,
)
