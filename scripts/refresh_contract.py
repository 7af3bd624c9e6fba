"""Digest Asana's description of its API into tests/contract/asana.json.

    python -m scripts.refresh_contract OPENAPI

OPENAPI is the file asana_oas.yaml of Asana's repository github.com/Asana/openapi. All GET operations are kept, and the
other operations and the resources that the digest names already. Descriptions are not kept.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).parent.parent / "tests" / "contract" / "asana.json"
PAGES = frozenset({"offset", "path", "uri"})
"""What opt_fields of lists name besides fields: the parts of next_page."""

FORMAT = frozenset({"opt_fields", "opt_pretty", "pretty"})
"""Query parameters that every operation has."""

PAGE_SIZE = "can be specified by the `limit` query parameter"
"""What the descriptions of searches say of a parameter that their lists of parameters lack."""

SCHEMAS = {
    "portfolio_memberships": "DeprecatedPortfolioMembershipResponse",
    "project_memberships": "ProjectMembershipNormalResponse",
    "reactions": "ReactionCompact",
    "roles": "RbacRoleResponse",
}
"""Schemas that are not called like their resource."""

GOOD = 200
"""The status of an answer that has what was asked for; YAML makes a number of it."""

CONDITIONAL = re.compile(r"(\*OAuth Required\*\. )?\*Conditional\*")
"""How the description of a field begins that is not always there."""

Json = dict[str, Any]


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


class Description:
    """Asana's description of its API, with references followed."""

    def __init__(self, document: Json) -> None:
        """Take the parsed document."""
        self.document = document
        self.schemas: Json = document["components"]["schemas"]

    def whole(self, part: Json) -> Json:
        """A part with all that it refers to or is composed of; what is said nearer to it, or first, counts."""
        found: Json = {"properties": {}}
        for other in [*self._referred(part), *part.get("allOf", ()), part]:
            nearer = other if other is part else self.whole(other)
            found = {**found, **nearer, "properties": {**found["properties"], **nearer.get("properties", {})}}
        for other in part.get("anyOf", ()):
            for name, value in self.whole(other)["properties"].items():
                found["properties"].setdefault(name, value)
        return found

    def _referred(self, part: Json) -> list[Json]:
        """What a part refers to, if it does."""
        if "$ref" not in part:
            return []
        found = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return [found]

    def operation(self, path: str, verb: str) -> Json:
        """One operation: parameters (required ones starred), what pages it has, opt_fields, scopes."""
        found = self.document["paths"][path]
        asked = [self.whole(param) for param in (*found.get("parameters", ()), *found[verb].get("parameters", ()))]
        query = {param["name"]: param for param in asked if param["in"] == "query"}
        if PAGE_SIZE in found[verb].get("description", ""):
            query["limit"] = {}
        chosen = query.get("opt_fields", {"schema": {"items": {"enum": []}}})["schema"]["items"].get("enum", [])
        paging = ["list"] if self._lists(found[verb]) else []
        first, _, _ = found[verb].get("description", "").partition("\n")
        return {
            "params": " ".join(
                name + ("*" if query[name].get("required") else "") for name in query if name not in FORMAT
            ),
            "paging": " ".join([*paging, *(name for name in ("limit", "offset") if name in query)]),
            "opt_fields": fold([name for name in chosen if name not in PAGES]),
            "scopes": " ".join(re.findall(r"<code>([a-z_.]+:[a-z]+)</code>", first)),
        }

    def _lists(self, operation: Json) -> bool:
        """Tell whether an operation answers with a list."""
        good = self.whole(operation["responses"].get(GOOD, {}))
        schema = self.whole(good.get("content", {}).get("application/json", {}).get("schema", {}))
        return bool(self.whole(schema["properties"].get("data", {})).get("type") == "array")

    def resource(self, name: str) -> Json:
        """The fields of one resource, and one level of those inside of them."""
        stem = re.sub("ies$", "y", name) if name.endswith("ies") else re.sub("(?<=status)es$|s$", "", name)
        words = "".join(word.capitalize() for word in stem.split("_"))
        called = (SCHEMAS.get(name), f"{words}Response", f"{words}Base", words)
        schema = next(found for found in called if found in self.schemas)
        return {key: self.field(part) for key, part in self.whole(self.schemas[schema])["properties"].items()}

    def field(self, part: Json) -> str | list[Any]:
        """One field as `type/format flags`, with the fields inside it where there are any."""
        found = self.whole(part)
        text = found.get("description") or ""
        outer = [("O", "[Opt In]" in text), ("C", bool(CONDITIONAL.match(text)))]
        inside = found["properties"] or self.whole(found.get("items", {}))["properties"]
        head = self._head(found, outer)
        return [head, {key: self._head(self.whole(inner), []) for key, inner in inside.items()}] if inside else head

    @staticmethod
    def _head(found: Json, outer: list[tuple[str, bool]]) -> str:
        """The type of a field, with its marks: may be null, deprecated, and those that only outer fields have."""
        kind = found.get("type") or ("object" if found["properties"] else None)
        gone = found.get("deprecated") or (found.get("description") or "").startswith(("*Deprecated", "Deprecated"))
        marks = "".join(mark for mark, holds in (("?", found.get("nullable")), ("D", gone), *outer) if holds)
        return f"{'/'.join(word for word in (kind, found.get('format')) if word)} {marks}".strip()


def digest(document: Json, known: Json) -> Json:
    """The digest of a document, with what the known digest names."""
    described = Description(document)
    gets = {f"GET {path}" for path, verbs in document["paths"].items() if "get" in verbs}
    names = sorted(gets | {name for name in known["operations"] if not name.startswith("GET ")})
    asked = {name: name.split(" ") for name in names}
    return {
        "operations": {name: described.operation(path, verb.lower()) for name, (verb, path) in asked.items()},
        "resources": {name: described.resource(name) for name in sorted(known["resources"])},
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
    """Write the digest anew."""
    parser = argparse.ArgumentParser(description="Digest Asana's description of its API for the tests.")
    parser.add_argument("openapi", type=Path, help="asana_oas.yaml of github.com/Asana/openapi")
    document = yaml.safe_load(parser.parse_args(arguments).openapi.read_text(encoding="utf-8"))
    OUT.write_text(dumped(digest(document, json.loads(OUT.read_text(encoding="utf-8")))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
