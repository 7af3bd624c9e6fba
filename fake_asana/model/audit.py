"""The audit log of an organization: logins before the world began, and deletions since."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from typing_extensions import override

from fake_asana.model.clock import DAY_MS, format_instant
from fake_asana.model.events import event_ref
from fake_asana.model.kinds import Kind, OpenObject, Record
from fake_asana.model.people import email
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.stories import Story
from fake_asana.model.story_history import COMMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fake_asana.model.access import Viewer
    from fake_asana.model.events import Event
    from fake_asana.model.field_tree import Tree
    from fake_asana.model.people import User, Workspace
from fake_asana.model.state import State

AUDIT_LOG_FEATURE = "audit_log"
RETENTION_MS = 90 * DAY_MS
LOG_AGE_MS = 120 * DAY_MS
PAST_ENTRIES = 400  # entries before the world began, some older than the retention
MAX_PAST_NUMBER = 1_000_000
FIRST_GID = 1_300_000_000_000_000
LOGGED_TYPES = frozenset(
    {
        *("task", "project", "portfolio", "goal", "custom_field", "message", "team", "attachment", "status_update"),
        *("task_template", "project_template", "story"),
    },
)
DELETION_VERBS = {"deleted": "deleted", "undeleted": "undeleted", "purged": "permanently_deleted"}
PAST_EVENT_TYPES = (
    *(("user_login_succeeded", "logins"),) * 6,
    ("user_login_failed", "logins"),
    ("user_logged_out", "logins"),
    ("user_password_changed", "user_updates"),
    ("user_workspace_admin_role_changed", "roles"),
    ("team_member_added", "team_updates"),
)
USER_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "Asana/2.4 (Desktop)", "curl/8.5 ünï")


class AuditEntry(NamedTuple):
    """One entry of the log; `number` distinguishes entries of the same instant."""

    number: int
    at: int
    event_type: str
    category: str
    author: User | None
    resource: Record
    seed: int

    @property
    def gid(self) -> str:
        """Return the globally unique id."""
        return str(FIRST_GID + self.number * 7)


def log_entries(state: State, workspace: Workspace) -> list[AuditEntry]:
    """Return the entries of a workspace's log within its retention, oldest first."""
    oldest = state.now() - RETENTION_MS
    logged = [*past_entries(state, workspace), *deletions(state, workspace)]
    return [entry for entry in logged if entry.at >= oldest]


def past_entries(state: State, workspace: Workspace) -> Sequence[AuditEntry]:
    """Return logins and similar entries from the months before the world began; made again if its people change."""
    people = [(user, {**(event_ref(user) or {}), "email": email(user)}) for user in workspace.roster]
    found_people, entries = state.past_entries.get(workspace.gid, ((), []))
    if found_people != people:
        first_number = list(state.workspaces).index(workspace.gid) * PAST_ENTRIES
        entries = [
            AuditEntry(first_number + index, state.created - age, kind, category, *people[person], seed)
            for index, (age, (kind, category), person, seed) in enumerate(past_draws(workspace.seed, len(people)))
        ]
        state.past_entries[workspace.gid] = people, entries
    return entries


@lru_cache(maxsize=16)
def past_draws(seed: int, people: int) -> Sequence[tuple[int, tuple[str, str], int, int]]:
    """Return the age before the world, the type, the person and the seed of each entry; each page needs all."""
    step = LOG_AGE_MS // PAST_ENTRIES
    draws = []
    for index in range(PAST_ENTRIES):
        rng = SeededRandom(seed, 12, index)
        age = LOG_AGE_MS - index * step - rng.below(step)
        draws.append((age, rng.pick(PAST_EVENT_TYPES), rng.below(people), rng.below(MAX_PAST_NUMBER)))
    return draws


def deletions(state: State, workspace: Workspace) -> Iterator[AuditEntry]:
    """Yield an entry for each row deleted, undeleted or purged since."""
    for index, event in enumerate(state.history):
        if (
            event.is_streamed
            and event.action in DELETION_VERBS
            and event.resource_type in LOGGED_TYPES
            and workspace.gid in event.scope
        ):
            seed, resource = SeededRandom(state.seed, 13, index).below(MAX_PAST_NUMBER), event_ref(event.row) or {}
            yield AuditEntry(
                MAX_PAST_NUMBER + index, event.at, event_type(event), "deletion", event.author, resource, seed
            )


def event_type(event: Event) -> str:
    """Return the log's name for an event; comments have names of their own among stories."""
    comment = isinstance(event.row, Story) and event.row.subtype == COMMENT
    return f"{'comment' if comment else event.resource_type}_{DELETION_VERBS[event.action]}"


def entry_actor(entry: AuditEntry) -> Record:
    """Return the actor of an entry."""
    user = entry.author
    if user is None:
        return {"actor_type": "asana"}
    return {"actor_type": "user", "gid": user.gid, "name": user.name, "email": email(user)}


def entry_details(entry: AuditEntry) -> OpenObject:
    """Return the fields that only this type of entry has."""
    if entry.category == "roles":
        return OpenObject(old_value="member", new_value="admin")
    if entry.category == "team_updates":
        return OpenObject(group={"gid": str(entry.seed), "name": "Größe"}, count=1.5)
    return OpenObject()


def entry_context(entry: AuditEntry) -> OpenObject:
    """Return the client that caused an entry."""
    if entry.author is None:
        return OpenObject(context_type="asana", rule_name="Move done work")
    fields = OpenObject(context_type="web", api_authentication_method="cookie", user_agent=USER_AGENTS[entry.seed % 3])
    fields["client_ip_address"] = f"192.0.2.{entry.seed % 255}"
    if entry.seed % 5 == 0:
        fields |= {"context_type": "api", "api_authentication_method": "oauth", "oauth_app_name": "Zeit & Co"}
        fields["on_behalf_of_user_id"] = int(entry.author.gid)
    return fields


class AuditKind(Kind[AuditEntry]):
    """The kind of log entries: they have no resource_type and ignore opt_fields."""

    @override
    def header(self, row: AuditEntry) -> Record:
        return {"gid": row.gid}

    @override
    def selected_record(self, row: AuditEntry, tree: Tree) -> Record:
        return self.default_record(row)


AUDIT = AuditKind(
    "audit_log_event",
    {
        "created_at": lambda e: format_instant(e.at),
        "event_type": lambda e: e.event_type,
        "event_category": lambda e: e.category,
        "actor": entry_actor,
        "resource": lambda e: e.resource,
        "details": entry_details,
        "context": entry_context,
    },
)


def visible_entries(state: State, viewer: Viewer) -> Iterator[AuditEntry]:
    """Yield the entries that a token can read: those of a service account's organizations with an audit log."""
    for gid in viewer.workspaces if viewer.service else ():
        if AUDIT_LOG_FEATURE not in state.workspaces[gid].missing_features:
            yield from log_entries(state, state.workspaces[gid])
