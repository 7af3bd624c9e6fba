"""Known people are found in texts of any form."""

from __future__ import annotations

import pytest
from forms import ADDRESSES, FORMS, LINKS, Form, Person, in_every_form, reveals

from tap_asana.records.known_people import TIER_SIZES, KnownPeople, learner
from tap_asana.records.mentions import Mentions
from tap_asana.records.privacy import Pseudonyms
from tap_asana.streams.audit import Deletions

SAFE = Pseudonyms("a key for this test alone")
ANN = Person("1200000000000101", "Ånn O'Swift", "ann.swift@example.com")
BOB = Person("1200000000000102", "Bob van Dyke", "bob@example.org")


def knowing(*people: Person) -> Mentions:
    """Return mentions with a directory of these people."""
    directory = KnownPeople()
    for each in people:
        directory.add(each.gid, each.name, each.email)
    return Mentions(SAFE.gid, SAFE.name, SAFE.email, directory)


MENTIONS = knowing(ANN, BOB, Person("", "Agent 7", ""))


@pytest.mark.parametrize("who", [ANN, BOB], ids=["accents", "plain"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_known_people_are_hidden_in_every_form(form: Form, who: Person) -> None:
    """In every form, the known data of a person is replaced by a text that reveals nothing about the person."""
    text = f"before {form(who)} behind"
    hidden = MENTIONS.pseudonymize(text)
    assert reveals(text, who)
    assert not reveals(hidden, who), hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" behind")


def test_adjacent_forms_are_all_hidden() -> None:
    """Forms next to each other do not hide one another."""
    text = in_every_form(ANN) + in_every_form(BOB)
    hidden = MENTIONS.pseudonymize(text)
    assert not reveals(hidden, ANN) | reveals(hidden, BOB)


EXPECTED = {
    **dict.fromkeys(("plain", "upper", "octets", "json", "list", "call", "turned"), SAFE.name(ANN.name)),
    **dict.fromkeys(set(LINKS) - {"escaped link"}, SAFE.gid(ANN.gid)),
    **dict.fromkeys(ADDRESSES, SAFE.email(ANN.email)),
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_pseudonyms_in_texts_match_those_in_records(name: str) -> None:
    """In every form, the pseudonym is that of the person's own record, so that both can be joined."""
    assert EXPECTED[name] in MENTIONS.pseudonymize(FORMS[name](ANN))


@pytest.mark.parametrize(
    "text",
    [
        "Åns O'Swift and Ann O'Swiftly",
        "Xann O'Swift",
        f"9{ANN.gid} {ANN.gid}0",
        "Agent 77",
        f"https://app.asana.com/0/{ANN.gid}9/1",
        "Ann and Swift",
        "bob, a van, a dyke",
        "look at README.md, be there at 10.30, meet @ node.js",
        "50% &amp; more \\o/ <b>bold</b> &unknown; %zz",
        "",
    ],
)
def test_similar_words_are_kept(text: str) -> None:
    """A name within a longer word, a gid within a longer number and a first name do not identify anyone."""
    assert MENTIONS.pseudonymize(text) == text


def test_adjacent_names_get_separate_pseudonyms() -> None:
    """Names with a common word are distinguished in either order of their words."""
    ann, bob = (Person("", f"{first} Swift", "") for first in ("Ann", "Bob"))
    hidden = knowing(ann, bob).pseudonymize("Ann Swift, Bob Swift, Ann Swift, Swift Bob")
    pseudonyms = [SAFE.name(each.name) for each in (ann, bob, ann, bob)]
    assert hidden == ", ".join(pseudonyms)


def test_markup_around_a_name_is_kept() -> None:
    """If a name spans several tags, the tags are kept and their attributes removed."""
    pseudonym = SAFE.name(BOB.name)
    assert MENTIONS.pseudonymize("<b>Bob van</b> <i class='x'>Dyke</i>") == f"<b>{pseudonym}</b><i></i>"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("佐藤 健", "佐藤健さん"),
        ("佐藤健", "これは佐藤健さんです"),
        ("김민수", "김민수는"),
        ("Ann Swift (she/her)", "ask Ann Swift"),
        ("Ann Swift | Acme", "ask Ann Swift"),
        ("Swift, Ann", "ask Ann Swift"),
        ("Иван Петров", "ИВАН  ПЕТРОВ"),
        ("Ståle Øye", "stale oye"),
    ],
)
def test_names_in_many_scripts_are_found(name: str, text: str) -> None:
    """Scripts without spaces, additions to a name and spelling variants are handled."""
    hidden = knowing(Person("", name, "")).pseudonymize(text)
    assert SAFE.name(name) in hidden


