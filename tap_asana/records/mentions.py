"""Mentions of people in texts: known people in any form, and unknown people in links, addresses and after an @."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import islice
from typing import Final, NamedTuple

from tap_asana.records.folding import (
    ENCODED,
    MAX_NESTED_ENCODINGS,
    Fragment,
    TextView,
    decode,
    decode_match,
    fold,
    is_encoded,
)
from tap_asana.records.known_people import Hit, Identifier, KnownPeople

_PARTICLE: Final = r"(?:al|bin|da|de|del|della|den|der|di|do|dos|du|el|la|le|ten|ter|van|von|zu)"
_WORD: Final = r"[^\s@<>&,;:!?()\[\]{}\"/\\|]+"
_LOWER: Final = "a-zß-öø-ÿά-ώа-яё"

_USER: Final = r"\bdata-asana-type\s*=\s*[\"']?user\b|/profile/"
_WITHIN: Final = r"((?:(?!<a\b).)*?)"
LINK: Final = re.compile(
    rf"<a\b(?=[^<>]*(?:{_USER}|mailto:))([^<>]*)(?:(?<=/)>|>(?:{_WITHIN}</a\s*>)?)", re.DOTALL | re.IGNORECASE
)
"""An HTML link to a person's profile or e-mail address; the groups are its attributes and its text."""

_GID: Final = re.compile(r"\bdata-asana-gid\s*=\s*[\"']?([0-9]+)|/profile/([0-9]+)", re.IGNORECASE)

AT_MENTION: Final = re.compile(
    rf"(?<![\w@.+%-])@({_WORD}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0])*(?![{_LOWER}]){_WORD}){{0,4}})"
)
"""An @ and a name: one word, and up to four more that do not begin with a small letter."""

PROFILE: Final = re.compile("/profile/([0-9]+)")
"""The path of a profile; its number identifies a person even if it is not their gid."""

EMAIL: Final = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,256}@[\w-]+(?:\.[\w-]+)+")

_DOT: Final = r"(?:\.|\s*[(\[{<]\s*(?:dot|\.)\s*[)\]}>]\s*|\sdot\s)"
SPELLED_EMAIL: Final = re.compile(
    rf"(?<![\w.+%'-])([\w.+%'-]{{1,64}})(?:\s*([(\[{{<])\s*(?:at|@)\s*[)\]}}>]\s*|\sat\s)"
    rf"((?:[\w-]{{1,63}}{_DOT}){{1,8}}[a-z]{{2,63}})(?![\w-])",
    re.IGNORECASE,
)
"""An e-mail address spelled out ("ann at example dot com"); the groups are the local part, a bracket and the host."""

_MARK: Final = re.compile("data-asana-type|mailto:", re.IGNORECASE)
_AT_SIGN: Final = re.compile("[\uff20\ufe6b]")

TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,9})\b[^<>]*?(/?)>|<!--[^<>]{0,200}-->")
KEPT_TAGS: Final = frozenset(
    {
        *("a", "b", "blockquote", "body", "br", "code", "div", "em", "font", "h1", "h2", "h3", "hr", "i", "img", "li"),
        *("object", "ol", "p", "pre", "s", "span", "strong", "table", "td", "tr", "u", "ul"),
    }
)
"""Tags to keep from a replaced name, without their attributes."""

MAX_CACHED_LENGTH: Final = 64
"""Texts up to this many characters are cached if they mention nobody: most are choices and occur again."""

MAX_CACHED_TEXTS: Final = 1 << 14


class Weight(IntEnum):
    """The precedence of mentions that overlap, lowest first."""

    AT_MENTION = 0
    REORDERED_NAME = 1
    NAME = 2
    PATTERN = 3
    KNOWN = 4
    LINK = 5


WEIGHT_OF: Final = {
    Identifier.REORDERED_NAME: Weight.REORDERED_NAME,
    Identifier.NAME: Weight.NAME,
    Identifier.EMAIL: Weight.KNOWN,
    Identifier.GID: Weight.KNOWN,
}


