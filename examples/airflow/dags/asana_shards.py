"""Load Asana with a mapped task for each workspace, each with its own state and token, for a very large organization.

The two DAGs do the same, one with Meltano and one with the tap alone; keep one of them. README.md in the parent folder
lists their environment variables, docs/large.md says when this is faster.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

WORKSPACES = sorted(set(os.environ.get("ASANA_WORKSPACES", "").replace(",", " ").split()))
"""Each workspace has one shard, so no two tasks read or write the same rows."""

TOKENS = os.environ.get("ASANA_TOKENS", "")
"""Folder with a file for each workspace that holds its token; without it, all shards share one token and its limit."""

AFTER = os.environ.get("ASANA_AFTER", "")
"""Command that runs once after all shards, such as one that applies the deletions."""

COMMANDS = {
    "asana_shards_meltano": 'cd "$ASANA_PROJECT" && meltano run --state-id-suffix "$SHARD" tap-asana "$ASANA_LOADER"',
    "asana_shards_tap": '"$ASANA_PIPE" "$ASANA_STATES/$SHARD.json" $ASANA_TARGET',
}
"""The command of each DAG. Meltano has a state id for each shard, and `pipe.sh` a file in the folder $ASANA_STATES."""


def variables(workspace: str) -> dict[str, str]:
    """Return the variables of a shard."""
    shard = {"SHARD": workspace, "TAP_ASANA_WORKSPACES": json.dumps([workspace]), "TAP_ASANA_SHARED_TABLES": "true"}
    return {**shard, "TAP_ASANA_ACCESS_TOKEN_FILE": f"{TOKENS}/{workspace}"} if TOKENS else shard


def sharded(name: str, command: str) -> None:
    """Create a DAG with a mapped task; the pool `asana` has a slot for each token."""
    with DAG(
        name,
        description="Asana: changes every hour, each workspace by itself.",
        doc_md=__doc__,
        schedule="0 * * * *",
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,  # one run reads all changes since the previous one
        max_active_runs=1,  # no two runs share a state
        tags=["asana"],
    ):
        shards = BashOperator.partial(
            task_id="asana_to_target",
            bash_command=command,
            append_env=True,
            pool="asana",
            retries=3,
            retry_delay=timedelta(minutes=2),
            retry_exponential_backoff=True,
            max_retry_delay=timedelta(minutes=30),
        ).expand(env=[variables(workspace) for workspace in WORKSPACES])
        if AFTER:
            shards >> BashOperator(task_id="after_all_shards", bash_command=AFTER)


if WORKSPACES:
    for name, command in COMMANDS.items():
        sharded(name, command)
