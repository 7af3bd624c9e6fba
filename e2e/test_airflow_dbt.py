"""A real Airflow with Cosmos loads Asana with Meltano, and builds the dbt models of `dbt/` as tasks of their own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from e2e.conftest import AIRFLOW_EXAMPLE, DAG_WITH_DBT, ROOT, counts, run, tool
from e2e.warehouses import Postgres

DAG = "asana_dbt"
PROFILE = "tap_asana"
MODELS = {file.stem: file for file in (ROOT / "dbt" / "models").rglob("*.sql")}
AT = "2026-11-24T10:00:00"


def chain(model: str) -> Iterator[str]:
    """Yield the models that a model reads, each behind those that it reads itself, and the model last."""
    for read in re.findall(r"ref\('(\w+)'\)", MODELS[model].read_text(encoding="utf-8")):
        yield from chain(read)
    yield model


@pytest.fixture
def cosmos(environment: dict[str, str], tmp_path: Path, project: Path, asana: str, database: str) -> dict[str, str]:
    """Return the environment of an Airflow with the DAG, a Meltano project and a dbt project for one database."""
    models = shutil.copytree(ROOT / "dbt", tmp_path / "dbt")
    plain = database.replace("+psycopg", "")
    output = dict(Postgres(tmp_path, asana, "", plain).profile)
    profile = {PROFILE: {"target": "e2e", "outputs": {"e2e": output}}}
    (models / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    (tmp_path / "dags").mkdir()
    shutil.copy(AIRFLOW_EXAMPLE / "dags" / DAG_WITH_DBT, tmp_path / "dags")
    return {
        **environment,
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "300",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "ASANA_DBT": tool("DBT"),
        "ASANA_DBT_PROFILE": PROFILE,
        "ASANA_DBT_PROJECT": str(models),
        "ASANA_DBT_TARGET": "e2e",
        "ASANA_LOADER": "target-postgres",
        "ASANA_PROJECT": str(project),
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "TARGET_POSTGRES_SQLALCHEMY_URL": database,
    }


@pytest.mark.usefixtures("meltano")
def test_airflow_builds_the_models_after_the_load(
    cosmos: dict[str, str], tmp_path: Path, asana: str, database: str
) -> None:
    """Each model is a task behind the load; those of people make a view of the people who were loaded."""

    def call(*arguments: str) -> str:
        return run([tool("AIRFLOW"), *arguments], tmp_path, cosmos)

    call("db", "migrate")
    listed = call("tasks", "list", DAG)
    tasks = {line.strip() for line in listed.splitlines()}
    assert {model for model in MODELS if not any(f"models.{model}" in task for task in tasks)} == set()

    call("tasks", "test", DAG, "asana_to_target", AT)
    for model in dict.fromkeys(chain("stg_tap_asana__users")):
        (task,) = tasks & {f"models.{model}.run", f"models.{model}_run"}
        built = call("tasks", "test", DAG, task, AT)
        assert "Completed successfully" in built, built  # Airflow's own exit code is 0 either way
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        rows = connection.execute("select count(*) from dbt_tap_asana_staging.stg_tap_asana__users").fetchone()
    assert rows == (counts(asana)["users"],)
