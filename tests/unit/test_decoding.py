"""JSON that was broken at its source is mended, and JSON that was damaged on its way is refused."""

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
def test_what_is_broken_at_its_source_is_mended(body: bytes, value: object) -> None:
    """Halves of pairs and bytes that are no UTF-8 become U+FFFD, U+0000 goes, and lost numbers are null."""
    assert decode_json(body).value == value


@pytest.mark.parametrize(
    "body",
    [b"", b'{"a":', b'"a', b"<html>", b'{"a":1}}', b'"a\x00b"', b'"a\tb"', b"[" * 100_000, rb'"\ud8', b"nope"],
    ids=repr,
)
def test_what_was_damaged_on_its_way_is_refused(body: bytes) -> None:
    """Cut and malformed JSON is nobody's data: it is asked for again."""
    with pytest.raises(ValueError, match=r"."):
        decode_json(body)
    assert isinstance(parse_response(200, {}, body, 0.0), Retry)


def test_a_control_character_that_a_checksum_covers_is_the_texts_own() -> None:
    """In a file whose checksum is right a raw control character came from Asana: U+0000 goes, others stay."""
    assert decode_json(b'"a\x00\tb"', verified=True).value == "a\tb"


def test_lost_numbers_are_named_by_their_fields() -> None:
    """Each field is named with what it is in; names that may be anybody's words are not."""
    body = b'{"data":[{"gid":"1","size":NaN,"inner":[{"count":1e400}],"Ann Smith":{"x":NaN}}]}'
    page = parse_response(200, {}, body, 0.0)
    assert isinstance(page, Records)
    assert page.nulled_fields == {"size", "inner.count", "\u2026.x"}


@given(value=values)
def test_whatever_is_decoded_can_be_read_by_anybody(value: object) -> None:
    """Any value that Python writes comes back without what a strict reader refuses, and a second time as it is."""
    for body in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")):
        found = decode_json(body).value
        encoded = msgspec.json.encode(found)
        assert rb"\u0000" not in encoded.replace(rb"\\", b"")
        assert decode_json(encoded).value == found
        if not isinstance(value, float | str | dict | list):
            assert found == value


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500])
def test_a_broken_message_is_a_message(status: int) -> None:
    """A refusal whose words are broken is one all the same, and what is told of it can be written to any log."""
    found = parse_response(status, {}, rb'{"errors":[{"message":"not \ud800 found \u0000"}]}', 0.0)
    words = found.message if isinstance(found, Unavailable) else found.reason if isinstance(found, Retry) else ""
    assert "not" in words
    assert words.encode().isascii() or "\x00" not in words


def test_rows_that_nobody_can_tell_apart_are_counted() -> None:
    """Null, what is no object, and what has no gid are no rows; a gid that is a number is as good as its text."""
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
