"""The configuration file that a login reads and adds its settings to."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tap_asana.api.token_file import write_atomically
from tap_asana.commands.login.grant import LoginError
from tap_asana.config import ConfigError, find_environment_errors, read_json_object
from tap_asana.tap import TapAsana

ENVIRONMENT = "ENV"
"""Stands for the environment in place of a file name, as for the tap."""


def configuration(names: Collection[str]) -> dict[str, Any]:
    """Return the settings in files and, for the name ENV, the environment, merged as the tap does it.

    The settings are not validated. Raises ConfigError if a file or a variable is unreadable.
    """
    settings: dict[str, Any] = {}
    for name in names:
        if name != ENVIRONMENT:
            settings.update(read_json_object("--config", Path(name)))
    try:
        tap = TapAsana(
            config=settings, parse_env_config=ENVIRONMENT in names, validate_config=False, setup_mapper=False
        )
    except ValueError as error:
        raise ConfigError(find_environment_errors(os.environ) or ["An environment variable is invalid."]) from error
    return {name: value for name, value in tap.config.items() if name in TapAsana.config_jsonschema["properties"]}


def check_writable(path: Path) -> None:
    """Raise LoginError if a file is not writable, so that nobody is sent to a browser in vain."""
    folder = path.resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or path.is_dir():
        raise LoginError(f"--config: cannot write {path}.")


def add_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Write settings into a file in one step, keeping its other settings; only its owner can read it (mode 0600).

    Raises LoginError if the file is not writable, and ConfigError if it no longer holds a JSON object.
    """
    target = path.resolve()
    existing = read_json_object("--config", target) if target.exists() else {}
    text = json.dumps({**existing, **settings}, indent=2, ensure_ascii=False) + "\n"
    try:
        write_atomically(target, text)
    except OSError as error:
        raise LoginError(f"--config: cannot write {path} ({error.strerror}).") from error
