"""Points to resume from besides bookmarks: the completed streams, and the tokens of event logs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from datetime import timedelta
from typing import Any, cast

from tap_asana.state.instants import parse_instant
from tap_asana.state.shape import InterruptedRun, StreamState, partition_of

RESUME_TTL = timedelta(hours=12)
"""How long after its last STATE an interrupted run is resumed; later everything is read again."""

LISTS_SUFFIX = ":lists"
"""What follows the name of a stream whose lists under other parents than tasks are complete."""


def _age(instant: str, now: str) -> timedelta:
    return abs(parse_instant(now) - parse_instant(instant))


class CompletedStreams:
    """The streams without a bookmark, and the lists of others, that an interrupted run has written completely.

    They are kept in the state of the stream `workspaces` until the run ends. `since` is the start of the first attempt:

        {"at": "2026-01-01T…Z", "since": "2026-01-01T…Z", "selection": "9ae0daaf", "streams": ["projects", …]}

    A run ignores them if its selection differs, or if the last STATE is older than RESUME_TTL. Lists of streams with a
    bookmark count only while the first attempt is recent, because they may have changed since. `skipped` counts
    the lists that the interrupted run has skipped, by stream and status: the next run to read the stream requests them.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], now: str, selection: str, recent: timedelta) -> None:
        """Load the streams; `now` is the local time, and `recent` is how long lists count."""
        self._state = cast("StreamState", stream_state)
        self._selection = selection
        self._since = now
        self._names: list[str] = []
        self.skipped: dict[str, dict[str, int]] = {}
        entry = self._state.get("completed")
        if entry and entry["selection"] == selection and _age(entry["at"], now) < RESUME_TTL:
            self._since = entry.get("since", entry["at"])
            are_recent = _age(self._since, now) < recent
            self._names = [name for name in entry["streams"] if are_recent or not name.endswith(LISTS_SUFFIX)]
            self.skipped = dict(entry.get("skipped", {}))

    def __contains__(self, name: str) -> bool:
        """Return whether a stream is complete."""
        return name in self._names

    def has_lists(self, name: str) -> bool:
        """Return whether the lists of a stream under other parents than tasks are complete."""
        return name + LISTS_SUFFIX in self._names

    def add_lists(self, name: str, now: str) -> None:
        """Record that these lists of a stream are complete; call it after their last record is written."""
        self.add(name + LISTS_SUFFIX, now)

    def add(self, name: str, now: str, skipped: Mapping[int, int] | None = None) -> None:
        """Record that a stream is complete, but for the lists skipped with each status, after its last record."""
        if name not in self._names:
            self._names.append(name)
        if skipped:
            self.skipped[name] = {str(status): count for status, count in sorted(skipped.items())}
        self.touch(now)

    def touch(self, now: str) -> None:
        """Update the time at which the run was still alive."""
        if self._names:
            names = self._names
            entry: InterruptedRun = {"at": now, "since": self._since, "selection": self._selection, "streams": names}
            if self.skipped:
                entry["skipped"] = self.skipped
            self._state["completed"] = entry

    def clear(self) -> None:
        """Forget everything: the run is complete."""
        self._state.pop("completed", None)


class SyncTokens:
    """The event tokens of a workspace's resources, by resource gid.

    A token marks the point from which `GET /events` returns events. A project whose tasks were written, although it has
    no token yet, has an empty one. `unknown_since` has the time since which the events of a project are unknown:

        {"sync_tokens": {"17": "…", "18": ""}, "unknown_since": {"18": "2026-01-01T…Z"}}
    """

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)
        self._workspace_gid = workspace_gid

    def get(self, resource_gid: str) -> str | None:
        """Return the token of a resource, empty if none could be read, or None if it is not known."""
        return self._tokens.get(resource_gid)

    @property
    def gids(self) -> set[str]:
        """Return the gids of all resources with a token, be it empty."""
        return set(self._tokens)

    @property
    def are_of_projects(self) -> bool:
        """Return whether the last read went by the events of each project."""
        return "sync_tokens" in self._partition and self._workspace_gid not in self._tokens

    def may_miss(self, resource_gid: str) -> bool:
        """Return whether earlier runs knew a resource, so that what it held may be written."""
        return resource_gid in self._tokens or resource_gid in self._gaps

    def store(self, resource_gid: str, token: str) -> None:
        """Keep a token; call it after all earlier events are written."""
        self._partition.setdefault("sync_tokens", {})[resource_gid] = token
        self.forget_gap(resource_gid)

    def expect(self, resource_gid: str, since: str) -> None:
        """Note a project without a token, of which tasks have been written since an instant, unless it is known."""
        if resource_gid not in self._gaps:
            self._partition.setdefault("sync_tokens", {}).setdefault(resource_gid, "")
            self.keep_gap(resource_gid, since)

    def unknown_since(self, resource_gid: str) -> str | None:
        """Return since when the events of a resource are unknown; None if they are not."""
        return self._gaps.get(resource_gid)

    def keep_gap(self, resource_gid: str, since: str) -> None:
        """Note since when the events of a resource are unknown, unless they have been for longer."""
        self._partition.setdefault("unknown_since", {}).setdefault(resource_gid, since)

    def forget_gap(self, resource_gid: str) -> None:
        """Note that all events of a resource are known, or that it is gone."""
        self._gaps.pop(resource_gid, None)

    def drop(self, resource_gids: Collection[str]) -> None:
        """Drop the tokens of these resources."""
        self._partition["sync_tokens"] = {gid: token for gid, token in self._tokens.items() if gid not in resource_gids}

    @property
    def unfollowed(self) -> Mapping[str, str]:
        """Return the streams whose changes the last runs have not followed, each with the time since."""
        return self._partition.get("unfollowed", {})

    def keep_unfollowed(self, streams: Mapping[str, str]) -> None:
        """Note these streams, and no others."""
        self._partition.pop("unfollowed", None)
        if streams:
            self._partition["unfollowed"] = dict(streams)

    @property
    def _tokens(self) -> dict[str, str]:
        return self._partition.get("sync_tokens", {})

    @property
    def _gaps(self) -> dict[str, str]:
        return self._partition.get("unknown_since", {})
