"""The pages of the documentation form one site: every link and heading exists, and every page has its place.

`make docs` builds the site with mkdocs, which takes too long here; CI runs it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.pages import CONTENTS, DECISIONS, Navigation, collect, decisions, links, navigation, pages
from scripts.project import ROOT
from tap_asana.settings import SETTINGS
from tap_asana.tap import TapAsana

PAGES = pages()


def text(page: Path) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub and mkdocs both make them."""
    prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link is to a file of the repository or to the decisions, and to a heading that it has."""
    for _, target in links(text(page)):
        path, _, anchor = target.partition("#")
        file = (ROOT / page.parent / path).resolve() if path else ROOT / page
        assert file.is_file() or file == ROOT / DECISIONS, target
        assert file.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(file.relative_to(ROOT)), target


def test_links_in_code_are_none() -> None:
    """Neither addresses nor what looks like a link in a block of code is a link of the site."""
    page = "[a](b.md#c) [d](https://asana.com)\n```\n[e](f.md)\n```\n[g](#h)\n"
    assert links(page) == [("a", "b.md#c"), ("g", "#h")]


def leaves(entries: Navigation) -> Iterator[str]:
    """Yield the paths in a navigation, in its order."""
    for entry in entries:
        for below in entry.values():
            if isinstance(below, str):
                yield below
            else:
                yield from leaves([each if isinstance(each, dict) else {"": each} for each in below])


def test_every_page_has_one_place() -> None:
    """docs/README.md leads to every page, and to each once; itself begins the site."""
    places = Counter(leaves(navigation()))
    expected = {page.as_posix() for page in PAGES if page != CONTENTS} | {f"{DECISIONS.as_posix()}/README.md"}
    assert set(places) == expected
    assert [place for place, count in places.items() if count > 1] == []


def test_the_site_has_what_its_pages_link_to(tmp_path: Path) -> None:
    """The collected pages are all there, with the files they link to, and with a list of the decisions."""
    collect(tmp_path)
    assert {page for page in PAGES if not (tmp_path / page).is_file()} == set()
    for page in PAGES:
        targets = [target.partition("#")[0] for _, target in links((tmp_path / page).read_text(encoding="utf-8"))]
        assert [target for target in targets if not (tmp_path / page.parent / target).exists()] == []
    listed = links((tmp_path / DECISIONS / "README.md").read_text(encoding="utf-8"))
    assert [target for _, target in listed] == [file.name for file in sorted((ROOT / DECISIONS).glob("*.md"))]
    assert decisions().startswith("# Decisions\n\n- [")


def test_the_guide_for_migrating_names_what_exists() -> None:
    """Each name in the columns `Now` is a stream, a field, a setting or a view, alone or with the stream before it."""
    tables = re.findall(r"^\| Before \| Now \|\n\|.*\n((?:\|.*\n)+)", text(Path("docs/migrating.md")), re.MULTILINE)
    cells = [row.rsplit("|", 2)[1] for table in tables for row in table.splitlines()]
    names = {name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)}
    streams = TapAsana(validate_config=False).streams
    views = {name for file in (ROOT / "docs").glob("warehouse.md") for name in re.findall(r"`(\w+)`", text(file))}
    fields = {field for stream in streams.values() for field in stream.schema["properties"]}
    assert len(names) > len(tables) == 4
    assert names - streams.keys() - fields - SETTINGS["properties"].keys() - views == set()
