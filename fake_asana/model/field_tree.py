"""The parameter opt_fields, parsed into a tree of names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_asana.model.dialect import Dialect

Tree = dict[str, "Tree"]
GROUP = re.compile(r"^(?:(?P<stem>[^()]*)\.)?\((?P<names>[^()]*)\)(?:\.(?P<tail>[^()]*))?$")


def expand(term: str) -> list[str]:
    """Return the dotted paths of one term: `a.(b|c)` means `a.b` and `a.c`; a leading `this.` is dropped."""
    term = term.strip().removeprefix("this.")
    group = GROUP.match(term)
    if not group:
        return [term] if term else []
    stem, tail = group["stem"] or "", group["tail"] or ""
    return [".".join(part for part in (stem, name.strip(), tail) if part) for name in group["names"].split("|")]


def paths(opt_fields: str) -> list[str]:
    """Return every dotted path of the parameter, groups expanded."""
    return [path for term in opt_fields.split(",") for path in expand(term)]


@lru_cache(maxsize=256)
def parse_tree(opt_fields: str) -> Tree:
    """Return the parameter as a tree; `a,a.b` and `a.b` are the same."""
    root: Tree = {}
    for path in paths(opt_fields):
        node = root
        for name in path.split("."):
            node = node.setdefault(name, {})
    return root


def supported(tree: Tree, dialect: Dialect, unlisted: frozenset[str] = frozenset()) -> Tree:
    """Return the tree without the names that the dialect ignores; no list documents the `unlisted` ones."""
    if unlisted and not dialect.unlisted_fields:
        tree = {name: subtree for name, subtree in tree.items() if name not in unlisted}
    if dialect.nested_resource_type:
        return tree
    return {name: subtree and without(subtree, "resource_type") for name, subtree in tree.items()}


def without(tree: Tree, name: str) -> Tree:
    """Return the tree without a name, at any depth."""
    return {other: without(subtree, name) for other, subtree in tree.items() if other != name}
