"""A public name at the top level of a module is defined once in its whole package."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SHARED = frozenset({"logger", "main"})
"""Public names with the same meaning in every module."""


def bindings(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the names that statements define, including those in branches, each with its value if it is assigned."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, None
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
            yield from ((name.id, node.value) for name in names if isinstance(name.ctx, ast.Store))
        else:
            inner = (getattr(node, part, []) for part in ("body", "orelse", "handlers", "finalbody"))
            yield from (binding for part in inner for binding in bindings(part))


def is_type_variable(value: ast.expr | None) -> bool:
    """Return whether a value is a TypeVar or ParamSpec."""
    return isinstance(value, ast.Call) and ast.unparse(value.func) in {"TypeVar", "ParamSpec"}


def public_names(source: str) -> set[str]:
    """Return the public names that a module defines at its top level."""
    return {
        name
        for name, value in bindings(ast.parse(source).body)
        if not (name.startswith("_") or name in SHARED or is_type_variable(value))
    }


def repeated(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Return each public name that several modules define, with these modules."""
    modules: dict[str, list[str]] = defaultdict(list)
    for module, source in sorted(sources.items()):
        for name in public_names(source):
            modules[name].append(module)
    return {name: places for name, places in modules.items() if len(places) > 1}


@pytest.mark.parametrize("package", ["tap_asana", "fake_asana"])
def test_a_public_name_is_defined_in_one_module(package: str) -> None:
    """No constant, class or function at the top level of a module shares its name with one of another module."""
    files = sorted((ROOT / package).rglob("*.py"))
    sources = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}
    assert sum(len(public_names(source)) for source in sources.values()) > len(sources), "the check reads names"
    assert repeated(sources) == {}


@pytest.mark.parametrize(
    "source",
    [
        "LIMIT = 1",
        "LIMIT: int = 1",
        "FIRST, LIMIT = 1, 2",
        "def LIMIT(): ...",
        "async def LIMIT(): ...",
        "class LIMIT: ...",
        "if TYPE_CHECKING:\n    pass\nelse:\n    LIMIT = 1",
        "try:\n    import orjson\nexcept ImportError:\n    LIMIT = 1",
    ],
)
def test_a_second_definition_is_found(source: str) -> None:
    """The check finds every form of a definition."""
    assert repeated({"a": "LIMIT = 2", "b": source}) == {"LIMIT": ["a", "b"]}


def test_other_names_may_repeat() -> None:
    """Imports, private names, type variables, the logger and `main` may occur in several modules."""
    source = "from a import b\n_c = 1\nT = TypeVar('T')\n__all__ = []\nlogger = 1\ndef main(): ...\nx.y = 1\nd[e] = 1"
    assert repeated({"a": source, "b": source}) == {}
