"""Attachments of tasks, projects and project briefs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.clock import instant
from fake_asana.model.gids import gid
from fake_asana.model.kinds import ABSENT, Kind, Record, ref
from fake_asana.model.seeded_random import mix
from fake_asana.model.tasks import Task, task_ref

if TYPE_CHECKING:
    from fake_asana.model.projects import Brief, Project

HOSTS = ("asana", "asana", "asana", "gdrive", "box")
FILES = ("Übersicht.pdf", "scan 01.png", "報告書.docx", "data.csv", "no extension", "a/b\\c.txt")


class Attachment:
    """A file on its parent."""

    resource_type: ClassVar[str] = "attachment"
    __slots__ = ("created", "gid", "name", "parent", "seed")

    def __init__(self, gid: str, seed: int, parent: Task | Project | Brief, created: int) -> None:
        """A file."""
        self.gid, self.seed, self.parent, self.created = gid, seed, parent, created
        self.name = FILES[seed % 6]

    @property
    def host(self) -> str:
        """Who keeps the file."""
        return HOSTS[self.seed // 6 % 5]


def of_task(task: Task) -> list[Attachment]:
    """The files of a task, oldest first."""
    if task.attachments is not None:
        return task.attachments
    first, count = task.serial + 1 + task.n_stories, task.n_attachments
    step = (task.modified - task.created) // (count + 1)
    return [
        Attachment(gid(first + at), mix(task.seed, 9, at), task, task.created + step * (at + 1)) for at in range(count)
    ]


def parent(attachment: Attachment) -> Record | None:
    """The parent as an attachment refers to it."""
    holder = attachment.parent
    return task_ref(holder) if isinstance(holder, Task) else ref(holder)


def size(attachment: Attachment) -> object:
    """Bytes of a file that Asana itself keeps; some are larger than 2**31."""
    if attachment.host != "asana":
        return ABSENT
    return 3_000_000_000 + attachment.seed % 997 if attachment.seed % 20 == 0 else attachment.seed % 5_000_000


def signed(attachment: Attachment) -> str:
    """An address that opens without login for half an hour: whoever has it has the file."""
    signature = f"{mix(attachment.seed, 10):016x}"
    return f"https://files.example.com/{attachment.gid}?X-Amz-Expires=1800&X-Amz-Signature={signature}"


def download_url(attachment: Attachment) -> str | None:
    """Where the file can be had, if Asana itself keeps it."""
    return signed(attachment) if attachment.host == "asana" else None


def view_url(attachment: Attachment) -> str | None:
    """Where a browser shows the file: the same where Asana itself keeps it; not every other host says."""
    if attachment.host == "asana":
        return signed(attachment)
    return None if attachment.host == "box" else f"https://files.example.com/view/{attachment.gid}"


ATTACHMENT: Kind[Attachment] = Kind(
    "attachment",
    {
        "name": lambda a: a.name,
        "resource_subtype": lambda a: a.host,
        "created_at": lambda a: instant(a.created),
        "download_url": download_url,
        "permanent_url": lambda a: f"https://app.asana.com/app/asana/-/get_asset?asset_id={a.gid}",
        "host": lambda a: a.host,
        "parent": parent,
        "size": size,
        "view_url": view_url,
        "connected_to_app": lambda a: a.host == "gdrive",
    },
    compact=("name", "resource_subtype"),
)
