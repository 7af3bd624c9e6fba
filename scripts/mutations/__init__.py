"""The protections of the tap that `scripts.mutate` takes out one by one."""

from scripts.mutations.reads import READS
from scripts.mutations.requests import REQUESTS
from scripts.mutations.state import STATE

MUTATIONS = (*STATE, *REQUESTS, *READS)
