"""People in what others wrote: whoever is known, and whoever bears the mark of a person."""

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
"""A link to a person in HTML, be it to a profile or for a mail: its attributes and its text."""

_GID: Final = re.compile(r"\bdata-asana-gid\s*=\s*[\"']?([0-9]+)|/profile/([0-9]+)", re.IGNORECASE)

AT_MENTION: Final = re.compile(
    rf"(?<![\w@.+%-])@({_WORD}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0])*(?![{_LOWER}]){_WORD}){{0,4}})"
)
"""An @ with a name behind it: a word, and more of them as long as they do not begin with a small letter."""

PROFILE: Final = re.compile("/profile/([0-9]+)")
"""The address of a profile: its number is somebody's, even where it is not their gid."""

EMAIL: Final = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,256}@[\w-]+(?:\.[\w-]+)+")
"""An e-mail address."""

_DOT: Final = r"(?:\.|\s*[(\[{<]\s*(?:dot|\.)\s*[)\]}>]\s*|\sdot\s)"
SPELLED_EMAIL: Final = re.compile(
    rf"(?<![\w.+%'-])([\w.+%'-]{{1,64}})(?:\s*([(\[{{<])\s*(?:at|@)\s*[)\]}}>]\s*|\sat\s)"
    rf"((?:[\w-]{{1,63}}{_DOT}){{1,8}}[a-z]{{2,63}})(?![\w-])",
    re.IGNORECASE,
)
"""An e-mail address as people write it to hide it from machines: its two halves, and the bracket around its sign."""

_MARK: Final = re.compile("data-asana-type|mailto:", re.IGNORECASE)
_AT_SIGN: Final = re.compile("[\uff20\ufe6b]")

TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,9})\b[^<>]*?(/?)>|<!--[^<>]{0,200}-->")
KEPT_TAGS: Final = frozenset(
    {
        *("a", "b", "blockquote", "body", "br", "code", "div", "em", "font", "h1", "h2", "h3", "hr", "i", "img", "li"),
        *("object", "ol", "p", "pre", "s", "span", "strong", "table", "td", "tr", "u", "ul"),
    }
)
"""Tags that stay where a name goes that they stand in the middle of, without their attributes."""

MAX_CACHED_LENGTH: Final = 64
"""Characters of a text that is kept in mind when it names nobody: most are choices, and come again and again."""

MAX_CACHED_TEXTS: Final = 1 << 14
"""Such texts that are kept in mind."""


class Weight(IntEnum):
    """What a part of a text is taken for where others overlap: the weightiest."""

    CALL = 0
    NAME_TURNED = 1
    NAME = 2
    FORM = 3
    KNOWN = 4
    LINK = 5


WEIGHT_OF: Final = {
    Identifier.NAME_TURNED: Weight.NAME_TURNED,
    Identifier.NAME: Weight.NAME,
    Identifier.EMAIL: Weight.KNOWN,
    Identifier.GID: Weight.KNOWN,
}


class Mention(NamedTuple):
    """A part of a text that tells who somebody is, and what is to stand there."""

    start: int
    end: int
    weight: Weight
    made: str


