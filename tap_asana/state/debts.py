"""Debts: lists that a stream could not read, and that every later run requests before all others (law 6).

A stream's partition keeps them by kind and gid:

    {"debts": {"subtasks": ["42"], "stories": ["17", "42"], "user": ["7"], "users": ["0"]}, "debts_full": "2026-…Z",
     "late": {"stories 17": "2026-…Z"}}

- `subtasks`, `stories`, `attachments`, `time_tracking_entries`: the children of one task.
- `user`, `tag`: the tasks of one user or tag. `project`, `portfolio`, `goal`: its status updates.
- `users`, `tags`: the whole list of these parents, with all their children. The number is the state key of the last
  parent read since.
- `projects`, `portfolios`, `goals`: the whole list was unavailable or incomplete. The number is 0. The missing parents
  are new once they are visible (see `visible_parents`), and are read completely then.

`late` has the lists that may not show everything before an instant: they are owed until a run begins after that. If
people are read in another order than by gid, `user` and `users` have the name of the order after a colon.
Debts do not depend on the bookmark, which has advanced in the meantime; only start_date limits them.

`debts_full` is the start of the first read since the last full one that met more debts than state holds, `debts_lost`
that of the last such read. `debts_new` is the last instant at which a list below a new task answered 404. Asana may
list a task before it knows its gid, so for some minutes after that, a 404 does not prove that the task of a debt is
gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple

from typing_extensions import override

from tap_asana.config import parse_date_time
from tap_asana.limits import Limits
from tap_asana.state.instants import new_since, parse_instant
from tap_asana.state.shape import Partition

FULL_READ_INTERVAL = timedelta(days=1)
"""Time between full reads while there are too many debts and all are still unavailable."""

GONE_STATUSES = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""Statuses that mean that an object was deleted, or that the list of a deleted one is requested."""

LISTED_KINDS = frozenset({"user", "tag", "project", "portfolio", "goal"})
"""Kinds of parents with a list of their own, which shows whether a parent is gone."""

PARENTS_OF_LIST: Mapping[str, str] = {"users": "user", "tags": "tag"}
"""The kinds of whole lists, and the kind of their parents."""

INCOMPLETE_LISTS = frozenset({"projects", "portfolios", "goals"})
"""The kinds of whole lists that owe only new parents."""

LIST_OF_PARENTS: Mapping[str, str] = {parent: parents for parents, parent in PARENTS_OF_LIST.items()}


class Debt(NamedTuple):
    """An unread list: its kind, and the gid of its parent."""

    kind: str
    gid: str

    @property
    def base_kind(self) -> str:
        """Return the kind without the name of an order."""
        return self.kind.partition(":")[0]

    @property
    def is_whole_list(self) -> bool:
        """Return whether it is a list of parents."""
        return self.base_kind in PARENTS_OF_LIST or self.base_kind in INCOMPLETE_LISTS

    @override
    def __str__(self) -> str:
        """Return its name for the log."""
        return f"all {self.base_kind}" if self.is_whole_list else f"{self.base_kind} {self.gid}"


class Debts:
    """The debts of one stream in one workspace; `partition` is that part of the state, changed in place."""

    def __init__(self, partition: Partition, max_debts: int = Limits.max_debts) -> None:
        """Load the debts from the state."""
        self._partition = partition
        self._max_debts = max_debts
        self._debts = {Debt(kind, gid) for kind, gids in partition.get("debts", {}).items() for gid in gids}
        self._late = dict(partition.get("late", {}))

    def __iter__(self) -> Iterator[Debt]:
        """Iterate over a sorted copy."""
        return iter(sorted(self._debts))

    def __len__(self) -> int:
        """Return the number of debts."""
        return len(self._debts)

    def add(self, debt: Debt, until: str) -> bool:
        """Keep a debt of the read that began at `until`; return False if there are too many."""
        if debt in self._debts:
            return True
        if len(self._debts) >= self._max_debts:
            self._partition.setdefault("debts_full", until)
            self._partition["debts_lost"] = until
            return False
        self._debts.add(debt)
        self._write()
        return True

    def note_new(self, instant: str) -> None:
        """Note that a read has met a 404 below a new task at an instant: it may be minutes after its start."""
        self._partition["debts_new"] = instant

    def are_new(self, until: str) -> bool:
        """Return whether so little time has passed since then that a 404 proves nothing in a read from `until` on."""
        noted = self._partition.get("debts_new")
        return noted is not None and parse_instant(noted) >= parse_instant(new_since(until))

    def expect_late(self, debt: Debt, until: str) -> None:
        """Note that an owed list may not show everything before an instant."""
        self._late[f"{debt}"] = until
        self._write()

    def may_be_late(self, debt: Debt, start: str) -> bool:
        """Return whether a list may not show everything to a run that begins at `start`."""
        until = self._late.get(f"{debt}")
        return until is not None and parse_date_time(start) < parse_date_time(until)

    def remove(self, debt: Debt) -> bool:
        """Drop a debt after its records are written, or if its parent is gone; return whether it was owed.

        A whole list is dropped regardless of the parent that it was read up to.
        """
        debts = {each for each in self._debts if each.kind == debt.kind} if debt.is_whole_list else {debt}
        debts &= self._debts
        if debts:
            self._debts -= debts
            self._late.pop(f"{debt}", None)
            self._write()
        return bool(debts)

    def record_progress(self, parent: Debt) -> None:
        """Record that the whole list of a parent's kind was read up to this parent."""
        kind = parent.kind.replace(parent.base_kind, LIST_OF_PARENTS.get(parent.base_kind, parent.base_kind), 1)
        earlier = {debt for debt in self._debts if debt.kind == kind and int(debt.gid) < int(parent.gid)}
        if parent.base_kind in LIST_OF_PARENTS and earlier:
            self._debts = (self._debts - earlier) | {Debt(kind, parent.gid)}
            self._write()

    def demand_full_read(self, start: str) -> bool:
        """Return whether a read that begins at `start` has to read everything, because there were too many debts.

        It has to as soon as one debt could be read, because the unrecorded ones may be readable too; else once a day.
        """
        full = self._partition.get("debts_full")
        if full is None:
            return False
        if len(self._debts) < self._max_debts:
            return True
        return parse_date_time(start) - parse_date_time(full) >= FULL_READ_INTERVAL

    def close_full_read(self, until: str) -> None:
        """Record that everything was read from `until` on, unless there were too many debts in this read as well.

        A run that resumes the read meets debts later than that, in the lists that it owes.
        """
        lost = self._partition.pop("debts_lost", None) or self._partition.get("debts_full")
        if lost is not None and parse_instant(lost) >= parse_instant(until):
            self._partition["debts_full"] = until
        else:
            self._partition.pop("debts_full", None)

    @property
    def have_overflowed(self) -> bool:
        """Return whether there were too many debts, and no full read has been completed since."""
        return "debts_full" in self._partition

    def _write(self) -> None:
        self._partition.pop("debts", None)
        self._partition.pop("late", None)
        if self._late:
            self._partition["late"] = dict(sorted(self._late.items()))
        if not self._debts:
            self._partition.pop("debts_new", None)
        else:
            kinds: dict[str, list[str]] = {}
            for debt in sorted(self._debts, key=lambda debt: (debt.kind, int(debt.gid))):
                kinds.setdefault(debt.kind, []).append(debt.gid)
            self._partition["debts"] = kinds


