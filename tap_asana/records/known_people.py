"""The people whom a run knows: their gids, full names and e-mail addresses, kept in memory to find them in texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple, TypeAlias

from ahocorasick_rs import AhoCorasick

from tap_asana.records.folding import fold

MIN_GID_DIGITS: Final = 5
"""Shorter gids are not looked for in texts: they could be any number."""

MIN_NAME_LETTERS: Final = 3
"""Shorter full names, and names written without a space, are not looked for in texts."""

MIN_EMAIL_LENGTH: Final = 6
"""Shorter e-mail addresses are found only in their own form, not in spelled-out ones."""

TIER_SIZES: Final = (64, 2048, 65_536)
"""Patterns per automaton. New people go into a small one, because rebuilding the largest for each takes too long."""

USER_TYPES: Final = frozenset({"user", "agent"})
"""The resource types of people."""

_NAME_SUFFIX: Final = re.compile(r"\s*(?:[(\[].*|\s[|/\u2013\u2014-]\s.*)", re.DOTALL)
"""Additions to names: pronouns or a team, in brackets or after a bar or a dash."""

Learner: TypeAlias = Callable[[Any], object]


class Identifier(IntEnum):
    """The kinds of identifiers of a person, in ascending order of certainty."""

    REORDERED_NAME = 1
    NAME = 2
    EMAIL = 3
    GID = 4


class Hit(NamedTuple):
    """A part of a folded text that identifies a person, with the kind and the value of the identifier."""

    start: int
    end: int
    kind: Identifier
    value: str


class KnownPeople:
    """The people whom a run has met, and a search for them in folded texts.

    The search uses a tier of Aho-Corasick automata, each larger than the one before.
    """

    def __init__(self, tier_sizes: Sequence[int] = TIER_SIZES) -> None:
        """Start without people."""
        self._tier_sizes: Sequence[int | None] = (*tier_sizes, None)
        self._names_by_gid: dict[str, str | None] = {}
        self._spellings: set[str] = set()
        self._patterns: dict[str, tuple[Identifier, str]] = {}
        self._automata: list[tuple[list[str], AhoCorasick | None]] = [([], None) for _ in self._tier_sizes]
        self._new_patterns: list[str] = []
        self.email_domains: set[str] = set()
        """The domains of all known e-mail addresses."""
        self.clean_texts: set[str] = set()
        """A cache of texts without known people; adding a person clears it."""

    def add(self, gid: object, name: object = None, email: object = None) -> None:
        """Add a person, or a new name or address of a known one; known values cost little."""
        if gid.__class__ is int:
            gid = str(gid)
        if isinstance(gid, str):
            if self._names_by_gid.get(gid, self) != name:
                self._add_gid(gid, name)
        elif isinstance(name, str) and name not in self._spellings:
            self._add_name(name)
        if isinstance(email, str) and email not in self._spellings:
            self._add_email(email)

    def _add_gid(self, gid: str, name: object) -> None:
        text = name if isinstance(name, str) else None
        if gid not in self._names_by_gid or text is not None:
            self._names_by_gid[gid] = text
        if gid.isdecimal() and len(gid) >= MIN_GID_DIGITS:
            self._add_pattern(gid, (Identifier.GID, gid))
        if text is not None and text not in self._spellings:
            self._add_name(text)

    def _add_name(self, name: str) -> None:
        self._spellings.add(name)
        for form, kind in _name_forms(name).items():
            self._add_pattern(form, (kind, name))

    def _add_email(self, email: str) -> None:
        self._spellings.add(email)
        local, at, host = email.strip().partition("@")
        if not at or len(email) < MIN_EMAIL_LENGTH:
            return
        self.email_domains.add(host.casefold())
        forms = (
            *(f"{local} {host}", f"{local} at {host}"),
            *(f"{local} at {_spell_dots(host)}", f"{_spell_dots(local)} at {_spell_dots(host)}"),
        )
        for form in set(map(fold, forms)):
            self._add_pattern(form, (Identifier.EMAIL, email))

    def _add_pattern(self, pattern: str, identifier: tuple[Identifier, str]) -> None:
        other = self._patterns.get(pattern)
        if other is None:
            self._patterns[pattern] = identifier
            self._new_patterns.append(pattern)
            self.clean_texts.clear()
        # If the names of two people differ only in case, the choice must not depend on the order in which they are met.
        elif other[0] < identifier[0] or (other[0] == identifier[0] and identifier[1] < other[1]):
            self._patterns[pattern] = identifier

    def name_of(self, gid: str) -> str | None:
        """Return the name of the person with a gid, or None if the person or the name is unknown."""
        return self._names_by_gid.get(gid)

    def has_gid(self, gid: str) -> bool:
        """Return whether a person with this gid is known."""
        return gid in self._names_by_gid and len(gid) >= MIN_GID_DIGITS

    def has_spelling(self, name: str) -> bool:
        """Return whether a known person has exactly this name."""
        return name in self._spellings

    def full_name(self, name: str) -> str:
        """Return a name in the spelling of the person who has it, or unchanged if nobody known has it."""
        if name in self._spellings:
            return name
        kind, value = self._patterns.get(fold(name), (None, name))
        return value if kind in {Identifier.NAME, Identifier.REORDERED_NAME} else name

    def may_occur_in(self, folded_text: str) -> bool:
        """Return whether a folded text may contain a known person; false positives are rare."""
        if self._new_patterns:
            self._index_pending()
        for _, automaton in self._automata:
            if automaton is not None and automaton.find_matches_as_indexes(folded_text):
                return True
        return False

    def find(self, folded_text: str) -> Iterator[Hit]:
        """Yield the known people in a folded text: names and addresses as whole words, gids as whole numbers."""
        if self._new_patterns:
            self._index_pending()
        for patterns, automaton in self._automata:
            for index, start, end in (
                automaton.find_matches_as_indexes(folded_text, overlapping=True) if automaton else ()
            ):
                if not _is_inside_word(folded_text, start) and not _is_inside_word(folded_text, end):
                    yield Hit(start, end, *self._patterns[patterns[index]])

    def _index_pending(self) -> None:
        """Move pending patterns, and those of smaller automata, into the first automaton with room for them."""
        patterns, self._new_patterns = self._new_patterns, []
        for tier, size in enumerate(self._tier_sizes):
            patterns = [*self._automata[tier][0], *patterns]
            if size is None or len(patterns) <= size:
                self._automata[tier] = (patterns, AhoCorasick(patterns, store_patterns=False))
                return
            self._automata[tier] = ([], None)


def _is_inside_word(text: str, index: int) -> bool:
    """Return whether an index lies inside a word or a number."""
    before, after = text[max(index - 1, 0) : index], text[index : index + 1]
    return (before.isalpha() and after.isalpha()) or (before.isdecimal() and after.isdecimal())


def _name_forms(name: str) -> dict[str, Identifier]:
    """Return the folded forms of a full name: as it is, reordered, and without a suffix."""
    forms: dict[str, Identifier] = {}
    for variant in (name, _NAME_SUFFIX.sub("", name)):
        folded_name, words = fold(variant), variant.split()
        if " " in folded_name and len(folded_name.replace(" ", "")) >= MIN_NAME_LETTERS:
            forms[folded_name] = Identifier.NAME
            for new_order in ((*words[-1:], *words[:-1]), (*words[1:], *words[:1])):
                forms.setdefault(fold(" ".join(new_order)), Identifier.REORDERED_NAME)
    return forms


def _spell_dots(text: str) -> str:
    """Return a part of an e-mail address with its dots spelled out."""
    return text.replace(".", " dot ")


def learner(schema: Mapping[str, Any], people: KnownPeople) -> Learner | None:
    """Return a function that adds the people in a record to `people`; None if the schema has no fields for people."""
    return _learner(schema, people, _may_be_person)


def _learner(
    schema: Mapping[str, Any], people: KnownPeople, is_person: Callable[[Mapping[str, Any]], bool]
) -> Learner | None:
    """Return the function for values of a schema; `is_person` decides for objects with a gid and a name."""
    if "items" in schema:
        return _for_each(_field_learner(schema["items"], people))
    properties: Mapping[str, Any] = schema.get("properties", {})
    inner_learners = {name: inner for name, field in properties.items() if (inner := _field_learner(field, people))}
    personal = schema.get("x-privacy") == "person" and "gid" in properties
    if not personal and not inner_learners:
        return None

    def learn(value: Any) -> None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not dict:
            return
        if personal and is_person(value):
            people.add(value.get("gid"), value.get("name"), value.get("email"))
        for name, inner in inner_learners.items():
            if field := value.get(name):
                inner(field)

    return learn


def _field_learner(schema: Mapping[str, Any], people: KnownPeople) -> Learner | None:
    has_several_types = "resource_type" in schema.get("properties", {})
    return _learner(schema, people, _is_certainly_person if has_several_types else lambda _: True)


def _may_be_person(record: Mapping[str, Any]) -> bool:
    """Return whether a record is a person, or of unknown type: most deleted objects are none."""
    resource_type = record.get("resource_type")
    return not isinstance(resource_type, str) or resource_type in USER_TYPES


def _is_certainly_person(value: Mapping[str, Any]) -> bool:
    """Return whether an object is surely a person and not a team: nobody should be known by a team's name."""
    resource_type = value.get("resource_type")
    return bool(value.get("email")) or (isinstance(resource_type, str) and resource_type in USER_TYPES)


def _for_each(learn: Learner | None) -> Learner | None:
    def learn_each(value: Any) -> None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is list and learn:
            for item in value:
                learn(item)

    return learn_each if learn else None
