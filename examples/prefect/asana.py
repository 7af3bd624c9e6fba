"""Load Asana into a warehouse with Prefect: changes every hour, with a retry that resumes.

`tap-asana`, the target and examples/pipe.sh run as processes of their own. docs/deploying.md lists the environment
variables. `python asana.py` serves the flow with its schedule.
"""

from __future__ import annotations

import os
import shlex
import subprocess

from prefect import flow, get_run_logger


@flow(retries=3, retry_delay_seconds=120)
def asana() -> None:
    """Read what changed in Asana, and load it; raises RuntimeError if the tap or the target fails."""
    command = [os.environ["ASANA_PIPE"], os.environ["ASANA_STATE"], *shlex.split(os.environ["ASANA_TARGET"])]
    log = get_run_logger()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            log.info("%s", line.rstrip())
    if process.returncode:
        raise RuntimeError(f"The pipe ended with exit code {process.returncode}; its log says why. A retry resumes.")


if __name__ == "__main__":
    asana.serve(name="hourly", cron="17 * * * *", limit=1)  # no two runs share a state
