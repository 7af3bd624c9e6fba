"""Texts in a folded form for comparison: no markup, encodings, case, accents or punctuation; offsets are kept."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

MAX_NESTED_ENCODINGS: Final = 8
"""Nested encodings undone at most; repeated percent signs or ampersands count as one level."""

_UNSPACED: Final = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF)),
    *((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF)),
)
"""Scripts without spaces between words, or with name endings: Thai, Lao, Burmese, Hangul, Khmer, Kana, Han."""

_VARIANTS: Final = {"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
"""Letters that people see as variants of other letters, although Unicode does not decompose them."""


class _FoldTable(dict[int, str]):
    """A cache of folded characters, for str.translate."""

    def __missing__(self, code: int) -> str:
        text = self[code] = "".join(map(_fold_character, _base_characters(chr(code))))
        return text


def _base_characters(character: str) -> str:
    characters = unicodedata.normalize("NFKD", character).casefold()
    return unicodedata.normalize("NFKD", "".join(_VARIANTS.get(base, base) for base in characters))


def _fold_character(character: str) -> str:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if not character.isalnum() and unicodedata.category(character) not in {"Mn", "Mc"}:
        return " "
    code = ord(character)
    return f" {character} " if any(first <= code <= last for first, last in _UNSPACED) else character


_FOLD_TABLE: Final = _FoldTable()


def _normalize_character(character: str) -> str:
    if character.isascii():
        return character
    return "" if unicodedata.category(character) == "Cf" else unicodedata.normalize("NFKC", character)


def fold(text: str) -> str:
    """Return the words of a text, separated by spaces, without case, accents, punctuation and format characters.

    In scripts without spaces each letter is a word.
    """
    return " ".join(text.translate(_FOLD_TABLE).split())


class TextView(NamedTuple):
    """A text derived from an original, with the start and the end of each character in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> TextView:
        """Return a text as a view of itself."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original of a span in this view."""
        return self.starts[start], self.ends[end - 1]

    def mapped(self, replace: Callable[[str], str]) -> TextView:
        """Return a view with each character replaced by the result of a function."""
        pieces = [(index, piece) for index, character in enumerate(self.text) for piece in replace(character)]
        starts = [self.starts[index] for index, _ in pieces]
        return TextView("".join(piece for _, piece in pieces), starts, [self.ends[index] for index, _ in pieces])

    def replaced(self, pattern: re.Pattern[str], fragments: Callable[[re.Match[str]], Iterator[Fragment]]) -> TextView:
        """Return a view with each match of a pattern replaced by fragments."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0

        def copy_up_to(end: int) -> None:
            texts.append(self.text[position:end])
            starts.extend(self.starts[position:end])
            ends.extend(self.ends[position:end])

        for match in pattern.finditer(self.text):
            copy_up_to(match.start())
            for fragment in fragments(match):
                texts.append(fragment.text)
                starts.extend([self.starts[fragment.start]] * len(fragment.text))
                ends.extend([self.ends[fragment.end - 1]] * len(fragment.text))
            position = match.end()
        copy_up_to(len(self.text))
        return TextView("".join(texts), starts, ends)

    def folded(self) -> TextView:
        """Return the view of the folded text, as `fold` returns it but with a possible space at each end."""
        view = self.mapped(lambda character: _FOLD_TABLE[ord(character)])
        indexes = [i for i, character in enumerate(view.text) if character != " " or not i or view.text[i - 1] != " "]
        text = "".join(view.text[i] for i in indexes)
        return TextView(text, [view.starts[i] for i in indexes], [view.ends[i] for i in indexes])

    def normalized(self) -> TextView:
        """Return the view with each character in its NFKC form (a full-width @ as @), without format characters."""
        return self.mapped(_normalize_character)


class Fragment(NamedTuple):
    """A replacement for the span from `start` to `end` of a view."""

    text: str
    start: int
    end: int


_OCTET: Final = re.compile("%(?:25)*([0-9A-Fa-f]{2})")
_OCTETS: Final = "(?P<octets>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
_ENTITY: Final = "&(?:amp;|#38;|#[xX]26;)*(?P<entity>#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
_PAIR: Final = r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
_ESCAPE: Final = rf"{_PAIR}|\\u[0-9A-Fa-f]{{4}}|\\x[0-9A-Fa-f]{{2}}|\\[nrt\"/\\]"

ENCODED: Final = re.compile(f"{_OCTETS}|{_ENTITY}|{_ESCAPE}")
"""Characters encoded for a URL, HTML or JSON, once or several times."""

_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t"}


def decode_match(match: re.Match[str]) -> Iterator[Fragment]:
    """Yield the characters that a match of ENCODED stands for."""
    if match["octets"]:
        return _decode_octets(match[0], match.start())
    encoded, start, end = match[0], match.start(), match.end()
    if match["entity"]:
        text = html.unescape(f"&{match['entity']};")
        if text.startswith("&") and len(text) > 1:  # an unknown entity
            return (Fragment(character, start + index, start + index + 1) for index, character in enumerate(encoded))
    elif encoded[1] in "ux":
        text = encoded.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    else:
        text = _CONTROLS.get(encoded[1], encoded[1])
    return iter((Fragment(text, start, end),))


def _decode_octets(encoded: str, offset: int) -> Iterator[Fragment]:
    """Yield the characters of a run of percent-encoded octets; invalid UTF-8 counts as Latin-1."""
    octets = [(int(octet[1], 16), offset + octet.start(), offset + octet.end()) for octet in _OCTET.finditer(encoded)]
    values = bytes(value for value, _, _ in octets)
    index = 0
    while index < len(octets):
        lead = values[index]
        length = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4  # noqa: PLR2004 - UTF-8
        try:
            text = values[index : index + length].decode()
        except UnicodeDecodeError:
            text, length = chr(lead), 1
        length = min(length, len(octets) - index)
        yield Fragment(text, octets[index][1], octets[index + length - 1][2])
        index += length


def decode(text: str) -> str:
    """Return a text with one level of encodings undone."""
    return ENCODED.sub(lambda match: "".join(fragment.text for fragment in decode_match(match)), text)


def is_encoded(text: str) -> bool:
    """Return whether a text contains anything that looks encoded."""
    return ("%" in text or "&" in text or "\\" in text) and ENCODED.search(text) is not None
