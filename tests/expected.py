"""The expected records of the tap: the world's truth, reduced to the fields that a stream declares."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from harness import Output
from jsonschema import Draft7Validator, FormatChecker
from msgspec.json import encode

from fake_asana.model.access import PERSON
from fake_asana.model.audit import RETENTION_MS
from fake_asana.model.clock import parse_milliseconds
from fake_asana.server.api import Api
from fake_asana.world import World

Json = dict[str, Any]

BEARINGS = "deletions"
"""The stream without records in a first run, which only fetches sync tokens."""

AUDIT = "audit_log_events"
"""The stream whose truth has no workspace: a service account has only one."""

DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-][01]\d:[0-5]\d)")
"""A date-time of RFC 3339, with its day."""

FORMATS = FormatChecker()
"""The formats of JSON Schema; `is_date_time` is added, which jsonschema has only with a package more."""


def expected(world: World, stream: str, schema: Json, token: str = PERSON) -> dict[str, Json]:
    """Return the records of a first, complete read by their keys."""
    truth = {} if stream == BEARINGS else world.expected_records(stream, token)
    added = {"workspace_gid": world.access.viewers[token].workspaces[0]} if stream == AUDIT else {}
    return {key: cut({**record, **added, **withheld(stream, record)}, schema) for key, record in truth.items()}


def withheld(stream: str, record: Json) -> Json:
    """Return nulls for the fields that the tap never emits: URLs that open a file without login."""
    return {"view_url": None} if stream == "attachments" and record["resource_subtype"] == "asana" else {}


def missing(api: Api, output: Output, token: str = PERSON) -> dict[str, set[str]]:
    """Return, by stream, the keys of records that a first run missed, altered or invented."""
    found = {}
    for stream, schema in output.schemas.items():
        rows, truth = output.rows(stream), expected(api.world, stream, schema, token)
        apart = {key for key in rows.keys() | truth.keys() if rows.get(key) != truth.get(key)}
        if stream == AUDIT:
            apart -= {key for key in apart if key in rows and forgotten(api, rows[key])}
        if apart:
            found[stream] = apart
    return found


def missing_records(api: Api, output: Output, config: Mapping[str, object]) -> dict[str, set[str]]:
    """Return, by stream, the keys that a first run missed; the fields of exported attachments are not compared."""
    token = str(config.get("access_token") or PERSON)
    found = missing(api, output, token)
    exported = config["extraction_method"] == "export"  # which leaves out some fields of theirs
    if exported and output.gids("attachments") == set(api.world.gids("attachments", token)):
        found.pop("attachments", None)
    return found


def invalid(output: Output, *streams: str) -> list[str]:
    """Return the schema violations in the records of some streams, or of all, formats included."""
    schemas = {name: encode(output.schemas[name]) for name in streams or output.schemas}
    return [
        f"{stream}: {violation}"
        for stream, schema in schemas.items()
        for record in output.records(stream)
        for violation in violations(schema, encode(record))
    ]


@lru_cache(maxsize=20_000)
def violations(schema: bytes, record: bytes) -> tuple[str, ...]:
    """Return the schema violations in one record; each is checked once, because many tests read the same world."""
    return tuple(error.message for error in checker(schema).iter_errors(json.loads(record)))


@cache
def checker(schema: bytes) -> Draft7Validator:
    """Return the validator of a schema."""
    return Draft7Validator(json.loads(schema), format_checker=FORMATS)


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """Return whether a value is no text or a date-time; raises ValueError for a day that no month has."""
    found = DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    return not isinstance(value, str) or (found is not None and bool(date.fromisoformat(found[1])))


def forgotten(api: Api, entry: Json) -> bool:
    """Report whether an audit log entry has exceeded Asana's retention, even during the run."""
    return parse_milliseconds(entry["created_at"]) < api.world.clock() * 1000 - RETENTION_MS


def cut(value: Any, schema: Json) -> Any:  # noqa: ANN401 - any JSON value
    """Return the declared part of a value; an object without declared properties becomes JSON text."""
    if isinstance(value, dict) and "string" in schema["type"]:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, list):
        return [cut(item, schema["items"]) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        return {name: cut(value[name], field) for name, field in schema["properties"].items() if name in value}
    return value
