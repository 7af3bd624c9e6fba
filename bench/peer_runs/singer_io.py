"""Run singer-io's tap-asana with all its streams: `python -I singer_io.py API_URL [STATE_FILE]`.

Its address is fixed and it takes OAuth only: this replaces the address, and its refresh of the token.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

TOKEN = "0/fake"  # noqa: S105 - the fake's
START_DATE = "2000-01-01T00:00:00Z"


def main() -> None:
    """Write Singer messages to standard output."""
    address, *state_files = sys.argv[1:]
    sdk, tap, context = (import_module(name) for name in ("asana", "tap_asana", "tap_asana.context"))
    set_defaults = sdk.Configuration.__init__

    def configure(configuration: object) -> None:
        set_defaults(configuration)
        vars(configuration)["host"] = address

    sdk.Configuration.__init__ = configure
    run = context.Context
    run.config = {"start_date": START_DATE}
    run.state = json.loads(Path(state_files[0]).read_text(encoding="utf-8")) if state_files else {}
    run.asana = tap.Asana("id", "secret", "https://localhost", "refresh", access_token=TOKEN)
    run.catalog = tap.discover()
    for stream in run.catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
    run.tap_start = tap.utils.now()
    tap.sync()


if __name__ == "__main__":
    main()