class Mentions:
    """Puts pseudonyms in place of the people that a text names."""

    def __init__(
        self,
        gid: Callable[[str], str],
        name: Callable[[str], str],
        email: Callable[[str], str],
        directory: KnownPeople | None = None,
    ) -> None:
        """Take what makes the pseudonyms, and who is known."""
        self._gid, self._name, self._email = gid, name, email
        self._directory = directory or KnownPeople()

    def pseudonymize(self, text: str) -> str:
        """Return a text, plain, HTML, JSON or an address, in which pseudonyms stand for people.

        Those are whoever the run knows, in any case, spelling and encoding, and links to profiles, e-mail addresses
        and names behind an @, whosever they are.
        """
        clean = self._directory.clean
        if text in clean:
            return text
        if self._may_tell(text):
            return _put(text, self._found(text))
        if len(text) <= MAX_CACHED_LENGTH and len(clean) < MAX_CACHED_TEXTS:
            clean.add(text)
        return text

    def _may_tell(self, text: str) -> bool:
        """Tell whether a text may name anybody; for most texts this is all that is done."""
        if self._may_show(text):
            return True
        return is_encoded(text) and any(self._may_show(level) for level in islice(_levels(text), 1, None))

    def _may_show(self, text: str) -> bool:
        if "@" in text or "/profile/" in text or (not text.isascii() and _AT_SIGN.search(text)):
            return True
        touches, folded = self._directory.may_occur_in, fold(text)
        if touches(folded) or (" at " in folded and SPELLED_EMAIL.search(unicodedata.normalize("NFKC", text))):
            return True
        if "<" not in text:
            return False
        marked = _MARK.search(text) is not None
        return marked or touches(fold(TAG.sub("", text))) or touches(fold(TAG.sub(" ", text)))

    def _found(self, text: str) -> list[Mention]:
        found = list(self._links(text))
        for view in (views := list(_views(text))):
            found.extend(self._known(text, view))
        found.extend(self._marked(views[-1]))
        return [*found, *self._calls(text, found)]

    def _links(self, text: str) -> Iterator[Mention]:
        for link in LINK.finditer(text):
            words = html.unescape(re.sub("<[^>]*>", "", link[2] or "")).strip().removeprefix("@")
            is_user = re.search(_USER, link[1], re.IGNORECASE)
            yield Mention(*link.span(), Weight.LINK, (self._user if is_user else self._mail)(link[1], words))

    def _user(self, attributes: str, words: str) -> str:
        gid = _GID.search(html.unescape(attributes))
        number = (gid[1] or gid[2]) if gid else ""
        about = f' data-asana-gid="{self._gid(number)}"' if number else ""
        name = self._name(self._directory.name_of(number) or self._directory.full_name(words)) if words else ""
        return f'<a data-asana-type="user"{about}>{name}</a>'

    def _mail(self, attributes: str, words: str) -> str:
        shown = self._email if EMAIL.fullmatch(words) else lambda name: self._name(self._directory.full_name(name))
        return f"<a{self.pseudonymize(attributes)}>{shown(words) if words else ''}</a>"

    def _known(self, text: str, view: TextView) -> Iterator[Mention]:
        for variant in _without_tags(view):
            if self._directory.may_occur_in(fold(variant.text)):
                words = variant.words()
                for hit in self._directory.find(words.text):
                    start, end = words.place(hit.start, hit.end)
                    yield Mention(start, end, WEIGHT_OF[hit.kind], self._pseudonym(hit, text[start:end]))

    def _pseudonym(self, hit: Hit, written: str) -> str:
        """Return what stands for a hit: of a name the pseudonym of its spelling, where somebody spells it so."""
        if hit.kind == Identifier.GID:
            return self._gid(hit.value)
        if hit.kind == Identifier.EMAIL:
            return self._email(hit.value)
        return self._name(written if self._directory.has_spelling(written) else hit.value)

    def _marked(self, view: TextView) -> Iterator[Mention]:
        """Yield addresses of profiles and of mail, whosever they are."""
        for profile in PROFILE.finditer(view.text):
            yield Mention(*view.place(*profile.span(1)), Weight.FORM, self._gid(profile[1]))
        plain = view if view.text.isascii() else view.compatible()
        for address in EMAIL.finditer(plain.text) if "@" in plain.text else ():
            yield Mention(*plain.place(*address.span()), Weight.FORM, self._email(address[0]))
        for address in SPELLED_EMAIL.finditer(plain.text):
            local, host = address[1], re.sub(_DOT, ".", address[3], flags=re.IGNORECASE)
            if address[2] or re.search("[._+0-9-]", local) or host.casefold() in self._directory.domains:
                yield Mention(*plain.place(*address.span()), Weight.FORM, self._email(f"{local}@{host}"))

    def _calls(self, text: str, others: list[Mention]) -> Iterator[Mention]:
        """Yield the names behind an @, up to where something else was found."""
        calls = [call.span(1) for call in AT_MENTION.finditer(text)]
        taken = bytearray(len(text)) if calls else bytearray()
        for each in others if calls else ():
            taken[each.start : each.end] = b"\1" * (each.end - each.start)
        for start, end in calls:
            other = taken.find(1, start, end)
            name = text[start : end if other < 0 else other].rstrip(" \u00a0.'-")
            if name:
                yield Mention(start, start + len(name), Weight.CALL, self._name(self._directory.full_name(name)))


def _levels(text: str) -> Iterator[str]:
    """Yield a text, and what becomes of it as one encoding after the other is undone."""
    yield text
    for _ in range(MAX_NESTED_ENCODINGS):
        if not is_encoded(text) or (plainer := decode(text)) == text:
            return
        text = plainer
        yield text


def _views(text: str) -> Iterator[TextView]:
    """Yield the same as `_levels`, as views of the text."""
    view = TextView.of(text)
    yield view
    for level in islice(_levels(text), 1, None):
        view = view.replaced(ENCODED, decode_match)
        if view.text != level:
            raise AssertionError("the views of a text are its levels")
        yield view


def _without_tags(view: TextView) -> Iterator[TextView]:
    """Yield a view, and what is left of it without tags: as if they were nothing, and as if they were spaces."""
    yield view
    if "<" in view.text:
        yield view.replaced(TAG, lambda _: iter(()))
        yield view.replaced(TAG, lambda tag: iter((Fragment(" ", *tag.span()),)))


def _put(text: str, found: list[Mention]) -> str:
    """Return a text with what was found replaced; of parts that overlap the weightiest, the longest, the first."""
    chosen: list[Mention] = []
    taken = bytearray(len(text))
    for each in sorted(found, key=lambda each: (-each.weight, each.start - each.end, each.start, each.made)):
        if not any(taken[each.start : each.end]):
            taken[each.start : each.end] = b"\1" * (each.end - each.start)
            chosen.append(each)
    pieces, done = [], 0
    for each in sorted(chosen):
        tags = "" if each.weight == Weight.LINK else _tags(text[each.start : each.end])
        pieces += [text[done : each.start], each.made, tags]
        done = each.end
        while done < len(text) and unicodedata.combining(text[done]):
            done += 1
    return "".join([*pieces, text[done:]])


def _tags(text: str) -> str:
    """Return the tags in a part of a text, without their attributes."""
    tags = (tag for tag in TAG.finditer(text) if (tag[2] or "").lower() in KEPT_TAGS)
    return "".join(f"<{tag[1]}{tag[2]}{tag[3]}>" for tag in tags)
