"""Tasks: compact rows; whatever was never changed is derived from the row's seed when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from fake_asana.model import words
from fake_asana.model.clock import day, instant
from fake_asana.model.kinds import ABSENT, Inside, Kind, Record, link, ref, refs
from fake_asana.model.projects import span
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

VERDICTS = ("approved", "rejected", "changes_requested")


class Task:
    """A task of any depth.

    `stories` and `attachments` are None until somebody touches them: then the first `n_stories`
    and `n_attachments` serial numbers after the task's own are theirs. `spent` are the minutes that
    were tracked on it, `typed` its custom type with the status it has there.
    """

    resource_type: ClassVar[str] = "task"
    __slots__ = (
        "assignee",
        "attachments",
        "completed",
        "created",
        "dependencies",
        "dependents",
        "gid",
        "given",
        "likes",
        "modified",
        "n_attachments",
        "n_stories",
        "parent",
        "sections",
        "seed",
        "serial",
        "spent",
        "stories",
        "subtasks",
        "subtype",
        "tags",
        "title",
        "typed",
        "workspace",
    )

    def __init__(self, gid: str, serial: int, seed: int, workspace: Workspace, created: int) -> None:
        """An open task that lies nowhere."""
        self.gid, self.serial, self.seed, self.workspace = gid, serial, seed, workspace
        self.created = self.modified = created
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
        self.given: dict[str, Record] | None = None
        self.likes: int = 0
        self.spent: int | None = None
        self.typed: tuple[CustomType, StatusOption] | None = None
        self.n_stories = self.n_attachments = 0
        self.stories: list[Story] | None = None
        self.attachments: list[Attachment] | None = None

    def copy(self) -> Task:
        """The task as it is now, whatever happens to it later."""
        made = object.__new__(Task)
        for name in Task.__slots__:
            setattr(made, name, getattr(self, name))
        made.stories = None if self.stories is None else list(self.stories)
        made.attachments = None if self.attachments is None else list(self.attachments)
        return made

    @property
    def name(self) -> str:
        """What the task is called."""
        return words.title(SeededRandom(self.seed, 1)) if self.title is None else self.title

    @property
    def notes(self) -> str:
        """The description."""
        return words.prose(SeededRandom(self.seed, 2))

    @property
    def author(self) -> User:
        """Who created the task."""
        return SeededRandom(self.seed, 3).pick(self.workspace.roster)

    def projects(self) -> Iterator[Project]:
        """The projects it lies in."""
        return (section.project for section in self.sections if section.project)

    def fields(self) -> dict[str, CustomField]:
        """The custom fields that its projects give it."""
        return {inside.row.field.gid: inside.row.field for project in self.projects() for inside in project.settings}


def task_ref(task: Task | None) -> Record | None:
    """A task as others refer to it."""
    if task is None:
        return None
    return {
        "gid": task.gid,
        "resource_type": "task",
        "name": task.name,
        "resource_subtype": task.subtype,
        "created_by": link(task.author),
    }


def outcome(task: Task) -> object:
    """The approval status, in step with completion; only approvals have it."""
    if task.subtype != "approval":
        return ABSENT
    return VERDICTS[task.seed % 3] if task.completed else "pending"


def assigned_by(task: Task) -> Record | None:
    """Who assigned the task, when that is known."""
    return ref(task.author) if task.assignee and task.seed % 2 else None


def completed_by(task: Task) -> Record | None:
    """Who completed the task."""
    return ref(task.assignee or task.author) if task.completed else None


def external(task: Task) -> object:
    """What another program keeps on the task; few have it."""
    if task.seed % 50:
        return ABSENT
    return {"gid": f"ext-{task.gid}", "data": '{"a": "ü", "n": 1.5}'}


def likes(task: Task) -> list[Record]:
    """Who liked the task."""
    people = SeededRandom(task.seed, 4).some(task.workspace.roster, 2) if task.seed % 10 == 0 else []
    people = people + [task.author] * task.likes
    return [{"gid": f"{task.gid}{at}", "user": ref(user)} for at, user in enumerate(people)]


def memberships(task: Task) -> list[Record]:
    """Each project it lies in with the section there."""
    return [{"project": ref(s.project), "section": ref(s)} for s in task.sections]


def minutes(task: Task) -> int | None:
    """The time spent on the task: None where nobody tracked any, or the plan cannot."""
    return None if "time_tracking" in task.workspace.lacks else task.spent


def custom(task: Task, place: Literal[0, 1]) -> Record | None:
    """The custom type of the task (0), or the status it has there (1)."""
    return ref(task.typed[place]) if task.typed and "custom_types" not in task.workspace.lacks else None


def times(task: Task) -> tuple[str | None, ...]:
    """start_on, start_at, due_on and due_at; instants only where the day has a time."""
    start, due = span(task.seed >> 7, task.created)
    exact = due is not None and task.seed % 5 == 0
    return day(start), (instant(start) if exact else None), day(due), (instant(due) if exact else None)


def custom_fields(task: Task) -> list[Inside[Value]]:
    """The values of every field of its projects."""
    if "custom_fields" in task.workspace.lacks:
        return []
    given = task.given or {}
    return [Inside(VALUE, Value(field, task.seed, given.get(gid))) for gid, field in task.fields().items()]


TASK: Kind[Task] = Kind(
    "task",
    {
        "name": lambda t: t.name,
        "resource_subtype": lambda t: t.subtype,
        "created_by": lambda t: link(t.author),
        "approval_status": outcome,
        "assigned_by": assigned_by,
        "completed": lambda t: t.completed is not None,
        "completed_at": lambda t: instant(t.completed),
        "completed_by": completed_by,
        "created_at": lambda t: instant(t.created),
        "dependencies": lambda t: [link(other) for other in t.dependencies],
        "dependents": lambda t: [link(other) for other in t.dependents],
        "due_at": lambda t: times(t)[3],
        "due_on": lambda t: times(t)[2],
        "external": external,
        "html_notes": lambda t: words.html(t.notes),
        "is_rendered_as_separator": lambda t: t.seed % 80 == 0,
        "liked": lambda t: t.likes > 0,
        "likes": likes,
        "memberships": memberships,
        "modified_at": lambda t: instant(t.modified),
        "notes": lambda t: t.notes,
        "num_likes": lambda t: len(likes(t)),
        "num_subtasks": lambda t: len(t.subtasks or ()),
        "start_at": lambda t: times(t)[1],
        "start_on": lambda t: times(t)[0],
        "actual_time_minutes": minutes,
        "assignee": lambda t: ref(t.assignee),
        "assignee_section": lambda t: ref(t.assignee.shelf) if t.assignee else None,
        "custom_fields": custom_fields,
        "custom_type": lambda t: custom(t, 0),
        "custom_type_status_option": lambda t: custom(t, 1),
        "followers": lambda t: refs(SeededRandom(t.seed, 5).some(t.workspace.roster, 3)),
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
