"""Templates: of whole projects, and of the tasks of one project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import words
from fake_asana.model.clock import instant
from fake_asana.model.kinds import Kind, Open, Record, ref, refs
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.values import VALUE, Value

if TYPE_CHECKING:
    from fake_asana.model.people import Team, User, Workspace
    from fake_asana.model.projects import Project

COLORS = ("light-green", "dark-purple", None)
SUBTYPES = ("default_task", "milestone_task", "approval_task")
DATES = (("1", "Start Date", "Choose a start date."), ("2", "Due Date", "Wann muss es fertig sein?"))
ROLES = ("Designer", "Prüferin", "開発者")


class ProjectTemplate(Resource):
    """A template that projects are made from; some belong to no team, some to nobody."""

    resource_type: ClassVar[str] = "project_template"

    def __init__(self, gid: str, seed: int, workspace: Workspace) -> None:
        """A template without a team."""
        super().__init__(gid, seed, workspace)
        dice = SeededRandom(seed, 1)
        self.name, self.notes = f"Template: {words.title(dice)}", words.prose(dice)
        self.owner: User | None = dice.pick(workspace.roster) if dice.chance(60) else None
        self.team: Team | None = None


class TaskTemplate(Resource):
    """A template of the tasks of one project."""

    resource_type: ClassVar[str] = "task_template"
    project: Project
    author: User
    name: str
    created: int

    def __init__(self, gid: str, seed: int, project: Project) -> None:
        """A template with what its seed says."""
        super().__init__(gid, seed, project.workspace, project)
        dice = SeededRandom(seed, 1)
        self.project, self.name, self.created = project, f"New {words.title(dice)}", project.created + seed % 1000
        self.author = dice.pick(project.workspace.roster)


def dates(template: ProjectTemplate) -> list[Record]:
    """The dates to give when a project is made from it; some ask for none."""
    return [{"gid": gid, "name": name, "description": about} for gid, name, about in DATES[: template.seed % 3]]


def roles(template: ProjectTemplate) -> list[Record]:
    """The roles to fill when a project is made from it."""
    return [
        {"gid": f"{template.gid}{at}", "resource_type": "template_role", "name": name}
        for at, name in enumerate(ROLES[: template.seed // 3 % 4])
    ]


def recipes(dice: SeededRandom) -> list[Record]:
    """Other tasks that will be made along, in short; mostly none."""
    return [{"name": words.title(dice), "task_resource_subtype": dice.pick(SUBTYPES)} for _ in range(dice.below(3))]


def recipe(template: TaskTemplate) -> Record:
    """The task that comes of the template: it is asked by its bare name and comes whole."""
    dice, workspace = SeededRandom(template.seed, 2), template.workspace
    notes, dated = words.prose(dice), dice.chance(50)
    fields = list(workspace.custom_fields.values()) if "custom_fields" not in workspace.lacks else []
    file: Record = {"gid": f"{template.gid}1", "resource_type": "attachment", "name": "résumé.pdf"}
    return Open(
        {
            "name": words.title(dice),
            "task_resource_subtype": SUBTYPES[template.seed % 3],
            "description": notes,
            "html_description": words.html(notes),
            "memberships": refs([template.project]),
            "relative_start_on": 0 if dated else None,
            "relative_due_on": dice.below(30) if dated else None,
            "due_time": "13:15:00.000Z" if dated and dice.chance(50) else None,
            "dependencies": recipes(dice),
            "dependents": recipes(dice),
            "followers": refs(dice.some(workspace.roster, 2)),
            "attachments": [{**file, "resource_subtype": "asana"}] if dice.chance(30) else [],
            "subtasks": recipes(dice),
            "custom_fields": [VALUE.usual(Value(field, template.seed)) for field in dice.some(fields, 3)],
        },
    )


PROJECT_TEMPLATE: Kind[ProjectTemplate] = Kind(
    "project_template",
    {
        "name": lambda t: t.name,
        "description": lambda t: t.notes,
        "html_description": lambda t: words.html(t.notes),
        "public": lambda t: t.seed % 5 != 0,
        "owner": lambda t: ref(t.owner),
        "team": lambda t: ref(t.team),
        "requested_dates": dates,
        "color": lambda t: COLORS[t.seed // 7 % 3],
        "requested_roles": roles,
    },
)
TASK_TEMPLATE: Kind[TaskTemplate] = Kind(
    "task_template",
    {
        "name": lambda t: t.name,
        "project": lambda t: ref(t.project),
        "template": recipe,
        "created_by": lambda t: ref(t.author),
        "created_at": lambda t: instant(t.created),
    },
)
