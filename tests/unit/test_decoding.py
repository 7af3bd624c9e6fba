"""Decoding JSON: values broken in Asana are repaired, JSON damaged in transit is refused."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_asana.api.decoding import decode_json, rows_with_gid
from tap_asana.api.protocol import Records, Retry, Unavailable, parse_response

lone = st.text(alphabet=st.one_of(st.characters(), st.characters(categories=["Cs"]), st.just("\x00")))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | lone,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(lone, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'"a\ud800b"', "a\ufffdb"),
        (rb'"a\uDFFFb"', "a\ufffdb"),
        (b'"a\xed\xa0\x80b"', "a\ufffdb"),
        (b'"a\xffb"', "a\ufffdb"),
        (b'"\xed\xa0\xbd\xed\xb8\x80"', "\U0001f600"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"a\u0000b"', "ab"),
        (rb'"a\\u0000b"', "a\\u0000b"),
        (rb'{"a\ud800":1}', {"a\ufffd": 1}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b"[1e400,-1e400,NaN,Infinity,-Infinity]", [None] * 5),
        (b"[NaN," + b"9" * 5000 + b"]", [None, None]),
        (b"[NaN," + b"9" * 30 + b"]", [None, int("9" * 30)]),
    ],
)
def test_values_broken_at_the_source_are_repaired(body: bytes, value: object) -> None:
    """Lone surrogates and invalid UTF-8 become U+FFFD, U+0000 is removed, and unrepresentable numbers are null."""
    assert decode_json(body).value == value


@pytest.mark.parametrize(
    "body",
    [b"", b'{"a":', b'"a', b"<html>", b'{"a":1}}', b'"a\x00b"', b'"a\tb"', b"[" * 100_000, rb'"\ud8', b"nope"],
    ids=repr,
)
def test_json_damaged_in_transit_is_refused(body: bytes) -> None:
    """Truncated or malformed JSON is not data: the request is retried."""
    with pytest.raises(ValueError, match=r"."):
        decode_json(body)
    assert isinstance(parse_response(200, {}, body, 0.0), Retry)


def test_control_characters_under_a_checksum_are_kept() -> None:
    """In a file with a valid checksum, a raw control character came from Asana: U+0000 is removed, others are kept."""
    assert decode_json(b'"a\x00\tb"', verified=True).value == "a\tb"


def test_nulled_numbers_are_named_by_field() -> None:
    """Each nulled field is named with its parents; names from user data are masked."""
    body = b'{"data":[{"gid":"1","size":NaN,"inner":[{"count":1e400}],"Ann Smith":{"x":NaN}}]}'
    page = parse_response(200, {}, body, 0.0)
    assert isinstance(page, Records)
    assert page.nulled_fields == {"size", "inner.count", "\u2026.x"}


@given(value=values)
def test_decoded_values_are_strict_json(value: object) -> None:
    """Any value that Python encodes is decoded to strict JSON, and decoding that again changes nothing."""
    for body in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")):
        decoded = decode_json(body).value
        encoded = msgspec.json.encode(decoded)
        assert rb"\u0000" not in encoded.replace(rb"\\", b"")
        assert decode_json(encoded).value == decoded
        if not isinstance(value, float | str | dict | list):
            assert decoded == value


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500])
def test_a_broken_error_message_can_be_logged(status: int) -> None:
    """An error response with a broken message keeps its meaning, and its message can be written to any log."""
    outcome = parse_response(status, {}, rb'{"errors":[{"message":"not \ud800 found \u0000"}]}', 0.0)
    message = (
        outcome.message if isinstance(outcome, Unavailable) else outcome.reason if isinstance(outcome, Retry) else ""
    )
    assert "not" in message
    assert message.encode().isascii() or "\x00" not in message


def test_rows_without_a_usable_gid_are_counted() -> None:
    """Nulls, non-objects and objects without a gid are dropped and counted; a numeric gid becomes text."""
    rows: list[object] = [
        None,
        {"gid": "1"},
        {"gid": 2},
        {"gid": ""},
        {"gid": None},
        {},
        "x",
        [],
        {"gid": True},
        {"gid": "\ufffd"},
    ]
    assert rows_with_gid(rows) == ([{"gid": "1"}, {"gid": "2"}], 8)
    sound: list[object] = [{"gid": "1"}, {"gid": "2"}]
    assert rows_with_gid(sound) == (sound, 0)
