"""The command's own descriptions are true: options, variables, files and settings."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from singer_sdk.helpers.capabilities import EMIT_ACTIVATE_VERSION_CONFIG, FLATTENING_CONFIG, STREAM_MAPS_CONFIG

from tap_asana.settings import SETTINGS
from tap_asana.tap import TapAsana

ROOT = Path(__file__).parents[2]
COMMAND = TapAsana.get_singer_command()
SWITCHES = {"TAP_ASANA_LOGLEVEL"}
"""Variables of the SDK that are not settings."""


def said(*arguments: str) -> str:
    """Return the output of the command."""
    ended = CliRunner().invoke(COMMAND, arguments)
    assert ended.exit_code == 0
    return ended.output


@pytest.fixture(scope="module")
def text() -> str:
    """Return the output of --help."""
    return said("--help")


def test_help_shows_commands_that_work(text: str) -> None:
    """Each example command has existing options, with values for those that take one."""
    lines = re.findall(r"^ +tap-asana (.+)$", text, re.MULTILINE)
    assert len(lines) >= 3
    takers = {option for each in COMMAND.params for option in each.opts if not getattr(each, "is_flag", False)}
    flags = {option for each in COMMAND.params for option in each.opts} - takers
    for line in lines:
        words = shlex.split(re.split(r"[|>]", line)[0])
        while words:
            option = words.pop(0)
            assert option in takers | flags
            if option in takers:
                assert not words.pop(0).startswith("--")


def test_help_names_what_exists(text: str) -> None:
    """Each named variable belongs to a setting or to the SDK, and each named document exists."""
    settings = {f"TAP_ASANA_{name.upper()}" for name in SETTINGS["properties"]}
    assert set(re.findall(r"TAP_ASANA_[A-Z_]+", text)) <= settings | SWITCHES
    documents = re.findall(r"[\w/-]+\.md", text)
    assert documents
    assert all((ROOT / name).is_file() for name in documents)


def test_help_fits_a_terminal(text: str) -> None:
    """No line is longer than eighty columns, and no command is broken in two."""
    assert max(map(len, text.splitlines())) <= 80
    assert "    tap-asana --config ENV --state state.json | target-jsonl >> states.jsonl" in text.splitlines()


def test_help_reads_on_as_the_readme_does(text: str) -> None:
    """The commands of --help that keep a state are those of README: a run that fails takes no state away."""
    readme = re.sub(r"\$ |(tap|target)/bin/", "", (ROOT / "README.md").read_text(encoding="utf-8"))
    keeping = re.findall(r"^ +(.*\bstates?\.json.*)$", text, re.MULTILINE)
    assert len(keeping) == 3
    assert set(keeping) <= set(readme.splitlines())


def test_about_lists_all_settings() -> None:
    """In every format --about lists each setting with its default, including the SDK's supported settings."""
    sdk = (STREAM_MAPS_CONFIG, FLATTENING_CONFIG, EMIT_ACTIVATE_VERSION_CONFIG)
    names = {*SETTINGS["properties"], *(name for each in sdk for name in each["properties"])}
    metadata = json.loads(said("--about", "--format=json"))["settings"]["properties"]
    assert metadata.keys() == names
    plain, table = said("--about"), said("--about", "--format=markdown")
    for name in names:
        assert f"- Name: {name}\n" in plain
        assert f"Environment Variable: TAP_ASANA_{name.upper()}\n" in plain
        assert f"| {name} | False | {metadata[name].get('default')} | {metadata[name]['description']} |" in table


def test_about_lists_the_capabilities() -> None:
    """--about lists the tap's capabilities and its description."""
    metadata = json.loads(said("--about", "--format=json"))
    assert metadata["capabilities"] == [each.value for each in TapAsana.capabilities]
    assert metadata["description"] == TapAsana.__doc__
