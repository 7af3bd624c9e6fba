"""Whether a person watches the run: a terminal that log lines go to, and nothing else does."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import TextIO, TypeAlias, TypeGuard

from singer_sdk.logging import ConsoleFormatter

Handler: TypeAlias = "logging.StreamHandler[TextIO]"

UNWANTED = ("CI", "SINGER_SDK_LOG_CONFIG")
"""Variables that, set to anything, mean that logs are kept or made by rules of their own."""


def watched(environment: Mapping[str, str], output: TextIO, root: logging.Logger) -> Handler | None:
    """Return the handler that logs for a person at a terminal, if one does.

    Where records go to the terminal (`output` is standard output), where it can move no cursor, or where logs have a
    form of their own, there is nobody to show more than log lines to.
    """
    if environment.get("TERM", "") in {"dumb", "unknown"} or any(environment.get(name) for name in UNWANTED):
        return None
    if output.isatty():
        return None
    return next((handler for handler in root.handlers if _shows(handler)), None)


def _shows(handler: logging.Handler) -> TypeGuard[Handler]:
    return (
        isinstance(handler, logging.StreamHandler)
        and handler.stream is sys.stderr
        and handler.stream.isatty()
        and type(handler.formatter) is ConsoleFormatter
    )
