"""Asana into a warehouse: what changed every hour, everything anew every week.

Two DAGs that do the same, one through Meltano and one with the tap alone; keep the one you use. README.md beside the
folder `dags` says which environment variables they need.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

REFRESH = (
    "{% set at = dag_run.logical_date or dag_run.run_after %}"
    "{{ '--full-refresh' if ti.try_number <= 1 and (params.full_refresh"
    " or (at.weekday() == 6 and at.hour == 3)) else '' }}"
)
"""Sundays at 03:00 UTC, and when asked for by hand. A second try goes on where the first one ended."""

COMMANDS = {
    "asana_meltano": f'cd "$ASANA_PROJECT" && meltano run {REFRESH} tap-asana "$ASANA_LOADER"',
    "asana_tap": f'"$ASANA_PIPE" "$ASANA_STATE" {REFRESH} $ASANA_TARGET',
}
"""What each DAG runs. Meltano keeps the state in its own database; `pipe.sh` keeps it in the file $ASANA_STATE."""


def hourly(name: str, command: str) -> None:
    """Make the DAG of this name, which runs the command every hour; Airflow finds it by itself."""
    with DAG(
        name,
        description="Asana: increments every hour, everything anew every week.",
        doc_md=__doc__,
        schedule="0 * * * *",
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,  # one run brings whatever changed since the last one, however long ago that was
        max_active_runs=1,  # no two runs share a state
        params={"full_refresh": Param(default=False, type="boolean", description="Read everything anew.")},
        tags=["asana"],
    ):
        BashOperator(
            task_id="asana_to_target",
            bash_command=command,
            retries=3,
            retry_delay=timedelta(minutes=2),
            retry_exponential_backoff=True,
            max_retry_delay=timedelta(minutes=30),
        )


for name, command in COMMANDS.items():
    hourly(name, command)
