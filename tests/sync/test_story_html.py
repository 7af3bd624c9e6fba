"""The HTML of a story can name people and link to profiles; with privacy, Asana's text in it is not emitted."""

from __future__ import annotations

import re

import pytest
from harness import SMALL, Message, asana, sync

from tap_asana.streams.conversation import Stories

PROFILE = re.compile(r"/0/profile/[0-9]+")
DUPLICATED = "duplicated"


def html(privacy: str) -> dict[str, str | None]:
    """Return the HTML of the stories about a duplication by gid."""
    output = sync(asana(SMALL), config={"privacy": privacy, "privacy_key": "a key for this test"}, select=["stories"])
    stories: list[Message] = output.records("stories")
    return {story["gid"]: story["html_text"] for story in stories if story["resource_subtype"] == DUPLICATED}


def test_the_schema_marks_the_field() -> None:
    """The description of the field names its possible content, and its privacy covers Asana's text."""
    field = Stories.schema["properties"]["html_text"]
    assert "profiles" in field["description"]
    assert field["x-privacy"] == "narrative"


@pytest.mark.parametrize("privacy", ["pseudonymize", "redact"])
def test_profiles_are_not_emitted_with_privacy(privacy: str) -> None:
    """Asana's text about a duplication holds a name and a profile without privacy, and is null with it."""
    in_clear, hidden = html("none"), html(privacy)
    assert any(PROFILE.search(str(words)) for words in in_clear.values())
    assert hidden == dict.fromkeys(in_clear)
