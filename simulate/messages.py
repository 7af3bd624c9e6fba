"""Judges every message and log line of a run: declared fields and types, and nothing that must stay secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from harness import Message, Output

from fake_asana.model.dialect import Dialect
from fake_asana.model.people import email
from fake_asana.world import World
from tap_asana.state.shape import validate_state

MIN_NAME_CHARACTERS = 12
"""Shorter names of tasks may be words of the log."""

EMAIL_HOST = "@example."
EMAIL = re.compile(rf"[\w.+-]+{re.escape(EMAIL_HOST)}(com|org)")

UNREAD_UNLISTED = re.compile(
    r"workspace (\d+): (tasks are read by list|not all tasks without project, tag and listed assignee could be read)"
)
UNSURE = re.compile(
    r"workspace (\d+): (.*; those without tag and listed assignee may be missing"
    r"|no tasks outside of all projects are known yet that show whether exports contain them)"
)

AUDIT = "audit_log_events"
"""The stream of the audit log, and the end of the path of its list."""

TRACEBACK = "Traceback"

LEAVES: Mapping[str, Any] = {"null": None, "string": str, "number": int | float, "integer": int, "boolean": bool}


def wrong_records(output: Output) -> Iterator[str]:
    """Yield a line for each record that its SCHEMA does not allow, by a field too many or a value of another type."""
    declared: dict[str, Any] = {}
    validate = _state_validator()
    for message in output.messages:
        if message["type"] == "SCHEMA":
            declared[message["stream"]] = declared_type(msgspec.json.encode(message["schema"]))
        elif message["type"] == "STATE":
            validate(message["value"])
        elif message["type"] == "RECORD":
            stream = message["stream"]
            if stream not in declared:
                yield f"{stream}: a record without a SCHEMA before it"
                return
            try:
                msgspec.convert(message["record"], declared[stream])
            except msgspec.ValidationError as error:
                yield f"{stream}: a record is not as declared: {error}"


def _state_validator() -> Callable[[Message], None]:
    """Return a function that validates states in their order, of each only what the one before did not have."""
    known: Message = {}

    def validate(state: Message) -> None:
        nonlocal known
        bookmarks = state.get("bookmarks", {})
        changed = {name: part for name, part in bookmarks.items() if known.get(name) != part}
        validate_state({**state, "bookmarks": changed} if state else state)
        known = bookmarks

    return validate


@lru_cache(maxsize=512)
def declared_type(schema: bytes) -> Any:  # noqa: ANN401 - a type
    """Return the type of a stream's records; streams and runs share few schemas."""
    return type_of(msgspec.json.decode(schema))


def type_of(schema: Message) -> Any:  # noqa: ANN401 - a type
    """Return the type of the values that a schema allows."""
    if "type" not in schema:
        return Any
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    found: Any = None
    for place, name in enumerate(names):
        part = _composite(name, schema) if name in {"object", "array"} else LEAVES[name]
        found = part if not place else found | part
    return found


def _composite(name: str, schema: Message) -> Any:  # noqa: ANN401 - a type
    if name == "array":
        return list[type_of(schema["items"])] if "items" in schema else list[Any]  # type: ignore[misc] # a type at run time
    if "properties" not in schema:
        return dict[str, Any]
    fields = schema["properties"]
    attributes = [
        (f"f{place}", type_of(field) | msgspec.UnsetType, msgspec.UNSET) for place, field in enumerate(fields.values())
    ]
    names = {f"f{place}": field for place, field in enumerate(fields)}
    return msgspec.defstruct("Row", attributes, rename=names, forbid_unknown_fields=True)


def workspaces_lacking_unlisted(lines: Iterable[str], dialect: Dialect) -> set[str]:
    """Return the workspaces where tasks in no list may be missing, as the log tells.

    Some run has read them by lists, or by searches or an export that may not contain them, as far as anything shows it.
    """
    forms = [UNREAD_UNLISTED, *([UNSURE] if dialect.search_private != "found" else [])]
    return {found[1] for line in lines for form in forms if (found := form.match(line))}


def planted_words(world: World, token: str) -> frozenset[str]:
    """Return the names and addresses of the people that a token sees now."""
    viewer = world.access.viewers[token]
    people = [user for gid in viewer.workspaces for user in world.workspaces[gid].roster]
    return frozenset([*(user.name for user in people if " " in user.name), *filter(None, map(email, people))])


def leaks_in_messages(written: bytes, secrets: Iterable[str], people: Iterable[str]) -> Iterator[str]:
    """Yield a line for each secret in what a run has written, the states among it, and for each person if private."""
    text = written.decode()
    yield from ("a message tells a secret" for secret in secrets if secret in text)
    yield from (f"a message tells a person in spite of privacy: {word}" for word in sorted(people) if word in text)


def leaks_in_log(lines: Sequence[str], world: World, secrets: Iterable[str]) -> Iterator[str]:
    """Yield a line for each line of the log that tells a secret, a title, an address or a traceback."""
    titles = {task.name for task in world.tasks.values() if len(task.name) > MIN_NAME_CHARACTERS}
    text = "\n".join(lines)
    planted = [word for word in {*titles, *secrets} if word in text]  # few or none: the text is searched once for each
    if not planted and EMAIL_HOST not in text and TRACEBACK not in text:
        return
    for line in lines:
        if any(word in line for word in planted) or EMAIL.search(line):
            yield f"the log tells what it must not: {line}"
        if TRACEBACK in line:
            yield f"the log has a traceback: {line.splitlines()[-1]}"
