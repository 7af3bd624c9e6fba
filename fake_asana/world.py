"""A seeded Asana: its rows, the actions of its people, and the expected records of a complete read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.access import PERSON, Access
from fake_asana.model.clock import ManualClock
from fake_asana.model.people import PAID_FEATURES
from fake_asana.model.state import State
from fake_asana.mutations import comments, exports, names, people, planning, projects, tasks, tracking, trash
from fake_asana.mutations.workday import simulate_workday
from fake_asana.oracle import streams
from fake_asana.oracle.changes import Changes
from fake_asana.seeding.sizes import Sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.clock import Clock
    from fake_asana.model.kinds import Record
    from fake_asana.model.people import Workspace


class World(State):
    """A State with every action of its people as a method, and with the expected records."""

    @classmethod
    def seeded(cls, seed: int = 1, sizes: Sizes | None = None, clock: Clock = time.time) -> World:
        """Return a world that follows from seed, sizes and the clock's current time (epoch seconds)."""
        world = cls(seed, clock)
        seeding.fill(world, sizes or Sizes())
        world.access = Access(world)
        return world

    def expected_records(self, stream: str, token: str = PERSON) -> dict[str, Record]:
        """Return the records of a complete read of a stream by a token, by gid.

        Conditional fields are missing if a record does not have them. Volatile values (an attachment's download_url)
        are left out. Parent gids are included even if Asana does not send them. The gid of a portfolio item joins both
        its gids.
        """
        return dict(self.read(stream, token))

    def records(self, stream: str, token: str = PERSON) -> Iterator[Record]:
        """Yield the same records one by one."""
        return (record for _, record in self.read(stream, token))

    def read(self, stream: str, token: str) -> Iterator[tuple[str, Record]]:
        """Yield the same records, each with its gid."""
        definition = streams.STREAMS[stream]
        without = streams.VOLATILE.get(stream, frozenset())
        names = [name for name in definition.kind.fields if name not in without]
        for row in definition.rows(self, self.access.viewers[token]):
            yield row.gid, {**definition.kind.render(row, names, full=True), **definition.parent_gids(row)}

    def gids(self, stream: str, token: str = PERSON) -> list[str]:
        """Return the gids of those records, each once; far faster than the records."""
        return list(dict.fromkeys(row.gid for row in streams.STREAMS[stream].rows(self, self.access.viewers[token])))

    def counts(self, token: str = PERSON) -> dict[str, int]:
        """Return the number of records of each stream."""
        viewer = self.access.viewers[token]
        return {name: sum(1 for _ in definition.rows(self, viewer)) for name, definition in streams.STREAMS.items()}

    def mutate(self, seed: int = 0) -> Changes:
        """Simulate a workday at the world's time and return its changes."""
        with self.lock:
            mark = self.mark()
            simulate_workday(self, seed)
            return self.changes_since(mark)

    def downgrade(self, workspace: Workspace, *features: str) -> None:
        """Put a workspace on a plan without these features; without any paid feature if none is named."""
        workspace.missing_features |= set(features or PAID_FEATURES)

    def mark(self) -> int:
        """Return the current position in the history, for `changes_since`."""
        return len(self.history)

    def changes_since(self, mark: int) -> Changes:
        """Return the changes since a position."""
        return Changes.from_events(self.history[mark:])

    # The functions of fake_asana.mutations take a state first, and so are methods here.
    rename_task = tasks.rename_task
    complete_task = tasks.complete_task
    reopen_task = tasks.reopen_task
    assign_task = tasks.assign_task
    set_custom_field = tasks.set_custom_field
    like_task = tasks.like_task
    bulk_edit = tasks.bulk_edit
    move_task = tasks.move_task
    drag_task = tasks.drag_task
    add_to_project = tasks.add_to_project
    remove_from_project = tasks.remove_from_project
    place_in_project = tasks.place_in_project
    add_task = tasks.add_task
    add_follower = tasks.add_follower
    remove_follower = tasks.remove_follower
    add_dependency = tasks.add_dependency
    remove_dependency = tasks.remove_dependency
    track_time = tracking.track_time
    edit_time = tracking.edit_time
    delete_time = tracking.delete_time
    delete_task = trash.delete_task
    undelete_task = trash.undelete_task
    purge_task = trash.purge_task
    comment = comments.comment
    edit_comment = comments.edit_comment
    like_comment = comments.like_comment
    pin_comment = comments.pin_comment
    delete_comment = comments.delete_comment
    comment_gids = comments.comment_gids
    attach = comments.attach
    add_picture = comments.add_picture
    detach = comments.detach
    add_project = projects.add_project
    add_section = projects.add_section
    delete_section = projects.delete_section
    hide_project = projects.hide_project
    annotate_project = projects.annotate_project
    archive_project = projects.archive_project
    unarchive_project = projects.unarchive_project
    share_project = projects.share_project
    delete_project = projects.delete_project
    add_tag = projects.add_tag
    rename_project = names.rename_project
    rename_section = names.rename_section
    rename_tag = names.rename_tag
    rename_user = names.rename_user
    rename_custom_field = names.rename_custom_field
    add_user = people.add_user
    remove_user = people.remove_user
    add_team = people.add_team
    delete_team = people.delete_team
    add_absence = people.add_absence
    post_status_update = planning.post_status_update
    like_status_update = planning.like_status_update
    advance_goal = planning.advance_goal
    comment_on_goal = planning.comment_on_goal
    put_in_portfolio = planning.put_in_portfolio
    take_from_portfolio = planning.take_from_portfolio
    begin_export = exports.begin_export
    begin_foreign_export = exports.begin_foreign_export
    fail_exports = exports.fail_exports
    is_exporting = exports.is_exporting


__all__ = ["Changes", "ManualClock", "Sizes", "World"]
