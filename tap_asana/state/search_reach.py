"""The kinds of tasks that the search and the exports of a workspace contain, as comparisons with lists have shown.

The state of the stream `projects` has them for each workspace; a kind that was never compared is missing:

    {"search": {"archived": "found", "subtasks": "asked", "private": "missing", "attached": "found",
                "unassigned": "found", "lag_seconds": 90},
     "export": {"archived": "found", "subtasks": "found", "private": "missing", "rows": {"stories": 57}}}

Where nothing was compared, because only lists or exports were read, `search` itself is missing. `archived_projects` has
a hash of each project that was archived when the last run read it, unless searches find the tasks of archived projects.
`checked_project` is the gid of the last project whose list an increment has compared with its searches.
`lag_seconds` is there if the index was further behind than usual, and `"whole": true` until everything is read again
because of changes that searches or exports have left out. `whole_for` has the streams for which that is still due,
after a run that has read everything for others. `archived_for` has, for each stream that runs have left out, the
projects that were archived or restored since its last read.
`export` says whether exports contain tasks of archived projects, subtasks and tasks outside of projects, and with how
many stories and attachments a file held a task that has no more.
`"shows_minutes": true` stands next to it if tasks show their tracked minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, cast

from tap_asana.state.known_lists import hash_of, pack_hashes, unpack_hashes
from tap_asana.state.shape import Kind, Partition, SearchFindings, Verdict

ARCHIVED_KIND: Final = "archived"
SUBTASK_KIND: Final = "subtasks"
PRIVATE_KIND: Final = "private"
ATTACHED_KIND: Kind = "attached"
"""Tasks with attachments, by the filter for them."""

UNASSIGNED_KIND: Kind = "unassigned"
"""Tasks without an assignee, by the filter that excludes people."""

CHANGED_KIND: Kind = "changed"
"""Changed tasks of any other kind: missing as soon as a list shows one that no search found."""

SEARCH_KINDS: tuple[Kind, ...] = (ARCHIVED_KIND, SUBTASK_KIND, PRIVATE_KIND)
"""The kinds that are compared with lists of tasks."""

ExportKind: TypeAlias = Literal["archived", "subtasks", "private"]
EXPORT_KINDS: Mapping[ExportKind, str] = {
    "archived": "tasks of archived projects",
    "subtasks": "subtasks",
    "private": "tasks outside of all projects",
}
"""The kinds of tasks that exports may leave out, and their names in the log."""

FOUND: Final = "found"
ASKED: Final = "asked"
"""Found only by a search that asks for this kind."""
MISSING: Final = "missing"


class SearchReach:
    """What searches and exports of a workspace contain; `partition` is that part of the state, changed in place.

    `read` are the streams of tasks that this run reads, `read_before` those with a complete read before this one.
    """

    def __init__(self, partition: Partition, read: Iterable[str] = (), read_before: Iterable[str] = ()) -> None:
        """Read nothing yet."""
        self._partition = partition
        self._read = frozenset(read)
        self._read_before = frozenset(read_before)
        self._unread = self._read_before - self._read

    @classmethod
    def complete(cls) -> SearchReach:
        """Return the reach of searches and exports that contain everything, without a state."""
        kinds = (*SEARCH_KINDS, ATTACHED_KIND, UNASSIGNED_KIND)
        search = cast("SearchFindings", dict.fromkeys(kinds, FOUND))
        return cls({"search": search, "export": {"archived": FOUND, "subtasks": FOUND, "private": FOUND}})

    def verdict(self, kind: Kind) -> Verdict | None:
        """Return whether searches find a kind of tasks; None if that was never compared."""
        return self._partition.get("search", {}).get(kind)

    @property
    def was_compared(self) -> bool:
        """Return whether an earlier run has compared anything, known or not."""
        return "search" in self._partition

    @property
    def has_earlier_reads(self) -> bool:
        """Return whether an earlier read, of this run or of another one, has read a stream of tasks."""
        return bool(self._read_before)

    @property
    def lag_seconds(self) -> int:
        """Return how far the index was seen to be behind; 0 if it was not."""
        return int(self._partition.get("search", {}).get("lag_seconds", 0))

    @property
    def is_whole_read_due(self) -> bool:
        """Return whether searches or exports have left out changes, and a stream was not read as a whole since."""
        search = self._partition.get("search", {})
        return search.get("whole", False) or not self._read.isdisjoint(search.get("whole_for", ()))

    def newly_archived(self, keys: Iterable[str]) -> set[str]:
        """Return the state keys of the archived projects that were not archived at the last read of a stream."""
        known, unread = self._archived_before(), self._changed_unread()
        return {key for key in keys if hash_of(key) in unread or hash_of(key) not in known}

    def restored(self, keys: Iterable[str]) -> set[str]:
        """Return the state keys of the projects that are not archived now, but were at the last read of a stream."""
        known = self._archived_before() | self._changed_unread()
        return {key for key in keys if hash_of(key) in known}

    def _changed_unread(self) -> frozenset[bytes]:
        """Return the hashes of the projects archived or restored since the last read of one of this run's streams."""
        return frozenset().union(*(hashes for name, hashes in self._archived_for().items() if name in self._read))

    def _archived_for(self) -> Mapping[str, frozenset[bytes]]:
        """Return the hashes of the projects archived or restored since the last read of a stream, by stream."""
        packed = self._partition.get("search", {}).get("archived_for", {})
        return {name: unpack_hashes(hashes) for name, hashes in packed.items()}

    def _archived_before(self) -> frozenset[bytes]:
        return unpack_hashes(self._partition.get("search", {}).get("archived_projects", ""))

    def keep_archived(self, keys: Iterable[str]) -> None:
        """Keep the state keys of the archived projects that were read, if the workspace was ever read by search."""
        search = self._partition.get("search")
        if search is None:
            return
        are_found = self.verdict(ARCHIVED_KIND) == FOUND
        hashes = frozenset() if are_found else frozenset(map(hash_of, keys))
        changed, unread = hashes ^ self._archived_before(), self._archived_for()
        left = {name: changed.union(unread.get(name, ())) for name in sorted(self._unread) if not are_found}
        packed = {name: pack_hashes(each) for name, each in left.items() if each}
        search.pop("archived_projects", None)
        search.pop("archived_for", None)
        if hashes:
            search["archived_projects"] = pack_hashes(hashes)
        if packed:
            search["archived_for"] = packed

    @property
    def checked_project(self) -> str | None:
        """Return the gid of the last project whose list was compared with the searches of an increment."""
        return self._partition.get("search", {}).get("checked_project")

    def note_checked(self, project: str) -> None:
        """Keep the gid of that project, so that the next run takes those that follow."""
        self._partition.setdefault("search", {})["checked_project"] = project

    def begin(self) -> None:
        """Note that a comparison is made."""
        self._partition.setdefault("search", {})

    def extend_lag(self, seconds: int) -> None:
        """Note that the index was so far behind."""
        self._partition.setdefault("search", {})["lag_seconds"] = max(self.lag_seconds, seconds)

    def demand_whole_read(self) -> None:
        """Have everything read again, in this run or in the next one."""
        self._partition.setdefault("search", {})["whole"] = True

    def close_whole_read(self, streams: Collection[str]) -> None:
        """Note that everything was read again, for these streams."""
        search = self._partition.get("search", {})
        due = {*search.pop("whole_for", ()), *(self._read | self._read_before if search.pop("whole", False) else ())}
        if left := due.difference(streams):
            search["whole_for"] = sorted(left)

    @property
    def shows_minutes(self) -> bool:
        """Return whether a task was seen that shows its tracked minutes."""
        return self._partition.get("shows_minutes", False)

    def record_minutes(self) -> None:
        """Note that a task shows its tracked minutes."""
        self._partition["shows_minutes"] = True

    def record(self, kind: Kind, verdict: Verdict) -> None:
        """Keep the outcome of a comparison. It does not depend on what was written, so it may be kept at once."""
        self._partition.setdefault("search", {})[kind] = verdict

    def exported(self, kind: ExportKind) -> Literal["found", "missing"] | None:
        """Return whether exports contain a kind of tasks; None if that was never compared."""
        return self._partition.get("export", {}).get(kind)

    @property
    def missing_in_exports(self) -> Sequence[str]:
        """Return the names of the kinds of tasks that exports leave out."""
        return [name for kind, name in EXPORT_KINDS.items() if self.exported(kind) == MISSING]

    def record_exported(self, kind: ExportKind, verdict: Literal["found", "missing"]) -> None:
        """Keep whether exports contain a kind of tasks."""
        self._partition.setdefault("export", {})[kind] = verdict

    def exported_rows(self, stream: str) -> int:
        """Return the most rows of a stream that a file was seen to hold of a task that has no more."""
        return self._partition.get("export", {}).get("rows", {}).get(stream, 0)

    def record_exported_rows(self, stream: str, number: int) -> None:
        """Note that a file holds so many rows of a task that has no more."""
        rows = self._partition.setdefault("export", {}).setdefault("rows", {})
        rows[stream] = max(number, rows.get(stream, 0))
