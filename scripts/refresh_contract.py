"""Digest Asana's documented operations and fields into tests/contract/asana.json.

    python scripts/refresh_contract.py ENDPOINTS RESOURCES [--out FILE]

ENDPOINTS and RESOURCES are paths or https URLs of JSON files derived from Asana's OpenAPI document:
operations with their parameters, paging and opt_fields; resources with their fields. Descriptions
are not kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "tests" / "contract" / "asana.json"
FLAGS = (("nullable", "?"), ("deprecated", "D"), ("opt_in", "O"), ("conditional", "C"))
Json = dict[str, Any]


def load(source: str) -> Json:
    """The JSON object behind a path or an https URL."""
    if source.startswith("https://"):
        with urllib.request.urlopen(source, timeout=60) as answer:  # noqa: S310 - the scheme was checked
            found: Json = json.load(answer)
    else:
        found = json.loads(Path(source).read_text(encoding="utf-8"))
    return found


def fold(paths: list[str]) -> str:
    """Dotted paths as one text: `a.b` and `a.c` become `a(b c)`."""
    tree: Json = {}
    for path in sorted(paths):
        node = tree
        for name in path.split("."):
            node = node.setdefault(name, {})
    return written(tree)


def written(tree: Json) -> str:
    """A tree of names as text."""
    return " ".join(f"{name}({written(inner)})" if inner else name for name, inner in tree.items())


def operation(source: Json) -> Json:
    """One operation: parameters (required ones starred), what pages it has, opt_fields, scopes."""
    params = [
        param["name"] + ("*" if param["required"] else "") for param in source["params"] if param["in"] == "query"
    ]
    paging = [flag for flag in ("list", "limit", "offset") if source.get(flag)]
    kept = {"params": " ".join(params), "paging": " ".join(paging), "opt_fields": fold(source["opt_fields"])}
    return {**kept, "scopes": " ".join(source.get("scopes") or [])}


def field(source: Json) -> str | list[Any]:
    """One field as `type/format flags`, with the fields inside it where there are any."""
    marks = "".join(mark for name, mark in FLAGS if source.get(name))
    kind = "/".join(part for part in (source.get("type"), source.get("format")) if part)
    head = f"{kind} {marks}".strip()
    inner = source.get("fields") or (source.get("items") or {}).get("fields")
    return [head, {name: field(found) for name, found in inner.items()}] if inner else head


def digest(endpoints: Json, resources: Json) -> Json:
    """The whole digest."""
    return {
        "operations": {name: operation(source) for name, source in sorted(endpoints.items())},
        "resources": {
            name: {key: field(source) for key, source in fields.items()} for name, fields in sorted(resources.items())
        },
    }


def dumped(found: Json) -> str:
    """The digest as JSON with one operation or field to a line."""
    parts = [
        f" {json.dumps(part)}: {{\n"
        + ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in inner.items()
        )
        + "\n }"
        for part, inner in found.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the digest."""
    parser = argparse.ArgumentParser(description="Digest Asana's documented operations and fields.")
    parser.add_argument("endpoints")
    parser.add_argument("resources")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args(arguments)
    asked.out.write_text(dumped(digest(load(asked.endpoints), load(asked.resources))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
