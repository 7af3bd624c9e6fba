"""The demo's report is one page with every answer, and needs no network."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from scripts.charts import CHARTS
from scripts.picture import MAX_BYTES, PICTURE
from scripts.project import ROOT
from scripts.questions import questions
from scripts.report import page

EVIL = "</script><script>alert(1)</script> & <b>"


@pytest.fixture(scope="module")
def shown() -> str:
    """Return the page for answers with one row each, and text that would end a script."""
    values: dict[str, Any] = {"color": "red", "completed_week": "2026-01-05", "week": "2026-01-05"}
    names = {
        each.name: re.findall(r" as (\w+)|(?:\w\.)?(\w+)(?=[,\n])", each.query.partition("\nfrom")[0] + "\n")
        for each in questions()
    }
    counted = ("tasks", "days", "stays", "times", "actions", "comments", "percent", "hours")
    rows = {
        name: {
            column: values.get(column, 3 if column.endswith(counted) else EVIL)
            for column in (first or second for first, second in columns)
        }
        for name, columns in names.items()
    }
    counts = [{"stream": "tasks", "written": 2, "in Asana": 2}]
    return page("A page", {"rows": "2"}, {each: [rows[each.name]] for each in questions()}, counts, "/* Vega */")


def test_each_question_is_on_the_page(shown: str) -> None:
    """Each question is there with its query, and a chart or a table of its answer."""
    for each in questions():
        assert f"<h2>{each.text}</h2>" in shown
        assert (f'id="{each.name}"' in shown) == (each.name in CHARTS)
    assert set(CHARTS) <= {each.name for each in questions()}


def test_the_page_needs_no_network(shown: str) -> None:
    """Nothing on the page is loaded from elsewhere, and its policy forbids the browser to try."""
    assert "default-src 'none'" in shown
    assert re.findall(r"""(?:src|href)=|url\(|https?:""", shown) == []


def test_texts_stay_texts(shown: str) -> None:
    """A text from Asana ends no script and opens no element."""
    assert "<script>alert" not in shown
    charts = re.search(r"const charts = (.*);\n", shown)
    assert charts
    assert EVIL in json.dumps(json.loads(charts[1]))


def test_readme_opens_with_the_picture() -> None:
    """README shows the picture, and it is small."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"]({PICTURE.relative_to(ROOT)})" in readme.partition("\n## ")[0]
    assert PICTURE.stat().st_size <= MAX_BYTES
