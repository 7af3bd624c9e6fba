"""Templates of projects, and of the tasks of one project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import format_instant
from fake_asana.model.kinds import Kind, OpenObject, Record, ref, refs
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.values import VALUE, Value

if TYPE_CHECKING:
    from fake_asana.model.people import Team, User, Workspace
    from fake_asana.model.projects import Project

TEMPLATE_COLORS = ("light-green", "dark-purple", None)
TEMPLATE_SUBTYPES = ("default_task", "milestone_task", "approval_task")
DATES = (("1", "Start Date", "Choose a start date."), ("2", "Due Date", "Wann muss es fertig sein?"))
ROLES = ("Designer", "Prüferin", "開発者")


class ProjectTemplate(Resource):
    """A template of projects; some have no team, and some no owner."""

    resource_type: ClassVar[str] = "project_template"

    def __init__(self, gid: str, seed: int, workspace: Workspace) -> None:
        """Create a template without a team."""
        super().__init__(gid, seed, workspace)
        rng = SeededRandom(seed, 1)
        self.name, self.notes = f"Template: {texts.title(rng)}", texts.prose(rng)
        self.owner: User | None = rng.pick(workspace.roster) if rng.chance(60) else None
        self.team: Team | None = None


class TaskTemplate(Resource):
    """A template of the tasks of one project."""

    resource_type: ClassVar[str] = "task_template"
    project: Project
    author: User
    name: str
    created: int

    def __init__(self, gid: str, seed: int, project: Project) -> None:
        """Create a template with values from its seed."""
        super().__init__(gid, seed, project.workspace, project)
        rng = SeededRandom(seed, 1)
        self.project, self.name, self.created = project, f"New {texts.title(rng)}", project.created + seed % 1000
        self.author = rng.pick(project.workspace.roster)


def requested_dates(template: ProjectTemplate) -> list[Record]:
    """Return the dates that a new project asks for; none for some templates."""
    return [{"gid": gid, "name": name, "description": about} for gid, name, about in DATES[: template.seed % 3]]


def requested_roles(template: ProjectTemplate) -> list[Record]:
    """Return the roles that a new project asks for."""
    return [
        {"gid": f"{template.gid}{index}", "resource_type": "template_role", "name": name}
        for index, name in enumerate(ROLES[: template.seed // 3 % 4])
    ]


def related_recipes(rng: SeededRandom) -> list[Record]:
    """Return short recipes of related tasks; mostly none."""
    return [
        {"name": texts.title(rng), "task_resource_subtype": rng.pick(TEMPLATE_SUBTYPES)} for _ in range(rng.below(3))
    ]


def recipe(template: TaskTemplate) -> Record:
    """Return the recipe of a new task: opt_fields name it as a whole."""
    rng, workspace = SeededRandom(template.seed, 2), template.workspace
    notes, dated = texts.prose(rng), rng.chance(50)
    fields = list(workspace.custom_fields.values()) if "custom_fields" not in workspace.missing_features else []
    file: Record = {"gid": f"{template.gid}1", "resource_type": "attachment", "name": "résumé.pdf"}
    return OpenObject(
        {
            "name": texts.title(rng),
            "task_resource_subtype": TEMPLATE_SUBTYPES[template.seed % 3],
            "description": notes,
            "html_description": texts.html(notes),
            "memberships": refs([template.project]),
            "relative_start_on": 0 if dated else None,
            "relative_due_on": rng.below(30) if dated else None,
            "due_time": "13:15:00.000Z" if dated and rng.chance(50) else None,
            "dependencies": related_recipes(rng),
            "dependents": related_recipes(rng),
            "followers": refs(rng.sample(workspace.roster, 2)),
            "attachments": [{**file, "resource_subtype": "asana"}] if rng.chance(30) else [],
            "subtasks": related_recipes(rng),
            "custom_fields": [VALUE.default_record(Value(field, template.seed)) for field in rng.sample(fields, 3)],
        },
    )


PROJECT_TEMPLATE: Kind[ProjectTemplate] = Kind(
    "project_template",
    {
        "name": lambda t: t.name,
        "description": lambda t: t.notes,
        "html_description": lambda t: texts.html(t.notes),
        "public": lambda t: t.seed % 5 != 0,
        "owner": lambda t: ref(t.owner),
        "team": lambda t: ref(t.team),
        "requested_dates": requested_dates,
        "color": lambda t: TEMPLATE_COLORS[t.seed // 7 % 3],
        "requested_roles": requested_roles,
    },
)
TASK_TEMPLATE: Kind[TaskTemplate] = Kind(
    "task_template",
    {
        "name": lambda t: t.name,
        "project": lambda t: ref(t.project),
        "template": recipe,
        "created_by": lambda t: ref(t.author),
        "created_at": lambda t: format_instant(t.created),
    },
)
