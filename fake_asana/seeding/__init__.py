"""Seed a world: people first, then their projects, the tasks in those, and finally the rows below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.seeding.memberships import add_memberships, add_project_memberships
from fake_asana.seeding.people import add_people, add_team_membership, add_workspace_membership, seed_tag, seed_team
from fake_asana.seeding.planning import add_planning
from fake_asana.seeding.planning import add_portfolio_items as fill_portfolio
from fake_asana.seeding.projects import add_projects, seed_project, seed_section
from fake_asana.seeding.staffing import add_staffing
from fake_asana.seeding.tasks import add_tasks
from fake_asana.seeding.templates import add_custom_types, add_templates
from fake_asana.seeding.tracking import add_entry, add_time_tracking

if TYPE_CHECKING:
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes


def fill(state: State, sizes: Sizes) -> None:
    """Fill an empty world; everything follows from its seed, the sizes and the time of creation."""
    workspaces = add_people(state, sizes)
    for workspace, share in workspaces:
        workspace_projects = add_projects(state, workspace, max(2, round(sizes.projects * share)))
        add_tasks(state, workspace, workspace_projects, sizes, round(sizes.tasks * share))
    for workspace, share in workspaces:
        add_templates(state, workspace)
        add_custom_types(state, workspace)
        add_planning(state, workspace, sizes, share)
        add_time_tracking(state, workspace)
        add_staffing(state, workspace)
        add_memberships(state, workspace)


__all__ = [
    "add_entry",
    "add_project_memberships",
    "add_team_membership",
    "add_workspace_membership",
    "fill",
    "fill_portfolio",
    "seed_project",
    "seed_section",
    "seed_tag",
    "seed_team",
]
