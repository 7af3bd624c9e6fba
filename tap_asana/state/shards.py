"""States of runs that share the work: taken apart by workspace, and united again.

A shard is a run of some workspaces, with a state of its own. Nothing in a state crosses workspaces, but run numbers
compare only within the states of one line of runs. If two states have the same workspace, the united state therefore
keeps what both are sure of: the earlier bookmarks, the parents that both knew, and all debts. The next run may read
more than is new, never less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from tap_asana.errors import AsanaError
from tap_asana.state.instants import parse_instant
from tap_asana.state.search_reach import MISSING
from tap_asana.state.shape import Partition, SearchFindings

State = Mapping[str, Any]
Partitions = dict[str, dict[str, Partition]]
"""The partitions of a state, by workspace and stream."""

UNITED_RUN = 0
"""The run number of united partitions: earlier than that of any run to come."""

NARROWEST_METHOD = "list"
"""The extraction method that finds the fewest tasks; a read by another one finds the rest."""


def partitions_by_workspace(state: State) -> Partitions:
    """Return the partitions of a state by workspace and stream."""
    found: Partitions = {}
    for name, stream_state in state.get("bookmarks", {}).items():
        for partition in stream_state.get("partitions", ()):
            if context := partition.get("context"):
                found.setdefault(context["workspace_gid"], {})[name] = partition
    return found


def split_state(state: State, gids: Collection[str]) -> dict[str, Any]:
    """Return the state of a shard with these workspaces.

    An interrupted run of more workspaces is not resumed by it, except for the reads with bookmarks.
    """
    partitions = partitions_by_workspace(state)
    return _as_state({gid: partitions[gid] for gid in gids if gid in partitions})


def merge_states(states: Sequence[State]) -> dict[str, Any]:
    """Return one state of all workspaces; the tables must hold the records of all runs."""
    by_state = [partitions_by_workspace(state) for state in states]
    merged: Partitions = {}
    for gid in dict.fromkeys(gid for partitions in by_state for gid in partitions):
        versions = [partitions[gid] for partitions in by_state if gid in partitions]
        merged[gid] = versions[0] if len(versions) == 1 else _unite(gid, versions)
    return _as_state(merged)


def require_common_workspace(state: State, gids: Collection[str]) -> None:
    """Raise AsanaError if a state has workspaces, but none of those that a run reads: it belongs to another shard."""
    found = partitions_by_workspace(state)
    if gids and found and not found.keys() & set(gids):
        raise AsanaError(
            f"state: it belongs to another run: it has workspaces {', '.join(sorted(found))}, and the setting "
            f"workspaces has {', '.join(gids)}. Each shard needs a state of its own."
        )


def _as_state(partitions: Partitions) -> dict[str, Any]:
    """Return a state with these partitions, each stream with its workspaces."""
    bookmarks: dict[str, Any] = {}
    for streams in partitions.values():
        for name, partition in streams.items():
            bookmarks.setdefault(name, {"partitions": []})["partitions"].append(deepcopy(partition))
    return {"bookmarks": bookmarks}


def _unite(gid: str, versions: Sequence[Mapping[str, Partition]]) -> dict[str, Partition]:
    """Return the partitions of one workspace that several states have."""
    names = dict.fromkeys(name for version in versions for name in version)
    earliest = {name: _earliest(name, versions) for name in names}
    runs = [
        [
            int(version[name].get("run", 0))
            for name, base in earliest.items()
            if base is version and _has_read(base[name])
        ]
        for version in versions
    ]
    united: dict[str, Partition] = {}
    for name, base in earliest.items():
        candidates = [version[name] for version in versions if name in version]
        partition: Partition = {"context": {"workspace_gid": gid}}
        partition.update(_united_read(base[name], candidates))
        partition.update(_united_debts(candidates))
        partition.update(_united_search(candidates))
        if tokens := base[name].get("sync_tokens"):
            partition["sync_tokens"] = tokens
        if gaps := base[name].get("unknown_since"):
            partition["unknown_since"] = gaps
        if unfollowed := base[name].get("unfollowed"):
            partition["unfollowed"] = unfollowed
        if missing := {key for candidate in candidates for key in candidate.get("missing", ())}:
            partition["missing"] = sorted(missing, key=int)
        if read_until := [each["entry_days"]["until"] for each in candidates if "entry_days" in each]:
            partition["entry_days"] = {"until": min(read_until, key=parse_instant), "hashes": {}}
        known = [
            frozenset.intersection(*(_visible(version[name], run) for run in own_runs))
            for version, own_runs in zip(versions, runs, strict=True)
            if own_runs and "visible_since" in version.get(name, {})
        ]
        if known:
            partition["visible_since"] = [(UNITED_RUN, sorted(frozenset.intersection(*known), key=int))]
        united[name] = partition
    return united


def _has_read(partition: Partition) -> bool:
    """Return whether a read of the stream was ever complete."""
    return bool(partition.get("replication_key_value"))


def _earliest(name: str, versions: Sequence[Mapping[str, Partition]]) -> Mapping[str, Partition]:
    """Return the version with the earliest bookmark of a stream."""
    holders = [version for version in versions if name in version]
    readers = [version for version in holders if _has_read(version[name])]
    return min(readers or holders, key=lambda version: parse_instant(_bookmark(version[name])))


def _bookmark(partition: Partition) -> str:
    return partition.get("replication_key_value") or "1970-01-01"


def _united_read(base: Partition, candidates: Iterable[Partition]) -> Partition:
    """Return the earliest bookmark, with the latest lower bound and the narrowest method of all complete reads."""
    if not _has_read(base):
        return {}
    readers = [partition for partition in candidates if _has_read(partition)]
    read: Partition = {"replication_key_value": base["replication_key_value"], "run": UNITED_RUN}
    if key := base.get("replication_key"):
        read["replication_key"] = key
    begins = [begin for partition in readers if (begin := partition.get("read_since"))]
    if begins:
        read["read_since"] = max(begins, key=parse_instant)
    methods = {partition.get("method") for partition in readers}
    if methods != {None}:
        read["method"] = methods.pop() if len(methods) == 1 else NARROWEST_METHOD
    if ends := [ended for partition in readers if (ended := partition.get("ended"))]:
        read["ended"] = max(ends, key=parse_instant)
    return read


def _united_search(candidates: Iterable[Partition]) -> Partition:
    """Return what searches have left out; all else that is known of them is compared again."""
    findings = [partition.get("search", {}) for partition in candidates]
    search: SearchFindings = {}
    if any(each.get("changed") == MISSING for each in findings):
        search["changed"] = MISSING
    if any(each.get("whole") or each.get("whole_for") for each in findings):
        search["whole"] = True
    if lag := max((each.get("lag_seconds", 0) for each in findings), default=0):
        search["lag_seconds"] = lag
    return {"search": search} if search else {}


def _united_debts(candidates: Iterable[Partition]) -> Partition:
    """Return the unread lists of all."""
    debts: dict[str, set[str]] = {}
    overflows, new = list[str](), list[str]()
    late: dict[str, str] = {}
    for partition in candidates:
        for kind, gids in partition.get("debts", {}).items():
            debts.setdefault(kind, set()).update(gids)
        for name, until in partition.get("late", {}).items():
            late[name] = max(until, late.get(name, until), key=parse_instant)
        if overflow := partition.get("debts_full"):
            overflows.append(overflow)
        if noted := partition.get("debts_new"):
            new.append(noted)
    owed: Partition = {}
    if debts:
        owed["debts"] = {kind: sorted(gids, key=int) for kind, gids in debts.items()}
    if late:
        owed["late"] = late
    if overflows:
        owed["debts_full"] = min(overflows, key=parse_instant)
    if new:
        owed["debts_new"] = max(new, key=parse_instant)
    return owed


def _visible(partition: Partition, run: int) -> frozenset[str]:
    """Return the parents that were visible to a run."""
    return frozenset(key for first, keys in partition.get("visible_since", ()) if int(first) <= run for key in keys)
