"""What is in the file of an export: one line of JSON for each thing, made while it is read."""

from __future__ import annotations

import zlib
from itertools import chain, islice
from math import gcd
from typing import TYPE_CHECKING

import msgspec

from fake_asana.model import attachments, stories
from fake_asana.model.attachments import ATTACHMENT
from fake_asana.model.kinds import Inside, Kind, refs
from fake_asana.model.people import TEAM
from fake_asana.model.seeded_random import mix
from fake_asana.model.stories import STORY
from fake_asana.model.tasks import TASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fake_asana.model.attachments import Attachment
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.jobs import Job, Want
    from fake_asana.model.kinds import R
    from fake_asana.model.people import Team
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

AT_ONCE = 200  # rows made between two looks of others at the world
CHUNK = 1 << 16
MARK = b"\xef\xbb\xbf"
GZIP = 31
HIDDEN = ("download_url", "view_url")
FILE: Kind[Attachment] = Kind(
    "attachment",
    {name: maker for name, maker in ATTACHMENT.fields.items() if name not in HIDDEN},
    compact=ATTACHMENT.compact,
)
EXPORTED_TASK: Kind[Task] = Kind(
    "task",
    {
        **TASK.fields,
        "stories": lambda t: [Inside(STORY, story) for story in stories.of_task(t)],
        "attachments": lambda t: [Inside(FILE, file) for file in attachments.of_task(t)],
    },
    opt_in=TASK.opt_in,
)
EXPORTED_TEAM: Kind[Team] = Kind(
    "team",
    {**TEAM.fields, "members": lambda t: refs(place.user for place in t.members.values())},
    opt_in=TEAM.opt_in,
)


def lines(state: State, job: Job, dialect: Dialect, downloads: int = 0) -> Iterator[bytes]:
    """Every line of a job's file; a thing that two parameters ask for comes twice."""
    order = mix(int(job.gid), downloads) if dialect.exports.reordered else mix(int(job.gid))
    for want in job.wants:
        if want.resource_type == "task":
            yield from in_turns(state, tasks(state, job, want, order, dialect))
        elif want.resource_type == "team":
            yield from (line(EXPORTED_TEAM, team, want, dialect) for team in list(job.workspace.teams.values()))


def tasks(state: State, job: Job, want: Want, order: int, dialect: Dialect) -> Iterator[bytes]:
    """The tasks as they were when the export began, in no order; those that are gone by now are left out."""
    every, viewer = list(state.tasks.values()), job.creator
    for at in scattered(len(every), order):
        gid = every[at].gid
        task = state.past.at(job.begun).get(gid, every[at])
        if task is None or gid not in state.tasks or task.workspace is not job.workspace:
            continue
        if want.filters.fits(task) and viewer is not None and viewer.sees_task(task):
            yield line(EXPORTED_TASK, task, want, dialect)


def line(kind: Kind[R], row: R, want: Want, dialect: Dialect) -> bytes:
    """One row as JSON."""
    record = kind.usual(row) if want.tree is None else kind.chosen(row, want.tree)
    if int(row.gid) // 10 % 2:
        record = {name: value for name, value in record.items() if name not in dialect.exports.lacking}
    return msgspec.json.encode(dialect.breakage.spoilt(record) if dialect.breakage else record) + b"\n"


def formed(rows: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """The rows in the file's form, with what stands between them."""
    form, mark = dialect.exports, MARK if dialect.exports.marked else b""
    broken = dialect.breakage.rows if dialect.breakage else ()
    every = chain((row + b"\n" for row in broken), rows)
    if form.array:
        yield mark + b"["
        for at, row in enumerate(every):
            yield (b",\n" if at else b"") + row.rstrip(b"\n")
        yield b"]\n"
        return
    for at, row in enumerate(every):
        yield (mark if at == 0 else b"") + (b"\n \r\n" + row + b"\n" if form.blanks else row)


def bodies(rows: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """The gzip members of a file."""
    rest, count = iter(rows), dialect.exports.members
    if not count:
        yield from packed(rest)
        return
    while some := list(islice(rest, count)):
        yield b"".join(packed(some))


def scattered(count: int, seed: int) -> Iterator[int]:
    """The whole numbers below `count`, each once, not in their order."""
    step = max(1, count // 3 + seed % max(1, count // 3))
    while gcd(step, count) != 1:
        step += 1
    return ((seed + at * step) % count for at in range(count))


def in_turns(state: State, rows: Iterator[bytes]) -> Iterator[bytes]:
    """The rows, made some at a time while nobody changes the world."""
    while True:
        with state.lock:
            some = list(islice(rows, AT_ONCE))
        if not some:
            return
        yield from some


def packed(rows: Iterable[bytes]) -> Iterator[bytes]:
    """The rows in a gzip container, in chunks of some size."""
    press = zlib.compressobj(1, zlib.DEFLATED, GZIP)
    ready = bytearray()
    for row in rows:
        ready += press.compress(row)
        if len(ready) >= CHUNK:
            yield bytes(ready)
            ready.clear()
    yield bytes(ready) + press.flush()
