"""The settings and streams are the same wherever they are written down."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import contract
import pytest
import yaml

from scripts.readme import PAGES, PLANS, SCOPES, SETTINGS_PAGE, endpoint, fill, lists
from tap_asana.config import find_errors
from tap_asana.settings import SETTINGS, SettingSchema
from tap_asana.sync.stream import AsanaStream
from tap_asana.tap import TapAsana

ROOT = Path(__file__).parents[2]
PROPERTIES: dict[str, SettingSchema] = SETTINGS["properties"]


def kind(schema: SettingSchema) -> str:
    """Return Meltano's name for the type of a setting."""
    if "enum" in schema:
        return "options"
    return "date_iso8601" if schema.get("format") == "date-time" else str(schema["type"][0])


def mirrored(name: str, schema: SettingSchema) -> dict[str, Any]:
    """Return a setting as meltano.yml has to write it."""
    setting = {"name": name, "label": schema["title"], "kind": kind(schema), "description": schema["description"]}
    if schema.get("secret"):
        setting["sensitive"] = True
    if "default" in schema:
        setting["value"] = schema["default"]
    if "enum" in schema:
        setting["options"] = [{"label": choice.capitalize(), "value": choice} for choice in schema["enum"] if choice]
    return setting


@pytest.fixture(scope="module")
def plugins() -> dict[str, Any]:
    """Return the plugins of meltano.yml by name."""
    text = (ROOT / "meltano.yml").read_text(encoding="utf-8")
    return {plugin["name"]: plugin for kind in yaml.safe_load(text)["plugins"].values() for plugin in kind}


def test_meltano_knows_every_setting(plugins: dict[str, Any]) -> None:
    """meltano.yml has the settings of the tap, with their words, kinds, defaults and secrets."""
    assert plugins["tap-asana"]["settings"] == [mirrored(name, schema) for name, schema in PROPERTIES.items()]


def test_meltano_announces_versions(plugins: dict[str, Any]) -> None:
    """meltano.yml has rows of ended snapshots marked: it loads with one tap into a schema."""
    assert plugins["tap-asana"]["config"] == {"emit_activate_version_messages": True}


def test_meltano_knows_the_capabilities(plugins: dict[str, Any]) -> None:
    """meltano.yml has the capabilities of the tap."""
    assert plugins["tap-asana"]["capabilities"] == sorted(each.value for each in TapAsana.capabilities)


def test_every_plugin_is_defined_whole(plugins: dict[str, Any]) -> None:
    """Meltano needs no word from its Hub for any plugin."""
    whole = {name: plugin for name, plugin in plugins.items() if "inherit_from" not in plugin}
    assert whole.keys() == {"tap-asana", "target-jsonl", "target-postgres", "target-bigquery"}
    assert {plugin["inherit_from"] for plugin in plugins.values() if "inherit_from" in plugin} == {"tap-asana"}
    for plugin in whole.values():
        assert plugin.keys() >= {"namespace", "pip_url", "executable", "settings"}


def test_meltano_selects_streams_that_exist(plugins: dict[str, Any]) -> None:
    """Each rule of the default selection names a stream of the tap."""
    streams = {stream.name for stream in TapAsana(validate_config=False).discover_streams()}
    assert {rule.removeprefix("!").split(".")[0] for rule in plugins["tap-asana"]["select"]} <= {"*", *streams}


def test_the_sample_has_every_setting() -> None:
    """sample_config.json has each setting with its default, and is right but for the token to put in."""
    sample = json.loads((ROOT / "sample_config.json").read_text(encoding="utf-8"))
    defaults = {name: schema.get("default") for name, schema in PROPERTIES.items()}
    assert list(sample) == list(defaults)
    assert sample == {**defaults, "access_token": "YOUR_ACCESS_TOKEN"}
    assert find_errors(sample) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_tables_are_those_of_the_code(page: Path) -> None:
    """The tables of settings and streams are those that `make readme` writes."""
    text = page.read_text(encoding="utf-8")
    assert fill(page, text) == text


def test_scopes_are_those_of_the_contract() -> None:
    """Each endpoint of each stream has the OAuth scope that Asana documents, or none; and no other is listed."""
    streams = (found for found in TapAsana(validate_config=False).streams.values() if isinstance(found, AsanaStream))
    endpoints = {endpoint(path) for stream in streams for path in lists(stream)}
    documented = {path: contract.operation(f"GET {path}").scopes for path in endpoints}
    assert {path: (name,) for path, name in SCOPES.items()} == {
        path: found for path, found in documented.items() if found
    }


def test_plans_are_those_of_streams() -> None:
    """Each stream with a plan exists."""
    assert PLANS.keys() <= TapAsana(validate_config=False).streams.keys()


def test_an_outdated_table_is_noticed() -> None:
    """A setting missing from the table is added; a missing marker is an error."""
    text = SETTINGS_PAGE.read_text(encoding="utf-8")
    without = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("| `page_size`"))
    assert fill(SETTINGS_PAGE, without) == fill(SETTINGS_PAGE, text) != without
    with pytest.raises(ValueError, match="no markers for settings"):
        fill(SETTINGS_PAGE, text.replace("<!-- settings:end -->", ""))


def test_the_example_of_a_stream_is_the_stream_as_it_is() -> None:
    """docs/adding-a-stream.md shows a class that stands in the code, word for word."""
    guide = (ROOT / "docs" / "adding-a-stream.md").read_text(encoding="utf-8")
    _, shown, _ = re.split(r"^```(?:python)?\n", guide, maxsplit=2, flags=re.MULTILINE)
    assert shown.startswith("class ")
    assert f"\n\n\n{shown}\n\nclass " in (ROOT / "tap_asana" / "streams" / "work.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["tap_asana", "fake_asana", "bench", "scripts", "tests", "e2e"])
def test_no_file_is_too_long(folder: str) -> None:
    """No file of Python passes 300 lines."""
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in (ROOT / folder).rglob("*.py")}
    assert {file.name: length for file, length in lengths.items() if length > 300} == {}
