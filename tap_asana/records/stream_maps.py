"""Check the SDK's stream maps: a misspelled one would silently leave in clear what it should remove.

A line names the map, and an expression, but never a value of a record.
"""

from __future__ import annotations

import ast
import fnmatch
import json
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from singer_sdk.exceptions import MapExpressionError
from singer_sdk.mapper import NULL_STRING, CustomStreamMap, PluginMapper

from tap_asana.sources import nearest_name

SETTING: Final = "stream_maps"

ELSE: Final = "__else__"

KEYS: Final = "__key_properties__"

ALIAS: Final = "__alias__"

SOURCE: Final = "__source__"

OPERATORS: Final = frozenset({ELSE, KEYS, ALIAS, "__filter__", SOURCE})
"""The names in a map that are not fields."""

RECORD_NAMES: Final = frozenset({"_", "record", "config", "self", "__stream_name__", "__original_stream_name__"})
"""The names in an expression besides those of fields and functions."""

NULLS: Final = (None, NULL_STRING)
"""The values of a map that remove something."""

MAX_EXPRESSION_CHARS: Final = 60
"""Characters of an expression that a line repeats."""

INSTALL_FAKER: Final = "the package faker is not installed: install the tap with its extra faker"


@dataclass(frozen=True, slots=True)
class MappedStream:
    """A stream as its maps meet it: all its fields, its keys, and the selected fields (None: it is not selected)."""

    fields: Collection[str]
    keys: Collection[str]
    selected_fields: Collection[str] | None


def find_option_errors(maps: Mapping[str, object]) -> Iterator[str]:
    """Yield a line for each option of another type, for which the SDK's own check would fail without naming it."""
    for name, value in maps.items():
        options = {ELSE: value} if name == ELSE else value if isinstance(value, dict) else {}
        place = SETTING if name == ELSE else f"{SETTING}.{name}"
        if options.get(ELSE) not in NULLS:
            yield f"{place}.{ELSE}: expected null."
        for option in (ALIAS, SOURCE):
            if not isinstance(options.get(option, ""), str):
                yield f"{place}.{option}: expected text."


def is_mapped(config: Mapping[str, Any]) -> bool:
    """Return whether a configuration has stream maps, or options for them."""
    return bool(config.get(SETTING) or config.get("faker_config"))


def find_map_errors(config: Mapping[str, Any], streams: Mapping[str, MappedStream]) -> list[str]:
    """Return a line for each mistake in the stream maps of a configuration."""
    maps = config.get(SETTING)
    checker = _Checker(streams) if maps else None
    lines = [line for name, value in (maps or {}).items() if checker for line in checker.map_errors(name, value)]
    if config.get("faker_config") and not (checker or _Checker(streams)).has_faker:
        lines.append(f"faker_config: {INSTALL_FAKER}.")
    return lines


