"""Read settings from where people keep them: JSON files, environment variables, and files that hold one secret."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

from tap_asana.config import read_json_object
from tap_asana.settings import FILE_SUFFIX, SETTINGS
from tap_asana.values import JsonSchema, parse_value, type_of

PREFIX: Final = "TAP_ASANA_"
"""Begins the environment variables of settings."""

OTHER_VARIABLES: Final = frozenset({f"{PREFIX}LOGLEVEL"})
"""Variables of the SDK that begin like those of settings."""

NOT_OFFERED: Final = {"batch_config": "not offered, because the tap writes RECORD messages only"}
"""Settings of the SDK that other taps have."""

MIN_SIMILARITY: Final = 0.75
"""Similarity with the name of a setting, up to 1, from which a variable counts as a misspelled one."""


def parse_settings(values: Mapping[str, object], properties: Mapping[str, JsonSchema]) -> dict[str, Any]:
    """Return settings without the empty ones, which count as unset, and with values of the declared types."""
    parsed = {name: parse_value(properties.get(name, {}), value) for name, value in values.items()}
    return {name: value for name, value in parsed.items() if value is not None}


def read_files(paths: Iterable[Path], properties: Mapping[str, JsonSchema]) -> dict[str, Any]:
    """Return the settings in files, later ones first; raises ConfigError if one is not a JSON object."""
    settings: dict[str, Any] = {}
    for path in paths:
        settings.update(parse_settings(read_json_object("--config", path), properties))
    return settings


def read_secret_files(settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings with secrets in place of the files that hold them, and a line for each unusable file."""
    complete, lines = dict(settings), []
    for name, schema in SETTINGS["properties"].items():
        path = settings.get(f"{name}{FILE_SUFFIX}") if schema.get("secret") else None
        if not isinstance(path, str):
            continue
        content, problem = _read_secret(Path(path))
        if settings.get(name):
            problem = f"got a file and also {name}; expected one of them"
        if problem:
            lines.append(f"{name}{FILE_SUFFIX}: {problem}.")
        else:
            complete[name] = content.split() if type_of(schema) == "array" else content
            del complete[f"{name}{FILE_SUFFIX}"]
    return complete, lines


def _read_secret(path: Path) -> tuple[str, str]:
    """Return the content of a file without the white space around it, and the problem with the file or ""."""
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        return "", f"{path} cannot be read ({error.strerror})"
    except ValueError:
        return "", f"{path} is not text in UTF-8"
    return content, "" if content else f"{path} is empty"


def unknown_settings(names: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """Yield a line for each name that no setting has."""
    for name in names:
        if name not in known:
            reason = NOT_OFFERED.get(name)
            yield f"{name}: {reason}." if reason else _unknown_line(name, nearest_name(name, known))


def unknown_variables(variables: Mapping[str, str], known: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Yield a line for each variable with the prefix that belongs to no setting, and whether it is an error.

    An error is only a variable that resembles a setting. Others have another purpose: Kubernetes sets TAP_ASANA_PORT
    beside a service named tap-asana, and Meltano TAP_ASANA_EU_ACCESS_TOKEN for a plugin tap-asana-eu. An empty variable
    counts as unset.
    """
    for variable, value in sorted(variables.items()):
        name = variable[len(PREFIX) :].lower()
        is_ours = variable.upper().startswith(PREFIX) and not name.startswith("_") and variable not in OTHER_VARIABLES
        if not is_ours or not value.strip() or (name in known and variable.isupper()):
            continue
        if name in NOT_OFFERED:
            yield f"{variable}: {NOT_OFFERED[name]}.", True
            continue
        nearest = nearest_name(name, known)
        belongs_to_another_plugin = any(name.endswith(f"_{setting}") for setting in known)
        is_error = not belongs_to_another_plugin and _similarity(name, nearest) >= MIN_SIMILARITY
        yield _unknown_line(variable, f"{PREFIX}{nearest.upper()}"), is_error


def nearest_name(name: str, known: Collection[str]) -> str:
    """Return the known name that resembles a name most."""
    return max(sorted(known), key=lambda setting: _similarity(name.lower(), setting))


def _unknown_line(written: str, nearest: str) -> str:
    return f"{written}: no such setting; the nearest is {nearest}. `tap-asana --about` lists all."


def _similarity(name: str, other: str) -> float:
    return SequenceMatcher(None, name, other).ratio()
