"""The configuration that a login reads and completes."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tap_asana import files
from tap_asana.commands.login.grant import LoginError
from tap_asana.config import ConfigError, find_environment_errors
from tap_asana.tap import TapAsana

ENVIRONMENT = "ENV"
"""What stands for the environment in place of a file, as for the tap."""


def configuration(names: Collection[str]) -> dict[str, Any]:
    """Return what files and the environment set, read as the tap does it; raises ConfigError.

    Nothing is checked but that it can be read.
    """
    held: dict[str, Any] = {}
    for name in names:
        if name != ENVIRONMENT:
            held.update(contents(Path(name)))
    try:
        tap = TapAsana(config=held, parse_env_config=ENVIRONMENT in names, validate_config=False, setup_mapper=False)
    except ValueError as error:
        raise ConfigError(find_environment_errors(os.environ) or ["A variable cannot be read."]) from error
    return {name: value for name, value in tap.config.items() if name in TapAsana.config_jsonschema["properties"]}


def contents(path: Path, option: str = "--config") -> dict[str, Any]:
    """Return the object in the file of an option; raises ConfigError where it is no JSON object, or not there."""
    if lines := files.check([option, str(path)]):
        raise ConfigError(lines)
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def writable(path: Path) -> None:
    """Raise NotConnected where a file cannot be written: before anybody is led through a browser for it."""
    folder = path.resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or path.is_dir():
        raise LoginError(f"--config: {path} cannot be written.")


def complete(path: Path, settings: Mapping[str, Any]) -> None:
    """Write settings into a file beside those it holds, whole or not at all, for its owner alone (mode 0600).

    Raises NotConnected where it cannot be written, and ConfigError where it no longer holds a JSON object.
    """
    target = path.resolve()
    held = contents(target) if target.exists() else {}
    text = json.dumps({**held, **settings}, indent=2, ensure_ascii=False) + "\n"
    try:
        files.replace(target, text)
    except OSError as error:
        raise LoginError(f"--config: {path} cannot be written ({error.strerror}).") from error
