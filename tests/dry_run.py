"""The SDK's connection test."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

from harness import PERSON, Output, offline_tap, parse

from fake_asana.server.api import Api


def run_connection_test(api: Api, settings: Mapping[str, Any] = PERSON) -> Output:
    """Run the SDK's connection test, and return its output."""
    tap = offline_tap(api)(config={**PERSON, **settings})
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(buffer):
        assert tap.run_connection_test()
    return Output(parse(buffer))
