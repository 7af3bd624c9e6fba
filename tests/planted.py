"""A fake Asana in which everything that is private bears a mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from harness import TINY, asana

from fake_asana import stories, words
from fake_asana.api import Api
from fake_asana.dice import Dice
from fake_asana.people import User
from fake_asana.periods import Period
from fake_asana.world import World

PERSON = "Qwxz"
"""What every name of a person has in it."""

PROSE = "Vbnj"
"""What all other words of people have in them."""

MENTIONED = ("1299999999999999", f"Zoë {PERSON} O'Neil-Ångström")
"""Gid and name of the person that every text mentions."""

MENTION = f'<a href="https://app.asana.com/0/1288/list" data-asana-type="user" data-asana-gid="{MENTIONED[0]}">'
PLAIN = f"{PROSE} ask @{MENTIONED[1]} or https://app.asana.com/0/profile/{MENTIONED[0]} or <{PERSON}.oneil@example.com>"

TEXTS = ("name", "title", "notes", "text", "description", "label")
"""What the rows of the fake keep words in."""


def planted(patch: pytest.MonkeyPatch, *, seed: int = 1) -> Api:
    """Return a fake Asana with marks in all names, notes, comments and titles, and with people in all of them."""
    prose, title, html, make = words.prose, words.title, words.html, stories.Story.__init__

    def story(self: stories.Story, *arguments: Any) -> None:  # noqa: ANN401 - whatever a story is made of
        make(self, *arguments)
        if self.subtype != stories.COMMENT:
            by = self.author.name if self.author else "Asana"
            self.text = f"{by} assigned to {self.task.workspace.roster[0].name}"

    patch.setattr(words, "prose", lambda dice: f"{prose(dice)} {PLAIN}")
    patch.setattr(words, "title", lambda dice: f"{PROSE} {title(dice)}")
    patch.setattr(words, "html", lambda text: html(text).replace("</body>", f"{MENTION}@{escaped()}</a></body>"))
    patch.setattr(stories.Story, "__init__", story)
    api = asana(TINY, seed=seed)
    mark(api.world)
    return api


def escaped() -> str:
    """Return the mentioned name as it stands in HTML."""
    return MENTIONED[1].replace("'", "&#39;")


def mark(world: World) -> None:
    """Put a mark into every word that a row of the world keeps."""
    for row in reached(world):
        for name in TEXTS:
            value = getattr(row, name, None)
            if isinstance(value, str) and PERSON not in value and name in slots(row):
                object.__setattr__(row, name, f"{PERSON if isinstance(row, User) else PROSE} {value}")


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
        elif type(found).__module__.startswith("fake_asana") and not isinstance(found, Dice | Period):
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
    return {*numbers, *(mark for mark in (PERSON, "@example.com", *marks) if mark in text)}
