"""Pseudonyms in place of people, and no free text if the setting `privacy` is `redact`.

Each field declares which kind of personal data it may hold, see `fields.PRIVACY`. A redactor is compiled once per
stream; with `privacy: none` there is none. Values outside the schema, or of another type than declared, are dropped,
because they could reveal anything.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from tap_asana.parents.kinds import BY_GID, PersonOrder
from tap_asana.records.fields import value_type
from tap_asana.records.known_people import USER_TYPES, KnownPeople, learner
from tap_asana.records.mentions import Mentions

Redactor: TypeAlias = Callable[[Any], Any]

NONE, PSEUDONYMIZE, REDACT = "none", "pseudonymize", "redact"
"""The values of the setting `privacy`."""

DOMAIN: Final = "pseudonym.invalid"
"""The domain of pseudonymous e-mail addresses; RFC 2606 guarantees that it never exists."""

MACHINE_FIELDS: Final = frozenset({"gid", "resource_type", "resource_subtype"})
"""Names of string fields that never contain text."""

CACHE_SIZE: Final = 1 << 16
"""Cached pseudonyms per kind."""


class Pseudonyms:
    """Keyed hashes (HMAC-SHA-256) of identifiers, the same in every stream and run with the same key."""

    def __init__(self, key: str) -> None:
        """Keep the key."""
        self._key = key.encode()
        self.gid = lru_cache(CACHE_SIZE)(self._gid)
        self.name = lru_cache(CACHE_SIZE)(self._name)
        self.email = lru_cache(CACHE_SIZE)(self._email)

    def of(self, kind: str, value: str) -> str:
        """Return the pseudonym of a value as 32 hexadecimal digits; the same value of another kind has another one."""
        return hmac.new(self._key, f"{kind}\0{value}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[:32]

    def _gid(self, gid: str) -> str:
        return self.of("gid", gid)

    def _name(self, name: str) -> str:
        return f"Person {self.of('name', name)[:16]}"

    def _email(self, address: str) -> str:
        return f"{self.of('email', address.strip().lower())}@{DOMAIN}"


class Privacy:
    """The settings `privacy` and `privacy_key`."""

    def __init__(self, mode: str, key: str | None) -> None:
        """Prepare for the mode; `key` may be None only if the mode is NONE."""
        self.pseudonyms = Pseudonyms(key or "") if mode != NONE else None
        self._redactors = _Redactors(self.pseudonyms, redact=mode == REDACT) if self.pseudonyms else None

    @property
    def person_order(self) -> PersonOrder:
        """Return the reading order of people; positions in it are kept in the state, so they must not be gids."""
        pseudonyms = self.pseudonyms
        if pseudonyms is None:
            return BY_GID
        return PersonOrder(
            pseudonyms.of("ranking", "")[:8], lambda gid: int(pseudonyms.gid(gid)[:15], 16), pseudonyms.gid
        )

    def redactor(self, schema: Mapping[str, Any]) -> Redactor | None:
        """Return a function that takes a record from Asana and returns a private copy; None if nothing is to change."""
        return self._redactors.for_records(schema) if self._redactors else None

    @property
    def known_people(self) -> KnownPeople | None:
        """Return the people whom this run knows, to be found in texts; None if nothing is to change."""
        return self._redactors.known_people if self._redactors else None


class _Redactors:
    """Compiles the redactors for schemas."""

    def __init__(self, pseudonyms: Pseudonyms, *, redact: bool) -> None:
        self.known_people = KnownPeople()
        mentions = Mentions(pseudonyms.gid, pseudonyms.name, pseudonyms.email, self.known_people)
        self._gid = _text_redactor(pseudonyms.gid)
        self._name = _text_redactor(pseudonyms.name)
        self._value = _text_redactor(lambda value: pseudonyms.of("value", value))
        self._machine = _scalar_redactor(mentions.pseudonymize)
        self._number = _number_redactor(self.known_people.has_gid)
        prose = _null if redact else _text_redactor(mentions.pseudonymize)
        self._prose = prose
        self._by_class: dict[str, Redactor] = {
            "email": _text_redactor(pseudonyms.email),
            "photo": _null,
            "open": _null,
            "prose": prose,
            "narrative": prose,
            "display": prose,
        }

    def for_records(self, schema: Mapping[str, Any]) -> Redactor:
        """Return the redactor for records; it learns the people in a record before it reads the record's texts."""
        learn, redact = learner(schema, self.known_people), self._for_field(schema)
        if learn is None:
            return redact

        def learn_and_redact(record: Any) -> Any:  # noqa: ANN401 - JSON of any shape
            learn(record)
            return redact(record)

        return learn_and_redact

    def _for_field(self, schema: Mapping[str, Any], name: str = "") -> Redactor:
        """Return the redactor for the values of a field."""
        kind = value_type(schema)
        privacy = schema.get("x-privacy")
        if privacy in self._by_class:
            return self._by_class[privacy]
        if kind == "object":
            return self._for_object(schema, personal=privacy == "person")
        if kind == "array":
            return _array_redactor(self._for_field(schema["items"], name))
        if privacy == "person":
            return self._for_person(kind, name)
        if kind == "number":
            return self._number
        return _keep_scalar if _is_nameless(schema, kind, name) else self._machine

    def _for_person(self, kind: str, name: str) -> Redactor:
        """Return the redactor for a value that identifies a person; only a string can hold a pseudonym."""
        if kind != "string":
            return _null
        if name == "gid" or name.endswith("_gid"):
            return self._gid
        return self._name if name == "name" else self._value

    def _for_object(self, schema: Mapping[str, Any], *, personal: bool) -> Redactor:
        properties = schema.get("properties", {})
        fields = {name: self._for_field(field, name) for name, field in properties.items()}
        narrative, display = (_nulls(properties, privacy) for privacy in ("narrative", "display"))
        identity = {"gid": self._gid, "name": self._name}
        of_person = {**fields, **{name: redact for name, redact in identity.items() if name in fields}}
        of_other = {**fields, **({"name": self._prose} if personal and "name" in fields else {})}

        def redact_object(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
            if value.__class__ is not dict:
                return None
            redactors = of_person if personal and _is_person(value, properties) else of_other
            result = {name: redact(value[name]) for name, redact in redactors.items() if name in value}
            if narrative and not _is_comment(value):
                result.update(narrative)
            if display and _may_name_people(value):
                result.update(display)
            return result

        return redact_object


def _nulls(properties: Mapping[str, Mapping[str, Any]], privacy: str) -> dict[str, None]:
    """Return the fields of a privacy class, with null values."""
    return {name: None for name, field in properties.items() if field.get("x-privacy") == privacy}


def _is_person(value: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Return whether an object may be a person: an object of unknown type may be."""
    kind = value.get("resource_type") if "resource_type" in properties else None
    return not isinstance(kind, str) or kind in USER_TYPES or bool(properties.get("email") and value.get("email"))


def _is_comment(story: Mapping[str, Any]) -> bool:
    return story.get("type") == "comment" or story.get("resource_subtype") == "comment_added"


def _may_name_people(value: Mapping[str, Any]) -> bool:
    """Return whether the value of a custom field names people, or may do so because its type is missing."""
    kinds = [kind for name in ("representation_type", "resource_subtype") if isinstance(kind := value.get(name), str)]
    return not kinds or "people" in kinds or "reference" in kinds


def _text_redactor(replace: Callable[[str], str]) -> Redactor:
    """Return a function that replaces strings and integers, and drops all else."""

    def redact(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is int:
            return replace(str(value))
        return replace(value) if value.__class__ is str else None

    return redact


def _array_redactor(redact_item: Redactor) -> Redactor:
    def redact(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not list:
            return None
        return [result for result in map(redact_item, value) if result is not None]

    return redact


def _null(_: Any) -> None:  # noqa: ANN401 - JSON of any shape
    return None


def _keep_scalar(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a scalar as it is, and None for an undeclared object or list, which could reveal anything."""
    return None if value.__class__ is dict or value.__class__ is list else value


def _scalar_redactor(replace: Callable[[str], str]) -> Redactor:
    """Return a function for machine-written strings: a URL in them may name a person."""

    def redact(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        return replace(value) if value.__class__ is str else _keep_scalar(value)

    return redact


def _number_redactor(is_person: Callable[[str], bool]) -> Redactor:
    """Return a function that drops a number if it is a person's gid: a number cannot hold a pseudonym."""

    def redact(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is str:
            return None if is_person(value.strip()) else value
        if value.__class__ is int or (value.__class__ is float and value.is_integer()):
            return None if is_person(str(int(value))) else value
        return _keep_scalar(value)

    return redact


def _is_nameless(schema: Mapping[str, Any], kind: str, name: str) -> bool:
    """Return whether a value cannot name a person: a boolean, a date, a resource type or a gid."""
    return kind == "boolean" or "format" in schema or name in MACHINE_FIELDS or name.endswith("_gid")
