"""Write README's tables of settings and streams anew from the code: `make readme`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tap_asana.extraction.members import PATHS
from tap_asana.settings import SETTINGS, Schema
from tap_asana.streams.base import AsanaStream
from tap_asana.tap import TapAsana

README = Path(__file__).parent.parent / "README.md"

COSTS = {
    "tasks": "by list 1 per project, user, tag, and task with subtasks; by search 1 per 100 changed tasks",
    "stories": "1 per task; after that 1 per changed task",
    "attachments": "1 per task, after that 1 per changed task; 1 per project and project brief",
}
"""Requests of the streams whose path alone does not tell them, besides one for every further 100 rows."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *map(list, rows)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def settings() -> str:
    """Return the table of settings: name, default, and what it means."""
    return table(
        ("Setting", "Default", "Meaning"), map(_setting, SETTINGS["properties"], SETTINGS["properties"].values())
    )


def _setting(name: str, schema: Schema) -> Iterator[str]:
    yield f"`{name}`" + (" (secret)" if schema.get("secret") else "")
    yield f"`{json.dumps(schema['default']).strip(chr(34))}`" if "default" in schema else ""
    yield schema["description"]


def streams() -> str:
    """Return the table of streams: name, what it holds, endpoint, key, replication and cost in requests."""
    tap = TapAsana(validate_config=False)
    head = ("Stream", "What it holds", "Endpoint", "Key", "Read", "Requests")
    return table(head, (_stream(stream) for stream in tap.streams.values() if isinstance(stream, AsanaStream)))


def _stream(stream: AsanaStream) -> Iterator[str]:
    paths = dict.fromkeys([*filter(None, [PATHS.get(stream.name)]), *(stream.paths or (stream.path,))])
    yield f"`{stream.name}`"
    yield (type(stream).__doc__ or "").splitlines()[0]
    yield "<br>".join(f"`GET {path}`" for path in paths)
    yield ", ".join(f"`{name}`" for name in stream.primary_keys)
    yield "incremental" if stream.replication_key else "whole"
    yield COSTS.get(stream.name) or ", ".join(map(_cost, paths))


def _cost(path: str) -> str:
    parent = re.search(r"{(\w+)_gid}", path)
    return f"1 per {parent[1].replace('_', ' ')}" if parent else "1"


TABLES = {"settings": settings, "streams": streams}


def fill(text: str) -> str:
    """Return the text with each table written between its markers, `<!-- NAME:begin -->` and `<!-- NAME:end -->`."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if not re.search(f"{begin}.*{end}", text, re.DOTALL):
            raise ValueError(f"README lacks the markers of {name}")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


if __name__ == "__main__":
    README.write_text(fill(README.read_text(encoding="utf-8")), encoding="utf-8")
