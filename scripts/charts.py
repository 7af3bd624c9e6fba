"""The charts of the demo's report: a Vega-Lite specification for the answer to each question that is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

Rows = list[dict[str, Any]]
Spec = dict[str, Any]

TOP = 12
"""Bars of a chart."""

WEEKS = 52
"""Weeks of a chart over time."""

WITHOUT: Mapping[str, str] = {"team_name": "no team", "assignee_name": "nobody"}
"""The labels of rows without a team or a person, by column."""

UNSEEN = "\u200b"
"""A character without width, which keeps equal labels apart."""

HUE = "#4269d0"
TEAM_HUES = ("#4269d0", "#efb118", "#3ca951", "#ff725c", "#a463f2", "#6cc5b0", "#9498a0")
STATUS_HUES = {"green": "#3ca951", "yellow": "#efb118", "red": "#e15759", "blue": "#4269d0", "gray": "#9498a0"}


def field(name: str, kind: str, title: str | None, **more: object) -> Spec:
    """Return the encoding of a column: quantitative (Q), nominal (N) or temporal (T)."""
    kinds = {"Q": "quantitative", "N": "nominal", "T": "temporal"}
    return {"field": name, "type": kinds[kind], "title": title, **more}


def chart(rows: Rows, mark: Spec, **encoding: Spec) -> Spec:
    """Return a chart as wide as its card."""
    return {
        "data": {"values": rows},
        "mark": {"tooltip": True, **mark},
        "encoding": encoding,
        "width": "container",
        "height": 260,
    }


def bars(rows: Rows, label: str, value: str, title: str) -> Spec:
    """Return horizontal bars, the longest first."""
    longest = sorted(rows, key=lambda row: -(row[value] or 0))[:TOP]
    missing = WITHOUT.get(label, "none")
    return chart(
        [{**row, label: short(row[label] or missing) + UNSEEN * place} for place, row in enumerate(longest)],
        {"type": "bar", "color": HUE, "cornerRadiusEnd": 3},
        y=field(label, "N", None, sort=None, axis={"labelLimit": 190}),
        x=field(value, "Q", title),
    )


def by_week(rows: Rows, week: str, value: str, title: str) -> Spec:
    """Return the sums of the last weeks, stacked by team."""
    weeks = sorted({row[week] for row in rows})[-WEEKS:]
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row[week] in weeks:
            sums[row[week], row["team_name"] or WITHOUT["team_name"]] += row[value]
    teams = sorted({team for _, team in sums})
    return chart(
        [{"week": first, "team": team, value: total} for (first, team), total in sums.items()],
        {"type": "bar"},
        x=field("week", "T", None, timeUnit="yearweek"),
        y=field(value, "Q", title),
        color=field(
            "team",
            "N",
            None,
            scale={"domain": teams, "range": [TEAM_HUES[at % len(TEAM_HUES)] for at in range(len(teams))]},
            legend={"orient": "bottom", "columns": 3},
        ),
    )


def pairs(rows: Rows) -> Spec:
    """Return a matrix of the people who share most tasks."""
    weights: Counter[str] = Counter()
    for row in rows:
        weights.update({row["user_name"]: row["shared_tasks"], row["other_user_name"]: row["shared_tasks"]})
    busiest = {name for name, _ in weights.most_common(TOP)}
    inside = [row for row in rows if {row["user_name"], row["other_user_name"]} <= busiest]
    mirrored = [{**row, "user_name": row["other_user_name"], "other_user_name": row["user_name"]} for row in inside]
    return chart(
        [*inside, *mirrored],
        {"type": "rect"},
        x=field("user_name", "N", None, axis={"labelAngle": -40}),
        y=field("other_user_name", "N", None),
        color=field("shared_tasks", "Q", "tasks", scale={"scheme": "blues"}),
    )


def options(rows: Rows) -> Spec:
    """Return the number of tasks of each option, by field."""
    return chart(
        rows,
        {"type": "bar", "cornerRadiusEnd": 3},
        y=field("enum_option_name", "N", None),
        x=field("tasks", "Q", "tasks"),
        color=field(
            "custom_field_name", "N", None, scale={"range": list(TEAM_HUES)}, legend={"orient": "bottom", "columns": 4}
        ),
    )


def workload(rows: Rows) -> Spec:
    """Return the due tasks of the busiest people; the days away are in the label."""
    labelled = [{**row, "user_name": f"{row['user_name']}{away(row['days_away'])}"} for row in rows]
    return bars(labelled, "user_name", "due_tasks", "tasks due in 14 days")


def away(days: int) -> str:
    """Return the part of a label for the days away."""
    return f" ({days} d away)" if days else ""


def progress(rows: Rows) -> Spec:
    """Return the progress of each goal, on a scale of 0 to 100 percent."""
    spec = bars(rows, "name", "progress_percent", "percent of the way")
    spec["encoding"]["x"]["scale"] = {"domain": [0, 100], "clamp": True}
    return spec


def time_in_section(rows: Rows) -> Spec:
    """Return the mean stay in each section, over all projects."""
    days: dict[str, float] = {}
    stays: Counter[str] = Counter()
    for row in rows:
        name = row["section_name"]
        days[name] = days.get(name, 0) + row["mean_days"] * row["stays"]
        stays[name] += row["stays"]
    means = [{"section_name": name, "mean_days": days[name] / stays[name]} for name in days if stays[name] >= TOP]
    return bars(means, "section_name", "mean_days", "mean days")


def short(text: str, limit: int = 38) -> str:
    """Return a text that fits."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


CHARTS: Mapping[str, Callable[[Rows], Spec]] = {
    "completed_by_team": lambda rows: by_week(rows, "completed_week", "tasks", "completed tasks"),
    "cycle_time": lambda rows: bars(rows, "team_name", "mean_days", "mean days"),
    "overdue_by_assignee": lambda rows: bars(rows, "assignee_name", "overdue_tasks", "overdue tasks"),
    "comments_by_person": lambda rows: bars(rows, "created_by_name", "comments", "comments"),
    "working_pairs": pairs,
    "field_options": options,
    "time_in_section": time_in_section,
    "time_in_value": lambda rows: bars(
        [row for row in rows if row["custom_field_name"] == "Risk"],
        "field_value",
        "mean_days",
        "mean days (field Risk)",
    ),
    "workload": workload,
    "goal_progress": progress,
    "activity": lambda rows: by_week(rows, "week", "actions", "actions"),
}
"""The charts by question; the answers to the others are tables."""
