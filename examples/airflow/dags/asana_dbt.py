"""Load Asana with Meltano every hour, then build its dbt models with Cosmos, each as a task of its own.

Needs the package astronomer-cosmos, and dbt with an adapter in an environment of its own. README.md in the parent
folder lists the environment variables.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig

PROJECT = Path(os.environ["ASANA_DBT_PROJECT"])
DBT = os.environ["ASANA_DBT"]

with DAG(
    "asana_dbt",
    description="Asana: changes every hour, then the dbt models.",
    doc_md=__doc__,
    schedule="0 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,  # one run reads all changes since the previous one
    max_active_runs=1,  # no two runs share a state
    tags=["asana"],
):
    asana_to_target = BashOperator(
        task_id="asana_to_target",
        bash_command='cd "$ASANA_PROJECT" && meltano run tap-asana "$ASANA_LOADER"',
        retries=3,
        retry_delay=timedelta(minutes=2),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(minutes=30),
    )
    models = DbtTaskGroup(
        group_id="models",
        project_config=ProjectConfig(PROJECT),
        profile_config=ProfileConfig(
            profile_name=os.environ["ASANA_DBT_PROFILE"],
            target_name=os.environ["ASANA_DBT_TARGET"],
            profiles_yml_filepath=PROJECT / "profiles.yml",
        ),
        execution_config=ExecutionConfig(dbt_executable_path=DBT),
        render_config=RenderConfig(emit_datasets=False),
    )
    asana_to_target >> models
