#!/usr/bin/env bash
# Runs tap-asana into a target and keeps each state that the target vouches for: the next run goes on from there,
# however this one ends. Settings come from the environment (TAP_ASANA_...).
#
#   pipe.sh STATE_FILE [--full-refresh] TARGET [ARGUMENT ...]
#
# A full refresh forgets the state before it begins, so that a second try goes on with the refresh. It keeps what the
# stream deletions has reached: Asana tells of what is gone once, and nothing can be read anew there.
set -euo pipefail

state=${1:?which file keeps the state?}
shift

forget='
import json, sys

known = json.load(open(sys.argv[1], encoding="utf-8"))["bookmarks"]
print(json.dumps({"bookmarks": {name: known[name] for name in known if name == "deletions"}}))
'
if [[ ${1:-} == --full-refresh ]]; then
  shift
  if [[ -s $state ]]; then
    python3 -c "$forget" "$state" > "$state.new"
    mv "$state.new" "$state"
  fi
fi

from=()
if [[ -s $state ]]; then
  from=(--state "$state")
fi
tap-asana --config ENV ${from[@]+"${from[@]}"} | "${@:?which target?}" | while IFS= read -r line; do
  printf '%s\n' "$line" > "$state.new"
  mv "$state.new" "$state" # in one step: no run finds half a state
done
