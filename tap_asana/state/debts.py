"""Debts: the lists that a stream could not read, which every later run asks again before all else.

A workspace's part of a stream's state names them by their kind and gid:

    {"debts": {"subtasks": ["42"], "stories": ["17", "42"], "user": ["7"], "users": ["0"]}, "debts_full": "2026-…Z"}

A debt is the list of what hangs from one parent: the subtasks, stories, attachments or time entries of a task, the
tasks of a user or tag, the status updates of a project, portfolio or goal. Two are whole lists of parents, `users`
and `tags`: below them everything is owed, and their number is the mark of the last parent that was read since.
Three, `projects`, `portfolios` and `goals`, say that such a list was refused, or lacks its rest: what it lacks is new
when it comes (`visible_parents`), and is read whole then. Their number is 0.
Where users are read in an order that is not that of their gids, `user` and `users` have its name behind a colon.
What is owed does not depend on the bookmark, which has moved on: only start_date bounds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple

from typing_extensions import override

from tap_asana.config import parse_date_time
from tap_asana.limits import Limits
from tap_asana.state.shape import Partition

FULL_READ_INTERVAL = timedelta(days=1)
"""How long after a read whose refusals found no room everything is read again, if none of the debts was paid before."""

GONE_STATUSES = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""Answers after which a debt is given up: what answers so in a later run too was deleted."""

LISTED_KINDS = frozenset({"user", "tag", "project", "portfolio", "goal"})
"""Parents that have a list of their own, which shows whether they are gone."""

PARENTS_OF_LIST: Mapping[str, str] = {"users": "user", "tags": "tag"}
"""The kinds of debts that are lists of parents, and the kind of these."""

INCOMPLETE_LISTS = frozenset({"projects", "portfolios", "goals"})
"""The kinds of debts that are lists of parents too, but below which only what is new is owed."""

LIST_OF_PARENTS: Mapping[str, str] = {parent: parents for parents, parent in PARENTS_OF_LIST.items()}


class Debt(NamedTuple):
    """A list that could not be read: what is listed, and the gid of the parent that it hangs from."""

    kind: str
    gid: str

    @property
    def base_kind(self) -> str:
        """Return the kind without the name of an order."""
        return self.kind.partition(":")[0]

    @property
    def is_whole_list(self) -> bool:
        """Tell whether it is a list of parents."""
        return self.base_kind in PARENTS_OF_LIST or self.base_kind in INCOMPLETE_LISTS

    @override
    def __str__(self) -> str:
        """Say it in words, for the log."""
        return f"all {self.base_kind}" if self.is_whole_list else f"{self.base_kind} {self.gid}"


class Debts:
    """What one stream owes in one workspace; `partition` is that part of its state, changed in place."""

    def __init__(self, partition: Partition, max_debts: int = Limits.max_debts) -> None:
        """Take up what state keeps."""
        self._partition = partition
        self._max_debts = max_debts
        kept: Mapping[str, list[str]] = partition.get("debts", {})
        self._debts = {Debt(kind, gid) for kind, gids in kept.items() for gid in gids}

    def __iter__(self) -> Iterator[Debt]:
        """Iterate over a copy, in order."""
        return iter(sorted(self._debts))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._debts)

    def add(self, debt: Debt, until: str) -> bool:
        """Keep a debt of the read that began at `until`; returns whether there was room for it."""
        if debt in self._debts:
            return True
        if len(self._debts) >= self._max_debts:
            self._partition["debts_full"] = until
            return False
        self._debts.add(debt)
        self._write()
        return True

    def remove(self, debt: Debt) -> bool:
        """Drop a debt whose records are written, or that is gone; returns whether it was owed.

        Of a whole list, however far it was read before.
        """
        paid = {each for each in self._debts if each.kind == debt.kind} if debt.is_whole_list else {debt} & self._debts
        if paid:
            self._debts -= paid
            self._write()
        return bool(paid)

    def record_progress(self, parent: Debt) -> None:
        """Keep of a whole list of parents that it was read up to this one."""
        kind = parent.kind.replace(parent.base_kind, LIST_OF_PARENTS.get(parent.base_kind, parent.base_kind), 1)
        before = {debt for debt in self._debts if debt.kind == kind and int(debt.gid) < int(parent.gid)}
        if parent.base_kind in LIST_OF_PARENTS and before:
            self._debts = (self._debts - before) | {Debt(kind, parent.gid)}
            self._write()

    def demand_full_read(self, start: str) -> bool:
        """Tell whether a read that begins now has to bring everything: there were more debts than state has room for.

        It has to as soon as one of them was paid, because others may have opened too; else once a day.
        """
        full = self._partition.get("debts_full")
        if full is None:
            return False
        if len(self._debts) < self._max_debts:
            return True
        return parse_date_time(start) - parse_date_time(full) >= FULL_READ_INTERVAL

    def close_full_read(self, until: str) -> None:
        """Note that everything was read from `until` on; what had no room then is owed for this read alone."""
        if self._partition.get("debts_full") != until:
            self._partition.pop("debts_full", None)

    @property
    def have_overflowed(self) -> bool:
        """Tell whether there were more debts than state has room for, and everything is still to be read again."""
        return "debts_full" in self._partition

    def _write(self) -> None:
        self._partition.pop("debts", None)
        if self._debts:
            kinds: dict[str, list[str]] = {}
            for debt in sorted(self._debts, key=lambda debt: (debt.kind, int(debt.gid))):
                kinds.setdefault(debt.kind, []).append(debt.gid)
            self._partition["debts"] = kinds


class Ledger:
    """The debts of streams that are read together, by their names, while one read lasts that began at `until`.

    A debt of a kind that is the name of one of the streams is its own; all other debts are those of all.
    """

    def __init__(self, debts: Mapping[str, Debts], until: str) -> None:
        """Keep whose they are."""
        self.debts = debts
        self.paid: Counter[str] = Counter()
        self.gone: Counter[str] = Counter()
        self._until = until
        self._asked = {debt for each in debts.values() for debt in each}
        self._refused: set[Debt] = set()
        self._gone: set[Debt] = set()

    @property
    def due(self) -> frozenset[Debt]:
        """Return what was owed when the read began."""
        return frozenset(self._asked)

    def on_unavailable(self, debt: Debt, status: int) -> None:
        """Note that a list was refused: it is owed, unless the plan lacks it, or it was owed before and is gone."""
        is_listed = debt.base_kind in LISTED_KINDS or debt.is_whole_list
        if debt in self._asked and status in GONE_STATUSES and not is_listed:
            self._gone.add(debt)
            return
        self._refused.add(debt)
        if status != HTTPStatus.PAYMENT_REQUIRED:
            for each in self._owing(debt):
                each.add(debt, self._until)

    def settle(self, debts: Iterable[Debt]) -> None:
        """Drop debts that were asked and not refused again; what they brought is written."""
        for debt in debts:
            if debt not in self._refused:
                count = self.gone if debt in self._gone else self.paid
                for name, each in self.debts.items():
                    count[name] += each.remove(debt)
                    each.record_progress(debt)

    def on_parent_gone(self, debt: Debt) -> None:
        """Note that the parent of a debt does not exist any more."""
        self._gone.add(debt)

    def _owing(self, debt: Debt) -> Iterable[Debts]:
        return [self.debts[debt.kind]] if debt.kind in self.debts else self.debts.values()
