"""The examples for schedulers keep the rules of docs/deploying.md; e2e/ runs them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.dockerfile import parse, stages
from scripts.project import DISTRIBUTION, ROOT
from tap_asana import __version__
from tap_asana.settings import SETTINGS

EXAMPLES = ROOT / "examples"
CLAIM, CRON_JOB = yaml.safe_load_all((EXAMPLES / "kubernetes" / "cronjob.yaml").read_text(encoding="utf-8"))
WORKFLOW_TEXT = (EXAMPLES / "github-actions" / "asana.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(WORKFLOW_TEXT)
PYTHON = sorted(EXAMPLES.rglob("*.py"))


@pytest.fixture
def pod() -> dict[str, Any]:
    """Return the pod of the job for Kubernetes."""
    found: dict[str, Any] = CRON_JOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return found


def test_no_two_runs_share_a_state() -> None:
    """Kubernetes and GitHub start no run while another one is busy, and end none for the next."""
    assert CRON_JOB["spec"]["concurrencyPolicy"] == "Forbid"
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    assert CLAIM["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_the_pod_may_do_little(pod: dict[str, Any]) -> None:
    """It runs as the image's user, read-only and without capabilities, and gets no token of Kubernetes."""
    (container,) = pod["containers"]
    *_, final = stages(parse((ROOT / "Dockerfile").read_text(encoding="utf-8")))
    (user,) = (instruction.text for instruction in final if instruction.name == "USER")
    context = pod["securityContext"]
    assert f"{context['runAsUser']}:{context['runAsGroup']}" == user
    assert context["runAsNonRoot"] is True
    assert context["fsGroup"] == context["runAsGroup"], "the state's volume is writable for it"
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    assert pod["restartPolicy"] == "Never"
    (home,) = (instruction.text for instruction in final if instruction.name == "WORKDIR")
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/state", home}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert container["resources"]["limits"]["memory"]


def test_the_shards_are_pods_of_the_same_kind(pod: dict[str, Any]) -> None:
    """Each workspace has a pod, which may do no more than that of one run, and the pods share the folder of states."""
    workspaces, claim, job = yaml.safe_load_all((EXAMPLES / "kubernetes" / "shards.yaml").read_text(encoding="utf-8"))
    spec = job["spec"]["jobTemplate"]["spec"]
    gids = workspaces["data"]["workspaces"].split()
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == spec["parallelism"] == len(gids) == len(set(gids))
    shard = spec["template"]["spec"]
    (container,), (single,) = shard["containers"], pod["containers"]
    assert all(container[name] == single[name] for name in ("image", "resources", "securityContext"))
    names = ("automountServiceAccountToken", "restartPolicy", "securityContext", "terminationGracePeriodSeconds")
    assert all(shard[name] == pod[name] for name in names)
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in shard["volumes"]}
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert job["spec"]["concurrencyPolicy"] == "Forbid"


def test_the_pod_has_its_image_and_its_claim(pod: dict[str, Any]) -> None:
    """The image has the tap's version as its tag, here and in the guide, and the volume is the one that is claimed."""
    (container,) = pod["containers"]
    assert container["image"] == f"tap-asana:{__version__}"
    guide = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert set(re.findall(r"tap-asana:[\d.]+\d", guide)) == {container["image"]}
    claimed = {volume["name"]: volume.get("persistentVolumeClaim") for volume in pod["volumes"]}
    assert claimed["state"] == {"claimName": CLAIM["metadata"]["name"]}


def test_secrets_come_from_where_they_are_kept(pod: dict[str, Any]) -> None:
    """No example has a token; each takes it from the scheduler's secrets into a variable that the tap knows."""
    (container,) = pod["containers"]
    kept = {each["name"] for each in container["env"] if "secretKeyRef" in each.get("valueFrom", {})}
    assert kept == {"TAP_ASANA_ACCESS_TOKEN", "TARGET_POSTGRES_SQLALCHEMY_URL"}
    (job,) = WORKFLOW["jobs"].values()
    assert {name for name, value in job["env"].items() if "secrets." in value} == kept
    for file in filter(Path.is_file, EXAMPLES.rglob("*")):
        names = re.findall(r"\bTAP_ASANA_([A-Z_]+)\b", file.read_text(encoding="utf-8", errors="replace"))
        assert {name.lower() for name in names} <= SETTINGS["properties"].keys(), file.name


def test_the_workflow_keeps_the_state_of_a_failed_run() -> None:
    """What is fetched before a run is saved after it, whatever its end, under a key that the next run finds."""
    (job,) = WORKFLOW["jobs"].values()
    caches = [step for step in job["steps"] if step.get("uses", "").startswith("actions/cache/")]
    fetch, save = caches
    assert (fetch["with"]["path"], fetch["with"]["key"]) == (save["with"]["path"], save["with"]["key"])
    assert fetch["with"]["key"].startswith(fetch["with"]["restore-keys"])
    assert save["if"] == "always()"
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_the_workflow_installs_this_tap() -> None:
    """It installs the distribution by its name, and its actions have versions."""
    assert f"pipx install {DISTRIBUTION}\n" in WORKFLOW_TEXT
    assert all(re.fullmatch(r"[\w/-]+@v\d+", used) for used in re.findall(r"uses: (\S+)", WORKFLOW_TEXT))


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_code_of_the_examples_compiles(file: Path) -> None:
    """Each example in Python compiles, and says at its beginning what it does."""
    code = compile(file.read_text(encoding="utf-8"), file, "exec")
    assert code.co_consts
    assert '"""Load Asana' in file.read_text(encoding="utf-8")
