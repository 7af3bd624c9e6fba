"""Attachments of tasks, projects and project briefs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.clock import format_instant
from fake_asana.model.gids import gid
from fake_asana.model.kinds import ABSENT, Kind, Record, ref
from fake_asana.model.seeded_random import mix
from fake_asana.model.tasks import Task, task_ref

if TYPE_CHECKING:
    from fake_asana.model.projects import Brief, Project

HOSTS = ("asana", "asana", "asana", "gdrive", "box")
FILE_NAMES = ("Übersicht.pdf", "scan 01.png", "報告書.docx", "data.csv", "no extension", "a/b\\c.txt")


class Attachment:
    """A file on a task, project or brief."""

    resource_type: ClassVar[str] = "attachment"
    __slots__ = ("created", "gid", "name", "parent", "seed")

    def __init__(self, gid: str, seed: int, parent: Task | Project | Brief, created: int) -> None:
        """Create a file."""
        self.gid, self.seed, self.parent, self.created = gid, seed, parent, created
        self.name = FILE_NAMES[seed % 6]

    @property
    def host(self) -> str:
        """Return the name of the service that stores the file."""
        return HOSTS[self.seed // 6 % 5]


def attachments_of_task(task: Task) -> list[Attachment]:
    """Return the files of a task, oldest first."""
    if task.attachments is not None:
        return task.attachments
    first, count = task.serial + 1 + task.n_stories, task.n_attachments
    step = (task.modified - task.created) // (count + 1)
    return [
        Attachment(gid(first + index), mix(task.seed, 9, index), task, task.created + step * (index + 1))
        for index in range(count)
    ]


def parent_ref(attachment: Attachment) -> Record | None:
    """Return the parent in the form that attachments use."""
    holder = attachment.parent
    return task_ref(holder) if isinstance(holder, Task) else ref(holder)


def size(attachment: Attachment) -> object:
    """Return the bytes of a file stored by Asana, sometimes above 2**31; ABSENT for other hosts."""
    if attachment.host != "asana":
        return ABSENT
    return 3_000_000_000 + attachment.seed % 997 if attachment.seed % 20 == 0 else attachment.seed % 5_000_000


def signed(attachment: Attachment) -> str:
    """Return an address that opens without login for half an hour."""
    signature = f"{mix(attachment.seed, 10):016x}"
    return f"https://files.example.com/{attachment.gid}?X-Amz-Expires=1800&X-Amz-Signature={signature}"


def download_url(attachment: Attachment) -> str | None:
    """Return the download address of a file stored by Asana, None for other hosts."""
    return signed(attachment) if attachment.host == "asana" else None


def view_url(attachment: Attachment) -> str | None:
    """Return the browser's address: the download address if Asana stores the file, and None for one of the hosts."""
    if attachment.host == "asana":
        return signed(attachment)
    return None if attachment.host == "box" else f"https://files.example.com/view/{attachment.gid}"


ATTACHMENT: Kind[Attachment] = Kind(
    "attachment",
    {
        "name": lambda a: a.name,
        "resource_subtype": lambda a: a.host,
        "created_at": lambda a: format_instant(a.created),
        "download_url": download_url,
        "permanent_url": lambda a: f"https://app.asana.com/app/asana/-/get_asset?asset_id={a.gid}",
        "host": lambda a: a.host,
        "parent": parent_ref,
        "size": size,
        "view_url": view_url,
        "connected_to_app": lambda a: a.host == "gdrive",
    },
    compact=("name", "resource_subtype"),
)
