"""How a world comes to be: people first, then their projects, then the work in them, then all that hangs from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.seeding.memberships import admit, memberships
from fake_asana.seeding.people import add_member, add_team, join, people, tag
from fake_asana.seeding.planning import fill as fill_portfolio
from fake_asana.seeding.planning import planning
from fake_asana.seeding.projects import add_project, add_section, projects
from fake_asana.seeding.staffing import staffing
from fake_asana.seeding.tasks import tasks
from fake_asana.seeding.templates import custom_types, templates
from fake_asana.seeding.tracking import spend, tracking

if TYPE_CHECKING:
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes


def fill(state: State, sizes: Sizes) -> None:
    """Fill an empty world; everything follows from its seed, the sizes and the time it is made."""
    places = people(state, sizes)
    for workspace, share in places:
        made = projects(state, workspace, max(2, round(sizes.projects * share)))
        tasks(state, workspace, made, sizes, round(sizes.tasks * share))
    for workspace, share in places:
        templates(state, workspace)
        custom_types(state, workspace)
        planning(state, workspace, sizes, share)
        tracking(state, workspace)
        staffing(state, workspace)
        memberships(state, workspace)


__all__ = [
    "add_member",
    "add_project",
    "add_section",
    "add_team",
    "admit",
    "fill",
    "fill_portfolio",
    "join",
    "spend",
    "tag",
]
