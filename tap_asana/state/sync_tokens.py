"""The tokens from which events are read on, kept in the state."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from typing import Any

from tap_asana.state.bookmarks import partition_of


class SyncTokens:
    """From where the events of a workspace's resources are to be read on, by the resource's gid."""

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    def token(self, resource_gid: str) -> str | None:
        """Return the token of a resource, if one was taken."""
        token = self._partition.get("sync", {}).get(resource_gid)
        return str(token) if token is not None else None

    @property
    def gids(self) -> set[str]:
        """Return the gids of the resources whose events were read."""
        return set(self._partition.get("sync", {}))

    def keep(self, resource_gid: str, token: str) -> None:
        """Keep a token; every event before it is written."""
        self._partition.setdefault("sync", {})[resource_gid] = token

    def keep_only(self, resource_gids: Collection[str]) -> None:
        """Forget the tokens of resources that are not asked any more."""
        kept = {gid: token for gid, token in self._partition.get("sync", {}).items() if gid in resource_gids}
        self._partition["sync"] = kept
