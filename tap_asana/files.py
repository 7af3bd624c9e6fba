"""The files that a command names, looked at before anything is read from them in earnest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

OPTIONS = ("--config", "--state", "--catalog")
NOT_FILES = ("ENV", "-")


def check(arguments: Sequence[str]) -> list[str]:
    """Return a line for each file that is not there or holds no JSON object; never what is in it."""
    lines = ((option, name, _wrong(Path(name))) for option, name in _named(arguments) if name not in NOT_FILES)
    return [f"{option}: {name} {wrong}." for option, name, wrong in lines if wrong]


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
