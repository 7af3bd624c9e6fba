"""The audit log of an organization: who came and went before the world began, and what was deleted since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from fake_asana.model.clock import DAY, instant
from fake_asana.model.events import event_ref
from fake_asana.model.kinds import Kind, Open, Record
from fake_asana.model.people import email
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.stories import COMMENT, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.access import Viewer
    from fake_asana.model.events import Event
    from fake_asana.model.field_tree import Tree
    from fake_asana.model.people import User, Workspace
from fake_asana.model.state import State

FEATURE = "audit_log"
KEPT = 90 * DAY
AGE = 120 * DAY
PAST = 400  # events before the world began, some of which are not kept any more
ROOM = 1_000_000
FIRST = 1_300_000_000_000_000
LOGGED = frozenset(
    {
        *("task", "project", "portfolio", "goal", "custom_field", "message", "team", "attachment", "status_update"),
        *("task_template", "project_template", "story"),
    },
)
ENDINGS = {"deleted": "deleted", "undeleted": "undeleted", "purged": "permanently_deleted"}
COMINGS = (
    *(("user_login_succeeded", "logins"),) * 6,
    ("user_login_failed", "logins"),
    ("user_logged_out", "logins"),
    ("user_password_changed", "user_updates"),
    ("user_workspace_admin_role_changed", "roles"),
    ("team_member_added", "team_updates"),
)
PROGRAMS = ("Mozilla/5.0 (X11; Linux x86_64)", "Asana/2.4 (Desktop)", "curl/8.5 ünï")


@dataclass(frozen=True)
class Entry:
    """One entry of the log; `number` tells entries of one instant apart."""

    number: int
    at: int
    event_type: str
    category: str
    author: User | None
    resource: Record
    dice: int

    @property
    def gid(self) -> str:
        """The globally unique id."""
        return str(FIRST + self.number * 7)


def entries(state: State, workspace: Workspace) -> list[Entry]:
    """What is still kept of a workspace's log, oldest first."""
    oldest = state.now() - KEPT
    found = [*comings(state, workspace), *deletions(state, workspace)]
    return [entry for entry in found if entry.at >= oldest]


def comings(state: State, workspace: Workspace) -> Iterator[Entry]:
    """The logins and the like of the months before the world began."""
    place = list(state.workspaces).index(workspace.gid) * PAST
    for at in range(PAST):
        dice = SeededRandom(workspace.seed, 12, at)
        moment = state.born - AGE + at * (AGE // PAST) + dice.below(AGE // PAST)
        kind, category = dice.pick(COMINGS)
        user = dice.pick(workspace.roster)
        resource = {**(event_ref(user) or {}), "email": email(user)}
        yield Entry(place + at, moment, kind, category, user, resource, dice.below(ROOM))


def deletions(state: State, workspace: Workspace) -> Iterator[Entry]:
    """What was deleted, undeleted or purged since."""
    for at, event in enumerate(state.history):
        if (
            event.told
            and event.action in ENDINGS
            and event.resource_type in LOGGED
            and workspace.gid in event.ownership
        ):
            dice, resource = SeededRandom(state.seed, 13, at).below(ROOM), event_ref(event.row) or {}
            yield Entry(ROOM + at, event.at, event_type(event), "deletion", event.author, resource, dice)


def event_type(event: Event) -> str:
    """What the log calls an event; comments are told apart from other stories."""
    comment = isinstance(event.row, Story) and event.row.subtype == COMMENT
    return f"{'comment' if comment else event.resource_type}_{ENDINGS[event.action]}"


def actor(entry: Entry) -> Record:
    """Who did it."""
    user = entry.author
    if user is None:
        return {"actor_type": "asana"}
    return {"actor_type": "user", "gid": user.gid, "name": user.name, "email": email(user)}


def details(entry: Entry) -> Open:
    """What only this type of event has to tell."""
    if entry.category == "roles":
        return Open(old_value="member", new_value="admin")
    if entry.category == "team_updates":
        return Open(group={"gid": str(entry.dice), "name": "Größe"}, count=1.5)
    return Open()


def context(entry: Entry) -> Open:
    """From where it was done."""
    if entry.author is None:
        return Open(context_type="asana", rule_name="Move done work")
    found = Open(context_type="web", api_authentication_method="cookie", user_agent=PROGRAMS[entry.dice % 3])
    found["client_ip_address"] = f"192.0.2.{entry.dice % 255}"
    if entry.dice % 5 == 0:
        found |= {"context_type": "api", "api_authentication_method": "oauth", "oauth_app_name": "Zeit & Co"}
        found["on_behalf_of_user_id"] = int(entry.author.gid)
    return found


class AuditKind(Kind[Entry]):
    """Entries have no resource_type, and opt_fields are not heard."""

    @override
    def head(self, row: Entry) -> Record:
        return {"gid": row.gid}

    @override
    def chosen(self, row: Entry, tree: Tree) -> Record:
        return self.usual(row)


AUDIT = AuditKind(
    "audit_log_event",
    {
        "created_at": lambda e: instant(e.at),
        "event_type": lambda e: e.event_type,
        "event_category": lambda e: e.category,
        "actor": actor,
        "resource": lambda e: e.resource,
        "details": details,
        "context": context,
    },
)


def visible(state: State, viewer: Viewer) -> Iterator[Entry]:
    """The logs that a token reads: those of a service account's organizations, where the plan has them."""
    for gid in viewer.workspaces if viewer.service else ():
        if FEATURE not in state.workspaces[gid].lacks:
            yield from entries(state, state.workspaces[gid])
