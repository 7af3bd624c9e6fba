"""A tap of two streams with the SDK's defaults, with whose start that of the command is compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk.helpers.types import Context
from typing_extensions import override


class First(Stream):
    """The first stream."""

    name = "first"
    schema: ClassVar[dict[str, Any]] = {"type": "object", "properties": {"gid": {"type": "string"}}}

    @override
    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        return iter(())


class Second(First):
    """The second stream."""

    name = "second"


class TwoStreams(Tap):
    """A tap with nothing of its own."""

    name = "tap-two"
    config_jsonschema: ClassVar[dict[str, Any]] = {"properties": {}}

    @override
    def discover_streams(self) -> list[Stream]:
        return [First(self), Second(self)]


if __name__ == "__main__":
    TwoStreams.cli()
