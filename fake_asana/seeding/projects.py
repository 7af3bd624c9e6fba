"""Seed projects with sections, fields, briefs and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.attachments import Attachment
from fake_asana.model.clock import DAY_MS
from fake_asana.model.custom_fields import (
    LIBRARY_TYPES,
    LOCAL_TYPES,
    OPTION_COLORS,
    SETTING,
    CustomField,
    FieldType,
    Option,
    Setting,
)
from fake_asana.model.kinds import Nested
from fake_asana.model.projects import PRIVACY, Brief, Project, Section
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.templates import ProjectTemplate
from fake_asana.seeding.people import WORLD_AGE_MS

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.kinds import Named
    from fake_asana.model.people import Team, Workspace
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.state import State

SECTION_NAMES = ("Untitled section", "To do", "In Arbeit", "Révision ✓", "Done")
OPTION_NAMES = ("Low", "Medium ½", "High", "Very high", "Extreme", "Unbekannt")
MANY_SECTIONS = 101  # sections: one more than a page
MIN_PROJECTS_TO_HIDE_ONE = 4  # projects of a workspace before one is hidden


def add_projects(state: State, workspace: Workspace, count: int) -> list[Project]:
    """Add projects: some archived, some without a team, an empty one, and a hidden one."""
    if workspace.organization:
        add_library(state, workspace)
    added = [seed_project(state, workspace) for _ in range(count)]
    for index, project in enumerate(added):
        furnish_project(
            state, project, MANY_SECTIONS if index == 1 and count > MIN_PROJECTS_TO_HIDE_ONE else 1 + project.seed % 5
        )
    if workspace.organization and count > MIN_PROJECTS_TO_HIDE_ONE:
        added[-1].privacy = PRIVACY[2]
        state.hidden_projects.add(added[-1].gid)
    for project in added:
        if project.gid not in state.hidden_projects:
            sections = list(project.sections.values())
            workspace.story_targets.projects.append(project)
            workspace.story_targets.moves.append((sections[0], sections[-1]))
    return added


def add_library(state: State, workspace: Workspace) -> None:
    """Add one global field of each type, and one local to a team."""
    for make in LIBRARY_TYPES:
        field = add_field(state, workspace, make)
        workspace.custom_fields[field.gid] = field
        workspace.story_targets.fields.append(field)
    for team in list(workspace.teams.values())[:1]:
        local = add_field(state, workspace, LOCAL_TYPES[0], owner=team)
        add_setting(state, team, local)


def add_field(state: State, workspace: Workspace, make: FieldType, owner: Named | None = None) -> CustomField:
    """Add a field, with choices if its type has any; the last choice is disabled."""
    field = CustomField(*state.new_gid(), make, workspace)
    field.owner = owner
    if make.subtype in {"enum", "multi_enum"}:
        count = 3 + field.seed % 4
        for index in range(count):
            color = OPTION_COLORS[(field.seed + index) % len(OPTION_COLORS)]
            field.options.append(Option(state.new_gid()[0], OPTION_NAMES[index], color, enabled=index < count - 1))
    state.custom_fields[field.gid] = field
    return field


def add_setting(state: State, parent: Project | Team | Portfolio | Goal, field: CustomField) -> None:
    """Put a field on a project, team, portfolio or goal."""
    gid, seed = state.new_gid()
    parent.settings.append(Nested(SETTING, Setting(gid, field, parent, important=seed % 2 == 0)))


def seed_project(state: State, workspace: Workspace) -> Project:
    """Add a project created in the past."""
    gid, seed = state.new_gid()
    rng = SeededRandom(seed, 9)
    project = Project(gid, seed, workspace, state.now() - WORLD_AGE_MS + rng.below(900) * DAY_MS + rng.below(DAY_MS))
    project.modified = project.created + rng.below(90 * DAY_MS)
    project.archived = rng.chance(15)
    project.completed = project.modified if rng.chance(10) else None
    project.privacy = rng.pick(PRIVACY[:2])
    project.owner = rng.pick(workspace.roster) if rng.chance(80) else None
    project.members, project.followers = rng.sample(workspace.roster, 6), rng.sample(workspace.roster, 3)
    project.team = rng.pick(list(workspace.teams.values())) if workspace.teams and rng.chance(70) else None
    state.projects[gid] = workspace.projects[gid] = project
    return project


def furnish_project(state: State, project: Project, sections: int) -> None:
    """Add sections and fields to a project, and perhaps a brief, a status, a template and files."""
    for index in range(sections):
        seed_section(state, project, SECTION_NAMES[index] if index < len(SECTION_NAMES) else f"Séction {index}")
    rng = SeededRandom(project.seed, 10)
    for field in rng.sample(list(project.workspace.custom_fields.values()), 7):
        add_setting(state, project, field)
    if project.workspace.custom_fields and rng.chance(30):
        add_setting(state, project, add_field(state, project.workspace, rng.pick(LOCAL_TYPES), owner=project))
    if rng.chance(40):
        brief = project.brief = Brief(*state.new_gid(), project)
        state.briefs[brief.gid] = brief
        add_files(state, brief, project.created, rng.below(3))
    add_files(state, project, project.created, rng.below(4) if rng.chance(40) else 0)
    add_origins(state, project, rng)


def add_origins(state: State, project: Project, rng: SeededRandom) -> None:
    """Add the latest status and the template of some projects."""
    if rng.chance(30):
        project.status = state.status_updates.add(StatusUpdate(*state.new_gid(), project, project.modified))
    if rng.chance(20):
        project.template = state.project_templates.add(ProjectTemplate(*state.new_gid(), project.workspace))
        project.template.team = project.team


def seed_section(state: State, project: Project, name: str) -> Section:
    """Add a section at the end of a project."""
    section = Section(state.new_gid()[0], name, project, len(project.sections), project.created)
    state.sections[section.gid] = project.sections[section.gid] = section
    return section


def add_files(state: State, parent: Project | Brief, created: int, count: int) -> None:
    """Add files to a project or a brief."""
    state.files[parent.gid] = [Attachment(*state.new_gid(), parent, created + index * DAY_MS) for index in range(count)]
