"""The position of a read by export in the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

FIXED_NUMBERS = 5
"""Numbers of a position in the state before the task counts of projects."""


class ExportPosition(NamedTuple):
    """How far a read by export is done, as the state keeps it.

    `job`: the gid of the export's job.
    `done`: the number of written tasks of the file, or END_OF_PARENT.
    `fields`: a hash of the requested fields.
    `content`: a number that identifies the file's content.
    `by_task`: 1 if children of single tasks are still to be requested, else 0.
    `counts`: gids of projects, each with its number of tasks.
    """

    job: int = 0
    done: int = 0
    fields: int = 0
    content: int = 0
    by_task: int = 0
    counts: tuple[int, ...] = ()

    @classmethod
    def from_state(cls, numbers: Sequence[int]) -> ExportPosition:
        """Load a position from the state."""
        job, done, fields, content, by_task = (*numbers, *[0] * FIXED_NUMBERS)[:FIXED_NUMBERS]
        return cls(job, done, fields, content, by_task, tuple(numbers[FIXED_NUMBERS:]))

    def to_state(self) -> tuple[int, ...]:
        """Return the position as the state keeps it."""
        return (self.job, self.done, self.fields, self.content, self.by_task, *self.counts)

    @property
    def expected_counts(self) -> dict[str, int]:
        """Return the number of tasks that Asana counted in some projects, by gid."""
        pairs = zip(self.counts[::2], self.counts[1::2], strict=False)
        return {f"{gid}": number for gid, number in pairs}
