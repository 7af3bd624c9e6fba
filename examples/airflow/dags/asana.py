"""Load Asana into a warehouse: changes every hour, a full refresh every week.

The two DAGs do the same, one with Meltano and one with the tap alone; keep one of them. README.md in the parent folder
lists their environment variables.
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
"""Set on Sundays at 03:00 UTC and for manual runs with `full_refresh`. A retry resumes the first attempt."""

COMMANDS = {
    "asana_meltano": f'cd "$ASANA_PROJECT" && meltano run {REFRESH} tap-asana "$ASANA_LOADER"',
    "asana_tap": f'"$ASANA_PIPE" "$ASANA_STATE" {REFRESH} $ASANA_TARGET',
}
"""The command of each DAG. Meltano stores the state in its own database, and `pipe.sh` in the file $ASANA_STATE."""


def hourly(name: str, command: str) -> None:
    """Create a DAG that runs a command every hour; Airflow discovers it by itself."""
    with DAG(
        name,
        description="Asana: changes every hour, a full refresh every week.",
        doc_md=__doc__,
        schedule="0 * * * *",
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,  # one run reads all changes since the previous one
        max_active_runs=1,  # no two runs share a state
        params={"full_refresh": Param(default=False, type="boolean", description="Read everything again.")},
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
