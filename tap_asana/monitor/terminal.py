"""Whether a person watches the run: a terminal that log lines go to, and nothing else does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TextIO, TypeAlias

from singer_sdk.logging import ConsoleFormatter

Handler: TypeAlias = "logging.StreamHandler[TextIO]"

UNWANTED = ("CI", "SINGER_SDK_LOG_CONFIG")
"""Variables that, set to anything, mean that logs are kept or made by rules of their own."""


def interactive_handler(
    environment: Mapping[str, str], output: TextIO, errors: TextIO, handlers: Iterable[logging.Handler]
) -> Handler | None:
    """Return the handler that logs for a person at a terminal, if there is one: to `errors`, as the SDK sets it up.

    Where records go to a terminal (`output`), where it can move no cursor, or where logs have a form of their own,
    there is nobody to show more than log lines to.
    """
    if environment.get("TERM", "") in {"dumb", "unknown"} or any(environment.get(name) for name in UNWANTED):
        return None
    if output.isatty() or not errors.isatty():
        return None
    streams = (handler for handler in handlers if isinstance(handler, logging.StreamHandler))
    plain = (handler for handler in streams if type(handler.formatter) is ConsoleFormatter)
    return next((handler for handler in plain if handler.stream is errors), None)
