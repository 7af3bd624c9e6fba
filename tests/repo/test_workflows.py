"""The GitHub workflows are pinned, have few permissions, and publish without a stored secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned(file: Path) -> None:
    """Each action is named by its commit, with its version behind it for people."""
    used = re.findall(r"uses: (.*)", file.read_text(encoding="utf-8"))
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_may_read_and_no_more(file: Path) -> None:
    """One job may do more: the one that publishes shows who it is. None keeps a secret or its checkout's token."""
    text = file.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert more == ({"publish": {"id-token": "write"}} if file.stem == "release" else {})
    assert "secrets." not in text
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_the_site_is_built_strictly() -> None:
    """GitHub builds the site for every change, and any warning of mkdocs fails, such as of a dead link."""
    check = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8"))
    assert {"run": "make docs"} in check["jobs"]["docs"]["steps"]
    site = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    assert site["strict"] == "true"
    assert {level for kind in site["validation"].values() for level in kind.values()} == {"warn"}


def test_each_change_is_simulated() -> None:
    """Every change plays two minutes of histories, whose seeds are new each time and printed."""
    check = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8"))
    assert {"run": "make simulate SIMULATE='--minutes 2'"} in check["jobs"]["simulate"]["steps"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m simulate $(SIMULATE)" in makefile


def test_the_weekly_runs_take_other_dependencies() -> None:
    """One has no pins, and one the SDK's main branch in the environment that `make test` then uses."""
    weekly = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    commands = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in weekly["jobs"].items()}
    assert commands["unpinned"] == ["make test PINS="]
    made, replaced, tested = commands["sdk"]
    assert (made.split()[1], tested) == (".venv/test/made", "make test")
    assert replaced.startswith(".venv/test/bin/python -m pip install")
    assert "meltano/sdk.git@main" in replaced
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "PINS := --constraint constraints.txt" in makefile
    assert "$(call venv,test,$(PINS) --editable . --group test)" in makefile


def test_dependabot_groups_its_updates_weekly() -> None:
    """Each kind of dependency of the repository is looked after, in one request for each group."""
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"pip", "github-actions", "docker"}
    assert all(each["schedule"] == {"interval": "weekly"} and each["groups"] for each in updates)


def test_the_hooks_of_git_are_what_make_runs() -> None:
    """Each hook is a command of this repository's own tools, which `make hooks` installs."""
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    entries = {hook["entry"] for hook in local["hooks"]}
    assert local["repo"] == "local"
    assert {entry.split()[0].rpartition("/")[2] for entry in entries} == {"ruff", "mypy", "make"}
    assert entries >= {"make readme", ".venv/lint/bin/mypy"}
