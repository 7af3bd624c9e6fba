"""The configuration file that a refresh token came from, and goes back to when Asana replaces it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from typing_extensions import Self

from tap_asana import files

SETTING_NAME = "refresh_token"
ENVIRONMENT_VARIABLE = "TAP_ASANA_REFRESH_TOKEN"

NOT_FROM_FILE = "it did not come from a file of --config alone"
FILE_CHANGED = "the configuration file has changed since it was read"


class TokenFile:
    """A configuration file as it was read; it is written to only as long as it still is that."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises OSError or ValueError where it holds no JSON object."""
        self._path = path.resolve()
        self._content = self._path.read_bytes()
        self._settings: dict[str, object] = dict(json.loads(self._content))

    @classmethod
    def find(cls, paths: Iterable[Path], environment: Mapping[str, str] = os.environ) -> Self | None:
        """Return the last of some files that holds a refresh token: the one that counts.

        There is none where the environment holds that token too: then whoever set it there, Meltano for one, makes the
        file, and would make it with the old token again.
        """
        try:
            held = [file for file in map(cls, paths) if file.token]
        except (OSError, ValueError):
            return None
        return held[-1] if held and environment.get(ENVIRONMENT_VARIABLE) != held[-1].token else None

    @property
    def token(self) -> object:
        """Return the refresh token that the file holds."""
        return self._settings.get(SETTING_NAME)

    def replace_token(self, old: str, new: str) -> str:
        """Write a refresh token in an old one's place; return why that could not be, or nothing where it was."""
        if self.token != old:
            return NOT_FROM_FILE
        settings = {**self._settings, SETTING_NAME: new}
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        try:
            like = self._path.stat()
            if self._path.read_bytes() != self._content:
                return FILE_CHANGED
            files.replace(self._path, text, like)
        except OSError as error:
            return f"the configuration file cannot be written ({error.strerror})"
        self._settings, self._content = settings, text.encode()
        return ""
