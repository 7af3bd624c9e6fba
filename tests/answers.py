"""The right answers to the questions of sql/questions.sql, computed from Asana's own records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from itertools import combinations
from statistics import mean
from typing import Any

from histories import Stay, section_stays, value_stays
from nested import Row, Rows, inner

from fake_asana.world import World

STREAMS = (
    *("users", "teams", "team_memberships", "workspace_memberships", "projects", "sections", "tasks", "stories"),
    *("custom_fields", "goals", "status_updates", "allocations", "ooo_entries"),
)
COLORS: Mapping[str | None, str] = {
    "on_track": "green",
    "complete": "green",
    "at_risk": "yellow",
    "off_track": "red",
    "on_hold": "blue",
    "dropped": "gray",
}
HORIZON_DAYS = 14
DAY_SECONDS = 86_400
FAR_DAY = "2100-01-01"
Answers = Mapping[str, list[tuple[Any, ...]]]
"""The rows of the answer to each question."""


def instant(text: str) -> datetime:
    """Return a timestamp of a record."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Truth:
    """What a token sees of Asana at one moment, and what a person would answer from it."""

    def __init__(self, records: Mapping[str, Rows], now: datetime) -> None:
        """Keep the records of STREAMS."""
        self.records = records
        self.now = now
        self.today = self.now.date()
        self.tasks = {row["gid"]: row for row in self.records["tasks"]}
        self.projects = {row["gid"]: row for row in self.records["projects"]}
        self.teams = {row["gid"]: row["name"] for row in self.records["teams"]}
        self.people = {user["gid"]: user["name"] for user in people_in([*records.values()]) if "name" in user}
        self.stories = [row for row in self.records["stories"] if row["task_gid"] in self.tasks]

    def name(self, person: Row | None) -> str | None:
        """Return the present name of a person."""
        return self.people.get(person["gid"], person["name"]) if person else None

    def answers(self) -> Answers:
        """Return the rows of each answer, in no order."""
        found: Mapping[str, Callable[[], Iterator[tuple[Any, ...]]]] = {
            "completed_by_team": self.completed_by_team,
            "cycle_time": self.cycle_time,
            "overdue_by_assignee": self.overdue_by_assignee,
            "comments_by_person": self.comments_by_person,
            "working_pairs": self.working_pairs,
            "field_options": self.field_options,
            "time_in_section": self.time_in_section,
            "time_in_value": self.time_in_value,
            "workload": self.workload,
            "goal_progress": self.goal_progress,
            "project_health": self.project_health,
            "stale_tasks": self.stale_tasks,
            "reopened_tasks": self.reopened_tasks,
            "activity": self.activity,
        }
        return {name: list(answer()) for name, answer in found.items()}

    def root(self, task: Row) -> Row:
        """Return the top task above a task."""
        parent = self.tasks.get(inner(task, "parent", "gid"))
        return self.root(parent) if parent else task

    def task_teams(self, task: Row) -> set[str | None]:
        """Return the teams of a task's projects or of its top task's; None alone if there are none."""
        places = task["projects"] or self.root(task)["projects"]
        projects = (self.projects.get(place["gid"]) for place in places)
        return {project["team"]["gid"] for project in projects if project and project["team"]} or {None}

    def completions(self) -> Iterator[tuple[str | None, datetime, float]]:
        """Yield the team, the time and the days since the creation of each completed task."""
        for task in self.tasks.values():
            if task["completed"]:
                ended, begun = instant(task["completed_at"]), instant(task["created_at"])
                for team in self.task_teams(task):
                    yield team, ended, (ended - begun).total_seconds() / DAY_SECONDS

    def completed_by_team(self) -> Iterator[tuple[Any, ...]]:
        """Count the completed tasks of each team and week."""
        counts = Counter((team, monday(ended)) for team, ended, _ in self.completions())
        return ((self.teams.get(team or ""), str(week), count) for (team, week), count in counts.items())

    def cycle_time(self) -> Iterator[tuple[Any, ...]]:
        """Average the days of each team."""
        days: dict[str | None, list[float]] = defaultdict(list)
        for team, _, cycle in self.completions():
            days[team].append(cycle)
        return ((self.teams.get(team or ""), len(cycles), mean(cycles)) for team, cycles in days.items())

    def overdue(self) -> list[Row]:
        """Return the open tasks whose due time or day is over."""
        return [
            task
            for task in self.tasks.values()
            if not task["completed"]
            and (
                instant(task["due_at"]) < self.now
                if task["due_at"]
                else bool(task["due_on"]) and date.fromisoformat(task["due_on"]) < self.today
            )
        ]

    def overdue_by_assignee(self) -> Iterator[tuple[Any, ...]]:
        """Count the overdue tasks of each person, and of nobody."""
        late: dict[str | None, list[Row]] = defaultdict(list)
        for task in self.overdue():
            late[inner(task, "assignee", "gid")].append(task)
        for tasks in late.values():
            days = max((self.today - date.fromisoformat(task["due_on"])).days for task in tasks)
            yield self.name(tasks[0]["assignee"]), len(tasks), days

    def comments_by_person(self) -> Iterator[tuple[Any, ...]]:
        """Count the comments of each person."""
        authors = [row["created_by"] for row in self.stories if row["type"] == "comment"]
        counts = Counter(author and author["gid"] for author in authors)
        return ((self.people.get(gid), count) for gid, count in counts.items())

    def working_pairs(self) -> Iterator[tuple[Any, ...]]:
        """Count the tasks of each pair of people with a part in them."""
        parts = {
            gid: {inner(task, "created_by", "gid"), inner(task, "assignee", "gid")} for gid, task in self.tasks.items()
        }
        for story in self.stories:
            parts[story["task_gid"]].add(inner(story, "created_by", "gid"))
        pairs = Counter(pair for people in parts.values() for pair in combinations(sorted(people - {None}), 2))
        return ((self.people[first], self.people[second], count) for (first, second), count in pairs.items())

    def field_options(self) -> Iterator[tuple[Any, ...]]:
        """Count the tasks of each chosen option."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for task in self.tasks.values():
            for field in task["custom_fields"]:
                chosen = [*(field.get("multi_enum_values") or ()), *filter(None, [field.get("enum_value")])]
                counts.update((field["name"], option["gid"], option["name"]) for option in chosen)
        return ((field, option, count) for (field, _, option), count in counts.items())

    def time_in_section(self) -> Iterator[tuple[Any, ...]]:
        """Average the stays in each section."""
        sections = {row["gid"]: row for row in self.records["sections"]}
        projects = {gid: inner(section, "project", "gid") for gid, section in sections.items()}
        stays = section_stays(self.tasks, self.stories, projects)
        return self.means(stays, lambda place: (self.projects[projects[place[1]]]["name"], sections[place[1]]["name"]))

    def time_in_value(self) -> Iterator[tuple[Any, ...]]:
        """Average the stays at each value."""
        stays = [stay for stay in value_stays(self.tasks, self.stories) if stay.place[1] is not None]
        former = (row["custom_field"] for row in self.stories if row.get("custom_field"))
        names = {row["gid"]: row["name"] for row in [*former, *self.records["custom_fields"]]}
        return self.means(stays, lambda place: (names[place[0]], place[1]))

    def means(
        self, stays: list[Stay], label: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    ) -> Iterator[tuple[Any, ...]]:
        """Average the days of the stays at each place."""
        days: dict[tuple[Any, ...], list[float]] = defaultdict(list)
        for stay in stays:
            days[stay.place].append(((stay.left or self.now) - stay.entered).total_seconds() / DAY_SECONDS)
        return ((*label(place), len(lengths), mean(lengths)) for place, lengths in days.items())

    def workload(self) -> Iterator[tuple[Any, ...]]:
        """Sum up the next two weeks of each member."""
        days = {self.today + timedelta(later) for later in range(HORIZON_DAYS)}
        members = {row["user"]["gid"] for row in self.records["workspace_memberships"] if row["is_active"]}
        for gid in members:
            due = [
                task
                for task in self.tasks.values()
                if not task["completed"]
                and inner(task, "assignee", "gid") == gid
                and task["due_on"]
                and date.fromisoformat(task["due_on"]) in days
            ]
            hours, percents = self.allocated(gid, days)
            away = set().union(*(span(row) & days for row in self.records["ooo_entries"] if row["user"]["gid"] == gid))
            yield self.people[gid], len(due), sum(hours) if hours else None, max(percents, default=None), len(away)

    def allocated(self, gid: str, days: set[date]) -> tuple[list[float], list[float]]:
        """Return the hours of each allocation and day, and the sum of percents of each day."""
        hours: list[float] = []
        percents: dict[date, float] = defaultdict(float)
        for row in self.records["allocations"]:
            for day in span(row) & days if row["assignee"]["gid"] == gid and row["effort"] else ():
                if row["effort"]["type"] == "hours":
                    hours.append(row["effort"]["value"])
                else:
                    percents[day] += row["effort"]["value"]
        return hours, list(percents.values())

    def goal_progress(self) -> Iterator[tuple[Any, ...]]:
        """Return the part of the way that each goal has come."""
        for goal in self.records["goals"]:
            metric = goal["metric"]
            way = metric and metric["target_number_value"] - metric["initial_number_value"]
            if way:
                done = metric["current_number_value"] - metric["initial_number_value"]
                yield goal["name"], self.name(goal["owner"]), 100 * done / way

    def project_health(self) -> Iterator[tuple[Any, ...]]:
        """Return the newest report on each project that is not archived, and the number of its tasks."""
        late = {task["gid"] for task in self.overdue()}
        for project in self.projects.values():
            reports = [row for row in self.records["status_updates"] if row["parent"]["gid"] == project["gid"]]
            newest = max(reports, key=lambda row: (row["created_at"], row["gid"]), default={})
            kind = newest.get("status_type")
            inside = [task for task in self.tasks.values() if project["gid"] in gids(task["projects"])]
            still_open = [task for task in inside if not task["completed"]]
            overdue = [task for task in inside if task["gid"] in late]
            if not project["archived"]:
                yield project["name"], kind, COLORS.get(kind), len(still_open), len(overdue)

    def stale_tasks(self) -> Iterator[tuple[Any, ...]]:
        """Return the open tasks without a change or story for 90 days."""
        newest = {gid: task["modified_at"] for gid, task in self.tasks.items()}
        for story in self.stories:
            newest[story["task_gid"]] = max(newest[story["task_gid"]], story["created_at"])
        for gid, task in self.tasks.items():
            idle = (self.now - instant(newest[gid])).total_seconds() / DAY_SECONDS
            if not task["completed"] and idle > 90:
                yield task["name"], self.name(task["assignee"]), idle

    def reopened_tasks(self) -> Iterator[tuple[Any, ...]]:
        """Return the times of the reopenings of each task."""
        times: dict[str, list[str]] = defaultdict(list)
        for story in self.stories:
            if story["resource_subtype"] == "marked_incomplete":
                times[story["task_gid"]].append(story["created_at"])
        return ((self.tasks[gid]["name"], len(reopened), max(reopened)) for gid, reopened in times.items())

    def activity(self) -> Iterator[tuple[Any, ...]]:
        """Count the actions of each person and week, once for each of their teams."""
        actions = Counter((inner(row, "created_by", "gid"), monday(instant(row["created_at"]))) for row in self.stories)
        actions.update((task["created_by"]["gid"], monday(instant(task["created_at"]))) for task in self.tasks.values())
        emails = {row["gid"]: row["email"] for row in self.records["users"]}
        teams: dict[str, list[str | None]] = defaultdict(list)
        for row in self.records["team_memberships"]:
            teams[row["user"]["gid"]].append(self.teams[row["team"]["gid"]])
        for (gid, week), count in actions.items():
            for team in teams.get(gid) or [None] if gid else ():
                yield self.people[gid], emails.get(gid), team, str(week), count


def seen(world: World, token: str) -> Truth:
    """Return what a token sees of a world now."""
    records = {name: [dict(row) for row in world.expected_records(name, token).values()] for name in STREAMS}
    return Truth(records, datetime.fromtimestamp(world.now() / 1000, timezone.utc))


def people_in(value: Any) -> Iterator[Row]:  # noqa: ANN401 - any JSON value
    """Yield each person inside a value."""
    if isinstance(value, dict):
        if value.get("resource_type") == "user":
            yield value
        value = [*value.values()]
    if isinstance(value, list):
        for part in value:
            yield from people_in(part)


def work(world: World) -> None:
    """Let people work for a day, and delete the project with most tasks."""
    world.mutate()
    world.delete_project(max(world.projects.values(), key=lambda project: (len(project.tasks), project.gid)).gid)


def monday(moment: datetime) -> date:
    """Return the first day of a week."""
    return moment.date() - timedelta(moment.weekday())


def span(row: Row) -> set[date]:
    """Return the days of an allocation or an absence; one without an end lasts."""
    first, last = date.fromisoformat(row["start_date"]), date.fromisoformat(row["end_date"] or FAR_DAY)
    return {first + timedelta(later) for later in range((last - first).days + 1)}


def gids(rows: Rows) -> set[str]:
    """Return the gids of objects in a list."""
    return {row["gid"] for row in rows}
