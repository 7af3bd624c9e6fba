"""Goals, their metrics and supporters, and time periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from typing_extensions import override

from fake_asana.model import texts
from fake_asana.model.clock import format_day
from fake_asana.model.custom_fields import visible_settings
from fake_asana.model.kinds import Kind, Record, ref, refs
from fake_asana.model.projects import start_and_due
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.statuses import newest
from fake_asana.model.values import field_values

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.custom_fields import Setting
    from fake_asana.model.kinds import Nested
    from fake_asana.model.people import Team, User, Workspace
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.projects import Project
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.stories import Story
    from fake_asana.model.tasks import Task

    Support: TypeAlias = "Goal | Project | Portfolio | Task"

GOAL_STATUSES = ("green", "yellow", "red", "achieved", "missed", None)
METRIC_UNITS = (("none", None), ("currency", "EUR"), ("percentage", None))
PROGRESS_SOURCES = ("manual", "subgoal_progress", "project_task_completion", "task_completion", "external")
METRIC_RANGES = ((0, 0.25), (5.2, 10.2), (0, 1_000_000_000_000.5), (-3, 2.5e-7), (0, 9_007_199_254_740_991))


class Goal(Resource):
    """A goal of the organization or of a team; a private one is visible to its owner and followers only."""

    resource_type: ClassVar[str] = "goal"
    feature: ClassVar[str] = "goals"

    def __init__(self, gid: str, seed: int, workspace: Workspace, created: int) -> None:
        """Create a public goal of the organization, without a metric."""
        super().__init__(gid, seed, workspace)
        rng = SeededRandom(seed, 1)
        self.created, self.name, self.notes = created, f"{texts.title(rng)} 🎯", texts.prose(rng)
        self.owner: User | None = rng.pick(workspace.roster) if rng.chance(80) else None
        self.followers: list[User] = rng.sample(workspace.roster, 4)
        self.private = False
        self.team: Team | None = None
        self.period: Period | None = None
        self.metric: str | None = None
        self.current_value: float | None = None
        self.settings: list[Nested[Setting]] = []
        self.stories: list[Story] = []
        self.status: StatusUpdate | None = None

    @override
    def is_visible_to(self, viewer: Viewer) -> bool:
        """Return True for everybody, unless the goal is private."""
        is_shared = viewer.service or not self.private or viewer.user in (self.owner, *self.followers)
        return is_shared and super().is_visible_to(viewer)


class Relationship(Resource):
    """A supporter of a goal, and its weight."""

    resource_type: ClassVar[str] = "goal_relationship"
    feature: ClassVar[str] = "goals"

    def __init__(self, gid: str, seed: int, goal: Goal, support: Support) -> None:
        """Create a supporter with a weight from its seed."""
        super().__init__(gid, seed, goal.workspace, goal, support)
        self.goal, self.support, self.weight = goal, support, (0, 0.1, 0.3333333333, 1)[seed % 4]


def metric(goal: Goal) -> Record | None:
    """Return the metric, with fractions and large numbers; None for some goals."""
    if goal.metric is None:
        return None
    unit, currency = METRIC_UNITS[goal.seed % 3]
    first, last = METRIC_RANGES[goal.seed // 3 % len(METRIC_RANGES)]
    current = (
        goal.current_value if goal.current_value is not None else first + (last - first) * (goal.seed // 17 % 10) / 9
    )
    return {
        "gid": goal.metric,
        "resource_type": "goal_metric",
        "resource_subtype": "number",
        "precision": goal.seed // 15 % 7,
        "unit": unit,
        "currency_code": currency,
        "initial_number_value": first,
        "target_number_value": last,
        "current_number_value": current,
        "current_display_value": f"{current:,.2f}",
        "progress_source": PROGRESS_SOURCES[goal.seed // 5 % len(PROGRESS_SOURCES)],
        "is_custom_weight": goal.seed % 2 == 0,
        "can_manage": goal.seed % 7 != 0,
    }


def goal_likes(goal: Goal) -> list[Record]:
    """Return the likes of the goal."""
    people = SeededRandom(goal.seed, 4).sample(goal.workspace.roster, 3) if goal.seed % 2 else []
    return [{"gid": f"{goal.gid}{index}", "user": ref(user)} for index, user in enumerate(people)]


def goal_ref(goal: Goal) -> Record:
    """Return a goal in the form that other records use."""
    return {"gid": goal.gid, "resource_type": "goal", "name": goal.name, "owner": ref(goal.owner)}


GOAL: Kind[Goal] = Kind(
    "goal",
    {
        "name": lambda g: g.name,
        "html_notes": lambda g: texts.html(g.notes),
        "notes": lambda g: g.notes,
        "due_on": lambda g: format_day(start_and_due(g.seed, g.created)[1]),
        "start_on": lambda g: format_day(start_and_due(g.seed, g.created)[0]),
        "is_workspace_level": lambda g: g.team is None,
        "liked": lambda g: g.seed % 3 == 0,
        "likes": goal_likes,
        "num_likes": lambda g: len(goal_likes(g)),
        "team": lambda g: ref(g.team),
        "workspace": lambda g: ref(g.workspace),
        "followers": lambda g: refs(g.followers),
        "time_period": lambda g: g.period and PERIOD.compact_record(g.period),
        "metric": metric,
        "owner": lambda g: ref(g.owner),
        "current_status_update": lambda g: newest(g.status),
        "status": lambda g: GOAL_STATUSES[g.seed // 11 % len(GOAL_STATUSES)],
        "privacy_setting": lambda g: "members_only" if g.private else "public_to_workspace",
        "default_access_level": lambda g: ("admin", "editor", "commenter", "viewer")[g.seed // 13 % 4],
        "custom_fields": field_values,
        "custom_field_settings": visible_settings,
    },
    compact=("name", "owner"),
    opt_in=frozenset({"privacy_setting", "default_access_level"}),
)
RELATIONSHIP: Kind[Relationship] = Kind(
    "goal_relationship",
    {
        "resource_subtype": lambda r: "subgoal" if r.support.resource_type == "goal" else "supporting_work",
        "supporting_resource": lambda r: ref(r.support),
        "contribution_weight": lambda r: r.weight,
        "supported_goal": lambda r: goal_ref(r.goal),
    },
    compact=("resource_subtype", "supporting_resource", "contribution_weight"),
)

HALVES = {"H1": (1, 6), "H2": (7, 12)}
QUARTERS = {"Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}
DAYS = {3: 31, 6: 30, 9: 30, 12: 31}


class Period(Resource):
    """A fiscal year or a part of one; a year has no parent."""

    resource_type: ClassVar[str] = "time_period"
    feature: ClassVar[str] = "goals"

    def __init__(  # noqa: PLR0917 - a gid and its seed, then the fields of the period
        self,
        gid: str,
        seed: int,
        workspace: Workspace,
        year: int,
        cadence: str,
        parent: Period | None,
    ) -> None:
        """Create the part of a year that its cadence names."""
        super().__init__(gid, seed, workspace)
        self.cadence, self.parent = cadence, parent
        first, last = {**HALVES, **QUARTERS}.get(cadence, (1, 12))
        self.start, self.end = f"{year}-{first:02}-01", f"{year}-{last:02}-{DAYS[last]}"
        self.name = f"{cadence} FY{year % 100:02}" if parent else f"FY{year % 100:02}"


PERIOD: Kind[Period] = Kind(
    "time_period",
    {
        "end_on": lambda p: p.end,
        "start_on": lambda p: p.start,
        "period": lambda p: p.cadence,
        "display_name": lambda p: p.name,
        "parent": lambda p: p.parent and PERIOD.compact_record(p.parent),
    },
    compact=("end_on", "start_on", "period", "display_name"),
)
