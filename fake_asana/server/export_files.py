"""The content of export files: one line of JSON for each row, rendered when the file is written."""

from __future__ import annotations

import zlib
from itertools import chain, islice
from math import gcd
from typing import TYPE_CHECKING

import msgspec

from fake_asana.model.attachments import ATTACHMENT, attachments_of_task
from fake_asana.model.kinds import Kind, Nested, refs
from fake_asana.model.people import TEAM
from fake_asana.model.seeded_random import mix
from fake_asana.model.stories import STORY, stories_of_task
from fake_asana.model.tasks import TASK
from fake_asana.server.search import topmost_listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fake_asana.model.attachments import Attachment
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.jobs import ExportParameter, Job
    from fake_asana.model.kinds import R
    from fake_asana.model.people import Team
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

BATCH_ROWS = 200  # rows rendered while the world is locked
CHUNK_BYTES = 1 << 16
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_WBITS = 31
INLINE = ("stories", "attachments")
OMITTED_FIELDS = ("download_url", "view_url")
EXPORTED_ATTACHMENT: Kind[Attachment] = Kind(
    "attachment",
    {name: maker for name, maker in ATTACHMENT.fields.items() if name not in OMITTED_FIELDS},
    compact=ATTACHMENT.compact,
)
EXPORTED_TASK: Kind[Task] = Kind(
    "task",
    {
        **TASK.fields,
        "stories": lambda t: [Nested(STORY, story) for story in stories_of_task(t)],
        "attachments": lambda t: [Nested(EXPORTED_ATTACHMENT, file) for file in attachments_of_task(t)],
    },
    opt_in=TASK.opt_in,
)
EXPORTED_TEAM: Kind[Team] = Kind(
    "team",
    {**TEAM.fields, "members": lambda t: refs(membership.user for membership in t.members.values())},
    opt_in=TEAM.opt_in,
)


def export_lines(state: State, job: Job, dialect: Dialect, downloads: int = 0) -> Iterator[bytes]:
    """Yield every line of a job's file; a row requested by two parameters appears twice."""
    order = mix(int(job.gid), downloads) if dialect.exports.reorders else mix(int(job.gid))
    for parameter in job.parameters:
        if parameter.resource_type == "task":
            yield from in_batches(state, task_lines(state, job, parameter, order, dialect))
        elif parameter.resource_type == "team":
            yield from (
                json_line(EXPORTED_TEAM, team, parameter, dialect) for team in list(job.workspace.teams.values())
            )


def task_lines(state: State, job: Job, parameter: ExportParameter, order: int, dialect: Dialect) -> Iterator[bytes]:
    """Yield the tasks as they were at the start of the export, in no order, without those deleted since."""
    all_tasks, viewer = list(state.tasks.values()), job.creator
    for index in shuffled(len(all_tasks), order):
        gid = all_tasks[index].gid
        task = state.past_tasks.overlay_at(job.started).get(gid, all_tasks[index])
        if task is None or gid not in state.tasks or task.workspace is not job.workspace:
            continue
        if not is_exported(task, dialect):
            continue
        if parameter.filters.match(task) and viewer is not None and viewer.sees_task(task):
            yield json_line(EXPORTED_TASK, task, parameter, dialect)


def is_exported(task: Task, dialect: Dialect) -> bool:
    """Return whether exports contain tasks of this kind."""
    projects = list(topmost_listed(task).projects())
    if projects and not dialect.reach.exports_archived and all(project.archived for project in projects):
        return False
    if task.parent is not None:
        return dialect.exports_subtasks
    return dialect.exports_projectless or any(True for _ in task.projects())


def json_line(kind: Kind[R], row: R, parameter: ExportParameter, dialect: Dialect) -> bytes:
    """Return one row as JSON."""
    record = kind.default_record(row) if parameter.tree is None else kind.selected_record(row, parameter.tree)
    if dialect.exported_rows:
        cut = {name: rows[: dialect.exported_rows] for name in INLINE if isinstance(rows := record.get(name), list)}
        record = {**record, **cut}
    if int(row.gid) // 10 % 2:
        record = {name: value for name, value in record.items() if name not in dialect.exports.missing_fields}
    return msgspec.json.encode(dialect.breakage.break_record(record) if dialect.breakage else record) + b"\n"


def format_lines(rows: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """Yield the rows in the form of the file."""
    form, byte_order_mark = dialect.exports, BYTE_ORDER_MARK if dialect.exports.byte_order_mark else b""
    broken_rows = dialect.breakage.rows if dialect.breakage else ()
    all_rows = chain((row + b"\n" for row in broken_rows), rows)
    if form.array:
        yield byte_order_mark + b"["
        for index, row in enumerate(all_rows):
            yield (b",\n" if index else b"") + row.rstrip(b"\n")
        yield b"]\n"
        return
    for index, row in enumerate(all_rows):
        yield (byte_order_mark if index == 0 else b"") + (b"\n \r\n" + row + b"\n" if form.blank_lines else row)


def gzip_members(rows: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """Yield the gzip members of a file."""
    remaining, count = iter(rows), dialect.exports.lines_per_member
    if not count:
        yield from gzip_chunks(remaining)
        return
    while member := list(islice(remaining, count)):
        yield b"".join(gzip_chunks(member))


def shuffled(count: int, seed: int) -> Iterator[int]:
    """Yield the whole numbers below `count`, each once, in a different order."""
    step = max(1, count // 3 + seed % max(1, count // 3))
    while gcd(step, count) != 1:
        step += 1
    return ((seed + index * step) % count for index in range(count))


def in_batches(state: State, rows: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the rows, rendered in batches while the world is locked."""
    while True:
        with state.lock:
            batch = list(islice(rows, BATCH_ROWS))
        if not batch:
            return
        yield from batch


def gzip_chunks(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Yield chunks of a gzip member with these rows."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, GZIP_WBITS)
    buffer = bytearray()
    for row in rows:
        buffer += compressor.compress(row)
        if len(buffer) >= CHUNK_BYTES:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer) + compressor.flush()
