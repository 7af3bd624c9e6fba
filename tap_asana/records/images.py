"""Inline images in Asana's HTML: their addresses open without login for some minutes, and do not leave.

An image names its attachment by gid, so that nothing is lost: the address was another one in every answer anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Stripper: TypeAlias = Callable[[Any], Any]

HTML_PREFIX = "html_"
"""What the names of fields begin with that hold HTML."""

URL_ATTRIBUTES = frozenset({"src", "srcset", "data-thumbnail-url"})
"""The attributes that hold them."""

_images = re.compile(r"""<img\b(?:[^>"']|"[^"]*"?|'[^']*'?)*>?""", re.IGNORECASE).sub
_attributes = re.compile(r"""\s+([^\s=>"']+)(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s>"']+))?""").sub


def image_url_stripper(schema: Mapping[str, Any], name: str = "") -> Stripper | None:
    """Return the function that strips values of a schema of those addresses; None where there is no HTML in them.

    A value without images is returned itself: nearly all are, and each costs a look.
    """
    if "items" in schema:
        item = image_url_stripper(schema["items"], name)
        return item and _each(item)
    inside = {
        each: found
        for each, field in schema.get("properties", {}).items()
        if (found := image_url_stripper(field, each))
    }
    if inside:
        return _fields(list(inside.items()))
    return _stripped if name.startswith(HTML_PREFIX) else None


def _stripped(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    if value.__class__ is not str or ("<img" not in value and "<IMG" not in value):
        return value
    return _images(lambda image: _attributes(_permitted, image[0]), value)


def _permitted(attribute: re.Match[str]) -> str:
    return "" if attribute[1].lower() in URL_ATTRIBUTES else attribute[0]


def _fields(inside: Sequence[tuple[str, Stripper]]) -> Stripper:
    def stripped(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not dict:
            return value
        for name, strip in inside:
            if old := value.get(name):
                new = strip(old)
                if new is not old:
                    value = {**value, name: new}
        return value

    return stripped


def _each(item: Stripper) -> Stripper:
    def stripped(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not list:
            return value
        for place, old in enumerate(value):
            new = item(old)
            if new is not old:
                value = [*value[:place], new, *value[place + 1 :]]
        return value

    return stripped
