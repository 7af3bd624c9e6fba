"""Portfolios, and what lies in them: projects and other portfolios."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from fake_asana.model import words
from fake_asana.model.clock import day, instant
from fake_asana.model.custom_fields import shown
from fake_asana.model.kinds import ABSENT, Kind, Record, ref, refs
from fake_asana.model.projects import PROJECT, Project, span
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.statuses import newest
from fake_asana.model.values import of_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.access import Viewer
    from fake_asana.model.custom_fields import Setting
    from fake_asana.model.kinds import Inside
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.resources import Collection
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.templates import ProjectTemplate

COLORS = ("dark-pink", "dark-green", "light-orange", "none")


class Portfolio(Resource):
    """A portfolio; besides its owner and members only the service account sees it."""

    resource_type: ClassVar[str] = "portfolio"
    feature: ClassVar[str] = "portfolios"

    def __init__(self, gid: str, seed: int, workspace: Workspace, created: int) -> None:
        """A portfolio in which nothing lies, of somebody in the workspace."""
        super().__init__(gid, seed, workspace)
        dice = SeededRandom(seed, 1)
        self.created, self.name = created, f"{words.title(dice)} 📁"
        self.author, self.owner = dice.pick(workspace.roster), dice.pick(workspace.roster)
        self.members: list[User] = []
        self.archived, self.public = dice.chance(30), dice.chance(40)
        self.settings: list[Inside[Setting]] = []
        self.templates: list[ProjectTemplate] = []
        self.status: StatusUpdate | None = None

    @override
    def seen_by(self, viewer: Viewer) -> bool:
        """Its owner, its members and the service account see it."""
        return super().seen_by(viewer) and (viewer.service or viewer.user in (self.owner, *self.members))


class Item(Resource):
    """The place of a project or portfolio in a portfolio; its gid is made of both."""

    resource_type: ClassVar[str] = "portfolio_item"

    def __init__(self, seed: int, portfolio: Portfolio, thing: Project | Portfolio, rank: int) -> None:
        """A place, the `rank`-th in the portfolio."""
        super().__init__(f"{portfolio.gid}:{thing.gid}", seed, portfolio.workspace, portfolio, thing)
        self.portfolio, self.thing, self.rank = portfolio, thing, rank


class Items(Kind[Item]):
    """What lies in portfolios, shown as the thing that it is."""

    @override
    def head(self, row: Item) -> Record:
        """What every record of the thing begins with."""
        return {"gid": row.thing.gid, "resource_type": row.thing.resource_type}


def inside(items: Collection[Item], portfolio: Portfolio) -> list[Item]:
    """What lies in a portfolio, as far as the shelf knows."""
    return [item for item in items.of(portfolio) if item.portfolio is portfolio]


PORTFOLIO: Kind[Portfolio] = Kind(
    "portfolio",
    {
        "name": lambda p: p.name,
        "archived": lambda p: p.archived,
        "color": lambda p: COLORS[p.seed % len(COLORS)],
        "start_on": lambda p: day(span(p.seed, p.created)[0]),
        "due_on": lambda p: day(span(p.seed, p.created)[1]),
        "default_access_level": lambda p: ("admin", "editor", "viewer")[p.seed // 7 % 3],
        "created_at": lambda p: instant(p.created),
        "created_by": lambda p: ref(p.author),
        "custom_field_settings": shown,
        "current_status_update": lambda p: newest(p.status),
        "custom_fields": of_settings,
        "members": lambda p: refs(p.members),
        "owner": lambda p: ref(p.owner),
        "workspace": lambda p: ref(p.workspace),
        "permalink_url": lambda p: f"https://app.asana.com/0/portfolio/{p.gid}/list",
        "public": lambda p: p.public,
        "privacy_setting": lambda p: "public_to_domain" if p.public else "members_only",
        "project_templates": lambda p: refs(p.templates),
    },
    opt_in=frozenset({"archived"}),
)


def of_thing(name: str) -> Callable[[Item], object]:
    """A maker that shows a project's field of the thing; absent where a portfolio has no such field."""
    of_project: Callable[[Project], object] = PROJECT.fields[name]
    of_portfolio: Mapping[str, Callable[[Portfolio], object]] = PORTFOLIO.fields

    def of(item: Item) -> object:
        if isinstance(item.thing, Project):
            return of_project(item.thing)
        return of_portfolio[name](item.thing) if name in of_portfolio else ABSENT

    return of


ITEM = Items("portfolio_item", {name: of_thing(name) for name in PROJECT.fields}, opt_in=PROJECT.opt_in)
LINK = Items("portfolio_item", {"name": of_thing("name")})
"""The item without what the records of projects and portfolios say themselves."""
