"""The distribution as users get it: packed, built from that pack, installed without the source tree, and run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

from scripts.pipeline import served
from scripts.project import DISTRIBUTION, MAINTAINER, REPOSITORY, ROOT
from tap_asana import __version__
from tap_asana.tap import TapAsana

FILE_NAME = f"{DISTRIBUTION.replace('-', '_')}-{__version__}"
"""The beginning of the names of files and folders of the distribution."""

SELECTED = ("workspaces", "projects", "tasks")


class Installed(NamedTuple):
    """A wheel, and the folder of programs of the environment that it is installed in."""

    wheel: Path
    programs: Path

    def run(self, *command: str | Path) -> str:
        """Run a program of the environment outside the source tree; return its output."""
        program, *arguments = command
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
        return done([self.programs / program, *arguments], cwd=self.wheel.parent, env={**kept, "NO_PROXY": "127.0.0.1"})

    def metadata(self) -> Message:
        """Return the metadata that an index shows."""
        with zipfile.ZipFile(self.wheel) as wheel:
            return Parser().parsestr(wheel.read(f"{FILE_NAME}.dist-info/METADATA").decode())


def done(command: Sequence[str | Path], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command; return its output, and fail with its log."""
    ended = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel from the source distribution; install it where its dependencies are, but not the source tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-d", folder, "-t"]
    done([*build, "sdist"], cwd=ROOT)
    (pack,) = folder.glob("*.tar.gz")
    assert pack.name == f"{FILE_NAME}.tar.gz"
    shutil.unpack_archive(pack, folder, filter="data")
    done([*build, "wheel"], cwd=folder / FILE_NAME)
    (wheel,) = folder.glob("*.whl")
    home = folder / "venv"
    venv.create(home, with_pip=False)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        programs / "python",
        "--disable-pip-version-check",
        "--quiet",
    ]
    done([*pip, "install", "--no-index", "--no-deps", wheel], cwd=folder)
    # No .pth file of that folder is read, so an editable install there does not add the source tree.
    (site,) = home.rglob("site-packages")
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return Installed(wheel, programs)


def test_the_wheel_holds_the_package_and_nothing_else(installed: Installed) -> None:
    """Every module, the mark that it is typed and the license are in it; neither the fake nor tests are."""
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tap_asana").rglob("*.py")}
    about = f"{FILE_NAME}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == {*package, "tap_asana/py.typed"}
    assert {f"{about}METADATA", f"{about}licenses/LICENSE"} <= names


def test_the_wheel_bounds_its_dependencies(installed: Installed) -> None:
    """Each requirement has a lower bound and, except for the typing backports, an upper bound."""
    about = installed.metadata()
    required = [Requirement(line) for line in about.get_all("Requires-Dist", [])]
    assert {each.name for each in required} >= {"msgspec", "requests", "singer-sdk"}
    for each in required:
        bounds = {bound.operator for bound in each.specifier}
        assert bounds & {">=", "~="}, each
        assert bounds & {"<", "~="} or each.name == "typing-extensions", each


def test_an_index_shows_whose_it_is_and_where(installed: Installed) -> None:
    """The name is not the command's, which is another connector on the index; the address is where the source is."""
    about = installed.metadata()
    assert about["Name"] == DISTRIBUTION != TapAsana.name
    assert about["Author"] == MAINTAINER
    addresses = dict(line.split(", ") for line in about.get_all("Project-URL", []))
    assert addresses["Repository"] == REPOSITORY
    assert all(address.startswith(REPOSITORY) for address in addresses.values())
    assert len(about.get_payload()) > len("# tap-asana")


def test_the_name_is_written_once_in_code() -> None:
    """No module has the name of the distribution: all read it from pyproject.toml or from what is installed."""
    folders = ("tap_asana", "fake_asana", "scripts", "bench", "tests", "e2e")
    modules = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert [file.name for file in modules if DISTRIBUTION in file.read_text(encoding="utf-8")] == []


def test_the_installed_tap_runs(installed: Installed) -> None:
    """It prints its version and catalog, reads a small Asana over a connection, and checks that connection."""
    where = installed.run("python", "-c", "import tap_asana; print(tap_asana.__file__)")
    assert Path(where.strip()).is_relative_to(installed.programs.parent)
    assert installed.run("tap-asana", "--version").startswith(f"tap-asana v{__version__}, ")
    assert json.loads(installed.run("tap-asana", "--about", "--format", "json"))["supported_python_versions"]
    for program in ("tap-asana-login", "tap-asana-state"):
        assert __version__ in installed.run(program, "--version")
    catalog = json.loads(installed.run("tap-asana", "--discover"))
    assert {entry["stream"] for entry in catalog["streams"]} == set(TapAsana(validate_config=False).streams)
    config = installed.wheel.with_name("config.json")
    with served("--tasks", "20", "--projects", "2") as address:
        config.write_text(json.dumps({"access_token": "0/fake", "api_url": address}), encoding="utf-8")
        lines = installed.run("tap-asana", "--config", config).splitlines()
        assert "A first run of" in installed.run("tap-asana-login", "--check", "--config", config)
    streams = [message["stream"] for message in map(json.loads, lines) if message["type"] == "RECORD"]
    assert set(SELECTED) <= set(streams)
    assert json.loads(lines[-1])["type"] == "STATE"
