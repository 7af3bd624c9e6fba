"""Projects, their sections and briefs, and the tags of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import DAY_MS, format_day, format_instant
from fake_asana.model.custom_fields import visible_settings
from fake_asana.model.gids import gid_number
from fake_asana.model.kinds import Kind, Nested, ref, refs
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.statuses import newest
from fake_asana.model.values import VALUE, Value

if TYPE_CHECKING:
    from fake_asana.model.custom_fields import Setting
    from fake_asana.model.people import Team, User, Workspace
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.tasks import Task
    from fake_asana.model.templates import ProjectTemplate

PROJECT_COLORS = ("dark-pink", "light-green", "dark-teal", "none", None)
ICONS = ("list", "board", "rocket", "star", None)
VIEWS = ("list", "board", "calendar", "timeline")
PRIVACY = ("public_to_workspace", "private_to_team", "private")


class Project:
    """A project; `order` caches its sorted tasks until one moves, `ranks` holds the positions of dragged tasks."""

    resource_type: ClassVar[str] = "project"
    __slots__ = (
        "archive_changed",
        "archived",
        "brief",
        "completed",
        "created",
        "followers",
        "gid",
        "members",
        "modified",
        "name",
        "notes",
        "order",
        "order_by_section",
        "owner",
        "privacy",
        "ranks",
        "sections",
        "seed",
        "settings",
        "status",
        "tasks",
        "team",
        "template",
        "workspace",
    )

    def __init__(self, gid: str, seed: int, workspace: Workspace, created: int) -> None:
        """Create a project without team, sections and members."""
        self.gid, self.seed, self.workspace, self.created = gid, seed, workspace, created
        self.modified, self.archived, self.archive_changed = created, False, 0
        self.name, self.notes = texts.title(SeededRandom(seed, 1)), texts.prose(SeededRandom(seed, 2))
        self.privacy = PRIVACY[0]
        self.team: Team | None = None
        self.owner: User | None = None
        self.members: list[User] = []
        self.followers: list[User] = []
        self.sections: dict[str, Section] = {}
        self.settings: list[Nested[Setting]] = []
        self.tasks: dict[str, Task] = {}
        self.order: list[Task] | None = None
        self.order_by_section: tuple[list[Task], dict[Section, list[Task]]] | None = None
        self.ranks: dict[str, int] = {}
        self.brief: Brief | None = None
        self.status: StatusUpdate | None = None
        self.template: ProjectTemplate | None = None
        self.completed: int | None = None

    def sort_key(self, task: Task) -> tuple[int, int, int]:
        """Return the position of a task: by section, then by dragged position; unrelated to time."""
        section = next(section for section in task.sections if section.project is self)
        rank = self.ranks.get(task.gid)
        return section.rank, mix(task.seed, self.seed) % 65_536 if rank is None else rank, gid_number(task.gid)

    def ordered_tasks(self) -> list[Task]:
        """Return the tasks in the order of the project."""
        if self.order is None:
            self.order = sorted(self.tasks.values(), key=self.sort_key)
        return self.order

    def section_tasks(self, section: Section) -> list[Task]:
        """Return the tasks in a section, in the order of the project."""
        order = self.ordered_tasks()
        if self.order_by_section is None or self.order_by_section[0] is not order:
            groups: dict[Section, list[Task]] = {}
            for task in order:
                for each in task.sections:
                    groups.setdefault(each, []).append(task)
            self.order_by_section = order, groups
        return self.order_by_section[1].get(section, [])


class Section:
    """A section or board column; `project` is None for a section of My Tasks."""

    resource_type: ClassVar[str] = "section"
    __slots__ = ("created", "gid", "name", "project", "rank")

    def __init__(self, gid: str, name: str, project: Project | None, rank: int, created: int) -> None:
        """Create a section at position `rank`."""
        self.gid, self.name, self.project, self.rank, self.created = gid, name, project, rank, created


class Brief:
    """The brief of a project."""

    resource_type: ClassVar[str] = "project_brief"
    __slots__ = ("gid", "name", "project", "seed", "text")

    def __init__(self, gid: str, seed: int, project: Project) -> None:
        """Create a brief."""
        self.gid, self.seed, self.project = gid, seed, project
        self.name, self.text = texts.title(SeededRandom(seed, 1)), texts.prose(SeededRandom(seed, 2))


def start_and_due(seed: int, created: int) -> tuple[int | None, int | None]:
    """Return start and due instants from a seed: neither, due only, or both."""
    due = created + (seed // 4 % 200 - 20) * DAY_MS + 9 * 3_600_000
    both, ends = seed % 4 == 0, seed % 4 > 1
    return (due - seed // 1000 % 20 * DAY_MS if both else None), (due if both or ends else None)


def project_values(project: Project) -> list[Nested[Value]]:
    """Return the custom field values of the project itself, set by portfolios; few projects have any."""
    if project.seed % 3 or "custom_fields" in project.workspace.missing_features:
        return []
    fields = list(project.workspace.custom_fields.values())[:3]
    return [Nested(VALUE, Value(field, project.seed)) for field in fields]


PROJECT: Kind[Project] = Kind(
    "project",
    {
        "name": lambda p: p.name,
        "archived": lambda p: p.archived,
        "color": lambda p: PROJECT_COLORS[p.seed % 5],
        "icon": lambda p: ICONS[p.seed // 5 % 5],
        "created_at": lambda p: format_instant(p.created),
        "current_status_update": lambda p: newest(p.status),
        "custom_field_settings": visible_settings,
        "default_view": lambda p: VIEWS[p.seed % 4],
        "due_on": lambda p: format_day(start_and_due(p.seed, p.created)[1]),
        "html_notes": lambda p: texts.html(p.notes),
        "members": lambda p: refs(p.members),
        "modified_at": lambda p: format_instant(p.modified),
        "notes": lambda p: p.notes,
        "privacy_setting": lambda p: p.privacy,
        "start_on": lambda p: format_day(start_and_due(p.seed, p.created)[0]),
        "default_access_level": lambda p: ("admin", "editor", "commenter", "viewer")[p.seed // 7 % 4],
        "minimum_access_level_for_customization": lambda p: ("admin", "editor")[p.seed // 9 % 2],
        "minimum_access_level_for_sharing": lambda p: ("admin", "editor")[p.seed // 11 % 2],
        "custom_fields": project_values,
        "completed": lambda p: p.completed is not None,
        "completed_at": lambda p: format_instant(p.completed),
        "completed_by": lambda p: ref(p.owner) if p.completed else None,
        "followers": lambda p: refs(p.followers),
        "owner": lambda p: ref(p.owner),
        "team": lambda p: ref(p.team),
        "permalink_url": lambda p: f"https://app.asana.com/0/{p.gid}/{p.gid}",
        "project_brief": lambda p: p.brief and {"gid": p.brief.gid, "resource_type": "project_brief"},
        "created_from_template": lambda p: ref(p.template),
        "workspace": lambda p: ref(p.workspace),
    },
    opt_in=frozenset({"html_notes", "project_brief", "created_from_template"}),
)
SECTION: Kind[Section] = Kind(
    "section",
    {"name": lambda s: s.name, "created_at": lambda s: format_instant(s.created), "project": lambda s: ref(s.project)},
)
BRIEF: Kind[Brief] = Kind(
    "project_brief",
    {
        "title": lambda b: b.name,
        "html_text": lambda b: texts.html(b.text),
        "text": lambda b: b.text,
        "permalink_url": lambda b: f"https://app.asana.com/0/{b.project.gid}/brief/{b.gid}",
        "project": lambda b: ref(b.project),
    },
    compact=(),
    opt_in=frozenset({"text"}),
)

TAG_COLORS = ("dark-pink", "dark-green", "light-blue", "light-warm-gray", None)


class Tag:
    """A tag, and its tasks."""

    resource_type: ClassVar[str] = "tag"
    __slots__ = ("created", "gid", "name", "notes", "seed", "tasks", "workspace")

    def __init__(self, gid: str, seed: int, workspace: Workspace, created: int) -> None:
        """Create a tag without tasks."""
        self.gid, self.seed, self.workspace, self.created = gid, seed, workspace, created
        self.name = f"#{texts.title(SeededRandom(seed, 1))}"[:40]
        self.notes = texts.prose(SeededRandom(seed, 2))
        self.tasks: dict[str, Task] = {}


TAG: Kind[Tag] = Kind(
    "tag",
    {
        "name": lambda t: t.name,
        "color": lambda t: TAG_COLORS[t.seed % 5],
        "notes": lambda t: t.notes,
        "created_at": lambda t: format_instant(t.created),
        "followers": lambda t: refs(SeededRandom(t.seed, 3).sample(t.workspace.roster, 2)),
        "workspace": lambda t: ref(t.workspace),
        "permalink_url": lambda t: f"https://app.asana.com/0/{t.gid}/{t.gid}",
    },
)
