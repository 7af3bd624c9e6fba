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
"""What the Hub shows of the plugin."""

HERE = ("pip_url", "select", "log_parser")
"""What a project says of its own copy, and the Hub does not."""

HEAD = """\
# The tap as Meltano Hub defines plugins (https://docs.meltano.com/reference/plugin-definition-syntax).
# Made from meltano.yml by `make readme`. `repo` and `pip_url` are for the publisher to add: on the
# Python Package Index the name tap-asana belongs to an older connector.
"""


def definition() -> str:
    """Return the text of the definition: what the Hub shows, and meltano.yml's own definition of the plugin."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    plugin, *_ = project["plugins"]["extractors"]
    whole: dict[str, Any] = {**ABOUT, **{name: value for name, value in plugin.items() if name not in HERE}}
    return HEAD + yaml.safe_dump(whole, sort_keys=False, width=120, allow_unicode=True)


if __name__ == "__main__":
    DEFINITION.write_text(definition(), encoding="utf-8")
