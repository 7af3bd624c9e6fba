"""The short lists of tasks as the last complete read by lists saw them, one hash for each.

The state of the stream `projects` has them for each workspace, as the text of all hashes:

    {"known_lists": {"run": 7, "hashes": "Kf0A3cs…"}}

`run` is the run that began the read: the hashes hold for the streams whose bookmark has the same run. Nobody can tell
from them which lists there were, and 10,000 lists take 67 kB.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, MutableMapping
from typing import Any

from tap_asana.state.shape import partition_of

HASH_BYTES = 5
"""Bytes of a hash: a changed list has a hash of one of 10,000 others once in 100 million cases."""


class KnownLists:
    """The hashes of the short lists of tasks in a workspace."""

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    def at(self, runs: Iterable[int | None]) -> frozenset[bytes]:
        """Return the hashes, if the last complete reads of all streams began in the run that has left them."""
        entry = self._partition.get("known_lists")
        if not entry or {*runs} != {entry["run"]}:
            return frozenset()
        text = base64.b64decode(entry["hashes"])
        return frozenset(text[start : start + HASH_BYTES] for start in range(0, len(text), HASH_BYTES))

    def store(self, run: int, hashes: Collection[bytes]) -> None:
        """Keep the hashes of a complete read that began in a run.

        Several reads of one run saw the lists one after the other. What changed in between was not read by the earlier
        ones, so its hashes stay.
        """
        entry = self._partition.get("known_lists")
        if entry is not None and entry["run"] >= run:
            return
        self._partition.pop("known_lists", None)
        if hashes:
            text = base64.b64encode(b"".join(sorted(hashes))).decode()
            self._partition["known_lists"] = {"run": run, "hashes": text}
