"""Digest Asana's description of its API into tests/contract/asana.json.

    python -m scripts.refresh_contract OPENAPI

OPENAPI is the file asana_oas.yaml from github.com/Asana/openapi. The digest holds all GET operations, and those other
operations and resources that it already names. It holds no descriptions.
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
PAGE_FIELDS = frozenset({"offset", "path", "uri"})
"""Names among the opt_fields of lists for parts of next_page instead of fields."""

COMMON_PARAMS = frozenset({"opt_fields", "opt_pretty", "pretty"})
"""Query parameters that every operation has."""

LIMIT_DESCRIPTION = "can be specified by the `limit` query parameter"
"""Part of the description of searches, whose list of parameters omits `limit`."""

SCHEMAS = {
    "portfolio_memberships": "DeprecatedPortfolioMembershipResponse",
    "project_memberships": "ProjectMembershipNormalResponse",
    "reactions": "ReactionCompact",
    "roles": "RbacRoleResponse",
}
"""Schemas with another name than their resource."""

OK = 200
"""The status of a successful response, which YAML parses as a number."""

CONDITIONAL = re.compile(r"(\*OAuth Required\*\. )?\*Conditional\*")
"""The start of the description of an optional field."""

Json = dict[str, Any]


def fold(paths: list[str]) -> str:
    """Return dotted paths as one text: `a.b` and `a.c` become `a(b c)`."""
    tree: Json = {}
    for path in sorted(paths):
        node = tree
        for name in path.split("."):
            node = node.setdefault(name, {})
    return tree_text(tree)


def tree_text(tree: Json) -> str:
    """Return a tree of names as text."""
    return " ".join(f"{name}({tree_text(inner)})" if inner else name for name, inner in tree.items())


class Description:
    """Asana's OpenAPI description, with references resolved."""

    def __init__(self, document: Json) -> None:
        """Wrap the parsed document."""
        self.document = document
        self.schemas: Json = document["components"]["schemas"]

    def resolve(self, part: Json) -> Json:
        """Return a part merged with its references and compositions.

        Its own entries win over those of the others, and later ones over earlier ones. Of alternatives (anyOf), the
        first one wins.
        """
        merged: Json = {"properties": {}}
        for other in [*self._referenced(part), *part.get("allOf", ()), part]:
            entries = other if other is part else self.resolve(other)
            merged = {**merged, **entries, "properties": {**merged["properties"], **entries.get("properties", {})}}
        for other in part.get("anyOf", ()):
            for name, value in self.resolve(other)["properties"].items():
                merged["properties"].setdefault(name, value)
        return merged

    def _referenced(self, part: Json) -> list[Json]:
        """Return the part that a part refers to, as a list of at most one."""
        if "$ref" not in part:
            return []
        target = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return [target]

    def operation(self, path: str, verb: str) -> Json:
        """Return an operation: parameters (required ones with a star), paging, opt_fields and scopes."""
        item = self.document["paths"][path]
        params = [self.resolve(param) for param in (*item.get("parameters", ()), *item[verb].get("parameters", ()))]
        query = {param["name"]: param for param in params if param["in"] == "query"}
        if LIMIT_DESCRIPTION in item[verb].get("description", ""):
            query["limit"] = {}
        chosen = query.get("opt_fields", {"schema": {"items": {"enum": []}}})["schema"]["items"].get("enum", [])
        paging = ["list"] if self._returns_list(item[verb]) else []
        first, _, _ = item[verb].get("description", "").partition("\n")
        return {
            "params": " ".join(
                name + ("*" if query[name].get("required") else "") for name in query if name not in COMMON_PARAMS
            ),
            "paging": " ".join([*paging, *(name for name in ("limit", "offset") if name in query)]),
            "opt_fields": fold([name for name in chosen if name not in PAGE_FIELDS]),
            "scopes": " ".join(re.findall(r"<code>([a-z_.]+:[a-z]+)</code>", first)),
        }

    def _returns_list(self, operation: Json) -> bool:
        """Return whether an operation returns a list."""
        response = self.resolve(operation["responses"].get(OK, {}))
        schema = self.resolve(response.get("content", {}).get("application/json", {}).get("schema", {}))
        return bool(self.resolve(schema["properties"].get("data", {})).get("type") == "array")

    def resource(self, name: str) -> Json:
        """Return the fields of a resource, with one level of nested fields."""
        stem = re.sub("ies$", "y", name) if name.endswith("ies") else re.sub("(?<=status)es$|s$", "", name)
        camel_case = "".join(word.capitalize() for word in stem.split("_"))
        candidates = (SCHEMAS.get(name), f"{camel_case}Response", f"{camel_case}Base", camel_case)
        schema = next(each for each in candidates if each in self.schemas)
        return {key: self.field(part) for key, part in self.resolve(self.schemas[schema])["properties"].items()}

    def field(self, part: Json) -> str | list[Any]:
        """Return a field as `type/format flags`, in a pair with its nested fields if it has any."""
        resolved = self.resolve(part)
        text = resolved.get("description") or ""
        outer = [("O", "[Opt In]" in text), ("C", bool(CONDITIONAL.match(text)))]
        nested = resolved["properties"] or self.resolve(resolved.get("items", {}))["properties"]
        head = self._head(resolved, outer)
        return [head, {key: self._head(self.resolve(inner), []) for key, inner in nested.items()}] if nested else head

    @staticmethod
    def _head(resolved: Json, outer: list[tuple[str, bool]]) -> str:
        """Return the type of a field with its flags: nullable, deprecated, and those for top-level fields only."""
        kind = resolved.get("type") or ("object" if resolved["properties"] else None)
        deprecated = resolved.get("deprecated") or (resolved.get("description") or "").startswith(
            ("*Deprecated", "Deprecated")
        )
        flags = "".join(flag for flag, is_set in (("?", resolved.get("nullable")), ("D", deprecated), *outer) if is_set)
        return f"{'/'.join(word for word in (kind, resolved.get('format')) if word)} {flags}".strip()


def digest(document: Json, known: Json) -> Json:
    """Return the digest of a document, with the operations and resources of the known digest."""
    described = Description(document)
    gets = {f"GET {path}" for path, verbs in document["paths"].items() if "get" in verbs}
    names = sorted(gets | {name for name in known["operations"] if not name.startswith("GET ")})
    operations = {name: name.split(" ") for name in names}
    return {
        "operations": {name: described.operation(path, verb.lower()) for name, (verb, path) in operations.items()},
        "resources": {name: described.resource(name) for name in sorted(known["resources"])},
    }


def dump(digested: Json) -> str:
    """Return a digest as JSON, with one operation or resource per line."""
    parts = [
        f" {json.dumps(part)}: {{\n"
        + ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in inner.items()
        )
        + "\n }"
        for part, inner in digested.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str] | None = None) -> int:
    """Update the digest."""
    parser = argparse.ArgumentParser(description="Digest Asana's description of its API for the tests.")
    parser.add_argument("openapi", type=Path, help="asana_oas.yaml of github.com/Asana/openapi")
    document = yaml.safe_load(parser.parse_args(arguments).openapi.read_text(encoding="utf-8"))
    OUT.write_text(dump(digest(document, json.loads(OUT.read_text(encoding="utf-8")))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
