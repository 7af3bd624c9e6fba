"""People mentioned in texts."""

from __future__ import annotations

import re

import pytest

from tap_asana.records.mentions import Mentions

MENTIONS = Mentions("gid<{}>".format, "name<{}>".format, "mail<{}>".format)


def with_links(template: str) -> str:
    """Return a text whose placeholders, such as `[user:12:Ann]`, are replaced by links to people."""
    return re.sub(r"\[user:(\d+)(?::(.*?))?\]", _link, template, flags=re.DOTALL)


def _link(found: re.Match[str]) -> str:
    name = f"name<{found[2]}>" if found[2] else ""
    return f'<a data-asana-type="user" data-asana-gid="gid<{found[1]}>">{name}</a>'


@pytest.mark.parametrize(
    ("text", "hidden"),
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
def test_people_in_plain_text(text: str, hidden: str) -> None:
    """Addresses, profile links and names after an @ become pseudonyms; the words around them are kept."""
    assert MENTIONS.pseudonymize(text).replace("mail<mail<", "mail<") == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
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
def test_people_in_html(text: str, hidden: str) -> None:
    """A link to a person is reduced to the gid and name, both as pseudonyms."""
    assert MENTIONS.pseudonymize(text) == with_links(hidden)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Ann Smith", "name<Ann Smith>"),
        ("<b>@Ann</b>", "name<Ann>"),
        ("ann@example.com", "mail<ann@example.com>"),
        ("", ""),
    ],
)
def test_the_text_of_a_mail_link_is_hidden(text: str, hidden: str) -> None:
    """The text of a mail link is as private as its target."""
    link = '<a href="mailto:{}">{}</a>'
    assert MENTIONS.pseudonymize(link.format("ann@example.com", text)) == link.format("mail<ann@example.com>", hidden)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing to see",
        "https://app.asana.com/0/34/56",
        "meet @ 5",
        '<a data-asana-type="task" data-asana-gid="34">Buy milk</a> @',
    ],
)
def test_texts_without_mentions_are_kept(text: str) -> None:
    """A text without mentions is unchanged."""
    assert MENTIONS.pseudonymize(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 400_000, "@" * 100_000, "@A " * 60_000, "a.b@" * 60_000, "@" + "A." * 100_000, "a%40" * 60_000),
        *("<a " * 60_000, '<a data-asana-type="user">' * 6_000),
    ],
    ids=["word", "signs", "names", "addresses", "dots", "percents", "tags", "links"],
)
def test_long_texts_take_linear_time(text: str) -> None:
    """No text takes quadratic time: these would take minutes."""
    assert MENTIONS.pseudonymize(f"@ {text}")
