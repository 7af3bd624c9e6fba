"""Run dlt's Asana source: `python -I dlt_asana.py API_URL FOLDER`; FOLDER keeps its state.

It needs dlt, asana below 5, and the source: dlt's own as `asana_dlt`, or the copy in ingestr below 0.14. The rows go
to standard output as Singer messages, and into no warehouse.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

TOKEN = "0/fake"  # noqa: S105 - the fake's
TABLES = ("workspaces", "users", "projects", "sections", "tags", "tasks", "stories")
"""All tables but the teams, which SDK 3 requests by a path that Asana no longer documents."""

ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "SOURCES__ACCESS_TOKEN": TOKEN,
    "OAUTHLIB_INSECURE_TRANSPORT": "1",  # SDK 3 refuses http, even to the loopback interface
}

SOURCES = ("asana_dlt", "ingestr.src.asana_source")


def main() -> None:
    """Write a message for each row of a table that Asana names."""
    address, folder = sys.argv[1:]
    os.environ.update(ENVIRONMENT)
    import_module("asana").Client.DEFAULT_OPTIONS["base_url"] = address
    source = import_module(next(name for name in SOURCES if find_spec(name.partition(".")[0])))
    dlt = import_module("dlt")

    def write(rows: list[dict[str, Any]], table: dict[str, Any]) -> None:
        for row in rows:
            if "gid" in row:
                message = {"type": "RECORD", "stream": table["name"], "record": {"gid": row["gid"]}}
                sys.stdout.write(json.dumps(message) + "\n")

    sink = dlt.destination(write, name="lines", batch_size=1000)
    pipeline = dlt.pipeline("peers", pipelines_dir=folder, destination=sink)
    pipeline.run(source.asana_source().with_resources(*TABLES))


if __name__ == "__main__":
    main()
