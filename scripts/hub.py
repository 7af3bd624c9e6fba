"""Write the tap's definition for Meltano Hub, `docs/tap-asana.hub.yml`, from meltano.yml: `make readme`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
DEFINITION = ROOT / "docs" / "tap-asana.hub.yml"
ABOUT = {
    "name": "tap-asana",
    "variant": "meltano-sdk",
    "label": "Asana",
    "description": "Work management: projects, tasks, goals, portfolios, time tracking and the people on them.",
    "domain_url": "https://asana.com",
    "keywords": ["api", "meltano_sdk"],
    "logo_url": "/assets/logos/extractors/asana.png",
    "maintenance_status": "active",
}
"""Attributes that only the Hub shows."""

PROJECT_ONLY = ("pip_url", "select", "log_parser")
"""Attributes that belong to a project and not to the Hub."""

HEAD = """\
# The tap as Meltano Hub defines plugins (https://docs.meltano.com/reference/plugin-definition-syntax).
# Made from meltano.yml by `make readme`. `repo` and `pip_url` are for the publisher to add: on the
# Python Package Index the name tap-asana belongs to an older connector.
"""


def definition() -> str:
    """Return the text of the definition: the attributes for the Hub, and those of the plugin in meltano.yml."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    plugin, *_ = project["plugins"]["extractors"]
    attributes: dict[str, Any] = {
        **ABOUT,
        **{name: value for name, value in plugin.items() if name not in PROJECT_ONLY},
    }
    return HEAD + yaml.safe_dump(attributes, sort_keys=False, width=120, allow_unicode=True)


if __name__ == "__main__":
    DEFINITION.write_text(definition(), encoding="utf-8")