@pytest.mark.parametrize(
    "broken", ["\ud800", "\x00", "\ufffe", "\\ud800", "%ff%fe", "&#0;", "&#xD800;", "&#9999999;"], ids=repr
)
def test_broken_characters_do_not_hide_names(broken: str) -> None:
    """Names and addresses next to invalid characters are found."""
    hidden = MENTIONS.pseudonymize(f"{broken} {BOB.name} {broken}{broken} {BOB.email} {broken}")
    assert hidden == f"{broken} {SAFE.name(BOB.name)} {broken}{broken} {SAFE.email(BOB.email)} {broken}"


@pytest.mark.parametrize("name", ["Ann", "Bo", "", " ", "A B", "高兴"])
def test_a_single_word_is_kept(name: str) -> None:
    """A first name alone could be any word, so it is kept."""
    text = f"so {name}, it is"
    assert knowing(Person("", name, "")).pseudonymize(text) == text


@pytest.mark.parametrize("count", [0, 1, TIER_SIZES[0], 500])
def test_people_added_later_are_found(count: int) -> None:
    """A text is pseudonymized as soon as its person is added, regardless of the number of known people."""
    directory = KnownPeople()
    mentions = Mentions(SAFE.gid, SAFE.name, SAFE.email, directory)
    for each in range(count):
        directory.add(str(10**12 + each), f"Person{'abcdefghij'[each % 10]}{'x' * each} Known")
    assert mentions.pseudonymize("Ann Swift") == "Ann Swift"
    directory.add("1200000000000101", "Ann Swift")
    assert mentions.pseudonymize("Ann Swift") == SAFE.name("Ann Swift")
    assert mentions.pseudonymize("Persona Known") == ("Persona Known" if not count else SAFE.name("Persona Known"))
    directory.add("1200000000000101", "Ann Swift-Gale")
    assert (
        mentions.pseudonymize("Ann Swift-Gale, Ann Swift") == f"{SAFE.name('Ann Swift-Gale')}, {SAFE.name('Ann Swift')}"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("%25" * 100_000, "%" + "25" * 100_000, "&amp;" * 60_000, "&" + "amp;" * 60_000, "\\u0041" * 60_000),
        *("<" * 200_000, "<b>" * 60_000, "a at " * 60_000, "a (at) " * 40_000, "ann " * 80_000, "ann o swift" * 20_000),
        *("@Ann O'Swift " * 20_000, "ann.swift@example.com @Bo " * 20_000),
        *("é" * 200_000, "%e9" * 60_000, "<!-- " * 60_000, "/profile/1" * 20_000),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_long_texts_take_linear_time(text: str) -> None:
    """No text takes quadratic time: these would take minutes."""
    assert MENTIONS.pseudonymize(f"@ {text}")


@pytest.mark.parametrize(("kind", "is_known"), [("task", False), ("user", True), (None, True)])
def test_a_deleted_task_is_no_person(kind: str | None, is_known: bool) -> None:  # noqa: FBT001 - a case
    """The gid of a deleted object stays in texts, such as the address of the restored task, unless it is a person's."""
    people = KnownPeople()
    learn = learner(Deletions.schema, people)
    assert learn is not None
    learn({"gid": ANN.gid, "resource_type": kind})
    assert people.has_gid(ANN.gid) == is_known
