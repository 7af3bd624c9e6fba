"""Imports follow the layers of each package and form no cycles, and the HTTP layers know no Singer."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS: Mapping[str, tuple[set[str], ...]] = {
    "tap_asana": (
        {"errors", "help_text", "limits", "settings", "values"},
        {"config"},
        {"sources"},
        {"api"},
        {"fetch"},
        {"parents", "state"},
        {"monitor", "records", "tasks"},
        {"run"},
        {"sync"},
        {"streams"},
        {"configured_tap"},
        {"tap"},
        {"commands"},
        {"command"},
        {"__main__"},
    ),
    "fake_asana": (
        {"messages"},
        {"model"},
        {"oracle", "seeding"},
        {"mutations"},
        {"world"},
        {"server"},
        {"__main__"},
    ),
}
"""The folders and modules of each package, lowest first: each imports itself and names of lower layers."""

WITHOUT_SINGER = ("config", "sources", "api", "fetch", "parents", "state")

DOMAIN_MODEL = "fake_asana.model."
"""Its classes refer to each other in annotations: a task names its project, and a project its tasks."""

Imports = dict[str, set[str]]
"""The imports of each folder or module: those of its own package by their bare name, others by their top-level name."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a module imports, including imports for annotations only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides the folder that it reaches"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def parse(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def at_run_time(tree: ast.Module) -> ast.Module:
    """Return a module without its imports for annotations only."""
    body = [node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    return ast.Module(body, [])


def top_of(name: str, package: str) -> str:
    """Return the folder or module of a package that holds a dotted name, or the top-level name of another package."""
    top, *rest = name.split(".")
    return rest[0] if top == package and rest else top


def upward(imports: Imports, package: str) -> list[str]:
    """Return each import from the same layer or a higher one, as "importer -> imported"."""
    rows = {name: row for row, names in enumerate(LAYERS[package]) for name in names}
    return [
        f"{importer} -> {other}"
        for importer, others in sorted(imports.items())
        for other in sorted(others & rows.keys())
        if other != importer and rows[other] >= rows.get(importer, -1)
    ]


def reachable(imports: Imports, start: str) -> set[str]:
    """Return the imports of a folder or module, direct and indirect, and itself."""
    found: set[str] = set()
    pending = {start}
    while pending:
        found |= pending
        pending = set().union(*(imports.get(name, set()) for name in pending)) - found
    return found


@cache
def imports_of(package: str) -> Imports:
    """Return the imports of the folders and modules of a package."""
    found: Imports = {}
    for file in (ROOT / package).rglob("*.py"):
        top = file.relative_to(ROOT / package).with_suffix("").parts[0]
        found.setdefault(top, set()).update(top_of(name, package) for name in imported(parse(file)))
    found.pop("__init__")
    return found


@pytest.mark.parametrize("package", LAYERS)
def test_every_folder_has_a_layer(package: str) -> None:
    """Each folder and module of the package is in one layer, and the layers name nothing else."""
    assert imports_of(package).keys() == set().union(*LAYERS[package])


@pytest.mark.parametrize("package", LAYERS)
def test_imports_follow_the_layers(package: str) -> None:
    """No folder imports another of its own layer or of a higher one."""
    assert upward(imports_of(package), package) == []


@pytest.mark.parametrize("folder", WITHOUT_SINGER)
def test_http_layers_know_no_singer(folder: str) -> None:
    """These folders import the SDK neither directly nor indirectly."""
    assert "singer_sdk" not in reachable(imports_of("tap_asana"), folder)


def test_a_start_imports_nothing_that_reads() -> None:
    """The modules for requests, traversals and conforming are imported when the first record is read."""
    source = "import sys, tap_asana.command; print(*(name for name in sys.modules if name.startswith('tap_asana')))"
    imported_names = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    readers = ("run", "api.client", "fetch.fetcher", "records.conform", "tasks.strategy", "sync.session")
    assert "tap_asana.tap" in imported_names.split()
    assert {f"tap_asana.{name}" for name in readers}.isdisjoint(imported_names.split())


@pytest.mark.parametrize(
    "source",
    [
        "from tap_asana.streams.work import Tasks",
        "from tap_asana import streams",
        "import tap_asana.streams",
        "def late():\n    from tap_asana.streams import ALL",
        "if TYPE_CHECKING:\n    from tap_asana.streams import ALL",
    ],
)
def test_an_upward_import_is_found(source: str) -> None:
    """The check finds every form of an import of the streams by the HTTP layer."""
    names = {top_of(name, "tap_asana") for name in imported(ast.parse(source))}
    assert upward({"api": names}, "tap_asana") == ["api -> streams"]


def test_an_indirect_import_of_singer_is_found() -> None:
    """A folder that imports a folder that imports the SDK reaches the SDK."""
    names = {top_of(name, "tap_asana") for name in imported(ast.parse("from singer_sdk.helpers import types"))}
    assert "singer_sdk" in reachable({"fetch": {"api"}, "api": names}, "fetch")


def module_of(file: Path) -> str:
    """Return the dotted name of a file."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def module_imports(package: str, *, run_time: bool = False) -> Imports:
    """Return the imports between the modules of a package: all, or those of run time."""
    files = {module_of(file): file for file in (ROOT / package).rglob("*.py")}
    modules: Imports = {}
    for module, file in files.items():
        names = set(imported(at_run_time(parse(file)) if run_time else parse(file)))
        parents = {name.rpartition(".")[0] for name in names - files.keys()}
        modules[module] = (names | parents) & files.keys()
    return modules


def in_cycles(imports: Imports) -> set[str]:
    """Return the modules that reach themselves through their imports."""
    return {name for name, others in imports.items() if any(name in reachable(imports, other) for other in others)}


@pytest.mark.parametrize("package", LAYERS)
def test_no_modules_import_each_other(package: str) -> None:
    """Imports form no cycle, including imports for annotations; those of the fake's domain model alone may."""
    modules = module_imports(package)
    assert any(modules.values()), "the check reads imports"
    assert {module for module in in_cycles(modules) if not module.startswith(DOMAIN_MODEL)} == set()


@pytest.mark.parametrize("package", LAYERS)
def test_no_modules_import_each_other_at_run_time(package: str) -> None:
    """Without the imports for annotations no cycle is left anywhere."""
    assert in_cycles(module_imports(package, run_time=True)) == set()


def test_a_cycle_is_found() -> None:
    """Of two modules that import each other and one that imports them, the two are in a cycle."""
    assert in_cycles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == {"a", "b"}
