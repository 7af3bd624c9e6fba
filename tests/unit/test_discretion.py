"""What may stand in a log."""

from __future__ import annotations

import logging
from typing import cast

import pytest

from tap_asana.api.redaction import (
    LIBRARY_FILTERS,
    DropDebugRecords,
    StripQueryStrings,
    describe_error,
    redact,
    redact_support_phrase,
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Not Authorized", "Not Authorized"),
        ("Payment Required", "Payment Required"),
        ("project: Not a recognized ID: 1200000000000042", "project: Not a recognized ID: …"),
        ("limit: Must be between 1 and 100.", "limit: Must be between 1 and 100."),
        ("name: Buy milk for Ann Smith is too long", "name: … for … is too long"),
        ("user: Unknown object: ann@example.com", "user: Unknown object: …"),
        ("Bearer 0/5ecret is invalid", "… is invalid"),
        ("Ann\nSmith", "…"),
        ("May Page", "… Page"),
        ("", ""),
    ],
)
def test_of_a_message_only_asanas_own_words_are_told(message: str, said: str) -> None:
    """Words of the API and small numbers stay; whatever else a message repeats is …, once for several words."""
    assert redact(message) == said


@pytest.mark.parametrize(("phrase", "said"), [("6 sad squid snuggle softly", True), ("Ann Smith", False), ("", False)])
def test_the_phrase_for_support_is_told(phrase: str, said: bool) -> None:  # noqa: FBT001 - a case
    """The phrase that comes with a 500 has a form of its own; what has another is not told."""
    assert redact_support_phrase(phrase) == (phrase if said else "")


def test_an_error_is_told_without_its_message() -> None:
    """What an error is and where it happened is told, innermost place first; what was at hand is not."""
    try:
        redact(cast("str", 5))
    except AttributeError as error:
        line = describe_error(error)
    assert line.startswith("AttributeError at tap_asana/api/redaction.py:")
    assert "redact < test_discretion.py:" in line
    assert "object has no attribute" not in line


@pytest.mark.parametrize(
    ("message", "arguments", "said"),
    [
        ('%s://%s:%s "%s %s %s" %s %s', ("https", "a.b", 443, "GET", "/t?assignee=1", "HTTP/1.1", 200, 5), "/t?… HTTP"),
        ("Failed to parse headers (url=%s): %s", ("https://a.b/x?X-Amz-Signature=1", "bad"), "url=https://a.b/x?…"),
        ("Connection pool is full: %s", ("a.b",), "Connection pool is full: a.b"),
        ("Resetting /x?offset=1", (), "Resetting /x?…"),
    ],
)
def test_no_query_is_told(message: str, arguments: tuple[object, ...], said: str) -> None:
    """Addresses in a library's log end where their query begins."""
    record = logging.LogRecord("urllib3.connectionpool", logging.DEBUG, "", 0, message, arguments, None)
    assert StripQueryStrings().filter(record)
    assert said in record.getMessage()
    assert "=1" not in record.getMessage()


def test_details_are_kept_back() -> None:
    """What the SDK's mapper logs of records is below INFO; its warnings pass."""
    for level, passes in ((logging.DEBUG, False), (logging.INFO, True), (logging.WARNING, True)):
        assert DropDebugRecords().filter(logging.LogRecord("x", level, "", 0, "", (), None)) == passes


def test_libraries_are_named_as_they_log() -> None:
    """Each filter stands before a logger that its library has."""
    assert all(__import__(name, fromlist=["x"]) for name in LIBRARY_FILTERS)
