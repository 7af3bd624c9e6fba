"""Tasks: small rows, whose unchanged fields are derived from a seed when they are rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from fake_asana.model import texts
from fake_asana.model.clock import format_day, format_instant
from fake_asana.model.kinds import ABSENT, Kind, Nested, Record, bare_ref, ref, refs
from fake_asana.model.projects import start_and_due
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.values import VALUE, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.attachments import Attachment
    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.custom_types import CustomType, StatusOption
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project, Section, Tag
    from fake_asana.model.stories import Story

APPROVAL_STATUSES = ("approved", "rejected", "changes_requested")


class Task:
    """A task of any depth.

    `stories` and `attachments` are None until the first change; until then the first `n_stories` and `n_attachments`
    serial numbers after the task's own belong to them. `custom_type` holds the type and the status within it.
    `moved` is when it was last moved or liked without a change of `modified`.
    """

    resource_type: ClassVar[str] = "task"
    __slots__ = (
        "assignee",
        "attachments",
        "completed",
        "created",
        "custom_type",
        "custom_values",
        "dependencies",
        "dependents",
        "followers",
        "gid",
        "likes",
        "modified",
        "moved",
        "n_attachments",
        "n_stories",
        "parent",
        "picture",
        "sections",
        "seed",
        "serial",
        "stories",
        "subtasks",
        "subtype",
        "tags",
        "title",
        "tracked_minutes",
        "workspace",
    )

    def __init__(self, gid: str, serial: int, seed: int, workspace: Workspace, created: int) -> None:
        """Create an open task without project and parent."""
        self.gid, self.serial, self.seed, self.workspace = gid, serial, seed, workspace
        self.created = self.modified = created
        self.moved = 0
        self.picture: Attachment | None = None
        self.title: str | None = None
        self.subtype = "default_task"
        self.assignee: User | None = None
        self.completed: int | None = None
        self.parent: Task | None = None
        self.sections: tuple[Section, ...] = ()
        self.tags: tuple[Tag, ...] = ()
        self.dependencies: tuple[Task, ...] = ()
        self.dependents: tuple[Task, ...] = ()
        self.subtasks: dict[str, Task] | None = None
        self.custom_values: dict[str, Record] | None = None
        self.followers: tuple[User, ...] | None = None
        self.likes: int = 0
        self.tracked_minutes: int | None = None
        self.custom_type: tuple[CustomType, StatusOption] | None = None
        self.n_stories = self.n_attachments = 0
        self.stories: list[Story] | None = None
        self.attachments: list[Attachment] | None = None

    def copy(self) -> Task:
        """Return a copy that later changes leave alone."""
        copy = object.__new__(Task)
        for name in Task.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.stories = None if self.stories is None else list(self.stories)
        copy.attachments = None if self.attachments is None else list(self.attachments)
        return copy

    @property
    def name(self) -> str:
        """Return the name."""
        return texts.title(SeededRandom(self.seed, 1)) if self.title is None else self.title

    @property
    def notes(self) -> str:
        """Return the description."""
        return texts.prose(SeededRandom(self.seed, 2))

    @property
    def author(self) -> User:
        """Return the creator."""
        return SeededRandom(self.seed, 3).pick(self.workspace.roster)

    def projects(self) -> Iterator[Project]:
        """Yield the projects of the task."""
        return (section.project for section in self.sections if section.project)

    def fields(self) -> dict[str, CustomField]:
        """Return the custom fields of its projects by gid."""
        return {nested.row.field.gid: nested.row.field for project in self.projects() for nested in project.settings}


def task_ref(task: Task | None) -> Record | None:
    """Return a task in the form that other records use."""
    if task is None:
        return None
    return {
        "gid": task.gid,
        "resource_type": "task",
        "name": task.name,
        "resource_subtype": task.subtype,
        "created_by": bare_ref(task.author),
    }


def approval_status(task: Task) -> object:
    """Return the approval status, consistent with completion; ABSENT for tasks other than approvals."""
    if task.subtype != "approval":
        return ABSENT
    return APPROVAL_STATUSES[task.seed % 3] if task.completed else "pending"


def assigned_by(task: Task) -> Record | None:
    """Return the user who assigned the task, None if unknown."""
    return ref(task.author) if task.assignee and task.seed % 2 else None


def completed_by(task: Task) -> Record | None:
    """Return the user who completed the task."""
    return ref(task.assignee or task.author) if task.completed else None


def external(task: Task) -> object:
    """Return the data of an external program; ABSENT for most tasks."""
    if task.seed % 50:
        return ABSENT
    return {"gid": f"ext-{task.gid}", "data": '{"a": "ü", "n": 1.5}'}


def task_likes(task: Task) -> list[Record]:
    """Return the likes of the task."""
    people = SeededRandom(task.seed, 4).sample(task.workspace.roster, 2) if task.seed % 10 == 0 else []
    people = people + [task.author] * task.likes
    return [{"gid": f"{task.gid}{index}", "user": ref(user)} for index, user in enumerate(people)]


def followers_of_task(task: Task) -> tuple[User, ...]:
    """Return the followers of a task, derived from its seed until they change."""
    if task.followers is None:
        return tuple(SeededRandom(task.seed, 5).sample(task.workspace.roster, 3))
    return task.followers


def section_memberships(task: Task) -> list[Record]:
    """Return each project of the task with its section."""
    return [{"project": ref(s.project), "section": ref(s)} for s in task.sections]


def minutes(task: Task) -> int | None:
    """Return the tracked minutes: None if there are none, or the plan has no time tracking."""
    return None if "time_tracking" in task.workspace.missing_features else task.tracked_minutes


def custom_type_ref(task: Task, index: Literal[0, 1]) -> Record | None:
    """Return the custom type of the task (index 0) or its status (index 1)."""
    return (
        ref(task.custom_type[index])
        if task.custom_type and "custom_types" not in task.workspace.missing_features
        else None
    )


def dates(task: Task) -> tuple[str | None, ...]:
    """Return start_on, start_at, due_on and due_at; the times are None for whole days."""
    start, due = start_and_due(task.seed >> 7, task.created)
    exact = due is not None and task.seed % 5 == 0
    return (
        format_day(start),
        (format_instant(start) if exact else None),
        format_day(due),
        (format_instant(due) if exact else None),
    )


def task_fields(task: Task) -> list[Nested[Value]]:
    """Return the values of every field of its projects."""
    if "custom_fields" in task.workspace.missing_features:
        return []
    given = task.custom_values or {}
    return [Nested(VALUE, Value(field, task.seed, given.get(gid))) for gid, field in task.fields().items()]


def html_notes(task: Task) -> str:
    """Return the description in HTML, with the picture in it."""
    html = texts.html(task.notes)
    if task.picture is None:
        return html
    return html.replace("</body>", f'<img data-asana-gid="{task.picture.gid}" data-asana-type="attachment"></body>')


TASK: Kind[Task] = Kind(
    "task",
    {
        "name": lambda t: t.name,
        "resource_subtype": lambda t: t.subtype,
        "created_by": lambda t: bare_ref(t.author),
        "approval_status": approval_status,
        "assigned_by": assigned_by,
        "completed": lambda t: t.completed is not None,
        "completed_at": lambda t: format_instant(t.completed),
        "completed_by": completed_by,
        "created_at": lambda t: format_instant(t.created),
        "dependencies": lambda t: [bare_ref(other) for other in t.dependencies],
        "dependents": lambda t: [bare_ref(other) for other in t.dependents],
        "due_at": lambda t: dates(t)[3],
        "due_on": lambda t: dates(t)[2],
        "external": external,
        "html_notes": html_notes,
        "is_rendered_as_separator": lambda t: t.seed % 80 == 0,
        "liked": lambda t: t.likes > 0,
        "likes": task_likes,
        "memberships": section_memberships,
        "modified_at": lambda t: format_instant(t.modified),
        "notes": lambda t: t.notes,
        "num_likes": lambda t: len(task_likes(t)),
        "num_subtasks": lambda t: len(t.subtasks or ()),
        "start_at": lambda t: dates(t)[1],
        "start_on": lambda t: dates(t)[0],
        "actual_time_minutes": minutes,
        "assignee": lambda t: ref(t.assignee),
        "assignee_section": lambda t: ref(t.assignee.my_tasks_section) if t.assignee else None,
        "custom_fields": task_fields,
        "custom_type": lambda t: custom_type_ref(t, 0),
        "custom_type_status_option": lambda t: custom_type_ref(t, 1),
        "followers": lambda t: refs(followers_of_task(t)),
        "parent": lambda t: task_ref(t.parent),
        "projects": lambda t: refs(t.projects()),
        "tags": lambda t: refs(t.tags),
        "workspace": lambda t: ref(t.workspace),
        "permalink_url": lambda t: f"https://app.asana.com/0/0/{t.gid}",
    },
    compact=("name", "resource_subtype", "created_by"),
    opt_in=frozenset(
        {
            "created_by",
            "dependencies",
            "dependents",
            "external",
            "html_notes",
            "is_rendered_as_separator",
            "num_subtasks",
        },
    ),
)
