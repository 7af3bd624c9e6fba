"""The HTML of a story can name people and link to profiles; under privacy what Asana wrote in it does not leave."""

from __future__ import annotations

import re

import pytest
from harness import SMALL, Message, asana, sync

from tap_asana.streams.conversation import Stories

PROFILE = re.compile(r"/0/profile/[0-9]+")
DUPLICATED = "duplicated"


def html(privacy: str) -> dict[str, str | None]:
    """Return the HTML of the stories that tell of a duplication, by their gid."""
    output = sync(asana(SMALL), config={"privacy": privacy, "privacy_key": "a key for this test"}, select=["stories"])
    stories: list[Message] = output.records("stories")
    return {story["gid"]: story["html_text"] for story in stories if story["resource_subtype"] == DUPLICATED}


def test_the_schema_says_so() -> None:
    """Whoever selects the field knows what can be in it, and the words of Asana are protected with it."""
    field = Stories.schema["properties"]["html_text"]
    assert "profiles" in field["description"]
    assert field["x-privacy"] == "narrative"


@pytest.mark.parametrize("privacy", ["pseudonymize", "redact"])
def test_profiles_do_not_leave_under_privacy(privacy: str) -> None:
    """Asana's words on who duplicated what hold a name and a profile without privacy, and are null with it."""
    in_clear, hidden = html("none"), html(privacy)
    assert any(PROFILE.search(str(words)) for words in in_clear.values())
    assert hidden == dict.fromkeys(in_clear)
