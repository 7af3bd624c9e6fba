"""Points to resume from besides bookmarks: the completed streams, and the tokens of event logs."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from datetime import timedelta
from typing import Any, cast

from tap_asana.state.instants import parse_instant
from tap_asana.state.shape import StreamState, partition_of

RESUME_TTL = timedelta(hours=12)
"""How long after its last STATE an interrupted run is resumed; later everything is read again."""


class CompletedStreams:
    """The streams, and parts of streams, that an interrupted run has written completely.

    They are kept in the state of the stream `workspaces` until the run ends:

        {"at": "2026-01-01T…Z", "selection": "9ae0daaf", "streams": ["workspaces", "projects", …]}

    A run ignores them if its selection differs, or if the last STATE is older than RESUME_TTL.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], now: str, selection: str) -> None:
        """Load the streams; `now` is the local time."""
        self._state = cast("StreamState", stream_state)
        self._selection = selection
        self._names: list[str] = []
        entry = self._state.get("completed")
        if entry and entry["selection"] == selection:
            age = abs(parse_instant(now) - parse_instant(entry["at"]))
            self._names = list(entry["streams"]) if age < RESUME_TTL else []

    def __contains__(self, name: str) -> bool:
        """Return whether a stream, or a part of one, is complete."""
        return name in self._names

    def add(self, name: str, now: str) -> None:
        """Record that a stream, or a part of one, is complete; call it after its last record is written."""
        if name not in self._names:
            self._names.append(name)
        self.touch(now)

    def touch(self, now: str) -> None:
        """Update the time at which the run was still alive."""
        if self._names:
            self._state["completed"] = {"at": now, "selection": self._selection, "streams": self._names}

    def clear(self) -> None:
        """Forget everything: the run is complete."""
        self._state.pop("completed", None)


class SyncTokens:
    """The event tokens of a workspace's resources, by resource gid.

    A token marks the point from which `GET /events` returns events.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    def get(self, resource_gid: str) -> str | None:
        """Return the token of a resource, or None if it has none yet."""
        return self._tokens.get(resource_gid)

    @property
    def gids(self) -> set[str]:
        """Return the gids of all resources with a token."""
        return set(self._tokens)

    def store(self, resource_gid: str, token: str) -> None:
        """Keep a token; call it after all earlier events are written."""
        self._partition.setdefault("sync_tokens", {})[resource_gid] = token

    def retain(self, resource_gids: Collection[str]) -> None:
        """Drop the tokens of all other resources."""
        self._partition["sync_tokens"] = {gid: token for gid, token in self._tokens.items() if gid in resource_gids}

    @property
    def _tokens(self) -> dict[str, str]:
        return self._partition.get("sync_tokens", {})
