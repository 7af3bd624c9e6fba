"""What a run knows of people: their gids, full names and e-mail addresses, to be found in texts. It stays in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from tap_asana.folding import fold

SHORTEST_GID: Final = 5
"""Digits of a gid that is looked for in texts: a shorter one is any number."""

SHORTEST_NAME: Final = 3
"""Letters of a full name, and of a name that is written without a space, that is looked for in texts."""

SHORTEST_ADDRESS: Final = 6
"""Letters of an e-mail address that is looked for in other forms than its own."""

TIERS: Final = (32, 1024)
"""Patterns in the automata of people who were met lately: to add one to all of them takes long."""


_ADDED: Final = re.compile(r"\s*(?:[(\[].*|\s[|/\u2013\u2014-]\s.*)", re.DOTALL)
"""What people add to their names: pronouns or a team in brackets, or behind a bar or a dash."""


class Kind(IntEnum):
    """What tells who somebody is, the surer the higher."""

    NAME_TURNED = 1
    NAME = 2
    SURE = 3
    """A gid or an e-mail address."""


class Hit(NamedTuple):
    """A part of a folded text that is somebody's, and what makes the pseudonym of what was written there."""

    start: int
    end: int
    kind: Kind
    pseudonym: Callable[[str], str]


class Directory:
    """The people that a run has met, and where they occur in folded texts."""

    def __init__(self, gid: Callable[[str], str], name: Callable[[str], str], email: Callable[[str], str]) -> None:
        """Know nobody yet; take what makes the pseudonyms."""
        self._gid, self._name, self._email = gid, name, email
        self._met: dict[str, str | None] = {}
        self._addresses: set[str] = set()
        self._names: dict[str, str] = {}
        self._spellings: set[str] = set()
        self._patterns: dict[str, tuple[Kind, Callable[[str], str]]] = {}
        self._automata: list[tuple[list[str], AhoCorasick | None]] = [([], None) for _ in (*TIERS, None)]
        self._fresh: list[str] = []
        self.domains: set[str] = set()
        self.clean: set[str] = set()
        """Texts that name nobody who is known; it is emptied when somebody else is met."""

    def learn(self, gid: object, name: object = None, email: object = None) -> None:
        """Keep what tells who somebody is; what is known already costs little."""
        if gid.__class__ is str and self._met.get(gid, self) != name:
            self._learn_gid(str(gid), name)
        elif gid.__class__ is not str and name.__class__ is str and name not in self._spellings:
            self._learn_name(str(name))
        if email.__class__ is str and email not in self._addresses:
            self._learn_address(str(email))

    def _learn_gid(self, gid: str, name: object) -> None:
        known = isinstance(name, str)
        if gid not in self._met or known:
            self._met[gid] = str(name) if known else None
        if gid.isdecimal() and len(gid) >= SHORTEST_GID:
            self._add(gid, Kind.SURE, lambda _: self._gid(gid))
        if known and name not in self._spellings:
            self._learn_name(str(name))

    def _learn_name(self, name: str) -> None:
        self._spellings.add(name)
        for form, kind in _forms(name).items():
            # Of two people whose names differ in case alone, the same one is taken whoever was met first.
            self._names[form] = min(name, self._names.get(form, name))
            self._add(form, kind, self._named(form))

    def _named(self, form: str) -> Callable[[str], str]:
        return lambda written: self._name(written if written in self._spellings else self._names[form])

    def _learn_address(self, email: str) -> None:
        self._addresses.add(email)
        local, at, host = email.strip().partition("@")
        if not at or len(email) < SHORTEST_ADDRESS:
            return
        self.domains.add(host.casefold())
        forms = {fold(f"{local} {host}"), fold(f"{local} at {host}"), fold(f"{local} at {_spelt(host)}")}
        for form in {*forms, fold(f"{_spelt(local)} at {_spelt(host)}")}:
            self._add(form, Kind.SURE, lambda _: self._email(email))

    def _add(self, pattern: str, kind: Kind, pseudonym: Callable[[str], str]) -> None:
        known = self._patterns.get(pattern)
        if known is None or known[0] < kind:
            self._patterns[pattern] = kind, pseudonym
        if known is None:
            self._fresh.append(pattern)
            self.clean.clear()

    def name_of(self, gid: str) -> str | None:
        """Return the name that somebody with this gid has, if they were met."""
        return self._met.get(gid)

    def knows(self, gid: str) -> bool:
        """Tell whether somebody with this gid was met."""
        return gid in self._met and len(gid) >= SHORTEST_GID

    def spelling(self, name: str) -> str:
        """Return a name as the person with it spells it, or as it is where nobody known has it."""
        return name if name in self._spellings else self._names.get(fold(name), name)

    def touches(self, folded: str) -> bool:
        """Tell whether a folded text may name anybody: seldom true where it does not."""
        if self._fresh:
            self._settle()
        for _, automaton in self._automata:
            if automaton is not None and automaton.find_matches_as_indexes(folded):
                return True
        return False

    def hits(self, folded: str) -> Iterator[Hit]:
        """Yield where people occur in a folded text: a name or an address in whole words, a gid as a whole number."""
        if self._fresh:
            self._settle()
        for patterns, automaton in self._automata:
            for index, start, end in automaton.find_matches_as_indexes(folded, overlapping=True) if automaton else ():
                inside = str.isdecimal if patterns[index].isdecimal() else str.isalpha
                if not inside(folded[max(start - 1, 0) : start]) and not inside(folded[end : end + 1]):
                    yield Hit(start, end, *self._patterns[patterns[index]])

    def _settle(self) -> None:
        """Put what was learnt into the first automaton that has room, with what those before it hold."""
        patterns, self._fresh = self._fresh, []
        for tier, room in enumerate((*TIERS, None)):
            patterns = [*self._automata[tier][0], *patterns]
            if room is None or len(patterns) <= room:
                self._automata[tier] = (patterns, AhoCorasick(patterns))
                return
            self._automata[tier] = ([], None)


def _forms(name: str) -> dict[str, Kind]:
    """Return how a full name may stand in a folded text: as it is, turned, and without what is added to it."""
    found: dict[str, Kind] = {}
    for given in (name, _ADDED.sub("", name)):
        folded, words = fold(given), given.split()
        if " " in folded and len(folded.replace(" ", "")) >= SHORTEST_NAME:
            found[folded] = Kind.NAME
            for turned in ((*words[-1:], *words[:-1]), (*words[1:], *words[:1])):
                found.setdefault(fold(" ".join(turned)), Kind.NAME_TURNED)
    return found


def _spelt(text: str) -> str:
    """Return a part of an address as people who hide it from machines write it."""
    return re.sub("[.]", " dot ", text)
