"""The shape of the state, declared once: mypy holds this package to it, and msgspec holds a given state to it.

Each stream has a partition per workspace, in the form of the SDK:

    {"context": {"workspace_gid": "1"}, "replication_key": "modified_at", "replication_key_value": "2026-01-01T…Z",
     "run": 7, "read_since": "2024-…Z", "method": "search",
     "window": {"since": "2025-…Z", "until": "2026-…Z", "run": 8, "positions": {"lists": ["0", "17", "42"]}}}

Large numbers are text, because some readers of JSON do not keep all their digits.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, cast

import msgspec
from typing_extensions import NotRequired, TypedDict

from tap_asana.errors import AsanaError
from tap_asana.state.instants import parse_instant

if TYPE_CHECKING:
    Instant: TypeAlias = str
else:

    class Instant:
        """Text that parse_instant can read; msgspec passes it to `_check_instant`."""


SORT_KEY = "[0-9]{1,19}"
"""A number of 63 bits: a gid, the place of a person under a pseudonym, or the number of an export file."""

Gid: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}\Z")]
StateKey: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"^({SORT_KEY})\Z")]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
PositionPart: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"^({SORT_KEY}|end)\Z")]
Position: TypeAlias = Annotated[list[PositionPart], msgspec.Meta(min_length=1)]
Base64: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^([0-9A-Za-z+/]{4})*([0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?\Z")
]
Method: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^(list|search|export)\Z")]


Kind: TypeAlias = Literal["archived", "subtasks", "private", "changed", "attached", "unassigned"]
"""A kind of tasks that searches or exports may leave out."""

Verdict: TypeAlias = Literal["found", "asked", "missing"]


class Context(TypedDict):
    """The key of a partition."""

    workspace_gid: Gid


class Window(TypedDict):
    """A read in progress, see `bookmarks.SyncWindow`.

    `positions`: per lane, the point up to which everything is written (law 4).
    `unavailable`: the state keys of the parents whose lists Asana refused.
    `long_lists`: per list of several pages, a fingerprint of its tasks.
    """

    until: Instant
    since: NotRequired[Instant | None]
    run: NotRequired[Number]
    positions: NotRequired[dict[str, Position]]
    unavailable: NotRequired[list[StateKey]]
    long_lists: NotRequired[dict[str, str]]


class KnownListHashes(TypedDict):
    """What a complete read saw, see `known_lists.KnownHashes`."""

    run: Number
    hashes: Base64


class ReadEntryDays(TypedDict):
    """The days of time entries as the last run has read them, see `entry_days.EntryDays`."""

    until: Instant
    hashes: dict[str, str]


class Reconciliation(TypedDict, total=False):
    """A pass over all tasks, and what the target holds, see `reconciliation.ReconciliationState`."""

    reached: Instant
    last: Instant
    streams: list[str]
    known: dict[str, Base64]
    began: Instant
    method: Method
    place: Position
    tasks: Number
    total: Number
    first: Number
    excess: Number
    deleted: dict[str, Number]
    missing: dict[str, Base64]
    unread: list[str]


class SearchFindings(TypedDict, total=False):
    """The kinds of tasks that searches find, see `search_reach.SearchReach`."""

    archived: Verdict
    subtasks: Verdict
    private: Verdict
    changed: Verdict
    archived_projects: Base64
    lag_seconds: Number
    checked_project: Gid
    whole: bool
    whole_for: list[str]
    archived_for: dict[str, Base64]
    attached: Verdict
    unassigned: Verdict


class ExportFindings(TypedDict, total=False):
    """What exports contain, see `search_reach.SearchReach`."""

    archived: Literal["found", "missing"]
    subtasks: Literal["found", "missing"]
    private: Literal["found", "missing"]
    rows: dict[str, Number]


class Partition(TypedDict, total=False):
    """The state of one stream in one workspace.

    `replication_key_value`: the start of the last complete read (law 1).
    `run`: the number of the run that began it.
    `read_since`: the lower bound of all reads together; absent if they reach back to the beginning.
    `method`: the extraction method of the last complete read.
    `ended`: its end, if its searches left tasks to lists, see `below_changed`.
    `listed`: true if it has read lists, and counts as one by search because a search for all other tasks followed.
    `debts`, `debts_full`, `debts_lost`, `debts_new`, `late`: see `debts`.
    `visible_since`: see `visible_parents.VisibleParents`.
    `missing`: parents that are not visible any more, see `visible_parents.MissingParents`.
    `known_lists`, `known_tasks`: see `known_lists.KnownHashes`.
    `entry_days`: see `entry_days.EntryDays`.
    `search`, `export`: see `search_reach.SearchReach`.
    `shows_minutes`: whether tasks show their tracked minutes, see `time_hint.TimeHint`.
    `sync_tokens`, `unknown_since`: event tokens by resource, see `resume_points.SyncTokens`.
    `unfollowed`: streams whose changes the last runs have not followed, with the time since.
    `reconciliation`: see `reconciliation.ReconciliationState`.
    """

    context: Context | None
    replication_key: str
    replication_key_value: Instant | None
    run: Number
    read_since: Instant | None
    method: Method | None
    ended: Instant
    listed: bool
    window: Window | None
    debts: dict[str, list[StateKey]]
    debts_full: Instant | None
    debts_lost: Instant
    debts_new: Instant
    late: dict[str, Instant]
    visible_since: list[tuple[Number, list[StateKey]]]
    missing: list[StateKey]
    sync_tokens: dict[Gid, str]
    unknown_since: dict[Gid, Instant]
    unfollowed: dict[str, Instant]
    known_lists: KnownListHashes | None
    known_tasks: KnownListHashes | None
    entry_days: ReadEntryDays
    reconciliation: Reconciliation | None
    search: SearchFindings
    export: ExportFindings
    shows_minutes: bool


class InterruptedRun(TypedDict):
    """The streams that an unfinished run has read to the end, see `resume_points.CompletedStreams`.

    `at`: the time of the run's last STATE. `since`: the start of its first attempt, missing in older states.
    `selection`: a hash of its settings and selected fields. `skipped`: the lists that it skipped, counted by status.
    """

    at: Instant
    since: NotRequired[Instant]
    selection: str
    streams: list[str]
    skipped: NotRequired[dict[str, dict[str, int]]]


class StreamState(TypedDict, total=False):
    """The state of one stream."""

    partitions: list[Partition]
    completed: InterruptedRun | None
    replication_key_value: None
    """Another tap writes its bookmark here; this tap never does."""


WRAPPER_KEYS = frozenset({"singer_state", "type", "value"})
"""Keys of a state inside something else: Meltano's export, a STATE message."""

