"""The SDK's methods that the tap overrides are those that it was written against.

When a test here fails, read the difference in the SDK's source, adapt the override, and update the fingerprint.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from typing import Any

from singer_sdk import Stream, Tap
from singer_sdk.singerlib.encoding.base import GenericSingerWriter

from tap_asana.__main__ import Command
from tap_asana.streams import ALL
from tap_asana.sync.writer import MessageWriter
from tap_asana.tap import TapAsana

OURS = "tap_asana"

FINGERPRINTS = {
    "Stream._generate_record_messages": "9b5f9fbc",
    "Stream._sync_records": "8928dc7f",
    "Stream._write_activate_version_message": "b5295d35",
    "Stream._write_schema_message": "4077b24e",
    "Stream._write_state_message": "f82ecd8d",
    "Stream.apply_catalog": "c1809c2c",
    "Stream.finalize_state_progress_markers": "295d29eb",
    "Stream.get_batch_config": "c462c109",
    "Stream.get_records": "7503e948",
    "Stream.get_replication_key_signpost": "b936c9b3",
    "Stream.log": "09addc57",
    "Stream.log_sync_costs": "d08ae3cb",
    "Stream.primary_keys": "006be401",
    "Stream.replication_key": "a126f96c",
    "Stream.schema": "9cc5f959",
    "Tap.__init__": "ba24f586",
    "Tap._handle_termination": "2bb79ae4",
    "Tap.cb_config": "bb313c8c",
    "Tap._validate_config": "0584b9e3",
    "Tap.discover_streams": "8bf6b0b8",
    "Tap.get_singer_command": "5ff64e20",
    "Tap.input_catalog": "bd339d0a",
    "Tap.load_state": "038849ff",
    "Tap.setup_mapper": "29be842d",
    "Tap.streams": "5fc6b7f1",
    "GenericSingerWriter.serialize_message": "46fe2825",
    "GenericSingerWriter.write_message": "a7b0bd7d",
}
"""Eight characters of the SHA-256 of each overridden method's source, as of the pinned SDK."""


def source(member: Any) -> str:  # noqa: ANN401 - a function, a property or a class method
    """Return the source of a method or property."""
    function: Any = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    return inspect.getsource(function)


def overridden(base: type, *classes: type) -> Iterator[tuple[str, str]]:
    """Yield each method of the SDK's class that one of ours overrides, with eight characters of its source's hash."""
    ours = {
        name
        for each in classes
        for parent in each.__mro__
        if parent.__module__.startswith(OURS)
        for name in vars(parent)
    }
    for name in sorted(ours):
        member = inspect.getattr_static(base, name, None)
        if isinstance(member, property | classmethod | staticmethod) or inspect.isfunction(member):
            yield f"{base.__name__}.{name}", hashlib.sha256(source(member).encode()).hexdigest()[:8]


def test_the_sdk_s_methods_are_as_they_were_when_they_were_overridden() -> None:
    """A change in an overridden method is read before the tap takes it up."""
    found = dict(
        [
            *overridden(Stream, *ALL),
            *overridden(Tap, TapAsana, Command),
            *overridden(GenericSingerWriter, MessageWriter),
        ]
    )
    assert found == FINGERPRINTS
