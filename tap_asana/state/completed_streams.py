"""What a run has read to its end, kept in the state for the run that takes it up."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from datetime import timedelta
from typing import Any

from tap_asana.state.bookmarks import parse_instant

RESUME_TTL = timedelta(hours=12)
"""How long after its last STATE a run that was cut off is taken up rather than begun anew."""


class CompletedStreams:
    """What a run has read to its end, for the run that takes it up should it be cut off.

    Kept with the state of the stream `workspaces` as long as the run lasts, and counted by nobody who asks for
    something else (`asked`), or who comes later than RESUME_TTL after its last STATE:

        {"at": "2026-01-01T…Z", "asked": "9ae0daaf", "read": ["workspaces", "projects", …]}
    """

    def __init__(self, stream_state: MutableMapping[str, Any], now: str, asked: str) -> None:
        """Take up what is there; `now` is the moment by our own clock."""
        self._stream_state = stream_state
        kept: Mapping[str, Any] = stream_state.get("unfinished") or {}
        fresh = "at" in kept and abs(parse_instant(now) - parse_instant(kept["at"])) < RESUME_TTL
        self._read: list[str] = list(kept["read"]) if fresh and kept["asked"] == asked else []
        self._selection_hash = asked

    def __contains__(self, name: str) -> bool:
        """Tell whether a stream, or a part of one, was read to its end."""
        return name in self._read

    def add(self, name: str, now: str) -> None:
        """Keep that a stream, or a part of one, was read to its end; everything of it is written."""
        if name not in self._read:
            self._read.append(name)
        self.touch(now)

    def touch(self, now: str) -> None:
        """Keep until when the run was alive."""
        if self._read:
            self._stream_state["unfinished"] = {"at": now, "asked": self._selection_hash, "read": self._read}

    def end(self) -> None:
        """Forget everything: the run is complete."""
        self._stream_state.pop("unfinished", None)
