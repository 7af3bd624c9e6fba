"""Stories: comments and system entries, derived from their task until the first change."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import format_instant
from fake_asana.model.gids import gid
from fake_asana.model.kinds import ABSENT, Kind, Record, ref
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.story_details import details
from fake_asana.model.story_history import COMMENT, seeded_subtypes, write_history
from fake_asana.model.story_texts import system_text
from fake_asana.model.tasks import Task, task_ref

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fake_asana.model.goals import Goal
    from fake_asana.model.people import User

LIKED_COMMENT = "comment_liked"
STICKERS = ("green_checkmark", "phoenix_spreading_love", "heart")


class Story:
    """An entry under a task or a goal; `details` is None until they are first needed."""

    resource_type: ClassVar[str] = "story"
    __slots__ = (
        "author",
        "comment",
        "created",
        "details",
        "edited",
        "gid",
        "likes",
        "pinned",
        "seed",
        "siblings",
        "subtype",
        "task",
    )

    def __init__(  # noqa: PLR0917 - a gid and its seed, then the fields of the story
        self, gid: str, seed: int, task: Task | Goal, subtype: str, created: int, siblings: Sequence[Story] = ()
    ) -> None:
        """Create an entry with values from its seed; the siblings are the other stories of an unchanged task."""
        rng = SeededRandom(seed, 1)
        self.gid, self.seed, self.task, self.subtype, self.created = gid, seed, task, subtype, created
        automatic = subtype != COMMENT and rng.chance(8)
        self.author: User | None = None if automatic else rng.pick(task.workspace.roster)
        self.comment = texts.prose(rng) if subtype == COMMENT else ""
        self.edited = subtype == COMMENT and rng.chance(10)
        self.pinned = seed % 30 == 0
        self.likes = rng.below(3) if rng.chance(10) else 0
        self.details: Record | None = None
        self.siblings = siblings

    @property
    def text(self) -> str:
        """Return the comment, or what a system story says."""
        return self.comment if self.subtype == COMMENT else system_text(self, details_of(self))


def stories_of_task(task: Task) -> list[Story]:
    """Return the stories of a task, oldest first."""
    if task.stories is not None:
        return task.stories
    seeds = [mix(task.seed, 8, index) for index in range(task.n_stories)]
    stories: list[Story] = []
    for index, (seed, subtype) in enumerate(zip(seeds, seeded_subtypes(task, seeds), strict=True)):
        created = task.created + int((task.modified - task.created) / task.n_stories * (index + 1))
        stories.append(Story(gid(task.serial + 1 + index), seed, task, subtype, created, siblings=stories))
    return stories


def materialize(task: Task) -> list[Story]:
    """Return the stories of a task as a list of its own, to be changed."""
    if task.stories is None:
        task.stories = stories_of_task(task)
        for story in task.stories:
            details_of(story)
    return task.stories


def details_of(story: Story) -> Record:
    """Return the details of a story, drawn when they are first needed."""
    if story.details is None and isinstance(story.task, Task):
        write_history(story.task, story.siblings)
    if story.details is None:
        story.details = liked_comment(story) if story.subtype == LIKED_COMMENT else details(story)
    return story.details


def liked_comment(story: Story) -> Record:
    """Return the newest earlier comment among the siblings of a story; nothing if there is none."""
    earlier = takewhile(lambda sibling: sibling is not story, story.siblings)
    comment = next((sibling for sibling in reversed(list(earlier)) if sibling.subtype == COMMENT), None)
    names = ("created_at", "created_by", "resource_subtype", "text")
    return {"story": STORY.render(comment, names)} if comment else {}


def comment_only(maker: Callable[[Story], object]) -> Callable[[Story], object]:
    """Return a field function; ABSENT for stories other than comments."""

    def of(story: Story) -> object:
        return maker(story) if story.subtype == COMMENT else ABSENT

    return of


def story_likes(story: Story) -> list[Record]:
    """Return the likes of the comment."""
    people = [story.task.workspace.roster[index % len(story.task.workspace.roster)] for index in range(story.likes)]
    return [{"gid": f"{story.gid}{index}", "user": ref(user)} for index, user in enumerate(people)]


def story_reactions(story: Story) -> list[Record]:
    """Return the number of reactions by emoji."""
    if story.seed % 12:
        return []
    return [{"emoji_base": "👍", "variant": "🏽", "count": story.seed // 12 % 9 + 1, "reacted": story.seed % 24 == 0}]


def previews(story: Story) -> list[Record]:
    """Return the previews of links in the comment."""
    if story.seed % 40 or story.subtype != COMMENT:
        return []
    return [
        {
            "fallback": "A page",
            "footer": "",
            "header": "Example",
            "header_link": "https://example.com",
            "html_text": "<body>More</body>",
            "text": "More",
            "title": "Title “x”",
            "title_link": "https://example.com/x",
        },
    ]


def html_text(story: Story) -> str:
    """Return the text as HTML; a duplication names its author, with a link that does not contain their gid."""
    html = texts.html(story.text)
    if story.subtype != "duplicated" or story.author is None:
        return html
    profile = f"https://app.asana.com/0/profile/{story.seed % 10**9}"
    return html.replace("<body>", f'<body><a href="{profile}">{texts.safe(story.author.name)}</a> ', 1)


def detail(name: str) -> Callable[[Story], object]:
    """Return a function for a field that only some subtypes have."""

    def of(story: Story) -> object:
        return details_of(story).get(name, ABSENT)

    return of


DETAILS = (
    *(
        f"{side}_{field}"
        for field in (
            "name",
            "dates",
            "resource_subtype",
            "section",
            "text_value",
            "number_value",
            "enum_value",
            "date_value",
            "people_value",
            "multi_enum_values",
            "approval_status",
        )
        for side in ("old", "new")
    ),
    *("story", "assignee", "follower", "task", "project", "tag", "custom_field"),
    *("duplicate_of", "duplicated_from", "dependency"),
)
STORY: Kind[Story] = Kind(
    "story",
    {
        "created_at": lambda s: format_instant(s.created),
        "resource_subtype": lambda s: s.subtype,
        "text": lambda s: s.text,
        "html_text": html_text,
        "is_pinned": comment_only(lambda s: s.pinned),
        "sticker_name": lambda s: STICKERS[s.seed // 9 % 3] if s.subtype == COMMENT and s.seed % 9 == 0 else None,
        "created_by": lambda s: ref(s.author),
        "type": lambda s: "comment" if s.subtype == COMMENT else "system",
        "is_editable": comment_only(lambda s: s.seed % 4 == 0),
        "is_edited": comment_only(lambda s: s.edited),
        "liked": comment_only(lambda s: s.likes > 0),
        "likes": comment_only(story_likes),
        "num_likes": comment_only(lambda s: s.likes),
        "reaction_summary": story_reactions,
        "previews": previews,
        **{name: detail(name) for name in DETAILS},
        "source": lambda s: ("web", "email", "mobile", "api", "unknown")[s.seed % 5],
        "target": lambda s: task_ref(s.task) if isinstance(s.task, Task) else ref(s.task),
    },
    compact=("created_at", "resource_subtype", "text", "created_by"),
    opt_in=frozenset({"html_text"}),
)