class _Checker:
    """Checks maps against the streams and the functions that expressions have; the SDK has checked their types."""

    def __init__(self, streams: Mapping[str, MappedStream]) -> None:
        sample = CustomStreamMap("sample", {}, {}, {"properties": {}}, [], {}, None)
        self._streams = streams
        self._functions = frozenset(sample.expr_evaluator.functions)
        self.has_faker = sample.fake is not None

    def map_errors(self, name: str, value: object) -> Iterator[str]:
        """Yield the mistakes in one map."""
        place = f"{SETTING}.{name}"
        if name.startswith("__"):
            if name != ELSE:
                yield f"{place}: the only option is {ELSE} with null."
            return
        fields = value if isinstance(value, dict) else {}
        source = fields.get(SOURCE, name)
        streams = fnmatch.filter(self._streams, source)
        if not streams:
            shown = place if source == name else f"{place}.{SOURCE}"
            yield f"{shown}: no such stream; the nearest is {nearest_name(source, self._streams)}."
            return
        for field, rule in fields.items():
            yield from self._rule_errors(f"{place}.{field}", field, rule, fields, streams)
        if ELSE in fields and KEYS not in fields:
            dropped = {key for stream in streams for key in self._streams[stream].keys if key not in fields}
            for key in sorted(dropped):
                yield f"{place}: {ELSE} drops the key {key}; add it to the map, or name other {KEYS}."

    def _rule_errors(
        self, place: str, field: str, rule: object, fields: Mapping[str, Any], streams: Collection[str]
    ) -> Iterator[str]:
        """Yield the mistakes in what a map says of one field, or in one of its options."""
        if field.startswith("__"):
            yield from self._option_errors(place, field, rule, fields, streams)
        elif isinstance(rule, str) and rule != NULL_STRING:
            yield from self._expression_errors(place, rule, streams)
        elif not any(field in self._streams[stream].fields for stream in streams):
            names = {name for stream in streams for name in self._streams[stream].fields}
            yield f"{place}: no such field; the nearest is {nearest_name(field, names)}."
        elif KEYS not in fields and any(field in self._streams[stream].keys for stream in streams):
            yield f"{place}: a key cannot be removed, unless the map names other {KEYS}."

    def _option_errors(
        self, place: str, option: str, rule: object, fields: Mapping[str, Any], streams: Collection[str]
    ) -> Iterator[str]:
        if option not in OPERATORS:
            yield f"{place}: no such option; the nearest is {nearest_name(option, OPERATORS)}."
        elif option == ALIAS and SOURCE not in fields and (error := _alias_error(str(rule))):
            yield f"{place}: cannot evaluate {_quoted(str(rule))} ({error})."
        elif option == KEYS and isinstance(rule, list):
            known = {*fields, *(name for stream in streams for name in self._streams[stream].fields)}
            for name in (name for name in rule if name not in known):
                yield f"{place}: no such field as {name}; the nearest is {nearest_name(name, known)}."
        elif option == "__filter__" and isinstance(rule, str):
            yield from self._expression_errors(place, rule, streams)

    def _expression_errors(self, place: str, text: str, streams: Collection[str]) -> Iterator[str]:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError) as error:
            yield f"{place}: cannot read {_quoted(text)} ({type(error).__name__})."
            return
        if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
            yield f"{place}: {_quoted(text)} is not an expression."
            return
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for name in sorted({node.id for node in names} - own - self._functions - RECORD_NAMES):
            if name == "fake":
                if not self.has_faker:
                    yield f"{place}: {_quoted(text)} uses fake, but {INSTALL_FAKER}."
                continue
            for stream in streams:
                selected = self._streams[stream].selected_fields
                if selected is not None and name not in selected:
                    has = "does not have" if name not in self._streams[stream].fields else "does not select"
                    nearest = nearest_name(name, {*selected, *self._functions})
                    yield f"{place}: {_quoted(text)} uses {name}, which {stream} {has}; the nearest is {nearest}."
                    break


def _alias_error(expression: str) -> str | None:
    """Return the kind of the error for an alias that gives no name, None for one that does."""
    try:
        alias: object = PluginMapper._eval_stream(expression, "sample")  # noqa: SLF001 - as the SDK reads an alias
    except Exception as error:  # noqa: BLE001 - an expression can fail in every way
        return type(error.__cause__ or error).__name__
    return None if isinstance(alias, str) and alias else "not a name"


def failed_expression(error: Exception, *, is_copy: bool) -> str | None:
    """Return a line for an expression of a map that failed for a record, None if the error comes from elsewhere.

    The SDK's error does not name the field. Its method has the map, the field and the expression as arguments. A copy,
    which is written in addition to its stream, has the name of its map.
    """
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is CustomStreamMap._eval.__code__:  # noqa: SLF001 - its frame holds the expression
            stream_map, field = frame.f_locals["self"], frame.f_locals["property_name"] or "__filter__"
            name = stream_map.stream_alias if is_copy else stream_map.stream_name
            cause = error.__cause__ if isinstance(error, MapExpressionError) and error.__cause__ else error
            expression = _quoted(frame.f_locals["expr"])
            return f"{SETTING}.{name}.{field}: cannot evaluate {expression} ({type(cause).__name__})."
    return None


def _quoted(text: str) -> str:
    shown = text if len(text) <= MAX_EXPRESSION_CHARS else f"{text[:MAX_EXPRESSION_CHARS]}…"
    return json.dumps(shown, ensure_ascii=False)
