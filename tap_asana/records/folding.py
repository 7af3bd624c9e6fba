"""Texts as they are compared: without markup, encodings, case, accents and punctuation, each letter with its place."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

MAX_NESTED_ENCODINGS: Final = 8
"""How many encodings of one in the other are undone; of percent signs and ampersands any number counts as one."""

_UNSPACED: Final = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF)),
    *((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF)),
)
"""Scripts that set no space between words, or add endings to names: Thai, Lao, Burmese, Hangul, Khmer, Kana, Han."""

_VARIANTS: Final = {"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
"""Letters that Unicode takes for letters of their own, and people for variants of others."""


class _Folds(dict[int, str]):
    """What each character becomes, made when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = "".join(map(_folded, _plain(chr(code))))
        return folded


def _plain(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    return unicodedata.normalize("NFKD", "".join(_VARIANTS.get(each, each) for each in decomposed))


def _folded(character: str) -> str:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if not character.isalnum() and unicodedata.category(character) not in {"Mn", "Mc"}:
        return " "
    code = ord(character)
    return f" {character} " if any(first <= code <= last for first, last in _UNSPACED) else character


_FOLDS: Final = _Folds()


def _compatible(character: str) -> str:
    if character.isascii():
        return character
    return "" if unicodedata.category(character) == "Cf" else unicodedata.normalize("NFKC", character)


def fold(text: str) -> str:
    """Return the words of a text with one space between: in no case, without accents, punctuation, format characters.

    Each letter of a script that sets no spaces is a word.
    """
    return " ".join(text.translate(_FOLDS).split())


class TextView(NamedTuple):
    """A text that was made of another, and where each of its characters begins and ends there."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> TextView:
        """Return a text as a view of itself."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of it lies in the text that it is a view of."""
        return self.starts[start], self.ends[end - 1]

    def mapped(self, character: Callable[[str], str]) -> TextView:
        """Return a view in which each character was replaced by others, or by none."""
        pieces = [(index, piece) for index, each in enumerate(self.text) for piece in character(each)]
        starts = [self.starts[index] for index, _ in pieces]
        return TextView("".join(piece for _, piece in pieces), starts, [self.ends[index] for index, _ in pieces])

    def replaced(self, pattern: re.Pattern[str], parts: Callable[[re.Match[str]], Iterator[Fragment]]) -> TextView:
        """Return a view in which what a pattern finds was replaced by parts."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0

        def keep(upto: int) -> None:
            texts.append(self.text[done:upto])
            starts.extend(self.starts[done:upto])
            ends.extend(self.ends[done:upto])

        for found in pattern.finditer(self.text):
            keep(found.start())
            for part in parts(found):
                texts.append(part.text)
                starts.extend([self.starts[part.start]] * len(part.text))
                ends.extend([self.ends[part.end - 1]] * len(part.text))
            done = found.end()
        keep(len(self.text))
        return TextView("".join(texts), starts, ends)

    def words(self) -> TextView:
        """Return the view as it is compared: what `fold` makes of its text, but for a space at its ends."""
        loose = self.mapped(lambda character: _FOLDS[ord(character)])
        kept = [i for i, each in enumerate(loose.text) if each != " " or not i or loose.text[i - 1] != " "]
        text = "".join(loose.text[i] for i in kept)
        return TextView(text, [loose.starts[i] for i in kept], [loose.ends[i] for i in kept])

    def compatible(self) -> TextView:
        """Return the view with the plain form of each character (NFKC), `@` of a full-width one, and none to format."""
        return self.mapped(_compatible)


class Fragment(NamedTuple):
    """A text, and what it stands for in a view."""

    text: str
    start: int
    end: int


_OCTET: Final = re.compile("%(?:25)*([0-9A-Fa-f]{2})")
_OCTETS: Final = "(?P<octets>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
_ENTITY: Final = "&(?:amp;|#38;|#[xX]26;)*(?P<entity>#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
_PAIR: Final = r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
_ESCAPE: Final = rf"{_PAIR}|\\u[0-9A-Fa-f]{{4}}|\\x[0-9A-Fa-f]{{2}}|\\[nrt\"/\\]"

ENCODED: Final = re.compile(f"{_OCTETS}|{_ENTITY}|{_ESCAPE}")
"""Characters as they stand in an address, in HTML or in JSON, however often they were put so."""

_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t"}


def decode_match(found: re.Match[str]) -> Iterator[Fragment]:
    """Yield what something encoded stands for."""
    if found["octets"]:
        return _octets(found[0], found.start())
    written, start, end = found[0], found.start(), found.end()
    if found["entity"]:
        text = html.unescape(f"&{found['entity']};")
        if text.startswith("&") and len(text) > 1:  # there is no such entity
            return (Fragment(each, start + index, start + index + 1) for index, each in enumerate(written))
    elif written[1] in "ux":
        text = written.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    else:
        text = _CONTROLS.get(written[1], written[1])
    return iter((Fragment(text, start, end),))


def _octets(written: str, at: int) -> Iterator[Fragment]:
    """Yield the characters of a run of octets; what is no UTF-8 is taken for Latin-1."""
    units = [(int(each[1], 16), at + each.start(), at + each.end()) for each in _OCTET.finditer(written)]
    values = bytes(value for value, _, _ in units)
    done = 0
    while done < len(units):
        first = values[done]
        length = 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4  # noqa: PLR2004 - UTF-8
        try:
            text = values[done : done + length].decode()
        except UnicodeDecodeError:
            text, length = chr(first), 1
        length = min(length, len(units) - done)
        yield Fragment(text, units[done][1], units[done + length - 1][2])
        done += length


def decode(text: str) -> str:
    """Return a text with one level of encodings undone."""
    return ENCODED.sub(lambda found: "".join(part.text for part in decode_match(found)), text)


def is_encoded(text: str) -> bool:
    """Tell whether something in a text may be encoded."""
    return ("%" in text or "&" in text or "\\" in text) and ENCODED.search(text) is not None
