"""The configuration file that a refresh token came from, updated when Asana replaces the token."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from typing_extensions import Self

SETTING_NAME = "refresh_token"
ENVIRONMENT_VARIABLE = "TAP_ASANA_REFRESH_TOKEN"

NOT_FROM_FILE = "the old one was not read from a --config file alone"
FILE_CHANGED = "the configuration file has changed since it was read"


class TokenFile:
    """A configuration file as it was read; it is only updated while it is still the same."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises OSError or ValueError if it does not hold a JSON object."""
        self._path = path.resolve()
        self._content = self._path.read_bytes()
        self._settings: dict[str, object] = dict(json.loads(self._content))

    @classmethod
    def find(cls, paths: Iterable[Path], environment: Mapping[str, str] = os.environ) -> Self | None:
        """Return the last file that holds a refresh token: later files override earlier ones.

        Return None if the environment holds the same token: then another program, such as Meltano, generates the file,
        and would write the old token into it again.
        """
        try:
            files = [file for file in map(cls, paths) if file.token]
        except (OSError, ValueError):
            return None
        return files[-1] if files and environment.get(ENVIRONMENT_VARIABLE) != files[-1].token else None

    @property
    def token(self) -> object:
        """Return the refresh token in the file, None if it has none."""
        return self._settings.get(SETTING_NAME)

    def replace_token(self, old: str, new: str) -> str:
        """Replace the refresh token in the file; return why not, or an empty text on success."""
        if self.token != old:
            return NOT_FROM_FILE
        settings = {**self._settings, SETTING_NAME: new}
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        try:
            status = self._path.stat()
            if self._path.read_bytes() != self._content:
                return FILE_CHANGED
            write_atomically(self._path, text, status)
        except OSError as error:
            return f"the configuration file cannot be written ({error.strerror})"
        self._settings, self._content = settings, text.encode()
        return ""


def write_atomically(path: Path, text: str, status: os.stat_result | None = None) -> None:
    """Replace a file by a new one, completely or not at all; raises OSError if that fails.

    The new file gets the owner and mode of `status`; without `status`, only its owner can read it (mode 0600).
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if status is not None:
            _copy_owner_and_mode(status, new)
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def _copy_owner_and_mode(status: os.stat_result, path: Path) -> None:
    own = path.stat()
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        os.chown(path, status.st_uid, status.st_gid)
    path.chmod(stat.S_IMODE(status.st_mode))
