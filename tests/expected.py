"""What the tap's records must be: the truth of a world, cut down to what a stream declares."""

from __future__ import annotations

import json
from typing import Any

from harness import Output
from jsonschema import Draft7Validator, FormatChecker

from fake_asana.model.access import PERSON
from fake_asana.model.audit import RETENTION_MS
from fake_asana.model.clock import parse_milliseconds
from fake_asana.server.api import Api
from fake_asana.world import World

Json = dict[str, Any]

BEARINGS = "deletions"
"""The stream that a first run brings nothing of: it only takes its bearings."""

AUDIT = "audit_log_events"
"""The stream whose truth lacks the workspace: a service account has but one."""


def expected(world: World, stream: str, schema: Json, token: str = PERSON) -> dict[str, Json]:
    """Return the records of a first, complete read by their keys."""
    whole = {} if stream == BEARINGS else world.expected_records(stream, token)
    added = {"workspace_gid": world.access.viewers[token].workspaces[0]} if stream == AUDIT else {}
    return {key: cut({**record, **added, **withheld(stream, record)}, schema) for key, record in whole.items()}


def withheld(stream: str, record: Json) -> Json:
    """Return as nulls what the tap keeps to itself: addresses that open a file without login."""
    return {"view_url": None} if stream == "attachments" and record["resource_subtype"] == "asana" else {}


def missing(api: Api, output: Output, token: str = PERSON) -> dict[str, set[str]]:
    """Return by stream the keys of what a first run did not bring, or not as it is, or made up."""
    found = {}
    for stream, schema in output.schemas.items():
        rows, truth = output.rows(stream), expected(api.world, stream, schema, token)
        apart = {key for key in rows.keys() | truth.keys() if rows.get(key) != truth.get(key)}
        if stream == AUDIT:
            apart -= {key for key in apart if key in rows and forgotten(api, rows[key])}
        if apart:
            found[stream] = apart
    return found


def invalid(output: Output, *streams: str) -> list[str]:
    """Return what is wrong with the records of some streams, or of all, by their SCHEMA, formats included."""
    schemas = output.schemas
    checkers = {name: Draft7Validator(schemas[name], format_checker=FormatChecker()) for name in streams or schemas}
    return [
        f"{stream}: {error.message}"
        for stream, checker in checkers.items()
        for record in output.records(stream)
        for error in checker.iter_errors(record)
    ]


def forgotten(api: Api, entry: Json) -> bool:
    """Tell whether an entry of the audit log has become too old for Asana to keep, be it while a run waited."""
    return parse_milliseconds(entry["created_at"]) < api.world.clock() * 1000 - RETENTION_MS


def cut(value: Any, schema: Json) -> Any:  # noqa: ANN401 - any JSON value
    """Return the part of a value that a schema declares; what is open in the schema stays whole, as text."""
    if isinstance(value, dict) and "string" in schema["type"]:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, list):
        return [cut(item, schema["items"]) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        return {name: cut(value[name], field) for name, field in schema["properties"].items() if name in value}
    return value
