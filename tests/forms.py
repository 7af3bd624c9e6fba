"""The forms in which people appear in texts, and a decoder for every form."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import quote, unquote
from zlib import crc32


@dataclass(frozen=True)
class Person:
    """A person: gid, full name and e-mail address."""

    gid: str
    name: str
    email: str


Form = Callable[[Person], str]


def wide(text: str) -> str:
    """Return a text in full-width letters, as typed on Japanese keyboards."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


def entities(text: str) -> str:
    """Return a text in decimal entities."""
    return "".join(f"&#{ord(each)};" for each in text)


def hexadecimal(text: str) -> str:
    """Return a text in hexadecimal entities."""
    return "".join(f"&#x{ord(each):X};" for each in text)


def percent(text: str) -> str:
    """Return a text with each of its octets percent-encoded."""
    return "".join(f"%{octet:02x}" for octet in text.encode())


def mathematical(text: str) -> str:
    """Return a text in bold mathematical letters."""
    return "".join(chr(ord(each) - ord("a") + 0x1D41A) if "a" <= each <= "z" else each for each in text)


NAMES: Mapping[str, Form] = {
    "plain": lambda who: f"ask {who.name} now",
    "brackets": lambda who: f"[{who.name}] and ({who.name})",
    "quotes": lambda who: f"“{who.name}”, '{who.name}'s and {who.name}'s",
    "upper": lambda who: who.name.upper(),
    "lower": lambda who: who.name.lower(),
    "decomposed": lambda who: unicodedata.normalize("NFD", who.name),
    "wide name": lambda who: wide(who.name),
    "mathematical": lambda who: mathematical(who.name),
    "without accents": lambda who: "".join(
        each for each in unicodedata.normalize("NFD", who.name) if not unicodedata.combining(each)
    ),
    "two spaces": lambda who: who.name.replace(" ", "  "),
    "no-break space": lambda who: who.name.replace(" ", "\u00a0"),
    "line break": lambda who: who.name.replace(" ", "\r\n\t"),
    "zero width": lambda who: who.name.replace(" ", " \u200b").replace("w", "w\u00ad"),
    "file": lambda who: f"CV_{who.name.replace(' ', '_')}_2.pdf",
    "slug": lambda who: f"https://example.org/{who.name.lower().replace(' ', '-')}",
    "plus": lambda who: f"?q={who.name.replace(' ', '+')}&x",
    "turned": lambda who: f"{who.name.split()[-1]}, {' '.join(who.name.split()[:-1])}",
    "quoted": lambda who: f"https://example.org/?q={quote(who.name)}",
    "quoted twice": lambda who: f"https://example.org/?q={quote(quote(who.name))}",
    "quoted often": lambda who: f"https://example.org/?q={quote(quote(quote(quote(quote(who.name)))))}",
    "octets": lambda who: percent(who.name),
    "entities": lambda who: entities(who.name),
    "hexadecimal": lambda who: hexadecimal(who.name),
    "entities twice": lambda who: html.escape(hexadecimal(who.name)),
    "quoted entities": lambda who: quote(entities(who.name)),
    "named entity": lambda who: who.name.replace(" ", "&nbsp;"),
    "json": lambda who: json.dumps({"name": who.name, "gid": who.gid}),
    "json twice": lambda who: json.dumps(json.dumps([who.name, {"email": who.email}])),
    "json octets": lambda who: "".join(f"\\u{ord(each):04x}" for each in who.name),
    "people value": lambda who: f'[{{"gid":"{who.gid}","name":"{who.name}","resource_type":"user"}}]',
    "tags between": lambda who: f"<b>{who.name.replace(' ', '</b> <i>')}</i>",
    "tags inside": lambda who: f"{who.name[:3]}<em>{who.name[3:]}</em>",
    "list": lambda who: f"<ul><li>{who.name.replace(' ', '</li><li>')}</li></ul>",
    "attribute": lambda who: f'<img alt="{who.name}" src=x>',
    "call": lambda who: f"@{who.name} please",
    "call in brackets": lambda who: f"@[{who.name}]({who.gid})",
}
"""Names."""

LINKS: Mapping[str, Form] = {
    "single quotes": lambda who: f"<a href='/0/{who.gid}/list' data-asana-gid='{who.gid}'>{who.name}</a>",
    "no quotes": lambda who: f"<a data-asana-type=user data-asana-gid={who.gid}>{who.name}</a>",
    "other order": lambda who: f'<a data-asana-gid="{who.gid}" href="#" data-asana-type="user">@{who.name}</a>',
    "upper case": lambda who: f'<A DATA-ASANA-TYPE="USER" DATA-ASANA-GID="{who.gid}">{who.name}</A>',
    "spaced": lambda who: f'<a  data-asana-type = "user"\n data-asana-gid = "{who.gid}" >{who.name}</a >',
    "entity link": lambda who: (
        f'<a data-asana-type="user" data-asana-gid="{entities(who.gid)}">{entities(who.name)}</a>'
    ),
    "escaped link": lambda who: html.escape(f'<a data-asana-type="user" data-asana-gid="{who.gid}">{who.name}</a>'),
    "inbox": lambda who: f"https://app.asana.com/0/inbox/{who.gid}",
    "deep inbox": lambda who: f"https://app.asana.com/0/inbox/{who.gid}/12345678/87654321",
    "list of tasks": lambda who: f"https://app.asana.com/0/{who.gid}/list",
    "my tasks": lambda who: f"https://app.asana.com/1/12345678/mytasks/{who.gid}",
    "profile": lambda who: f"https://app.asana.com/1/12345678/profile/{who.gid}",
    "query": lambda who: f"https://example.org/?assignee.any={who.gid}&x=1",
    "markdown": lambda who: f"[{who.name}](https://app.asana.com/0/{who.gid}/{who.gid})",
    "bare": lambda who: f"gid {who.gid}.",
    "in a word": lambda who: f"user{who.gid}x",
    "wide gid": lambda who: wide(who.gid),
    "gid in octets": lambda who: f"https://app.asana.com/0/inbox/{percent(who.gid)}",
    "gid in entities": lambda who: hexadecimal(who.gid),
}
"""Links and gids."""

