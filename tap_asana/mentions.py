"""People in what others wrote: mentions, links to profiles and e-mail addresses."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

_PARTICLE: Final = r"(?:al|bin|da|de|del|della|den|der|di|do|dos|du|el|la|le|ten|ter|van|von|zu)"
_WORD: Final = r"[^\s@<>&,;:!?()\[\]{}\"/\\|]+"
_LOWER: Final = "a-zß-öø-ÿά-ώа-яё"

_USER: Final = r"\bdata-asana-type=[\"']user[\"']|/profile/"
_WITHIN: Final = r"((?:(?!<a\b).)*?)"
TAG: Final = re.compile(rf"<a\b(?=[^<>]*(?:{_USER}|mailto:))([^<>]*)(?:(?<=/)>|>(?:{_WITHIN}</a>)?)", re.DOTALL)
"""A link to a person in HTML, be it to a profile or for a mail: its attributes and its text."""

_AT: Final = "(?:@|%40|&#64;|&#x40;)"
PLACE: Final = re.compile(rf"(?<=/profile/)[0-9]+|(?<![\w.+%'-])[\w.+%'-]{{1,256}}{_AT}[\w-]+(?:\.[\w-]+)+")
"""The gid in the address of a profile, or an e-mail address, with its sign as text, in an address or in HTML."""

CALL: Final = re.compile(rf"(?<![\w@.+%-])@({_WORD}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0])*(?![{_LOWER}]){_WORD}){{0,4}})")
"""An @ with a name behind it: a word, and more of them as long as they do not begin with a small letter."""

SIGNS: Final = ("@", "/profile/", "data-asana-type", "%40", "&#", "mailto:")
"""Without one of these a text mentions nobody."""


class Mentions:
    """Puts pseudonyms in place of the people that a text mentions."""

    def __init__(self, gid: Callable[[str], str], name: Callable[[str], str], email: Callable[[str], str]) -> None:
        """Take what makes the pseudonyms."""
        self._gid, self._name, self._email = gid, name, email

    def hidden(self, text: str) -> str:
        """Return a text, plain or HTML, whose mentions, profile links and e-mail addresses are pseudonyms.

        A name that somebody typed without any of these marks stays: nothing tells it from other words.
        """
        if not any(sign in text for sign in SIGNS):
            return text
        return CALL.sub(self._call, PLACE.sub(self._place, TAG.sub(self._tag, text)))

    def _tag(self, found: re.Match[str]) -> str:
        words = html.unescape(re.sub("<[^>]*>", "", found[2] or "")).strip().removeprefix("@")
        name = self._name(words) if words else ""
        if not re.search(_USER, found[1]):
            return f"<a{found[1]}>{words if PLACE.fullmatch(words) else name}</a>"
        gid = re.search("\\bdata-asana-gid=[\"']([0-9]+)", found[1]) or re.search("/profile/([0-9]+)", found[1])
        about = f' data-asana-gid="{self._gid(gid[1])}"' if gid else ""
        return f'<a data-asana-type="user"{about}>{name}</a>'

    def _place(self, found: re.Match[str]) -> str:
        return self._gid(found[0]) if found[0].isdigit() else self._email(re.sub(_AT, "@", found[0]))

    def _call(self, found: re.Match[str]) -> str:
        name = found[1].rstrip(".'-")
        return f"@{self._name(name)}{found[1][len(name) :]}" if name else found[0]