class Mention(NamedTuple):
    """A part of a text that identifies a person, and its replacement."""

    start: int
    end: int
    weight: Weight
    replacement: str


class Mentions:
    """Replaces the people in texts by pseudonyms."""

    def __init__(
        self,
        gid: Callable[[str], str],
        name: Callable[[str], str],
        email: Callable[[str], str],
        people: KnownPeople | None = None,
    ) -> None:
        """Take the functions that return the pseudonym of a gid, a name and an address, and the people to look for."""
        self._gid, self._name, self._email = gid, name, email
        self._people = people or KnownPeople()

    def pseudonymize(self, text: str) -> str:
        """Return a text (plain, HTML, JSON or a URL) with pseudonyms in place of people.

        It replaces known people in any case, spelling and encoding. It also replaces links to profiles, e-mail
        addresses, and names after an @, even if the person is unknown.
        """
        clean_texts = self._people.clean_texts
        if text in clean_texts:
            return text
        if self._may_mention(text):
            return _replace(text, self._find(text))
        if len(text) <= MAX_CACHED_LENGTH and len(clean_texts) < MAX_CACHED_TEXTS:
            clean_texts.add(text)
        return text

    def _may_mention(self, text: str) -> bool:
        """Return whether a text may mention a person. It is a fast check, and for most texts the only one."""
        if self._may_mention_unencoded(text):
            return True
        return is_encoded(text) and any(
            self._may_mention_unencoded(level) for level in islice(_decoding_levels(text), 1, None)
        )

    def _may_mention_unencoded(self, text: str) -> bool:
        if "@" in text or "/profile/" in text or (not text.isascii() and _AT_SIGN.search(text)):
            return True
        may_occur_in, folded = self._people.may_occur_in, fold(text)
        if may_occur_in(folded):
            return True
        if " at " in folded and SPELLED_EMAIL.search(unicodedata.normalize("NFKC", text)):
            return True
        if "<" not in text:
            return False
        if _MARK.search(text) is not None:
            return True
        return may_occur_in(fold(TAG.sub("", text))) or may_occur_in(fold(TAG.sub(" ", text)))

    def _find(self, text: str) -> list[Mention]:
        mentions = list(self._links(text))
        for view in (views := list(_decoded_views(text))):
            mentions.extend(self._known_people(text, view))
        mentions.extend(self._patterns(views[-1]))
        return [*mentions, *self._at_mentions(text, mentions)]

    def _links(self, text: str) -> Iterator[Mention]:
        for link in LINK.finditer(text):
            label = html.unescape(re.sub("<[^>]*>", "", link[2] or "")).strip().removeprefix("@")
            is_user = re.search(_USER, link[1], re.IGNORECASE)
            yield Mention(*link.span(), Weight.LINK, (self._user_link if is_user else self._mail_link)(link[1], label))

    def _user_link(self, attributes: str, label: str) -> str:
        match = _GID.search(html.unescape(attributes))
        gid = (match[1] or match[2]) if match else ""
        gid_attribute = f' data-asana-gid="{self._gid(gid)}"' if gid else ""
        name = self._name(self._people.name_of(gid) or self._people.full_name(label)) if label else ""
        return f'<a data-asana-type="user"{gid_attribute}>{name}</a>'

    def _mail_link(self, attributes: str, label: str) -> str:
        if label:
            label = self._email(label) if EMAIL.fullmatch(label) else self._name(self._people.full_name(label))
        return f"<a{self.pseudonymize(attributes)}>{label}</a>"

    def _known_people(self, text: str, view: TextView) -> Iterator[Mention]:
        for variant in _tagless_views(view):
            if self._people.may_occur_in(fold(variant.text)):
                folded = variant.folded()
                for hit in self._people.find(folded.text):
                    start, end = folded.original_span(hit.start, hit.end)
                    yield Mention(start, end, WEIGHT_OF[hit.kind], self._pseudonym(hit, text[start:end]))

    def _pseudonym(self, hit: Hit, written: str) -> str:
        """Return the pseudonym of a hit; of a name in its written form if a known person has exactly that name."""
        if hit.kind == Identifier.GID:
            return self._gid(hit.value)
        if hit.kind == Identifier.EMAIL:
            return self._email(hit.value)
        return self._name(written if self._people.has_spelling(written) else hit.value)

    def _patterns(self, view: TextView) -> Iterator[Mention]:
        """Yield profile paths and e-mail addresses, also those of unknown people."""
        for profile in PROFILE.finditer(view.text):
            yield Mention(*view.original_span(*profile.span(1)), Weight.PATTERN, self._gid(profile[1]))
        plain = view if view.text.isascii() else view.normalized()
        for address in EMAIL.finditer(plain.text) if "@" in plain.text else ():
            yield Mention(*plain.original_span(*address.span()), Weight.PATTERN, self._email(address[0]))
        for address in SPELLED_EMAIL.finditer(plain.text):
            local, host = address[1], re.sub(_DOT, ".", address[3], flags=re.IGNORECASE)
            if address[2] or re.search("[._+0-9-]", local) or host.casefold() in self._people.email_domains:
                yield Mention(*plain.original_span(*address.span()), Weight.PATTERN, self._email(f"{local}@{host}"))

    def _at_mentions(self, text: str, mentions: list[Mention]) -> Iterator[Mention]:
        """Yield the names after an @, cut off before the first other mention."""
        spans = [match.span(1) for match in AT_MENTION.finditer(text)]
        occupancy = bytearray(len(text)) if spans else bytearray()
        for mention in mentions if spans else ():
            occupancy[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        for start, end in spans:
            next_mention = occupancy.find(1, start, end)
            name = text[start : end if next_mention < 0 else next_mention].rstrip(" \u00a0.'-")
            if name:
                yield Mention(start, start + len(name), Weight.AT_MENTION, self._name(self._people.full_name(name)))


def _decoding_levels(text: str) -> Iterator[str]:
    """Yield a text, then the text with one encoding after the other undone."""
    yield text
    for _ in range(MAX_NESTED_ENCODINGS):
        if not is_encoded(text) or (next_text := decode(text)) == text:
            return
        text = next_text
        yield text


def _decoded_views(text: str) -> Iterator[TextView]:
    """Yield the texts of `_decoding_levels` as views of the text."""
    view = TextView.of(text)
    yield view
    for level in islice(_decoding_levels(text), 1, None):
        view = view.replaced(ENCODED, decode_match)
        if view.text != level:
            raise AssertionError("the views of a text are its decoding levels")
        yield view


def _tagless_views(view: TextView) -> Iterator[TextView]:
    """Yield a view as it is, with its tags removed, and with each tag replaced by a space."""
    yield view
    if "<" in view.text:
        yield view.replaced(TAG, lambda _: iter(()))
        yield view.replaced(TAG, lambda tag: iter((Fragment(" ", *tag.span()),)))


def _replace(text: str, mentions: list[Mention]) -> str:
    """Return a text with mentions replaced; of those that overlap the weightiest, then the longest, then the first."""
    disjoint: list[Mention] = []
    occupancy = bytearray(len(text))
    for mention in sorted(
        mentions, key=lambda mention: (-mention.weight, mention.start - mention.end, mention.start, mention.replacement)
    ):
        if not any(occupancy[mention.start : mention.end]):
            occupancy[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
            disjoint.append(mention)
    pieces, end = [], 0
    for mention in sorted(disjoint):
        tags = "" if mention.weight == Weight.LINK else _kept_tags(text[mention.start : mention.end])
        pieces += [text[end : mention.start], mention.replacement, tags]
        end = mention.end
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
    return "".join([*pieces, text[end:]])


def _kept_tags(text: str) -> str:
    """Return the tags to keep from a text, without their attributes."""
    tags = (tag for tag in TAG.finditer(text) if (tag[2] or "").lower() in KEPT_TAGS)
    return "".join(f"<{tag[1]}{tag[2]}{tag[3]}>" for tag in tags)
