"""Names, notes and comments in several scripts."""

from __future__ import annotations

from functools import lru_cache

from fake_asana.model.seeded_random import SeededRandom

FIRST_NAMES = (
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
LAST_NAMES = (
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
TOPICS = (
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


def person_name(rng: SeededRandom) -> str:
    """Return the name of a person."""
    return f"{rng.pick(FIRST_NAMES)} {rng.pick(LAST_NAMES)}"


def title(rng: SeededRandom) -> str:
    """Return a short name for a piece of work; rarely empty or very long."""
    text, rng.state = _title_and_state(rng.state)
    return text


@lru_cache(maxsize=2**14)
def _title_and_state(state: int) -> tuple[str, int]:
    rng = SeededRandom.of_state(state)
    return _new_title(rng), rng.state


def _new_title(rng: SeededRandom) -> str:
    kind = rng.below(60)
    if kind == 0:
        return ""
    text = f"{rng.pick(VERBS)} {rng.pick(TOPICS)}"
    return f"{text} {'and so on ' * 40}" if kind == 1 else text


def prose(rng: SeededRandom) -> str:
    """Return up to three sentences; often none."""
    text, rng.state = _prose_and_state(rng.state)
    return text


@lru_cache(maxsize=2**14)
def _prose_and_state(state: int) -> tuple[str, int]:
    rng = SeededRandom.of_state(state)
    return " ".join(rng.pick(SENTENCES) for _ in range(rng.below(4))), rng.state


def html(text: str) -> str:
    """Return the text as Asana's rich text, which is XML-like."""
    return f"<body>{safe(text)}</body>"


def safe(text: str) -> str:
    """Return the text with the special characters of HTML escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