SDK_KEYS = frozenset({"progress_markers", "replication_key", "replication_key_signpost", "starting_replication_value"})
"""Further keys that the SDK may leave in the state of a stream."""


def partition_of(stream_state: MutableMapping[str, Any], workspace_gid: str) -> Partition:
    """Return the partition of a workspace, added to the stream's state if it is missing."""
    context: Context = {"workspace_gid": workspace_gid}
    partitions = cast("StreamState", stream_state).setdefault("partitions", [])
    for partition in partitions:
        if partition.get("context") == context:
            return partition
    new_partition: Partition = {"context": context}
    partitions.append(new_partition)
    return new_partition


def validate_state(state: object) -> None:
    """Raise AsanaError, in one line that names the place, if this tap cannot have written a state.

    People edit states by hand. Unknown streams and other unknown keys are ignored.
    """
    mapping = _require_object(state, "the state")
    if mapping and "bookmarks" not in mapping:
        raise AsanaError(
            _error_line("the state", f"Object missing required field `bookmarks`, got `{'`, `'.join(mapping)}`")
        )
    if wrappers := mapping.keys() & WRAPPER_KEYS:
        raise AsanaError(_error_line("the state", f"it has `{min(wrappers)}` next to `bookmarks`"))
    for name, stream_state in _require_object(mapping.get("bookmarks", {}), "bookmarks").items():
        _validate_stream(name, stream_state)


def _validate_stream(name: str, stream_state: object) -> None:
    try:
        msgspec.convert(stream_state, StreamState, dec_hook=_check_instant)
    except msgspec.ValidationError as error:
        raise AsanaError(_error_line(f"bookmarks.{name}", f"{error}")) from None
    keys = cast("Mapping[str, object]", stream_state).keys()
    if "partitions" not in keys and (foreign := keys - StreamState.__annotations__.keys() - SDK_KEYS):
        raise AsanaError(_error_line(f"bookmarks.{name}", f"`{min(foreign)}` is of another tap"))
    gids: set[str] = set()
    for partition in cast("StreamState", stream_state).get("partitions", []):
        context = partition.get("context")
        if not context:
            raise AsanaError(_error_line(f"bookmarks.{name}", "a partition has no workspace"))
        if unknown := context.keys() - {"workspace_gid"}:
            raise AsanaError(_error_line(f"bookmarks.{name}", f"context has an unknown key `{min(unknown)}`"))
        if (gid := context["workspace_gid"]) in gids:
            raise AsanaError(_error_line(f"bookmarks.{name}", f"workspace {gid} has two partitions"))
        gids.add(gid)


def _check_instant(kind: type, value: object) -> object:
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    try:
        parse_instant(value)
    except AsanaError:
        raise ValueError("Expected an ISO 8601 instant such as 2026-01-31T08:00:00Z") from None
    return kind()


def _require_object(value: object, name: str) -> Mapping[str, object]:
    if isinstance(value, dict):
        return value
    raise AsanaError(_error_line(name, f"Expected `object`, got `{type(value).__name__}`"))


def _error_line(place: str, error: str) -> str:
    return f"state: {place} cannot be used: {error}. Fix it, or run without a state to read everything again."
