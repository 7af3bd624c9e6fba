"""A fake Asana whose private data is marked, and whose texts mention a person in every form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from forms import Person, in_some_forms
from harness import SERVICE, TINY, asana

from fake_asana.model import attachments, portfolios, projects, stories, tasks, texts
from fake_asana.model import people as people_room
from fake_asana.model.goals import Period
from fake_asana.model.kinds import Kind, Record
from fake_asana.model.people import User, email
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.api import Api
from fake_asana.world import World

MODULES = (attachments, people_room, portfolios, projects, tasks)
"""The modules of the fake with addresses in their resources."""

PERSON_MARK = "Qwxz"
"""The mark in every name of a person."""

PROSE = "Vbnj"
"""The mark in all other texts by people."""

MENTIONED = ("1299999999999999", f"Zoë {PERSON_MARK} O'Neil-Ångström")
"""Gid and name of the person that every text mentions."""

MENTION = f'<a href="https://app.asana.com/0/1288/list" data-asana-type="user" data-asana-gid="{MENTIONED[0]}">'
PLAIN = (
    f"{PROSE} ask @{MENTIONED[1]} or https://app.asana.com/0/profile/{MENTIONED[0]}"
    f" or <{PERSON_MARK}.oneil@example.com>"
)

TEXTS = ("name", "title", "notes", "text", "description", "label")
"""Attributes with text in the fake's resources."""


def sensitive_api(patch: pytest.MonkeyPatch, *, seed: int = 1) -> Api:
    """Return a fake Asana with marks in all names, notes, comments and titles, each with people in it.

    One person is in every text and every address, in some of the forms.
    """
    known: list[Person] = []
    prose, title, html = texts.prose, texts.title, texts.html

    def system_text(story: stories.Story, _: Record) -> str:
        by = story.author.name if story.author else "Asana"
        return f"{by} assigned to {story.task.workspace.roster[0].name}"

    def with_somebody(text: str) -> str:
        return in_some_forms(known[0], text) if known else text

    def formatted(text: str) -> str:
        inside = f"{MENTION}@{escaped()}</a>{with_somebody('<br>')}</body>"
        return html(text).replace("</body>", inside)

    patch.setattr(texts, "prose", lambda dice: with_somebody(f"{prose(dice)} {PLAIN}"))
    patch.setattr(texts, "title", lambda dice: with_somebody(f"{PROSE} {title(dice)}"))
    patch.setattr(texts, "html", formatted)
    patch.setattr(stories, "system_text", system_text)
    api = asana(TINY, seed=seed)
    mark(api.world)
    known.append(mentioned_person(api))
    for row in reached(api.world):
        for name in TEXTS:
            value = getattr(row, name, None)
            if isinstance(value, str) and value.startswith(PROSE) and name in slots(row):
                object.__setattr__(row, name, with_somebody(value))
    for fields in addressed():
        for name in ADDRESSES & fields.keys():
            patch.setitem(fields, name, _naming(fields[name], known[0]))
    return api


ADDRESSES = frozenset({"permalink_url", "permanent_url", "view_url"})
"""Fields with a URL."""


def addressed() -> list[dict[str, Callable[[Any], object]]]:
    """Return the fields of each kind of resource with a URL."""
    kinds = (*(value for room in MODULES for value in vars(room).values() if isinstance(value, Kind)),)
    return [kind.fields for kind in kinds if isinstance(kind.fields, dict) and ADDRESSES & kind.fields.keys()]


def _naming(address: Callable[[Any], object], who: Person) -> Callable[[Any], object]:
    """Return a function that appends a person to a URL."""

    def naming(row: object) -> object:
        url = address(row)
        return f"{url}?by={who.gid}&name={quote(who.name)}&to={quote(who.email)}" if isinstance(url, str) else url

    return naming


def mentioned_person(api: Api) -> Person:
    """Return the person in all texts: a member of the first workspace with a visible email."""
    (workspace, *_) = api.world.workspaces.values()
    users = sorted((member.user for member in workspace.members.values()), key=lambda user: user.gid)
    user = next(user for user in users if email(user))
    return Person(user.gid, user.name, email(user) or "")


def escaped() -> str:
    """Return the mentioned name in HTML."""
    return MENTIONED[1].replace("'", "&#39;")


def mark(world: World) -> None:
    """Mark every text of the world."""
    for row in reached(world):
        for name in TEXTS:
            value = getattr(row, name, None)
            if isinstance(value, str) and PERSON_MARK not in value and name in slots(row):
                object.__setattr__(row, name, f"{PERSON_MARK if isinstance(row, User) else PROSE} {value}")


def reached(start: object) -> Iterator[object]:
    """Yield all objects of the fake reachable from an object."""
    visited: set[int] = set()
    ahead = [start]
    while ahead:
        found = ahead.pop()
        if id(found) in visited:
            continue
        visited.add(id(found))
        if isinstance(found, dict):
            ahead.extend(found.values())
        elif isinstance(found, list | tuple | set | frozenset):
            ahead.extend(found)
        elif type(found).__module__.startswith("fake_asana") and not isinstance(found, SeededRandom | Period):
            yield found
            ahead.extend(getattr(found, name, None) for name in slots(found))


def slots(row: object) -> list[str]:
    """Return the attribute names of an object."""
    inherited = [name for kind in type(row).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*inherited, *getattr(row, "__dict__", {})]


def people(api: Api) -> set[str]:
    """Return the gids of all users and of the mentioned person."""
    return {*api.world.users, MENTIONED[0]}


def leaks(text: str, gids: set[str], *marks: str) -> set[str]:
    """Return the personal data in a text: gids, addresses and marks."""
    numbers = set(re.findall("[0-9]+", text)) & gids
    return {*numbers, *(mark for mark in (PERSON_MARK, "@example.com", *marks) if mark in text)}


KEY = "a key for this test alone"


def privacy_settings(mode: str, who: Mapping[str, Any] = SERVICE, key: str = KEY) -> dict[str, Any]:
    """Return the settings of a run."""
    return {**who, "privacy": mode, "privacy_key": key}


def strings(value: object) -> Iterator[str]:
    """Yield all texts in a message, and its numbers as texts."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif not isinstance(value, bool) and value is not None:
        yield str(value)
