"""Records that do not tell who people are: pseudonyms in place of people, and no words where none are wanted.

What a field tells is declared with the field (`fields.PRIVACY`). A function is compiled once for each stream; where
the setting `privacy` is none there is no function. What a schema does not declare does not pass, nor does a value of
another type than declared: nobody knows what it tells.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from tap_asana.parents.kinds import BY_GID, PersonOrder
from tap_asana.records.known_people import KnownPeople
from tap_asana.records.mentions import Mentions
from tap_asana.records.people_met import PEOPLE, meeting

Redactor: TypeAlias = Callable[[Any], Any]

NONE, PSEUDONYMIZE, REDACT = "none", "pseudonymize", "redact"
"""The values of the setting `privacy`."""

DOMAIN: Final = "pseudonym.invalid"
"""Where the pseudonyms of e-mail addresses are: a domain that can never be (RFC 2606)."""

MACHINE_FIELDS: Final = frozenset({"gid", "resource_type", "resource_subtype"})
"""Names of machine words that are no text."""

CACHE_SIZE: Final = 1 << 16
"""Pseudonyms of each kind that are kept at hand."""


class Pseudonyms:
    """Keyed hashes (HMAC-SHA-256) of what tells who a person is: the same in every stream and run with the same key."""

    def __init__(self, key: str) -> None:
        """Keep the key."""
        self._key = key.encode()
        self.gid = lru_cache(CACHE_SIZE)(self._gid)
        self.name = lru_cache(CACHE_SIZE)(self._name)
        self.email = lru_cache(CACHE_SIZE)(self._email)

    def of(self, kind: str, value: str) -> str:
        """Return the pseudonym of a value as 32 hexadecimal digits; values of other kinds have others."""
        return hmac.new(self._key, f"{kind}\0{value}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[:32]

    def _gid(self, gid: str) -> str:
        return self.of("gid", gid)

    def _name(self, name: str) -> str:
        return f"Person {self.of('name', name)[:16]}"

    def _email(self, address: str) -> str:
        return f"{self.of('email', address.strip().lower())}@{DOMAIN}"


class Privacy:
    """What the settings `privacy` and `privacy_key` ask for."""

    def __init__(self, mode: str, key: str | None) -> None:
        """Take both settings."""
        self._redact = mode == REDACT
        self.pseudonyms = Pseudonyms(key or "") if mode != NONE else None
        self._protections = _Redactors(self.pseudonyms, redact=self._redact) if self.pseudonyms else None

    @property
    def person_order(self) -> PersonOrder:
        """Return the order that people are read in: state keeps places in it, which must not be their gids."""
        hidden = self.pseudonyms
        if hidden is None:
            return BY_GID
        return PersonOrder(hidden.of("ranking", "")[:8], lambda gid: int(hidden.gid(gid)[:15], 16), hidden.gid)

    def redactor(self, schema: Mapping[str, Any]) -> Redactor | None:
        """Return the function that makes a record of this schema private; None where it is to stay as it is.

        The function takes a record as Asana sent it, and returns another.
        """
        return self._protections.protection(schema) if self._protections else None

    @property
    def known_people(self) -> KnownPeople | None:
        """Return who is known in this run, for texts that name them; None where all is to stay as it is."""
        return self._protections.directory if self._protections else None


class _Redactors:
    """The functions for the fields of a schema."""

    def __init__(self, pseudonyms: Pseudonyms, *, redact: bool) -> None:
        self.directory = KnownPeople()
        mentions = Mentions(pseudonyms.gid, pseudonyms.name, pseudonyms.email, self.directory)
        self._gid = _text(pseudonyms.gid)
        self._name = _text(pseudonyms.name)
        self._value = _text(lambda value: pseudonyms.of("value", value))
        self._machine = _scalar_only(mentions.pseudonymize)
        self._number = _unless(self.directory.has_gid)
        prose = _null if redact else _text(mentions.pseudonymize)
        self._prose = prose
        self._by_class: dict[str, Redactor] = {
            "email": _text(pseudonyms.email),
            "photo": _null,
            "open": _null,
            "prose": prose,
            "narrative": prose,
            "display": prose,
        }

    def protection(self, schema: Mapping[str, Any]) -> Redactor:
        """Return the function for records of a schema: whoever is met in one is known before its texts are read."""
        meet, protect = meeting(schema, self.directory), self.of(schema)
        if meet is None:
            return protect

        def protected(record: Any) -> Any:  # noqa: ANN401 - JSON of any shape
            meet(record)
            return protect(record)

        return protected

    def of(self, schema: Mapping[str, Any], name: str = "") -> Redactor:
        """Return the function for a field of this name."""
        kind = next(kind for kind in _kinds(schema) if kind != "null")
        privacy = schema.get("x-privacy")
        if privacy in self._by_class:
            return self._by_class[privacy]
        if kind == "object":
            return self._object(schema, personal=privacy == "person")
        if kind == "array":
            return _each(self.of(schema["items"], name))
        if privacy == "person":
            return self._personal(kind, name)
        if kind == "number":
            return self._number
        return _untouched if _is_plain(schema, kind, name) else self._machine

    def _personal(self, kind: str, name: str) -> Redactor:
        """Return the function for a value: a number cannot hold a pseudonym."""
        if kind != "string":
            return _null
        if name == "gid" or name.endswith("_gid"):
            return self._gid
        return self._name if name == "name" else self._value

    def _object(self, schema: Mapping[str, Any], *, personal: bool) -> Redactor:
        properties = schema.get("properties", {})
        fields = {name: self.of(field, name) for name, field in properties.items()}
        narrative, display = (_nothing(properties, privacy) for privacy in ("narrative", "display"))
        of_person = {**fields, **{name: by for name, by in self._identity().items() if name in fields}}
        of_thing = {**fields, **({"name": self._prose} if personal and "name" in fields else {})}

        def protected(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
            if value.__class__ is not dict:
                return None
            inside = of_person if personal and _is_person(value, properties) else of_thing
            made = {name: protect(value[name]) for name, protect in inside.items() if name in value}
            if narrative and not _is_comment(value):
                made.update(narrative)
            if display and _names_people(value):
                made.update(display)
            return made

        return protected

    def _identity(self) -> dict[str, Redactor]:
        return {"gid": self._gid, "name": self._name}


def _nothing(properties: Mapping[str, Mapping[str, Any]], privacy: str) -> dict[str, None]:
    """Return the fields of a class as nulls."""
    return {name: None for name, field in properties.items() if field.get("x-privacy") == privacy}


def _is_person(value: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    kind = value.get("resource_type") if "resource_type" in properties else None
    return not isinstance(kind, str) or kind in PEOPLE or bool(properties.get("email") and value.get("email"))


def _is_comment(story: Mapping[str, Any]) -> bool:
    return story.get("type") == "comment" or story.get("resource_subtype") == "comment_added"


def _names_people(value: Mapping[str, Any]) -> bool:
    """Tell whether a custom field's value is of people, or may be because it does not say."""
    kinds = [kind for name in ("representation_type", "resource_subtype") if isinstance(kind := value.get(name), str)]
    return not kinds or "people" in kinds or "reference" in kinds


