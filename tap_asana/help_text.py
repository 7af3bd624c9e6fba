"""What `tap-asana --help` says beside the options."""

from __future__ import annotations

SUMMARY = """
Read all work data of Asana workspaces, and from the second run on only what changed.

Singer messages go to standard output, for a target; the log goes to standard error.
"""

MORE = """
\b
With a token in the environment:
  export TAP_ASANA_ACCESS_TOKEN=...
  tap-asana --config ENV > asana.jsonl
\b
Into a target, and on from its last state:
  tap-asana --config ENV | target-jsonl > states.jsonl
  tail -n 1 states.jsonl > state.json
  tap-asana --config ENV --state state.json | target-jsonl >> states.jsonl
\b
With some streams only, which are selected in the catalog:
  tap-asana --discover > catalog.json
  tap-asana --config ENV --catalog catalog.json > asana.jsonl

Settings come from JSON files (--config may be given several times) and, with --config ENV, from variables: TAP_ASANA_
and the setting's name in capitals, lists as JSON. --about tells all settings; it needs none, nor does --discover.

At a terminal, what was read so far and how much is left shows below the log; TERM=dumb turns that off.
TAP_ASANA_LOGLEVEL=DEBUG logs more.

Exit code 0: all that the token may see was read, but for what the last line of the log names as skipped. 1: the last
error says why. 130 and 143: ended by SIGINT or SIGTERM. Whatever it was, the next run goes on from the last state.

README.md tells of streams and settings, docs/reliability.md what each line of the log means.
"""
