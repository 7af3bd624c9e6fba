#!/usr/bin/env bash
# Runs tap-asana into a target and keeps each state that the target vouches for: the next run goes on from there,
# however this one ends. Settings come from the environment (TAP_ASANA_...).
#
#   pipe.sh STATE_FILE [--full-refresh] TARGET [ARGUMENT ...]
set -euo pipefail

state=${1:?which file keeps the state?}
shift
from=()
if [[ ${1:-} == --full-refresh ]]; then
  shift
elif [[ -s $state ]]; then
  from=(--state "$state")
fi

tap-asana --config ENV "${from[@]}" | "${@:?which target?}" | while IFS= read -r line; do
  printf '%s\n' "$line" > "$state.new"
  mv "$state.new" "$state" # in one step: no run finds half a state
done
