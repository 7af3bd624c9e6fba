"""What Meltano Hub checks on a plugin's definition: its JSON schemas, its linter, and its scripts, in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TEXTS = frozenset(
    {
        *("name", "namespace", "variant", "label", "description", "docs", "repo", "pip_url", "executable", "python"),
        *("logo_url", "domain_url", "maintenance_status", "quality", "log_parser"),
        *("definition", "next_steps", "settings_preamble", "usage", "prereq"),
    }
)
LISTS = frozenset(
    {"settings", "settings_group_validation", "capabilities", "select", "keywords", "supported_python_versions"}
)
OBJECTS = frozenset({"commands", "metadata", "schema", "requires"})
FLAGS = frozenset({"hidden"})
"""The attributes of an extractor, by the type of their values; the Hub refuses any other."""

REQUIRED = frozenset({"name", "namespace", "variant", "quality"})
"""The schema's required attributes."""

NEEDED_BY_SCRIPTS = frozenset({"repo"})
"""The Hub derives the maintainer's address from it."""

CHOICES = {
    "maintenance_status": {"active", "beta", "development", "inactive", "unknown"},
    "quality": {"gold", "silver", "bronze", "unknown"},
}
CAPABILITIES = frozenset(
    {
        *("about", "activate-version", "batch", "catalog", "discover", "log-based", "properties"),
        *("schema-flattening", "state", "stream-maps", "structured-logging", "test"),
    }
)
SETTING_TEXTS = frozenset(
    {
        *("name", "label", "placeholder", "kind", "description", "tooltip", "documentation", "env", "docs"),
        *("value_processor", "value_post_processor"),
    }
)
SETTING_ATTRIBUTES = SETTING_TEXTS | {"aliases", "value", "oauth", "options", "hidden", "sensitive"}
KINDS = frozenset(
    {
        *("array", "boolean", "date_iso8601", "decimal", "email", "file", "hidden", "integer", "oauth", "object"),
        *("options", "password", "string"),
    }
)


def violations(definition: dict[str, Any]) -> list[str]:
    """Return what the Hub would refuse in the definition of an extractor, one line for each rule that is broken."""
    order = _order(definition, "the definition")
    return [*_attributes(definition), *_values(definition), *_settings(definition), *order]


def _attributes(definition: dict[str, Any]) -> Iterator[str]:
    known = TEXTS | LISTS | OBJECTS | FLAGS
    yield from (f"{name}: not an attribute of extractors" for name in definition.keys() - known)
    yield from (f"{name}: missing" for name in (REQUIRED | NEEDED_BY_SCRIPTS) - definition.keys())
    for names, kind in ((TEXTS, str), (LISTS, list), (OBJECTS, dict), (FLAGS, bool)):
        present = (name for name in definition.keys() & names if not isinstance(definition[name], kind))
        yield from (f"{name}: not a {kind.__name__}" for name in present)


def _values(definition: dict[str, Any]) -> Iterator[str]:
    for name, allowed in CHOICES.items():
        if definition.get(name, "unknown") not in allowed:
            yield f"{name}: none of {sorted(allowed)}"
    if unknown := set(definition.get("capabilities", ())) - CAPABILITIES:
        yield f"capabilities: {sorted(unknown)} unknown"
    for name in LISTS - {"settings", "settings_group_validation"}:
        if not all(isinstance(item, str) for item in definition.get(name, ())):
            yield f"{name}: an item that is no text"
    if not all(re.fullmatch(r"3\.\d+", str(version)) for version in definition.get("supported_python_versions", ())):
        yield "supported_python_versions: not of the form 3.N"
    for name in ("domain_url", "docs", "repo"):
        if not re.match(r"https://\w", definition.get(name, "https://asana.com")):
            yield f"{name}: no address"
    if definition.get("variant", "") != definition.get("variant", "").lower():
        yield "variant: capitals, which the list of maintainers does not have"


def _settings(definition: dict[str, Any]) -> Iterator[str]:
    settings = definition.get("settings", ())
    names = [setting.get("name") for setting in settings]
    if None in names:
        yield "settings: one without a name"
    for setting in settings:
        name = setting.get("name")
        yield from (f"{name}.{key}: not an attribute of settings" for key in setting.keys() - SETTING_ATTRIBUTES)
        texts = setting.keys() & SETTING_TEXTS
        yield from (f"{name}.{key}: not a str" for key in texts if not isinstance(setting[key], str))
        if setting.get("kind", "string") not in KINDS:
            yield f"{name}.kind: {setting['kind']} unknown"
        if not all(isinstance(option.get("value"), str) for option in setting.get("options", ())):
            yield f"{name}.options: a value that is no text"
    for group in definition.get("settings_group_validation", ()):
        if not isinstance(group, list) or set(group) - set(names):
            yield "settings_group_validation: not lists of settings"


def _order(content: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - what a file of YAML holds
    if isinstance(content, dict):
        if list(content) != sorted(content):
            yield f"{where}: keys out of order"
        for key, value in content.items():
            yield from _order(value, key)
    elif isinstance(content, list):
        for item in content:
            yield from _order(item, f"an item of {where}")
        if where in {"capabilities", "settings"} and content != sorted(content, key=_place):
            yield f"{where}: out of order"


def _place(item: str | dict[str, Any]) -> str:
    return item if isinstance(item, str) else str(item.get("name"))
