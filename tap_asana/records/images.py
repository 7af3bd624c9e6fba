"""Inline images in Asana's HTML, without their URLs, which open without login for some minutes.

Nothing is lost: an image keeps the gid of its attachment, and each answer has another URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Stripper: TypeAlias = Callable[[Any], Any]

HTML_PREFIX = "html_"
"""The names of HTML fields begin with it."""

URL_ATTRIBUTES = frozenset({"src", "srcset", "data-thumbnail-url"})

_replace_images = re.compile(r"""<img\b(?:[^>"']|"[^"]*"?|'[^']*'?)*>?""", re.IGNORECASE).sub
_replace_attributes = re.compile(r"""\s+([^\s=>"']+)(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s>"']+))?""").sub


def image_url_stripper(schema: Mapping[str, Any], name: str = "") -> Stripper | None:
    """Return a function that removes image URLs from values of a schema; None if the schema has no HTML field.

    Values without images, which are nearly all, are returned without a copy.
    """
    if "items" in schema:
        item = image_url_stripper(schema["items"], name)
        return item and _array_stripper(item)
    fields = [
        (field_name, strip)
        for field_name, field in schema.get("properties", {}).items()
        if (strip := image_url_stripper(field, field_name))
    ]
    if fields:
        return _object_stripper(fields)
    return strip_image_urls if name.startswith(HTML_PREFIX) else None


def has_images(html: str) -> bool:
    """Return whether HTML may contain an image."""
    return "<img" in html or "<IMG" in html


def strip_image_urls(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return HTML without the URLs of images; any other value, and a text without images, unchanged."""
    if value.__class__ is not str or not has_images(value):
        return value
    return _replace_images(lambda image: _replace_attributes(_keep_attribute, image[0]), value)


def _keep_attribute(attribute: re.Match[str]) -> str:
    return "" if attribute[1].lower() in URL_ATTRIBUTES else attribute[0]


def _object_stripper(fields: Sequence[tuple[str, Stripper]]) -> Stripper:
    def strip_fields(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not dict:
            return value
        for name, strip in fields:
            if old := value.get(name):
                new = strip(old)
                if new is not old:
                    value = {**value, name: new}
        return value

    return strip_fields


def _array_stripper(strip: Stripper) -> Stripper:
    def strip_items(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not list:
            return value
        for index, old in enumerate(value):
            new = strip(old)
            if new is not old:
                value = [*value[:index], new, *value[index + 1 :]]
        return value

    return strip_items
