"""Complete reads: first ones, each done once in a process, full tables by catalog, and the SDK's connection test."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from functools import cache
from typing import Any, NamedTuple

from harness import PERSON, TINY, Message, Output, asana, discovered, offline_tap, parse, stream_metadata, sync

from fake_asana.server.api import Api
from fake_asana.world import Sizes


class Full(NamedTuple):
    """An Asana and the output of a complete run with a token; no test changes either."""

    api: Api
    output: Output
    token: str


def full_read(sizes: Sizes = TINY, config: Mapping[str, str] = PERSON, select: Iterable[str] | None = None) -> Full:
    """Return a first read of a world of this size, with this config, of these streams or of all."""
    return _full_read(sizes, tuple(sorted(config.items())), None if select is None else tuple(select))


@cache
def _full_read(sizes: Sizes, config: tuple[tuple[str, str], ...], select: tuple[str, ...] | None) -> Full:
    settings = dict(config)
    api = asana(sizes)
    return Full(api, sync(api, config=settings, select=select), settings["access_token"])


def full_table(*streams: str) -> Message:
    """Return the catalog with these streams replicated as full tables."""
    catalog = discovered()
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] in streams:
            stream_metadata(entry)["forced-replication-method"] = "FULL_TABLE"
    return catalog


def run_connection_test(api: Api, settings: Mapping[str, Any] = PERSON) -> Output:
    """Run the SDK's connection test, and return its output."""
    tap = offline_tap(api)(config={**PERSON, **settings})
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(buffer):
        assert tap.run_connection_test()
    return Output(parse(buffer))