class Ledger:
    """The debts of streams read together, by stream name, during one read that began at `until`.

    If a debt's kind is the name of one of the streams, it belongs to this stream. All other debts belong to all.
    `recovered_counts` and `gone_counts` count the settled debts by stream.
    """

    def __init__(self, debts: Mapping[str, Debts], until: str, due: Iterable[Debt] | None = None) -> None:
        """Start the read; all present debts are due in it, unless others are given."""
        self.debts = debts
        all_debts = (debt for debts_of_stream in debts.values() for debt in debts_of_stream)
        self.debts_due = frozenset(all_debts if due is None else due)
        self.recovered_counts: Counter[str] = Counter()
        self.gone_counts: Counter[str] = Counter()
        self._until = until
        self._unavailable: set[Debt] = set()
        self._gone: set[Debt] = set()
        self._gone_tasks: set[str] = set()
        self._named_tasks: set[str] = set()

    def on_unavailable(
        self, debt: Debt, status: int, has_parent: Callable[[], bool] = lambda: False, *, new_at: str | None = None
    ) -> None:
        """Add an unavailable list to the debts, unless the plan excludes it, or it was due and its parent is gone.

        `has_parent` requests the parent: the status of a list alone does not show that it is gone. Nor does that of a
        parent soon after the list below a new one answered 404; `new_at` is the present instant if the parent is new.
        """
        is_listed, is_unknown = debt.base_kind in LISTED_KINDS or debt.is_whole_list, status in GONE_STATUSES
        may_be_gone = debt in self.debts_due and is_unknown and not is_listed
        may_be_gone = may_be_gone and not any(owner.are_new(self._until) for owner in self._owners(debt))
        if may_be_gone and (debt.gid in self._gone_tasks or not has_parent()):
            self._gone.add(debt)
            self._gone_tasks.add(debt.gid)
            return
        self._unavailable.add(debt)
        if status != HTTPStatus.PAYMENT_REQUIRED:
            for owner in self._owners(debt):
                owner.add(debt, self._until)
                if new_at and is_unknown:
                    owner.note_new(new_at)

    def on_parent_gone(self, debt: Debt) -> None:
        """Record that the parent of a debt no longer exists."""
        self._gone.add(debt)

    def pop_gone_tasks(self) -> list[str]:
        """Return the tasks found to be gone since the last call, although lists below them were owed; each once."""
        gids = sorted(self._gone_tasks - self._named_tasks)
        self._named_tasks |= self._gone_tasks
        return gids

    def settle(self, debts: Iterable[Debt]) -> None:
        """Drop requested debts, except unavailable and late ones; call it after their records are written."""
        for debt in debts:
            if debt not in self._unavailable:
                is_gone = debt in self._gone
                counts = self.gone_counts if is_gone else self.recovered_counts
                for name, owner in self.debts.items():
                    if is_gone or not owner.may_be_late(debt, self._until):
                        counts[name] += owner.remove(debt)
                        owner.record_progress(debt)

    def _owners(self, debt: Debt) -> Iterable[Debts]:
        return [self.debts[debt.kind]] if debt.kind in self.debts else self.debts.values()
