"""People in what others wrote."""

from __future__ import annotations

import re

import pytest

from tap_asana.records.mentions import Mentions

MENTIONS = Mentions("gid<{}>".format, "name<{}>".format, "mail<{}>".format)


def made(template: str) -> str:
    """Return a text with its placeholders, such as `[user:12:Ann]`, as links to people."""
    return re.sub(r"\[user:(\d+)(?::(.*?))?\]", _link, template, flags=re.DOTALL)


def _link(found: re.Match[str]) -> str:
    name = f"name<{found[2]}>" if found[2] else ""
    return f'<a data-asana-type="user" data-asana-gid="gid<{found[1]}>">{name}</a>'


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("mail ann@example.com.", "mail mail<ann@example.com>."),
        ("(Ann.O'Neil+x@mail.example.com)", "(mail<Ann.O'Neil+x@mail.example.com>)"),
        ("https://app.asana.com/0/profile/12 now", "https://app.asana.com/0/profile/gid<12> now"),
        ("https://app.asana.com/1/9/profile/12", "https://app.asana.com/1/9/profile/gid<12>"),
        ("?to=ann%40example.com&x=1", "?to=mail<ann@example.com>&x=1"),
        ("ann&#64;example.com, bob&#x40;example.com", "mail<ann@example.com>, mail<bob@example.com>"),
        ("@Ann look", "@name<Ann> look"),
        ("(@Ann)", "(@name<Ann>)"),
        ("thanks @Ann Smith.", "thanks @name<Ann Smith>."),
        ("@Zoë O'Neil-Ångström please", "@name<Zoë O'Neil-Ångström> please"),
        ("@Ursula von der Leyen says", "@name<Ursula von der Leyen> says"),
        ("@Łukasz Żak, @Иван Петров идёт", "@name<Łukasz Żak>, @name<Иван Петров> идёт"),
        ("@佐藤健 さん", "@name<佐藤健 さん>"),
        ("@Ann bob.smith@example.com", "@name<Ann> mail<bob.smith@example.com>"),
        ('<a href="https://x.org">@us</a>', '<a href="https://x.org">@name<us></a>'),
    ],
)
def test_people_in_plain_text(words: str, hidden: str) -> None:
    """Addresses, links to profiles and names behind an @ become pseudonyms; the words around them stay."""
    assert MENTIONS.pseudonymize(words).replace("mail<mail<", "mail<") == hidden


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ('Hi <a href="/0/1/list" data-asana-type="user" data-asana-gid="12">@Ann</a>!', "Hi [user:12:Ann]!"),
        ('<a data-asana-gid="12" data-asana-type="user">@Ann O&#39;Neil</a>', "[user:12:Ann O'Neil]"),
        ('<a data-asana-type="user" data-asana-gid="12"/> and so on</a>', "[user:12] and so on</a>"),
        ('<a href="https://app.asana.com/1/9/profile/12">Ann</a>', "[user:12:Ann]"),
        ('<a data-asana-type="user"\ndata-asana-gid="12"\n>@Ann\nSmith</a>', "[user:12:Ann\nSmith]"),
        ("<a data-asana-type='user' data-asana-gid='12'>@Ann</a>", "[user:12:Ann]"),
        ('<a data-asana-type="user" data-asana-gid="12"><b>@Ann</b></a>', "[user:12:Ann]"),
    ],
)
def test_people_in_html(words: str, hidden: str) -> None:
    """A link to a person keeps nothing but what it is: whose gid and name, both as pseudonyms."""
    assert MENTIONS.pseudonymize(words) == made(hidden)


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("Ann Smith", "name<Ann Smith>"),
        ("<b>@Ann</b>", "name<Ann>"),
        ("ann@example.com", "mail<ann@example.com>"),
        ("", ""),
    ],
)
def test_a_name_that_links_to_an_address(words: str, hidden: str) -> None:
    """What a mail link reads is as private as where it leads to."""
    link = '<a href="mailto:{}">{}</a>'
    assert MENTIONS.pseudonymize(link.format("ann@example.com", words)) == link.format("mail<ann@example.com>", hidden)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Nothing to see",
        "https://app.asana.com/0/34/56",
        "meet @ 5",
        '<a data-asana-type="task" data-asana-gid="34">Buy milk</a> @',
    ],
)
def test_other_words_and_links_stay(words: str) -> None:
    """A text that mentions nobody is left as it is."""
    assert MENTIONS.pseudonymize(words) == words


@pytest.mark.parametrize(
    "words",
    [
        *("a" * 400_000, "@" * 100_000, "@A " * 60_000, "a.b@" * 60_000, "@" + "A." * 100_000, "a%40" * 60_000),
        *("<a " * 60_000, '<a data-asana-type="user">' * 6_000),
    ],
    ids=["word", "signs", "names", "addresses", "dots", "percents", "tags", "links"],
)
def test_long_texts_are_read(words: str) -> None:
    """No text takes the square of its length: these would take minutes."""
    assert MENTIONS.pseudonymize(f"@ {words}")
