"""What the people of the world write: names, notes and comments, in several scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_asana.model.seeded_random import SeededRandom

FIRST = (
    "Ana",
    "Björn",
    "Chiara",
    "Dmitri",
    "Eun-ji",
    "Fátima",
    "Grace",
    "Håkon",
    "Imani",
    "João",
    "Keiko",
    "Łukasz",
    "Mei",
)
LAST = (
    "Ångström",
    "Bauer",
    "Castillo",
    "Dubois",
    "Eze",
    "Ferrari",
    "García",
    "Hansen",
    "Ivanova",
    "Kowalski",
    "Nakamura",
)
VERBS = (
    "Draft",
    "Review",
    "Ship",
    "Call",
    "Measure",
    "Überprüfe",
    "Translate",
    "Fix",
    "Préparer",
    "Plan",
    "Test",
    "Archive",
)
THINGS = (
    "the budget",
    "onboarding ✨",
    "“quoted” copy",
    "release 2.0",
    "the café menu",
    "データ移行",
    "contract\twith tab",
    "Q3 figures",
    "landing page",
    "страница",
    "the 100% plan",
    "back\\slash path",
    "👩‍👩‍👧 survey",
    "visa <forms>",
)
SENTENCES = (
    "Looks good to me.",
    "Können wir das morgen besprechen?",
    "See the attached file & tell me what you think.",
    "Line one\nline two\n\n\tline four",
    "👍🏽",
    "これは確認済みです。",
    "Cost is 1 234,50 € \u2014 approved",
    'He said "no", then "maybe".',
    "",
    "הערה קצרה",
)


def person(dice: SeededRandom) -> str:
    """A person's name."""
    return f"{dice.pick(FIRST)} {dice.pick(LAST)}"


def title(dice: SeededRandom) -> str:
    """A short name for a piece of work; now and then empty or very long, as people do."""
    kind = dice.below(60)
    if kind == 0:
        return ""
    text = f"{dice.pick(VERBS)} {dice.pick(THINGS)}"
    return f"{text} {'and so on ' * 40}" if kind == 1 else text


def prose(dice: SeededRandom) -> str:
    """A few sentences; often none."""
    return " ".join(dice.pick(SENTENCES) for _ in range(dice.below(4)))


def html(text: str) -> str:
    """The text as Asana's rich text: an XML-like body."""
    return f"<body>{safe(text)}</body>"


def safe(text: str) -> str:
    """The text with what has a meaning in HTML escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
