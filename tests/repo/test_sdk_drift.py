"""The tap overrides the SDK's methods as they are in the pinned version, and streams do so in one class.

When a fingerprint differs, read the difference in the SDK's source, adapt the override, and update the fingerprint.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from singer_sdk import Stream, Tap
from singer_sdk.singerlib.encoding.base import GenericSingerWriter

from tap_asana.command import Command
from tap_asana.streams import ALL
from tap_asana.sync.sdk_stream import SdkStream
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
    "Tap._env_var_config": "4e00272a",
    "Tap._handle_termination": "2bb79ae4",
    "Tap.cb_config": "bb313c8c",
    "Tap._validate_config": "0584b9e3",
    "Tap.discover_streams": "8bf6b0b8",
    "Tap.get_plugin_version": "f0c3da5d",
    "Tap.get_singer_command": "5ff64e20",
    "Tap.get_supported_python_versions": "69fd71cd",
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


PACKAGE = Path(inspect.getfile(TapAsana)).parent

DECLARATIONS = {"schema", "primary_keys", "replication_key"}
"""Members of the SDK's streams that the class of a stream declares."""

ADAPTERS = {"sync/sdk_stream.py", "sync/writer.py", "configured_tap.py", "tap.py", "command.py"}
"""Files allowed to use internals of the SDK's streams, or of its tap and writer."""

INTERNALS = {
    *(name for name in {*dir(Stream), *vars(TapAsana(validate_config=False).streams["tags"])} if name[0] == "_"),
    *("ABORT_AT_RECORD_COUNT", "finalize_state_progress_markers", "get_batch_config", "get_record_counter"),
    *("get_replication_key_signpost", "get_sync_timer", "log_sync_costs", "state_manager", "stream_maps"),
    *("stream_state", "tap_state"),
}
"""Members of the SDK's streams that are private or not meant to be overridden."""


def touched(source: str) -> set[str]:
    """Return the internals that a module's source uses, except names that it defines itself."""
    nodes = list(ast.walk(ast.parse(source)))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    own = {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return {node.attr for node in attributes if not node.attr.startswith("__")} & INTERNALS - own


def test_one_class_overrides_the_sdk_s_streams() -> None:
    """The stream classes, and those between them and the adapter, only declare."""
    classes = {parent for stream in ALL for parent in stream.__mro__ if parent.__module__.startswith(OURS)}
    overrides = {
        f"{each.__name__}.{name}"
        for each in classes - {SdkStream}
        for name in vars(each).keys() & vars(Stream).keys() - DECLARATIONS
        if not name.startswith(("__", "_abc"))
    }
    assert overrides == set()


def test_streams_inherit_from_two_classes_of_ours() -> None:
    """Between the SDK's stream and a declared one are the adapter and AsanaStream."""
    levels = {sum(parent.__module__.startswith(OURS) for parent in stream.__mro__[1:]) for stream in ALL}
    assert levels == {2}


def test_only_adapters_touch_internals_of_the_sdk() -> None:
    """No other file uses private members of the SDK's streams."""
    others = (file for file in PACKAGE.rglob("*.py") if str(file.relative_to(PACKAGE)) not in ADAPTERS)
    found = {str(file.relative_to(PACKAGE)): touched(file.read_text(encoding="utf-8")) for file in others}
    assert {file: names for file, names in found.items() if names} == {}


def test_a_touch_is_found() -> None:
    """A private member, and a public one that is not to be used; a name of the module's own is none."""
    assert touched("stream._tap.write(stream.tap_state)") == {"_tap", "tap_state"}
    assert touched("self._tap = 1\nprint(self._tap)") == set()
