"""Load Asana into a warehouse with Dagster: changes every hour, with a retry that resumes.

`tap-asana`, the target and examples/pipe.sh run as processes of their own. docs/deploying.md lists the environment
variables.
"""

import os
import shlex
import subprocess

import dagster as dg

RUNNING = dg.RunsFilter(
    job_name="asana_hourly",
    statuses=[dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED],
)
"""Runs that still use the state."""


@dg.asset(retry_policy=dg.RetryPolicy(max_retries=3, delay=120, backoff=dg.Backoff.EXPONENTIAL))
def asana(context: dg.AssetExecutionContext) -> None:
    """Asana's objects as tables; each run brings what changed."""
    command = [os.environ["ASANA_PIPE"], os.environ["ASANA_STATE"], *shlex.split(os.environ["ASANA_TARGET"])]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            context.log.info(line.rstrip())
    if process.returncode:
        raise dg.Failure(f"The pipe ended with exit code {process.returncode}; its log says why. A retry resumes.")


asana_hourly = dg.define_asset_job("asana_hourly", selection=[asana])


@dg.schedule(job=asana_hourly, cron_schedule="17 * * * *", execution_timezone="UTC")
def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a run, unless the previous one still uses the state."""
    if context.instance.get_runs(filters=RUNNING, limit=1):
        return dg.SkipReason("The previous run has not ended.")
    return dg.RunRequest()


defs = dg.Definitions(assets=[asana], jobs=[asana_hourly], schedules=[hourly])
