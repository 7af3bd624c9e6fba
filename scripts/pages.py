"""Collect the pages of the documentation's site, in the order of docs/README.md; also a hook of mkdocs: `make docs`.

The pages lie as in the repository, so that each relative link works in both. Files that they link to come with them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.project import REPOSITORY, ROOT

CONTENTS = Path("docs/README.md")
PAGES = ROOT / "site" / "pages"
DECISIONS = Path("docs/decisions")

Navigation = list[dict[str, Any]]
"""Titles with the path of a page, or with the navigation below them."""


def pages() -> list[Path]:
    """Return the paths of all pages, relative to the repository."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return sorted(file.relative_to(ROOT) for file in found)


def links(text: str) -> list[tuple[str, str]]:
    """Return the links of a page outside blocks of code, except addresses: each with its text and its target."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [(title, target) for title, target in re.findall(r"\[([^]\[]+)]\(([^)\s]+)\)", prose) if ":" not in target]


def navigation() -> Navigation:
    """Return the pages as docs/README.md orders them; a folder stands for its pages."""
    users, developers = (ROOT / CONTENTS).read_text(encoding="utf-8").split("\nFor developers:\n")
    return [*_entries(users), {"For developers": list(_entries(developers))}]


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for title, target in links(text):
        path = Path((ROOT / CONTENTS.parent / target).resolve().relative_to(ROOT))
        name = " ".join(f"{title[0].upper()}{title[1:]}".split())
        if path == DECISIONS:
            files = [path / "README.md", *sorted(file.relative_to(ROOT) for file in (ROOT / path).glob("*.md"))]
            yield {name: [file.as_posix() for file in files]}
        elif path.suffix == ".md":
            yield {name: path.as_posix()}


def collect(folder: Path = PAGES) -> None:
    """Fill a folder with all pages, the files they link to, and a page that lists the decisions."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        targets = ((ROOT / page.parent / target.partition("#")[0]).resolve() for _, target in links(text))
        files = {file.relative_to(ROOT) for file in targets if file.is_file() and file.is_relative_to(ROOT)}
        for file in {page, *files}:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / file)
        (folder / page).write_text(text.replace("](decisions/)", "](decisions/README.md)"), encoding="utf-8")
    (folder / DECISIONS / "README.md").write_text(decisions(), encoding="utf-8")


def decisions() -> str:
    """Return a page that lists the decisions by their titles."""
    files = sorted((ROOT / DECISIONS).glob("*.md"))
    titles = (file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for file in files)
    return "# Decisions\n\n" + "".join(f"- [{title}]({file.name})\n" for title, file in zip(titles, files, strict=True))


def on_config(config: dict[str, Any]) -> dict[str, Any]:
    """Give mkdocs the navigation and the repository's address."""
    config["nav"] = [{"Documentation": CONTENTS.as_posix()}, *navigation()]
    config["repo_url"] = REPOSITORY
    config["edit_uri"] = ""
    return config


if __name__ == "__main__":
    collect()
