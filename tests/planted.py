"""A fake Asana in which everything that is private bears a mark, and texts name somebody in every form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from forms import Somebody, some
from harness import SERVICE, TINY, asana

from fake_asana.model import attachments, portfolios, projects, stories, tasks, texts
from fake_asana.model import people as people_room
from fake_asana.model.goals import Period
from fake_asana.model.kinds import Kind
from fake_asana.model.people import User, email
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.api import Api
from fake_asana.world import World

ROOMS = (attachments, people_room, portfolios, projects, tasks)
"""The rooms of the fake whose resources have addresses."""

PERSON_MARK = "Qwxz"
"""What every name of a person has in it."""

PROSE = "Vbnj"
"""What all other words of people have in them."""

MENTIONED = ("1299999999999999", f"Zoë {PERSON_MARK} O'Neil-Ångström")
"""Gid and name of the person that every text mentions."""

MENTION = f'<a href="https://app.asana.com/0/1288/list" data-asana-type="user" data-asana-gid="{MENTIONED[0]}">'
PLAIN = (
    f"{PROSE} ask @{MENTIONED[1]} or https://app.asana.com/0/profile/{MENTIONED[0]}"
    f" or <{PERSON_MARK}.oneil@example.com>"
)

TEXTS = ("name", "title", "notes", "text", "description", "label")
"""What the rows of the fake keep words in."""


def planted(patch: pytest.MonkeyPatch, *, seed: int = 1) -> Api:
    """Return a fake Asana with marks in all names, notes, comments and titles, and with people in all of them.

    One of its people is in every text and every address, in some of the forms there are.
    """
    known: list[Somebody] = []
    prose, title, html, make = texts.prose, texts.title, texts.html, stories.Story.__init__

    def story(self: stories.Story, *arguments: Any) -> None:  # noqa: ANN401 - whatever a story is made of
        make(self, *arguments)
        if self.subtype != stories.COMMENT:
            by = self.author.name if self.author else "Asana"
            self.text = f"{by} assigned to {self.task.workspace.roster[0].name}"

    def with_somebody(text: str) -> str:
        return some(known[0], text) if known else text

    def formatted(text: str) -> str:
        inside = f"{MENTION}@{escaped()}</a>{with_somebody('<br>')}</body>"
        return html(text).replace("</body>", inside)

    patch.setattr(texts, "prose", lambda dice: with_somebody(f"{prose(dice)} {PLAIN}"))
    patch.setattr(texts, "title", lambda dice: with_somebody(f"{PROSE} {title(dice)}"))
    patch.setattr(texts, "html", formatted)
    patch.setattr(stories.Story, "__init__", story)
    api = asana(TINY, seed=seed)
    mark(api.world)
    known.append(somebody(api))
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
"""Fields that hold an address."""


def addressed() -> list[dict[str, Callable[[Any], object]]]:
    """Return the fields of each kind of resource in the fake that has an address."""
    kinds = (*(value for room in ROOMS for value in vars(room).values() if isinstance(value, Kind)),)
    return [kind.fields for kind in kinds if isinstance(kind.fields, dict) and ADDRESSES & kind.fields.keys()]


def _naming(address: Callable[[Any], object], who: Somebody) -> Callable[[Any], object]:
    """Return what makes an address longer by somebody, so that it names them."""

    def naming(row: object) -> object:
        made = address(row)
        return f"{made}?by={who.gid}&name={quote(who.name)}&to={quote(who.email)}" if isinstance(made, str) else made

    return naming


def somebody(api: Api) -> Somebody:
    """Return the person whom all texts name: one of the first workspace who shows an address."""
    (workspace, *_) = api.world.workspaces.values()
    users = sorted((member.user for member in workspace.members.values()), key=lambda user: user.gid)
    user = next(user for user in users if email(user))
    return Somebody(user.gid, user.name, email(user) or "")


def escaped() -> str:
    """Return the mentioned name as it stands in HTML."""
    return MENTIONED[1].replace("'", "&#39;")


def mark(world: World) -> None:
    """Put a mark into every word that a row of the world keeps."""
    for row in reached(world):
        for name in TEXTS:
            value = getattr(row, name, None)
            if isinstance(value, str) and PERSON_MARK not in value and name in slots(row):
                object.__setattr__(row, name, f"{PERSON_MARK if isinstance(row, User) else PROSE} {value}")


def reached(start: object) -> Iterator[object]:
    """Yield the fake's own objects that an object leads to."""
    seen: set[int] = set()
    ahead = [start]
    while ahead:
        found = ahead.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, dict):
            ahead.extend(found.values())
        elif isinstance(found, list | tuple | set | frozenset):
            ahead.extend(found)
        elif type(found).__module__.startswith("fake_asana") and not isinstance(found, SeededRandom | Period):
            yield found
            ahead.extend(getattr(found, name, None) for name in slots(found))


def slots(row: object) -> list[str]:
    """Return the names of what an object keeps."""
    inherited = [name for kind in type(row).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*inherited, *getattr(row, "__dict__", {})]


def people(api: Api) -> set[str]:
    """Return the gids of everybody, of whom texts mention one."""
    return {*api.world.users, MENTIONED[0]}


def tells(text: str, gids: set[str], *marks: str) -> set[str]:
    """Return what a text tells of people: their gids and addresses, and marks of theirs."""
    numbers = set(re.findall("[0-9]+", text)) & gids
    return {*numbers, *(mark for mark in (PERSON_MARK, "@example.com", *marks) if mark in text)}


KEY = "a key for this test alone"


def private(mode: str, who: Mapping[str, Any] = SERVICE, key: str = KEY) -> dict[str, Any]:
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
