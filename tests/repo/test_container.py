"""The Dockerfile is small and safe; e2e/test_container.py builds and runs it."""

from __future__ import annotations

import fnmatch
import re

import pytest

from scripts.dockerfile import broken_rules, environment, parse, stages
from scripts.project import PYTHON_VERSIONS, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_dockerfile_keeps_the_rules() -> None:
    """No rule is broken, and the Python is one that the tap supports."""
    assert broken_rules(DOCKERFILE) == []
    assert set(re.findall(r"FROM python:(3\.\d+)", DOCKERFILE)) <= set(PYTHON_VERSIONS)


@pytest.mark.parametrize(
    ("line", "changed", "rule"),
    [
        ("FROM python:3.13-slim-trixie\n", "FROM python:slim\n", "FROM python:slim: not a slim image"),
        ("FROM python:3.13-slim-trixie\n", "FROM python:latest\n", "FROM python:latest: not a slim image"),
        ("USER 10001:10001", "USER root", "USER: the last one"),
        ("USER 10001:10001", "USER 0", "USER: the last one"),
        ("USER 10001:10001", "", "USER: missing"),
        ('ENTRYPOINT ["tap-asana"]', "ENTRYPOINT tap-asana", "ENTRYPOINT tap-asana: a shell"),
        ("HEALTHCHECK NONE", "", "HEALTHCHECK: missing"),
        ("HEALTHCHECK NONE", "RUN true", "RUN: the last stage"),
        ("WORKDIR /tmp", "ENV ASANA_TOKEN=0/1", "ENV ASANA_TOKEN=0/1: stays in the image"),
        ("WORKDIR /tmp", "ADD https://asana.com /x", "ADD https://asana.com /x: COPY"),
        (" --no-cache-dir", "", "RUN mkdir /opt/state"),
    ],
)
def test_each_rule_can_be_broken(line: str, changed: str, rule: str) -> None:
    """A Dockerfile with one line wrong breaks the rule for it."""
    assert line in DOCKERFILE
    assert any(broken.startswith(rule) for broken in broken_rules(DOCKERFILE.replace(line, changed, 1)))


def test_the_image_gets_only_what_is_named() -> None:
    """Nothing of the folder goes to Docker but what the Dockerfile copies, and that exists."""
    copied = {
        source
        for name, text in parse(DOCKERFILE)
        if name == "COPY" and "--from=" not in text
        for source in [word for word in text.split() if not word.startswith("--")][:-1]
    }
    assert IGNORED[[line for line in IGNORED if not line.startswith("#")].index("*") + 1] == "*"
    allowed = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}
    assert copied == allowed
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    assert not any(fnmatch.fnmatch(name, pattern) for name in (".env", "config.json") for pattern in allowed)


def test_the_image_writes_to_its_temporary_folder_only() -> None:
    """With a read-only root, the home folder is the temporary one, and Python writes no bytecode."""
    *_, final = stages(parse(DOCKERFILE))
    variables = environment(final)
    (folder,) = (instruction.text for instruction in final if instruction.name == "WORKDIR")
    assert (variables["HOME"], variables["PYTHONDONTWRITEBYTECODE"]) == (folder, "1")
    assert variables["PATH"].split(":")[0] == "/opt/tap/bin"
