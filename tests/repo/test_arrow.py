"""Imports follow one arrow through the rooms of the package, and the rooms of HTTP know no Singer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "tap_asana"

ARROW = (
    {"errors", "help_text", "settings"},
    {"config"},
    {"api"},
    {"fetch"},
    {"parents", "state"},
    {"monitor", "records", "tasks"},
    {"run"},
    {"sync"},
    {"streams"},
    {"tap"},
    {"commands"},
    {"__main__"},
)
"""The rooms; a room imports itself and rooms of earlier rows. A folder is one room."""

WITHOUT_SINGER = ("config", "api", "fetch", "parents", "state")

Imports = dict[str, set[str]]
"""The imports of each room: rooms of the package by their bare name, other packages by their top-level module."""


def imported(source: str) -> Iterator[str]:
    """Yield the dotted names that a module imports, those only for annotations included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides which room it reaches"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(name: str) -> str:
    """Return the room that a dotted name lies in, or the top-level module of somebody else's."""
    top, *rest = name.split(".")
    return rest[0] if top == PACKAGE.name and rest else top


def against(imports: Imports) -> list[str]:
    """Return each import that does not follow the arrow, as "room -> room"."""
    rows = {room: row for row, rooms in enumerate(ARROW) for room in rooms}
    return [
        f"{room} -> {other}"
        for room, others in sorted(imports.items())
        for other in sorted(others & rows.keys())
        if other != room and rows[other] >= rows.get(room, -1)
    ]


def reached(imports: Imports, room: str) -> set[str]:
    """Return the direct and indirect imports of a room."""
    found: set[str] = set()
    ahead = {room}
    while ahead:
        found |= ahead
        ahead = set().union(*(imports.get(name, set()) for name in ahead)) - found
    return found


@pytest.fixture(scope="module")
def imports() -> Imports:
    """Return the imports of all rooms of the package."""
    rooms: Imports = {}
    for file in PACKAGE.rglob("*.py"):
        room = file.relative_to(PACKAGE).with_suffix("").parts[0]
        rooms.setdefault(room, set()).update(map(room_of, imported(file.read_text(encoding="utf-8"))))
    rooms.pop("__init__")
    return rooms


def test_every_room_has_its_place_on_the_arrow(imports: Imports) -> None:
    """Every room is on the arrow, and the arrow names only existing rooms."""
    assert imports.keys() == set().union(*ARROW)


def test_imports_follow_the_arrow(imports: Imports) -> None:
    """No room imports a later one, or another one of its row."""
    assert against(imports) == []


@pytest.mark.parametrize("room", WITHOUT_SINGER)
def test_rooms_of_http_know_no_singer(imports: Imports, room: str) -> None:
    """These rooms do not import the SDK, nor does anything that they import."""
    assert "singer_sdk" not in reached(imports, room)


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
def test_an_import_against_the_arrow_is_found(source: str) -> None:
    """The check finds every form of import of the streams by the HTTP layer."""
    assert against({"api": set(map(room_of, imported(source)))}) == ["api -> streams"]


def test_singer_behind_another_room_is_found() -> None:
    """A room that imports a room that imports the SDK reaches the SDK."""
    chain = {"fetch": {"api"}, "api": set(map(room_of, imported("from singer_sdk.helpers import types")))}
    assert "singer_sdk" in reached(chain, "fetch")


def module_of(file: Path) -> str:
    """Return the dotted name of a file of the package."""
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def in_cycles(imports: Imports) -> set[str]:
    """Return the modules that reach themselves through their imports."""
    return {module for module, others in imports.items() if any(module in reached(imports, other) for other in others)}


def test_no_modules_import_each_other() -> None:
    """No file imports itself through others, imports for annotations included."""
    files = {module_of(file): file for file in PACKAGE.rglob("*.py")}
    modules: Imports = {}
    for module, file in files.items():
        names = set(imported(file.read_text(encoding="utf-8")))
        parents = {name.rpartition(".")[0] for name in names - files.keys()}
        modules[module] = (names | parents) & files.keys()
    assert modules["tap_asana.run"], "the check reads imports"
    assert in_cycles(modules) == set()


def test_a_cycle_is_found() -> None:
    """Two modules that import each other, and one that only imports them."""
    assert in_cycles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == {"a", "b"}
