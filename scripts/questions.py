"""The questions of `sql/questions.sql`, each with the query that answers it."""

from __future__ import annotations

import re
from typing import NamedTuple

from scripts.views import SQL

QUESTION = re.compile(r"-- (\w+): (.+)\n((?:.+\n)+)")


class Question(NamedTuple):
    """A question and its query, which runs in every dialect."""

    name: str
    text: str
    query: str


def questions() -> list[Question]:
    """Return all questions in order."""
    text = (SQL / "questions.sql").read_text(encoding="utf-8")
    return [Question(name, words, query.strip()) for name, words, query in QUESTION.findall(text)]
