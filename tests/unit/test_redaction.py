"""Redaction of log lines."""

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
    ("message", "expected"),
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
def test_messages_keep_asanas_own_words_only(message: str, expected: str) -> None:
    """API terms and small numbers are kept; any other run of words becomes one …."""
    assert redact(message) == expected


@pytest.mark.parametrize(("phrase", "kept"), [("6 sad squid snuggle softly", True), ("Ann Smith", False), ("", False)])
def test_the_support_phrase_is_kept(phrase: str, kept: bool) -> None:  # noqa: FBT001 - a case
    """A 500's support phrase has a fixed form; any other text is dropped."""
    assert redact_support_phrase(phrase) == (phrase if kept else "")


def test_errors_are_described_without_their_message() -> None:
    """An error is described by type and location, innermost frame first, without its message."""
    try:
        redact(cast("str", 5))
    except AttributeError as error:
        line = describe_error(error)
    assert line.startswith("AttributeError at tap_asana/api/redaction.py:")
    assert "redact < test_redaction.py:" in line
    assert "object has no attribute" not in line


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ('%s://%s:%s "%s %s %s" %s %s', ("https", "a.b", 443, "GET", "/t?assignee=1", "HTTP/1.1", 200, 5), "/t?… HTTP"),
        ("Failed to parse headers (url=%s): %s", ("https://a.b/x?X-Amz-Signature=1", "bad"), "url=https://a.b/x?…"),
        ("Connection pool is full: %s", ("a.b",), "Connection pool is full: a.b"),
        ("Resetting /x?offset=1", (), "Resetting /x?…"),
    ],
)
def test_query_strings_are_stripped(message: str, arguments: tuple[object, ...], expected: str) -> None:
    """URLs in a library's log lines are cut at their query."""
    record = logging.LogRecord("urllib3.connectionpool", logging.DEBUG, "", 0, message, arguments, None)
    assert StripQueryStrings().filter(record)
    assert expected in record.getMessage()
    assert "=1" not in record.getMessage()


def test_debug_records_are_dropped() -> None:
    """Record details in the SDK mapper's log are below INFO and dropped; its warnings pass."""
    for level, passes in ((logging.DEBUG, False), (logging.INFO, True), (logging.WARNING, True)):
        assert DropDebugRecords().filter(logging.LogRecord("x", level, "", 0, "", (), None)) == passes


def test_filtered_loggers_exist() -> None:
    """Each filter is attached to a logger of an existing library."""
    assert all(__import__(name, fromlist=["x"]) for name in LIBRARY_FILTERS)
