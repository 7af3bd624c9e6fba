"""The Dockerfile's image is built and run: by Docker where it answers, else line by line in a namespace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
import yaml
from typing_extensions import override

from e2e.conftest import ROOT, counts, mutate, run
from scripts.dockerfile import environment, parse, stages

TAG = "tap-asana:test"
TARGET = "target-jsonl==0.1.4"
BUILD, FINAL = stages(parse((ROOT / "Dockerfile").read_text(encoding="utf-8")))
CRON_JOB = list(yaml.safe_load_all((ROOT / "examples" / "kubernetes" / "cronjob.yaml").read_text(encoding="utf-8")))[1]
NOBODY: Mapping[str, str] = {}


class Image(Protocol):
    """An image that runs commands as users do: without root, and read-only except for /tmp and a folder as /state."""

    def run(self, command: Sequence[str], state: Path, variables: Mapping[str, str]) -> str:
        """Run a command in a new container to its end; return its output and log."""


class DockerImage(Image):
    """The image as Docker builds and runs it."""

    def __init__(self) -> None:
        """Build the image with a target."""
        run(["docker", "build", "--tag", TAG, "--build-arg", f"TARGET={TARGET}", "."], ROOT, os.environ)

    @override
    def run(self, command: Sequence[str], state: Path, variables: Mapping[str, str]) -> str:
        program, *arguments = command
        given = [f"--env={name}={value}" for name, value in variables.items()]
        options = ["--rm", "--read-only", "--tmpfs=/tmp", "--network=host", f"--volume={state}:/state", *given]
        return run(["docker", "run", *options, f"--entrypoint={program}", TAG, *arguments], ROOT, os.environ)


class NamespaceImage(Image):
    """The image's folders on this machine, with its Python in its place; the Dockerfile's lines run there."""

    def __init__(self, folder: Path) -> None:
        """Run the lines of the first stage, and copy what the last one copies."""
        self._mounts = {"/usr/local": Path(sys.base_prefix), "/opt": folder / "opt", "/src": folder / "src"}
        for mount in self._mounts.values():
            mount.mkdir(exist_ok=True)
        variables = {**os.environ, "PATH": environment(FINAL)["PATH"], "TARGET": TARGET}
        for name, text in BUILD:
            if name == "COPY":
                self._copy(text.split(), self._mounts["/src"])
            elif name == "RUN":
                self._inside(["sh", "-ec", text], variables, "cd /src")
        for name, text in FINAL:
            if name == "COPY" and "--from=" not in text:
                _, source, target = text.split()
                shutil.copy(ROOT / source, self._mounts["/opt"] / Path(target).relative_to("/opt"))

    @staticmethod
    def _copy(names: Sequence[str], target: Path) -> None:
        *sources, _ = names
        for source in map(ROOT.joinpath, sources):
            if source.is_dir():
                shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)

    def _inside(self, command: Sequence[str], variables: Mapping[str, str], preparation: str) -> str:
        binds = [f"mkdir -p {place} && mount --bind {folder} {place}" for place, folder in self._mounts.items()]
        script = " && ".join([*binds, preparation, 'exec "$@"'])
        return run(["/usr/bin/unshare", "--mount", "sh", "-ec", script, "sh", *command], ROOT, variables)

    @override
    def run(self, command: Sequence[str], state: Path, variables: Mapping[str, str]) -> str:
        (user,) = (instruction.text for instruction in FINAL if instruction.name == "USER")
        uid, gid = user.split(":")
        preparation = (
            f"mkdir -p /state && mount --bind {state} /state && mount -t tmpfs tmpfs /tmp"
            " && for place in / /opt /usr/local; do mount -o remount,bind,ro $place; done && cd /tmp"
        )
        drop = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        return self._inside(["setpriv", *drop, *command], {**environment(FINAL), **variables}, preparation)


def docker_answers() -> bool:
    """Return whether Docker is installed and its daemon runs."""
    command = shutil.which("docker")
    return command is not None and subprocess.run([command, "info"], check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Return the image, built."""
    if docker_answers():
        yield DockerImage()
    elif os.geteuid() == 0 and shutil.which("unshare"):
        yield NamespaceImage(tmp_path_factory.mktemp("image"))
        for place in ("/src", "/state"):  # where the folders were mounted; this machine's own are not empty
            with suppress(OSError):
                Path(place).rmdir()
    else:
        pytest.skip("neither Docker nor the rights of root for a namespace")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a folder that the image's user may write to, as the volume of Kubernetes is."""
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def test_the_image_runs_the_tap_and_a_target(image: Image, state: Path, asana: str) -> None:
    """The entry point is the tap; the command of the CronJob loads everything, and then what changed."""
    (entry,) = (json.loads(instruction.text) for instruction in FINAL if instruction.name == "ENTRYPOINT")
    assert "tap-asana v" in image.run([*entry, "--version"], state, NOBODY)

    (state / "target.json").write_text('{"destination_path": "/state", "do_timestamp_file": false}', encoding="utf-8")
    (container,) = CRON_JOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    pipe, path, _, option, _ = container["command"]
    command = [pipe, path, "target-jsonl", option, "/state/target.json"]
    variables = {"TAP_ASANA_ACCESS_TOKEN": "0/fake", "TAP_ASANA_API_URL": asana, "NO_PROXY": "127.0.0.1"}
    image.run(command, state, variables)
    tasks = state / "tasks.jsonl"
    count = counts(asana)["tasks"]
    assert len(tasks.read_text(encoding="utf-8").splitlines()) == count

    changed = mutate(asana)
    image.run(command, state, variables)
    later = [json.loads(line)["gid"] for line in tasks.read_text(encoding="utf-8").splitlines()[count:]]
    assert set(later) == changed


def test_nothing_else_can_be_written(image: Image, state: Path) -> None:
    """The image's user writes to /tmp and /state, and nowhere else, not even where the tap is installed."""
    script = "touch /tmp/a /state/b; for place in / /opt/tap /usr; do touch $place/c 2>/dev/null && exit 3; done; id -u"
    assert image.run(["sh", "-ec", script], state, NOBODY).split()[-1] == "10001"
    assert [file.name for file in state.iterdir()] == ["b"]
