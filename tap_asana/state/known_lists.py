"""What the last complete read of a workspace saw, one hash for each short list and for each recently changed task.

The state of the stream `projects` has the hashes for each workspace, each kind as one text:

    {"known_lists": {"run": 7, "hashes": "Kf0A3cs…"}, "known_tasks": {"run": 7, "hashes": "0Mz3iYw…"}}

`run` is the run that began the read: the hashes hold for the streams whose bookmark has the same run. Nobody can tell
from them which lists and tasks there were. 10,000 lists take 67 kB, and the tasks, of which there are at most a
thousand, 7 kB.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, MutableMapping
from typing import Any, ClassVar, Literal

from tap_asana.state.shape import partition_of

HASH_BYTES = 5
"""Bytes of a hash: a changed list has a hash of one of 10,000 others once in 100 million cases."""


def hash_of(text: str) -> bytes:
    """Return the hash of a text."""
    return hashlib.blake2b(text.encode(), digest_size=HASH_BYTES).digest()


def pack_hashes(hashes: Iterable[bytes]) -> str:
    """Return hashes as one text."""
    return base64.b64encode(b"".join(sorted(hashes))).decode()


def unpack_hashes(text: str) -> frozenset[bytes]:
    """Return the hashes in a text."""
    joined = base64.b64decode(text)
    return frozenset(joined[start : start + HASH_BYTES] for start in range(0, len(joined), HASH_BYTES))


class KnownHashes:
    """The hashes of one kind in a workspace."""

    key: ClassVar[Literal["known_lists", "known_tasks"]]

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    def at(self, runs: Iterable[int | None]) -> frozenset[bytes]:
        """Return the hashes, if the last complete reads of all streams began in the run that has left them."""
        entry = self._partition.get(self.key)
        if not entry or {*runs} != {entry["run"]}:
            return frozenset()
        return unpack_hashes(entry["hashes"])

    def _write(self, run: int, hashes: Collection[bytes], *, is_only: bool) -> None:
        """Write the hashes; none say something too, if the run has further reads."""
        self._partition.pop(self.key, None)
        if hashes or not is_only:
            self._partition[self.key] = {"run": run, "hashes": pack_hashes(hashes)}


class KnownLists(KnownHashes):
    """The short lists of tasks: a list with the same hash has the same tasks, with the same values."""

    key = "known_lists"

    def store(self, run: int, hashes: Collection[bytes], *, is_only: bool = True) -> None:
        """Keep the hashes of a complete read that began in a run; `is_only` says that one read has all its streams.

        Several reads of one run saw the lists one after the other. What changed in between was not read by the earlier
        ones, so its hashes stay.
        """
        entry = self._partition.get(self.key)
        if entry is None or entry["run"] < run:
            self._write(run, hashes, is_only=is_only)


class KnownTasks(KnownHashes):
    """The tasks changed shortly before a read, as its searches found them."""

    key = "known_tasks"

    def store(self, run: int, hashes: Collection[bytes], *, is_only: bool = True) -> None:
        """Keep the hashes of a complete read that began in a run; of several such reads, those that all have found."""
        entry = self._partition.get(self.key)
        is_further = entry is not None and entry["run"] == run
        self._write(run, self.at([run]).intersection(hashes) if is_further else hashes, is_only=is_only)
