#!/usr/bin/env bash
# Pipes tap-asana into a target and stores each state that the target confirms, so that the next run resumes from there
# after any failure. Settings come from the environment (TAP_ASANA_...).
#
#   pipe.sh STATE_FILE [--full-refresh] TARGET [ARGUMENT ...]
#
# A full refresh deletes the state first, so that a retry resumes the refresh. It keeps the bookmark of the stream
# deletions, because Asana reports each deletion only once.
set -euo pipefail

state=${1:?the file for the state is missing}
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
tap-asana --config ENV ${from[@]+"${from[@]}"} | "${@:?the target is missing}" | while IFS= read -r line; do
  printf '%s\n' "$line" > "$state.new"
  mv "$state.new" "$state" # in one step, so that no run reads half a state
done