def _text(made: Callable[[str], str]) -> Redactor:
    """Return the function that makes one text of another, a number being as good as its text."""

    def protected(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is int:
            return made(str(value))
        return made(value) if value.__class__ is str else None

    return protected


def _each(item: Redactor) -> Redactor:
    def protected(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON of any shape
        return [made for made in map(item, value) if made is not None] if value.__class__ is list else None

    return protected


def _null(_: Any) -> None:  # noqa: ANN401 - JSON of any shape
    return None


def _untouched(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a value that holds no others: objects and lists where none are declared tell anything."""
    return None if value.__class__ is dict or value.__class__ is list else value


def _scalar_only(hidden: Callable[[str], str]) -> Redactor:
    """Return the function for a machine's words, which may be an address that somebody is in."""

    def protected(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        return hidden(value) if value.__class__ is str else _untouched(value)

    return protected


def _unless(is_person: Callable[[str], bool]) -> Redactor:
    """Return the function for a number, which may be somebody's gid, and then cannot hold a pseudonym."""

    def protected(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is str:
            return None if is_person(value.strip()) else value
        if value.__class__ is int or (value.__class__ is float and value.is_integer()):
            return None if is_person(str(int(value))) else value
        return _untouched(value)

    return protected


def _is_plain(schema: Mapping[str, Any], kind: str, name: str) -> bool:
    """Tell whether a value cannot name anybody: a flag, a moment, what a thing is, or its gid."""
    return kind == "boolean" or "format" in schema or name in MACHINE_FIELDS or name.endswith("_gid")


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)
