"""The text of `tap-asana --help` around the options; a file of its own because it is a page of prose."""

from __future__ import annotations

SUMMARY = """
Replicate Asana workspaces as Singer messages: everything on the first run, only changes afterwards.

Messages for a target go to standard output, the log goes to standard error.
"""

MORE = """
\b
With a token from the environment:
  export TAP_ASANA_ACCESS_TOKEN=...
  tap-asana --config ENV > asana.jsonl
\b
Into a target, then incrementally from its last state:
  tap-asana --config ENV | target-jsonl > states.jsonl
  tail -n 1 states.jsonl > state.json
  tap-asana --config ENV --state state.json | target-jsonl >> states.jsonl
\b
Only some streams, selected in the catalog:
  tap-asana --discover > catalog.json
  tap-asana --config ENV --catalog catalog.json > asana.jsonl

Settings come from JSON files (--config can be repeated) or, with --config ENV, from environment variables: TAP_ASANA_
followed by the setting's name in capitals. --about lists all settings. Neither --about nor --discover needs any
settings.

At a terminal, progress and the remaining time are shown below the log; TERM=dumb disables that.
TAP_ASANA_LOGLEVEL=DEBUG logs more.

Exit code 0: everything that the token can see was read, except for the lists that the last log line reports as
skipped. 1: the last error explains why. 130 and 143: ended by SIGINT or SIGTERM. In all cases the next run resumes
from the last state.

README.md describes streams and settings, docs/reliability.md explains each log line.
"""
