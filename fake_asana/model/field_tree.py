"""opt_fields: the text of the parameter as a tree of names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_asana.model.dialect import Dialect

Tree = dict[str, "Tree"]
GROUP = re.compile(r"^(?:(?P<stem>[^()]*)\.)?\((?P<names>[^()]*)\)(?:\.(?P<tail>[^()]*))?$")


def expand(term: str) -> list[str]:
    """The dotted paths that one term stands for: `a.(b|c)` is `a.b` and `a.c`; `this.` is dropped."""
    term = term.strip().removeprefix("this.")
    found = GROUP.match(term)
    if not found:
        return [term] if term else []
    around = found["stem"] or "", found["tail"] or ""
    return [
        ".".join(part for part in (around[0], name.strip(), around[1]) if part) for name in found["names"].split("|")
    ]


def paths(opt_fields: str) -> list[str]:
    """Every dotted path of the parameter, groups expanded."""
    return [path for term in opt_fields.split(",") for path in expand(term)]


@lru_cache(maxsize=256)
def tree(opt_fields: str) -> Tree:
    """The parameter as a tree; `a,a.b` and `a.b` are the same."""
    root: Tree = {}
    for path in paths(opt_fields):
        node = root
        for name in path.split("."):
            node = node.setdefault(name, {})
    return root


def known(tree: Tree, dialect: Dialect, unlisted: frozenset[str] = frozenset()) -> Tree:
    """The tree without the names that a dialect ignores; those `unlisted` are not documented where they are asked."""
    if unlisted and not dialect.unlisted_fields:
        tree = {name: inner for name, inner in tree.items() if name not in unlisted}
    if dialect.nested_resource_type:
        return tree
    return {name: inner and without(inner, "resource_type") for name, inner in tree.items()}


def without(tree: Tree, name: str) -> Tree:
    """The tree without a name, at any depth."""
    return {other: without(inner, name) for other, inner in tree.items() if other != name}
