"""Decide whether to show the live display. Kept apart from `display` so that runs without one never import rich."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TextIO, TypeAlias

from singer_sdk.logging import ConsoleFormatter

Handler: TypeAlias = "logging.StreamHandler[TextIO]"

DISABLING_VARIABLES = ("CI", "SINGER_SDK_LOG_CONFIG")
"""Environment variables that turn the display off: logs are kept, or have a format of their own."""


def interactive_handler(
    environment: Mapping[str, str], output: TextIO, errors: TextIO, handlers: Iterable[logging.Handler]
) -> Handler | None:
    """Return the SDK's handler that logs to the terminal `errors`, or None if no display should be shown.

    Nothing is displayed if `output` is a terminal too, because it shows the records; if the terminal cannot move its
    cursor; or if the logs have a format of their own.
    """
    if environment.get("TERM", "") in {"dumb", "unknown"} or any(map(environment.get, DISABLING_VARIABLES)):
        return None
    if output.isatty() or not errors.isatty():
        return None
    streams = (handler for handler in handlers if isinstance(handler, logging.StreamHandler))
    plain = (handler for handler in streams if type(handler.formatter) is ConsoleFormatter)
    return next((handler for handler in plain if handler.stream is errors), None)
