"""The protections of the tap that `scripts.mutate` takes out one by one."""

from scripts.mutations.answers import ANSWERS
from scripts.mutations.events import FOLLOWED_EVENTS
from scripts.mutations.exports import EXPORTS
from scripts.mutations.first_runs import FIRST_RUNS
from scripts.mutations.output import OUTPUT
from scripts.mutations.proofs import PROOFS
from scripts.mutations.reads import READS
from scripts.mutations.reconciling import RECONCILING
from scripts.mutations.requests import REQUESTS
from scripts.mutations.search_state import SEARCH_STATE
from scripts.mutations.searches import SEARCHES
from scripts.mutations.silent_changes import SILENT_CHANGES
from scripts.mutations.state import STATE

MUTATIONS = (
    *(*STATE, *REQUESTS, *READS, *ANSWERS, *SEARCHES, *SEARCH_STATE, *PROOFS),
    *(*EXPORTS, *FOLLOWED_EVENTS, *FIRST_RUNS, *RECONCILING, *OUTPUT, *SILENT_CHANGES),
)
