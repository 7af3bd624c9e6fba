"""Portfolios, and their items: projects and other portfolios."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from fake_asana.model import texts
from fake_asana.model.clock import format_day, format_instant
from fake_asana.model.custom_fields import visible_settings
from fake_asana.model.kinds import ABSENT, Kind, Record, ref, refs
from fake_asana.model.projects import PROJECT, Project, start_and_due
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.statuses import newest
from fake_asana.model.values import field_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.access import Viewer
    from fake_asana.model.custom_fields import Setting
    from fake_asana.model.kinds import Nested
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.resources import Collection
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.templates import ProjectTemplate

PORTFOLIO_COLORS = ("dark-pink", "dark-green", "light-orange", "none")


class Portfolio(Resource):
    """A portfolio, visible to its owner, its members and the service account only."""

    resource_type: ClassVar[str] = "portfolio"
    feature: ClassVar[str] = "portfolios"

    def __init__(self, gid: str, seed: int, workspace: Workspace, created: int) -> None:
        """Create an empty portfolio with an owner from the workspace."""
        super().__init__(gid, seed, workspace)
        rng = SeededRandom(seed, 1)
        self.created, self.name = created, f"{texts.title(rng)} 📁"
        self.author, self.owner = rng.pick(workspace.roster), rng.pick(workspace.roster)
        self.members: list[User] = []
        self.archived, self.public = rng.chance(30), rng.chance(40)
        self.settings: list[Nested[Setting]] = []
        self.templates: list[ProjectTemplate] = []
        self.status: StatusUpdate | None = None

    @override
    def is_visible_to(self, viewer: Viewer) -> bool:
        """Return True for its owner, its members and the service account."""
        return super().is_visible_to(viewer) and (viewer.service or viewer.user in (self.owner, *self.members))


class Item(Resource):
    """A project or portfolio at its position in a portfolio; its gid joins both gids."""

    resource_type: ClassVar[str] = "portfolio_item"

    def __init__(self, seed: int, portfolio: Portfolio, resource: Project | Portfolio, rank: int) -> None:
        """Put a resource at position `rank` of the portfolio."""
        super().__init__(f"{portfolio.gid}:{resource.gid}", seed, portfolio.workspace, portfolio, resource)
        self.portfolio, self.resource, self.rank = portfolio, resource, rank


class ItemKind(Kind[Item]):
    """The kind of portfolio items, which are shown as their project or portfolio."""

    @override
    def header(self, row: Item) -> Record:
        """Return the fields of every record of the resource."""
        return {"gid": row.resource.gid, "resource_type": row.resource.resource_type}


def items_in(items: Collection[Item], portfolio: Portfolio) -> list[Item]:
    """Return the items of a portfolio in the collection."""
    return [item for item in items.of(portfolio) if item.portfolio is portfolio]


PORTFOLIO: Kind[Portfolio] = Kind(
    "portfolio",
    {
        "name": lambda p: p.name,
        "archived": lambda p: p.archived,
        "color": lambda p: PORTFOLIO_COLORS[p.seed % len(PORTFOLIO_COLORS)],
        "start_on": lambda p: format_day(start_and_due(p.seed, p.created)[0]),
        "due_on": lambda p: format_day(start_and_due(p.seed, p.created)[1]),
        "default_access_level": lambda p: ("admin", "editor", "viewer")[p.seed // 7 % 3],
        "created_at": lambda p: format_instant(p.created),
        "created_by": lambda p: ref(p.author),
        "custom_field_settings": visible_settings,
        "current_status_update": lambda p: newest(p.status),
        "custom_fields": field_values,
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


def resource_field(name: str) -> Callable[[Item], object]:
    """Return a function for a project's field of the resource; ABSENT if portfolios have no such field."""
    of_project: Callable[[Project], object] = PROJECT.fields[name]
    of_portfolio: Mapping[str, Callable[[Portfolio], object]] = PORTFOLIO.fields

    def of(item: Item) -> object:
        if isinstance(item.resource, Project):
            return of_project(item.resource)
        return of_portfolio[name](item.resource) if name in of_portfolio else ABSENT

    return of


ITEM = ItemKind("portfolio_item", {name: resource_field(name) for name in PROJECT.fields}, opt_in=PROJECT.opt_in)
ITEM_LINK = ItemKind("portfolio_item", {"name": resource_field("name")})
"""The item without the fields of the records of projects and portfolios."""
