"""What a run knows of people: their gids, full names and e-mail addresses, to be found in texts. It stays in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from tap_asana.records.folding import fold

MIN_GID_DIGITS: Final = 5
"""Digits of a gid that is looked for in texts: a shorter one is any number."""

MIN_NAME_LETTERS: Final = 3
"""Letters of a full name, and of a name that is written without a space, that is looked for in texts."""

MIN_EMAIL_LENGTH: Final = 6
"""Letters of an e-mail address that is looked for in other forms than its own."""

TIER_SIZES: Final = (64, 2048, 65_536)
"""Patterns in the automata of people who were met lately: to add one to all of them takes long."""


_ADDED: Final = re.compile(r"\s*(?:[(\[].*|\s[|/\u2013\u2014-]\s.*)", re.DOTALL)
"""What people add to their names: pronouns or a team in brackets, or behind a bar or a dash."""


class Identifier(IntEnum):
    """What tells who somebody is, the surer the higher."""

    NAME_TURNED = 1
    NAME = 2
    EMAIL = 3
    GID = 4


class Hit(NamedTuple):
    """A part of a folded text that is somebody's, and what of theirs it is."""

    start: int
    end: int
    kind: Identifier
    value: str


class KnownPeople:
    """The people that a run has met, and where they occur in folded texts."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._met: dict[str, str | None] = {}
        self._spellings: set[str] = set()
        self._patterns: dict[str, tuple[Identifier, str]] = {}
        self._automata: list[tuple[list[str], AhoCorasick | None]] = [([], None) for _ in (*TIER_SIZES, None)]
        self._fresh: list[str] = []
        self.domains: set[str] = set()
        """The domains of people's e-mail addresses."""
        self.clean: set[str] = set()
        """Texts that name nobody who is known; it is emptied when somebody else is met."""

    def add(self, gid: object, name: object = None, email: object = None) -> None:
        """Keep what tells who somebody is; what is known already costs little."""
        if gid.__class__ is int:
            gid = str(gid)
        if isinstance(gid, str):
            if self._met.get(gid, self) != name:
                self._learn_gid(gid, name)
        elif isinstance(name, str) and name not in self._spellings:
            self._learn_name(name)
        if isinstance(email, str) and email not in self._spellings:
            self._learn_address(email)

    def _learn_gid(self, gid: str, name: object) -> None:
        known = name if isinstance(name, str) else None
        if gid not in self._met or known is not None:
            self._met[gid] = known
        if gid.isdecimal() and len(gid) >= MIN_GID_DIGITS:
            self._add(gid, (Identifier.GID, gid))
        if known is not None and known not in self._spellings:
            self._learn_name(known)

    def _learn_name(self, name: str) -> None:
        self._spellings.add(name)
        meanings = {kind: (kind, name) for kind in (Identifier.NAME, Identifier.NAME_TURNED)}
        for form, kind in _forms(name).items():
            self._add(form, meanings[kind])

    def _learn_address(self, email: str) -> None:
        self._spellings.add(email)
        local, at, host = email.strip().partition("@")
        if not at or len(email) < MIN_EMAIL_LENGTH:
            return
        self.domains.add(host.casefold())
        forms = {fold(f"{local} {host}"), fold(f"{local} at {host}"), fold(f"{local} at {_spelt(host)}")}
        meaning = Identifier.EMAIL, email
        for form in {*forms, fold(f"{_spelt(local)} at {_spelt(host)}")}:
            self._add(form, meaning)

    def _add(self, pattern: str, meaning: tuple[Identifier, str]) -> None:
        known = self._patterns.get(pattern)
        if known is None:
            self._patterns[pattern] = meaning
            self._fresh.append(pattern)
            self.clean.clear()
        # Of two people whose names differ in case alone, the same one is taken whoever was met first.
        elif known[0] < meaning[0] or (known[0] == meaning[0] and meaning[1] < known[1]):
            self._patterns[pattern] = meaning

    def name_of(self, gid: str) -> str | None:
        """Return the name that somebody with this gid has, if they were met."""
        return self._met.get(gid)

    def has_gid(self, gid: str) -> bool:
        """Tell whether somebody with this gid was met."""
        return gid in self._met and len(gid) >= MIN_GID_DIGITS

    def has_spelling(self, name: str) -> bool:
        """Tell whether somebody who was met spells their name so, to the letter."""
        return name in self._spellings

    def full_name(self, name: str) -> str:
        """Return a name as the person with it spells it, or as it is where nobody known has it."""
        if name in self._spellings:
            return name
        kind, value = self._patterns.get(fold(name), (None, name))
        return value if kind in {Identifier.NAME, Identifier.NAME_TURNED} else name

    def may_occur_in(self, folded: str) -> bool:
        """Tell whether a folded text may name anybody: seldom true where it does not."""
        if self._fresh:
            self._settle()
        for _, automaton in self._automata:
            if automaton is not None and automaton.find_matches_as_indexes(folded):
                return True
        return False

    def find(self, folded: str) -> Iterator[Hit]:
        """Yield where people occur in a folded text: a name or an address in whole words, a gid as a whole number."""
        if self._fresh:
            self._settle()
        for patterns, automaton in self._automata:
            for index, start, end in automaton.find_matches_as_indexes(folded, overlapping=True) if automaton else ():
                if not _is_inside(folded, start) and not _is_inside(folded, end):
                    yield Hit(start, end, *self._patterns[patterns[index]])

    def _settle(self) -> None:
        """Put what was learnt into the first automaton that has room, with what those before it hold."""
        patterns, self._fresh = self._fresh, []
        for tier, room in enumerate((*TIER_SIZES, None)):
            patterns = [*self._automata[tier][0], *patterns]
            if room is None or len(patterns) <= room:
                self._automata[tier] = (patterns, AhoCorasick(patterns, store_patterns=False))
                return
            self._automata[tier] = ([], None)


def _is_inside(folded: str, place: int) -> bool:
    """Tell whether a place is inside a word or a number."""
    before, behind = folded[max(place - 1, 0) : place], folded[place : place + 1]
    return (before.isalpha() and behind.isalpha()) or (before.isdecimal() and behind.isdecimal())


def _forms(name: str) -> dict[str, Identifier]:
    """Return how a full name may stand in a folded text: as it is, turned, and without what is added to it."""
    found: dict[str, Identifier] = {}
    for given in (name, _ADDED.sub("", name)):
        folded, words = fold(given), given.split()
        if " " in folded and len(folded.replace(" ", "")) >= MIN_NAME_LETTERS:
            found[folded] = Identifier.NAME
            for turned in ((*words[-1:], *words[:-1]), (*words[1:], *words[:1])):
                found.setdefault(fold(" ".join(turned)), Identifier.NAME_TURNED)
    return found


def _spelt(text: str) -> str:
    """Return a part of an address as people who hide it from machines write it."""
    return re.sub("[.]", " dot ", text)