ADDRESSES: Mapping[str, Form] = {
    "mail": lambda who: f"write to {who.email}.",
    "mail upper": lambda who: who.email.upper(),
    "mailto": lambda who: f'<a href="mailto:{who.email}?subject=x">{who.name}</a>',
    "mailto quoted": lambda who: f"<a href='MAILTO:{quote(who.email, safe='')}'>mail</a>",
    "angle": lambda who: f"{who.name} <{who.email}>",
    "mail quoted twice": lambda who: f"?to={quote(quote(who.email, safe=''), safe='')}",
    "wide mail": lambda who: wide(who.email),
    "wide sign": lambda who: who.email.replace("@", "\uff20"),
    "small sign": lambda who: who.email.replace("@", "\ufe6b"),
    "mail in entities": lambda who: entities(who.email),
    "entity sign": lambda who: who.email.replace("@", "&commat;"),
    "at": lambda who: who.email.replace("@", " at "),
    "AT": lambda who: who.email.replace("@", " AT "),
    "at in brackets": lambda who: who.email.replace("@", " (at) "),
    "at and dot": lambda who: who.email.replace("@", " [at] ").replace(".", " [dot] "),
    "at and dot in words": lambda who: who.email.replace("@", " at ").replace(".", " dot "),
    "spaces": lambda who: who.email.replace("@", " @ "),
    "zero width mail": lambda who: who.email.replace("@", "\u200b@"),
    "mail in json": lambda who: json.dumps({"mail": f"\n{who.email}"}),
}
"""E-mail addresses."""

FORMS: Mapping[str, Form] = {**NAMES, **LINKS, **ADDRESSES}


def in_some_forms(who: Person, text: str, number: int = 3) -> str:
    """Return a text with a person in a few forms, chosen by the text itself."""
    forms = list(FORMS.values())
    first = crc32(text.encode(errors="surrogatepass"))
    return "\n".join([text, *(f"{forms[(first + each) % len(forms)](who)} ." for each in range(number))])


def in_every_form(who: Person) -> str:
    """Return a text with a person in every form, each on its own line."""
    return "\n".join(f"{form(who)} ." for form in FORMS.values())


ENCODED = re.compile(r"[\\\\&%<\ud800-\udfff]")
"""A character of an encoding or of a tag; a text without any has no other decodings."""


def decodings(text: str) -> Iterator[str]:
    """Yield the text with its encodings and tags removed, in any order."""
    ahead, known = [text], set()
    while ahead:
        level = ahead.pop()
        if level not in known:
            known.add(level)
            yield level
            plain = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), level)
            plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            ahead += [plain, html.unescape(level), unquote(level), re.sub("\\\\+[nrt]", " ", level)]
            ahead += [re.sub("<[^<>]*>", "", level), re.sub("<[^<>]*>", " ", level)]


def reveals(text: str, who: Person) -> set[str]:
    """Return the data of a person that a text reveals in any form: name, gid or email."""
    plain_texts, patterns = _plain_texts(text), _patterns(who)
    return {name for name, pattern in patterns.items() if any(map(pattern.search, plain_texts))}


@lru_cache(maxsize=10_000)
def _plain_texts(text: str) -> frozenset[str]:
    """Return a text and its decodings in plain letters; many records have the same texts."""
    return frozenset(map(_plain, decodings(text) if ENCODED.search(text) else [text]))


@cache
def _patterns(who: Person) -> Mapping[str, re.Pattern[str]]:
    """Return patterns of the data of a person in plain texts."""
    name, turned = (_pattern(each).pattern for each in (who.name, _turned(who.name)))
    mail = _pattern(who.email.replace("@", " ")).pattern
    return {
        "name": re.compile(f"{name}|{turned}"),
        "gid": re.compile(rf"(?<![0-9]){who.gid}(?![0-9])"),
        "mail": re.compile(mail.replace("[^a-z0-9]+", "[^a-z0-9]+(?:(?:at|dot)[^a-z0-9]+)?")),
    }


def _turned(name: str) -> str:
    *first, last = name.split()
    return " ".join([last, *first])


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("(?<![a-z])" + "[^a-z0-9]+".join(re.findall("[a-z0-9]+", _plain(name))) + "(?![a-z])")


def _plain(text: str) -> str:
    """Return a text in lower-case ASCII letters as far as possible."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text).casefold().translate(str.maketrans("øłđı", "oldi"))
    return "".join(each for each in letters if not unicodedata.combining(each) and unicodedata.category(each) != "Cf")
