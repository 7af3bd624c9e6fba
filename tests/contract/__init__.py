"""A digest of Asana's OpenAPI description: operations with parameters and opt_fields, resources with fields.

`check(request)` raises AssertionError for an undocumented request; hook it into the FakeAdapter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fake_asana.messages import API_PREFIX, HttpRequest
from fake_asana.model import field_tree

Json = dict[str, Any]
OUTSIDE_API = "/-/"
KIND = "resource_type"
MAX_LIMIT = 100


UNLISTED_OF_ENTRIES: Mapping[str, str] = dict.fromkeys(
    ("task.name", "task.resource_subtype", "created_at", "approval_status", "billable_status", "description"),
    "documented for the record of one entry; Asana ignores unknown names, and may return these in lists",
)
UNLISTED: Mapping[str, Mapping[str, str]] = {
    "GET /tasks/{task_gid}/time_tracking_entries": UNLISTED_OF_ENTRIES,
    "GET /time_tracking_entries": UNLISTED_OF_ENTRIES,
}
"""Undocumented paths allowed for an operation, and the reason."""


class Field(NamedTuple):
    """One documented field: its type (`string/date-time`), its marks, and its nested fields."""

    kind: str
    nullable: bool
    deprecated: bool
    opt_in: bool
    conditional: bool
    fields: dict[str, Field]


class Operation(NamedTuple):
    """One documented operation, its opt_fields as dotted paths."""

    name: str
    params: frozenset[str]
    required: frozenset[str]
    paging: frozenset[str]
    opt_fields: frozenset[str]
    scopes: tuple[str, ...]


@lru_cache(maxsize=1)
def digest() -> Json:
    """Return the digest written by scripts/refresh_contract.py."""
    found: Json = json.loads((Path(__file__).parent / "asana.json").read_text(encoding="utf-8"))
    return found


def unfold(text: str) -> list[str]:
    """Return the dotted paths of `a(b c) d`: a, a.b, a.c and d."""
    paths: list[str] = []
    stem: list[str] = []
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            stem.append(paths[-1])
        elif word == ")":
            stem.pop()
        else:
            paths.append(f"{stem[-1]}.{word}" if stem else word)
    return paths


@cache
def operation(name: str) -> Operation:
    """Return the operation of a name such as `GET /tasks`; KeyError if there is none."""
    found = digest()["operations"][name]
    params = found["params"].split()
    return Operation(
        name=name,
        params=frozenset(param.rstrip("*") for param in params),
        required=frozenset(param.rstrip("*") for param in params if param.endswith("*")),
        paging=frozenset(found["paging"].split()),
        opt_fields=frozenset(unfold(found["opt_fields"])),
        scopes=tuple(found["scopes"].split()),
    )


def opt_fields(name: str) -> frozenset[str]:
    """Return the documented opt_fields of an operation."""
    return operation(name).opt_fields


@cache
def fields(resource: str) -> dict[str, Field]:
    """Return the fields of a resource, by the name of its stream; KeyError if there is none."""
    return {name: field(found) for name, found in digest()["resources"][resource].items()}


def field(found: str | list[Any]) -> Field:
    """Return a field from its digested form."""
    head, inner = (found, {}) if isinstance(found, str) else (found[0], found[1])
    kind, _, marks = head.partition(" ")
    return Field(
        kind=kind,
        nullable="?" in marks,
        deprecated="D" in marks,
        opt_in="O" in marks,
        conditional="C" in marks,
        fields={name: field(one) for name, one in inner.items()},
    )


@cache
def templates() -> Mapping[tuple[str, int], list[tuple[list[str], str]]]:
    """Index the operations by method and number of segments: the segments and the name of each, fixed ones first."""
    index: dict[tuple[str, int], list[tuple[list[str], str]]] = {}
    for name in sorted(digest()["operations"], key=lambda name: name.count("{")):
        verb, template = name.split(" ")
        segments = template.strip("/").split("/")
        index.setdefault((verb, len(segments)), []).append((segments, name))
    return index


@lru_cache(maxsize=4096)  # runs repeat few paths
def match(method: str, path: str) -> Operation | None:
    """Return the operation of a path below the API's root; fixed segments win over gids."""
    parts = path.strip("/").split("/")
    for segments, name in templates().get((method, len(parts)), ()):
        if all(map(fits, segments, parts)):
            return operation(name)
    return None


def fits(segment: str, part: str) -> bool:
    """Return True if a part of a path matches a segment of the template; a gid is digits or `me`."""
    return part.isdigit() or part == "me" if segment.startswith("{") else segment == part


def check(request: HttpRequest) -> None:
    """Raise AssertionError unless the request is documented and has every required parameter."""
    if request.path.startswith(OUTSIDE_API):
        return
    assert request.path.startswith(API_PREFIX), f"outside the API: {request.path}"
    found = match(request.method, request.path.removeprefix(API_PREFIX))
    assert found, f"undocumented operation: {request.method} {request.path}"
    given = set(request.query) - {"opt_fields", "opt_pretty"}
    assert given <= found.params, f"{found.name}: undocumented parameters {sorted(given - found.params)}"
    assert found.required <= given, f"{found.name}: missing parameters {sorted(found.required - given)}"
    check_limit(found, request.query.get("limit"))
    check_fields(found, request.query.get("opt_fields", ""))


def check_limit(found: Operation, limit: str | None) -> None:
    """Raise AssertionError unless Asana allows the page size."""
    if limit is not None:
        assert limit.isdigit(), f"{found.name}: limit {limit}"
        assert 1 <= int(limit) <= MAX_LIMIT, f"{found.name}: limit {limit}"


def check_fields(found: Operation, text: str) -> None:
    """Raise AssertionError unless every opt_field is documented for the operation."""
    unknown = unknown_fields(found.name, text)
    assert not unknown, f"{found.name}: undocumented opt_fields {sorted(unknown)}"


@lru_cache(maxsize=4096)
def unknown_fields(name: str, text: str) -> frozenset[str]:
    """Return the undocumented paths in the text of opt_fields; cached, because runs repeat few texts."""
    return frozenset(undocumented(operation(name), field_tree.paths(text)))


def undocumented(found: Operation, requested: Iterable[str]) -> set[str]:
    """Return the undocumented paths among those requested from an operation.

    The resource_type of a row and of every documented object is allowed, since Asana returns it although no list
    documents it. So are the paths in UNLISTED.
    """
    kinds = {KIND, *(f"{path}.{KIND}" for path in found.opt_fields)}
    return set(requested) - found.opt_fields - kinds - UNLISTED.get(found.name, {}).keys()
