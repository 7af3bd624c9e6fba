"""Projects of a workspace with their sections, fields, briefs and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.attachments import Attachment
from fake_asana.model.clock import DAY
from fake_asana.model.custom_fields import COLORS, LIBRARY, LOCAL, SETTING, CustomField, Make, Option, Setting
from fake_asana.model.kinds import Inside
from fake_asana.model.projects import PRIVACY, Brief, Project, Section
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.templates import ProjectTemplate
from fake_asana.seeding.people import AGE

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.kinds import Named
    from fake_asana.model.people import Team, Workspace
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.state import State

LONG_BOARD = 101  # sections: one more than a page
ENOUGH = 4  # projects a workspace needs before one of them is hidden


def projects(state: State, workspace: Workspace, count: int) -> list[Project]:
    """The projects: archived ones, some without a team, an empty one, and one that nobody has shared yet."""
    if workspace.organization:
        library(state, workspace)
    made = [add_project(state, workspace) for _ in range(count)]
    for at, project in enumerate(made):
        furnish(state, project, LONG_BOARD if at == 1 and count > ENOUGH else 1 + project.seed % 5)
    if workspace.organization and count > ENOUGH:
        made[-1].privacy = PRIVACY[2]
        state.hidden.add(made[-1].gid)
    for project in made:
        if project.gid not in state.hidden:
            sections = list(project.sections.values())
            workspace.scenery.projects.append(project)
            workspace.scenery.moves.append((sections[0], sections[-1]))
    return made


def library(state: State, workspace: Workspace) -> None:
    """One global field of each type, and one that is local to a team."""
    for make in LIBRARY:
        field = add_field(state, workspace, make)
        workspace.custom_fields[field.gid] = field
        workspace.scenery.fields.append(field)
    for team in list(workspace.teams.values())[:1]:
        local = add_field(state, workspace, LOCAL[0], owner=team)
        settle(state, team, local)


def add_field(state: State, workspace: Workspace, make: Make, owner: Named | None = None) -> CustomField:
    """A new field, with choices when its type has them; the last choice is disabled."""
    field = CustomField(*state.fresh(), make, workspace)
    field.owner = owner
    if make.subtype in {"enum", "multi_enum"}:
        count = 3 + field.seed % 4
        for at in range(count):
            color = COLORS[(field.seed + at) % len(COLORS)]
            field.options.append(Option(state.fresh()[0], f"Option {at} ½", color, enabled=at < count - 1))
    state.custom_fields[field.gid] = field
    return field


def settle(state: State, parent: Project | Team | Portfolio | Goal, field: CustomField) -> None:
    """Put a field on a project, team, portfolio or goal."""
    gid, seed = state.fresh()
    parent.settings.append(Inside(SETTING, Setting(gid, field, parent, important=seed % 2 == 0)))


def add_project(state: State, workspace: Workspace) -> Project:
    """A new project, somewhere in the past."""
    gid, seed = state.fresh()
    dice = SeededRandom(seed, 9)
    project = Project(gid, seed, workspace, state.now() - AGE + dice.below(900) * DAY + dice.below(DAY))
    project.modified = project.created + dice.below(90 * DAY)
    project.archived = dice.chance(15)
    project.completed = project.modified if dice.chance(10) else None
    project.privacy = dice.pick(PRIVACY[:2])
    project.owner = dice.pick(workspace.roster) if dice.chance(80) else None
    project.members, project.followers = dice.some(workspace.roster, 6), dice.some(workspace.roster, 3)
    project.team = dice.pick(list(workspace.teams.values())) if workspace.teams and dice.chance(70) else None
    state.projects[gid] = workspace.projects[gid] = project
    return project


def furnish(state: State, project: Project, sections: int) -> None:
    """Give a project its sections, its fields, and perhaps a brief, a status, a template and files."""
    for at in range(sections):
        add_section(state, project, f"Séction {at}" if at else "Untitled section")
    dice = SeededRandom(project.seed, 10)
    for field in dice.some(list(project.workspace.custom_fields.values()), 7):
        settle(state, project, field)
    if project.workspace.custom_fields and dice.chance(30):
        settle(state, project, add_field(state, project.workspace, dice.pick(LOCAL), owner=project))
    if dice.chance(40):
        brief = project.brief = Brief(*state.fresh(), project)
        state.briefs[brief.gid] = brief
        files(state, brief, project.created, dice.below(3))
    files(state, project, project.created, dice.below(4) if dice.chance(40) else 0)
    origins(state, project, dice)


def origins(state: State, project: Project, dice: SeededRandom) -> None:
    """The latest status and the template a project came from, where it has them."""
    if dice.chance(30):
        project.status = state.statuses.add(StatusUpdate(*state.fresh(), project, project.modified))
    if dice.chance(20):
        project.template = state.project_templates.add(ProjectTemplate(*state.fresh(), project.workspace))
        project.template.team = project.team


def add_section(state: State, project: Project, name: str) -> Section:
    """A new section at the end of a project."""
    section = Section(state.fresh()[0], name, project, len(project.sections), project.created)
    state.sections[section.gid] = project.sections[section.gid] = section
    return section


def files(state: State, parent: Project | Brief, created: int, count: int) -> None:
    """Files on a project or a brief."""
    state.files[parent.gid] = [Attachment(*state.fresh(), parent, created + at * DAY) for at in range(count)]
