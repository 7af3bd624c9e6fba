"""The objects of a JSON text are parsed one by one, from chunks of any size."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_asana.errors import AsanaError
from tap_asana.tasks.json_objects import iter_objects

MOST = 10_000

texts = st.text() | st.sampled_from(['"', "\\", '\\"', "}]", "[{", "\\\\"])
things = st.dictionaries(texts, st.none() | texts | st.lists(texts) | st.dictionaries(texts, texts), max_size=3)


def cut(text: bytes, places: list[int]) -> list[bytes]:
    """Return a text in pieces."""
    bounds = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[begin:end] for begin, end in pairwise(bounds)]


@given(found=st.lists(things | st.none(), max_size=5), places=st.lists(st.integers(0, 10_000)), array=st.booleans())
def test_objects_are_parsed_completely(found: list[object], places: list[int], array: bool) -> None:  # noqa: FBT001 - a case
    """Each object and each null of an array or of a sequence of objects is returned once, in order."""
    text = json.dumps(found) if array else "\n".join(map(json.dumps, found))
    pieces = list(iter_objects(cut(text.encode(), places), MOST))
    assert [json.loads(piece) for piece in pieces] == found


@pytest.mark.parametrize(
    "text", [b'[{"a":1}', b'{"a":', b"[1]", b'["a"]', b'{"a":1}]', b"[[{}]]", b"[}", b'{"a":1} x', b'[{"a":"b']
)
def test_other_content_is_rejected(text: bytes) -> None:
    """A truncated text, or one with other values between its objects, is rejected."""
    with pytest.raises(ValueError, match=r"."):
        list(iter_objects([text], MOST))


def test_an_oversized_object_is_rejected() -> None:
    """An object above the size limit raises an error before it is in memory."""
    with pytest.raises(AsanaError, match="takes more than 100 bytes"):
        list(iter_objects(iter([b'[{"a":"', *[b"x" * 50] * 1000]), 100))
