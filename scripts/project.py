"""Facts of pyproject.toml that other files repeat: the distribution's name, its addresses and its Pythons."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
_TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _value(key: str) -> str:
    # Read line by line, because Python 3.10 has no parser of TOML.
    values: list[str] = re.findall(rf'^{key} = "(.+)"$', _TEXT, re.MULTILINE)
    (value,) = values
    return value


DISTRIBUTION = _value("name")
"""What pip, uv and pipx install."""

REPOSITORY = _value("Repository")
DOCUMENTATION = _value("Documentation")

MAINTAINER = re.findall(r'^authors = \[\{ name = "(.+)" \}\]$', _TEXT, re.MULTILINE)[0]
PYTHON_VERSIONS = tuple(re.findall(r'^ +"Programming Language :: Python :: (3\.\d+)",$', _TEXT, re.MULTILINE))
