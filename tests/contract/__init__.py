"""What Asana documents, digested: operations with their parameters and opt_fields, resources with their fields.

`check(request)` raises AssertionError for what is not documented; hook it into the FakeAdapter.
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
OUTSIDE = "/-/"
KIND = "resource_type"
MOST = 100


UNLISTED: Mapping[str, Mapping[str, str]] = {
    "GET /tasks/{task_gid}/time_tracking_entries": dict.fromkeys(
        ("task.name", "task.resource_subtype", "created_at", "approval_status", "billable_status", "description"),
        "documented for the record of one entry; Asana ignores names that it does not know, and may send it in lists",
    ),
}
"""What may be asked of an operation though it does not document it, and why."""


class Field(NamedTuple):
    """One documented field: its type (`string/date-time`), its marks, and the fields inside it."""

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
    """The digest as scripts/refresh_contract.py wrote it."""
    found: Json = json.loads((Path(__file__).parent / "asana.json").read_text(encoding="utf-8"))
    return found


def unfold(text: str) -> list[str]:
    """Dotted paths out of `a(b c) d`: a, a.b, a.c and d."""
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
    """The operation of a name such as `GET /tasks`; KeyError when there is none."""
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
    """The opt_fields that an operation documents."""
    return operation(name).opt_fields


@cache
def fields(resource: str) -> dict[str, Field]:
    """The fields of a resource, by the name of its stream; KeyError when there is none."""
    return {name: field(found) for name, found in digest()["resources"][resource].items()}


def field(found: str | list[Any]) -> Field:
    """A field out of its digested form."""
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


def match(method: str, path: str) -> Operation | None:
    """The operation that a path below the API's root belongs to; fixed segments win over gids."""
    parts = path.strip("/").split("/")
    for segments, name in templates().get((method, len(parts)), ()):
        if all(map(fits, segments, parts)):
            return operation(name)
    return None


def fits(segment: str, part: str) -> bool:
    """Whether a part of a path is what the template says; a gid is digits or `me`."""
    return part.isdigit() or part == "me" if segment.startswith("{") else segment == part


def check(request: HttpRequest) -> None:
    """AssertionError unless path, parameters and opt_fields are documented and the required ones are there."""
    if request.path.startswith(OUTSIDE):
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
    """AssertionError unless a page size is one that Asana allows."""
    if limit is not None:
        assert limit.isdigit(), f"{found.name}: limit {limit}"
        assert 1 <= int(limit) <= MOST, f"{found.name}: limit {limit}"


def check_fields(found: Operation, text: str) -> None:
    """AssertionError unless every opt_field is documented for the operation."""
    unknown = unknown_fields(found.name, text)
    assert not unknown, f"{found.name}: undocumented opt_fields {sorted(unknown)}"


@lru_cache(maxsize=4096)
def unknown_fields(name: str, text: str) -> frozenset[str]:
    """Return the undocumented paths in the text of opt_fields; runs send few texts, each many times."""
    return frozenset(undocumented(operation(name), field_tree.paths(text)))


def undocumented(found: Operation, asked: Iterable[str]) -> set[str]:
    """The paths that may not be asked of an operation.

    The resource_type of a row, and of everything in it that is documented, may be: no list names it, and none sends
    it unasked (seen). So may what UNLISTED gives a reason for.
    """
    kinds = {KIND, *(f"{path}.{KIND}" for path in found.opt_fields)}
    return set(asked) - found.opt_fields - kinds - UNLISTED.get(found.name, {}).keys()
