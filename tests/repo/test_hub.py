"""The files for Meltano Hub are generated, and the Hub's own checks pass on them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hub_rules import violations

from scripts.hub import FILES
from scripts.project import DISTRIBUTION, ROOT
from tap_asana.settings import SETTINGS
from tap_asana.tap import TapAsana

DEFINITION: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "tap-asana.hub.yml").read_text(encoding="utf-8"))
MAINTAINERS: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "maintainers.hub.yml").read_text(encoding="utf-8"))
PROJECT, *_ = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))["plugins"]["extractors"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_files_for_the_hub_are_generated(file: Path) -> None:
    """Each file is the one that `make readme` writes."""
    assert file.read_text(encoding="utf-8") == FILES[file]()


def test_the_hub_accepts_the_definition() -> None:
    """No rule of the Hub is broken."""
    assert violations(DEFINITION) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"quality": None}, "quality: not a str"),
        ({"quality": "platinum"}, "quality: none of ['bronze', 'gold', 'silver', 'unknown']"),
        ({"ext_repo": "https://asana.com"}, "ext_repo: not an attribute of extractors"),
        ({"select": "*.*"}, "select: not a list"),
        ({"capabilities": ["telepathy"]}, "capabilities: ['telepathy'] unknown"),
        ({"supported_python_versions": [3.14]}, "supported_python_versions: an item that is no text"),
        ({"supported_python_versions": [">=3.10"]}, "supported_python_versions: not of the form 3.N"),
        ({"repo": "asana"}, "repo: no address"),
        ({"variant": "Asana"}, "variant: capitals, which the list of maintainers does not have"),
        ({"settings": [{"kind": "string"}]}, "settings: one without a name"),
        ({"settings": [{"kind": "float", "name": "page_size"}]}, "page_size.kind: float unknown"),
        ({"settings": [{"name": "page_size", "secret": True}]}, "page_size.secret: not an attribute of settings"),
        ({"settings": [{"name": "b"}, {"name": "a"}]}, "settings: out of order"),
        ({"settings": [{"name": "b", "kind": "string"}]}, "an item of settings: keys out of order"),
        ({"settings_group_validation": [["token"]]}, "settings_group_validation: not lists of settings"),
        ({"aa": 1}, "the definition: keys out of order"),
    ],
)
def test_the_rules_refuse_what_the_hub_refuses(change: dict[str, Any], line: str) -> None:
    """A definition with one thing wrong breaks that rule."""
    assert line in violations({**deepcopy(DEFINITION), **change})


@pytest.mark.parametrize("name", ["name", "namespace", "variant", "quality", "repo"])
def test_the_rules_notice_what_is_missing(name: str) -> None:
    """A definition without a required attribute breaks a rule."""
    assert f"{name}: missing" in violations({key: value for key, value in DEFINITION.items() if key != name})


def test_the_definition_has_everything_of_the_plugin() -> None:
    """The Hub's definition differs from the project's only in what is installed, set, and shown by the Hub."""
    assert {name for name in PROJECT if DEFINITION.get(name) != PROJECT[name]} <= {
        *("config", "pip_url", "settings", "settings_group_validation"),
    }
    assert DEFINITION["pip_url"] == DISTRIBUTION != PROJECT["name"] == DEFINITION["name"] == TapAsana.name
    assert {setting["name"] for setting in DEFINITION["settings"]} == set(SETTINGS["properties"])
    assert DEFINITION["supported_python_versions"] == TapAsana.get_supported_python_versions()


def test_the_variant_has_a_maintainer() -> None:
    """The entry of the maintainer is that of the variant, with the address that the Hub derives from the repository."""
    (entry,) = MAINTAINERS.values()
    assert MAINTAINERS.keys() == {DEFINITION["variant"]}
    assert entry.keys() == {"label", "url"}
    assert entry["url"] == DEFINITION["repo"].rpartition("/")[0]
