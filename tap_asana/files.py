"""The files that a command names: looked at before anything is read from them in earnest, and written whole."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

CONFIG = "--config"
OPTIONS = (CONFIG, "--state", "--catalog")
NOT_FILES = ("ENV", "-")


def check(arguments: Sequence[str]) -> list[str]:
    """Return a line for each file that is not there or holds no JSON object; never what is in it."""
    lines = ((option, name, _wrong(Path(name))) for option, name in _named(arguments) if name not in NOT_FILES)
    return [f"{option}: {name} {wrong}." for option, name, wrong in lines if wrong]


def configurations(arguments: Sequence[str]) -> list[Path]:
    """Return the configuration files that a command line names, in order."""
    return [Path(name) for option, name in _named(arguments) if option == CONFIG and name not in NOT_FILES]


def replace(path: Path, text: str, like: os.stat_result | None = None) -> None:
    """Put a new file in a file's place, whole or not at all; raises OSError where that cannot be.

    It is for its owner alone (mode 0600), or has the mode and the owner of another one.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if like is not None:
            _liken(made, like)
        made.replace(path)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise


def _liken(path: Path, like: os.stat_result) -> None:
    """Give a file the owner and the mode of another."""
    own = path.stat()
    if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
        os.chown(path, like.st_uid, like.st_gid)
    path.chmod(stat.S_IMODE(like.st_mode))


def _named(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, argument in enumerate(arguments):
        option, apart, name = argument.partition("=")
        if option in OPTIONS:
            following = arguments[place + 1 : place + 2]
            yield from [(option, name)] if apart else [(option, each) for each in following]


def _wrong(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except json.JSONDecodeError as error:
        return f"is no JSON (line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError):
        return "is no JSON in UTF-8"
    return "" if isinstance(held, dict) else "holds no JSON object"
