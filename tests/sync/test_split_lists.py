"""A long list of a project is read by section, and no task is lost while people move tasks between sections."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from harness import PERSON, Hook, Message, Output, attempt, clock, run_limits, sync
from interruptions import killing, killing_before
from methods import HOUR, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api, LoggedRequest
from fake_asana.world import ManualClock, Sizes, World

EMPTY = Sizes(workspaces=1, users=2, teams=1, projects=2, tags=1, tasks=0)
CONFIG: Message = {**PERSON, "extraction_method": "list", "page_size": 4, "max_concurrency": 3}
PAGES_BEFORE_SPLIT = 2
TASKS = 30
SECOND_PASS_FIELDS = "modified_at,created_at"


@pytest.fixture(autouse=True)
def short() -> Iterator[None]:
    """Split the lists of these small projects, whatever it costs."""
    with run_limits(pages_before_split=PAGES_BEFORE_SPLIT, max_split_cost=10.0):
        yield


def with_sections(dialect: Dialect | None = None, api_class: type[Api] = Api) -> tuple[Api, str, list[str]]:
    """Return an Asana with a long project, the project's gid, and the gids of its sections."""
    api = api_class(World.seeded(1, EMPTY, ManualClock()), dialect=dialect)
    project = max(api.world.projects.values(), key=lambda project: len(project.sections))
    sections = list(project.sections)
    for number in range(TASKS):
        gid = api.world.add_task(project=project.gid)
        api.world.comment(gid)
        api.world.move_task(gid, sections[number % len(sections)])
    clock(api).advance(HOUR)
    return api, project.gid, sections


def read(api: Api, state: Message | None = None, on_request: Hook | None = None, **config: int) -> Output:
    """Read tasks and stories by list."""
    settings = {**CONFIG, **config}
    return sync(api, config=settings, select=TASKS_AND_STORIES, state=state, on_request=on_request)


def requests_for(api: Api, holder: str) -> list[LoggedRequest]:
    """Return the requests for the tasks of a kind of holder."""
    return [handled for handled in api.log if handled.path.endswith("/tasks") and holder in handled.query]


def assert_complete(api: Api, output: Output) -> None:
    """Fail if the runs miss a task or a comment."""
    comments = {gid for gid, each in api.world.expected_records("stories").items() if each["type"] == "comment"}
    assert set(api.world.gids("tasks")) - output.gids("tasks") == set()
    assert comments - output.gids("stories") == set()


def test_a_long_list_is_read_by_section() -> None:
    """After some pages, the tasks of each section are requested, each once, and so in the second pass."""
    api, project, sections = with_sections()
    output = read(api)
    assert_complete(api, output)
    assert max(Counter(record["gid"] for record in output.records("tasks")).values()) == 1
    assert len([each for each in requests_for(api, "project") if each.query["project"] == project]) == 2
    assert {each.query["section"] for each in requests_for(api, "section")} == set(sections)
    first_pages = [each for each in requests_for(api, "section") if "offset" not in each.query]
    assert len(first_pages) == 2 * len(sections)


def test_a_list_goes_on_if_a_split_costs_too_much() -> None:
    """A list with many sections, or little more than the pages read, is read page by page."""
    api, _, _ = with_sections()
    with run_limits(max_split_cost=0.2):
        output = read(api)
    assert_complete(api, output)
    assert requests_for(api, "section") == []


class Refusing(Api):
    """An Asana that refuses some requests."""

    refused = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.refused and self.refused in f"{request.path}?section={request.query.get('section')}":
            return ApiError(403, "You do not have access to this.").response()
        return super().handle(request)


@pytest.mark.parametrize("refused", ["/sections", "/task_counts"])
def test_a_list_goes_on_if_it_cannot_be_split(refused: str) -> None:
    """Without the sections of a project, or without the number of its tasks, its list is read page by page."""
    api, project, _ = with_sections(api_class=Refusing)
    assert isinstance(api, Refusing)
    api.refused = refused
    output = read(api)
    assert_complete(api, output)
    assert requests_for(api, "section") == []
    assert len([each for each in requests_for(api, "project") if each.query["project"] == project]) == 2 * -(
        -TASKS // 4
    )


def test_a_refused_section_is_read_later() -> None:
    """If Asana refuses a section, the project counts as unread, and the next run reads it as a whole."""
    api, _, sections = with_sections(api_class=Refusing)
    assert isinstance(api, Refusing)
    api.refused = f"section={sections[-1]}"
    first = read(api)
    assert set(api.world.gids("tasks")) - first.gids("tasks")
    api.refused = ""
    assert_complete(api, first.then(read(api, state=first.state)))


def test_a_list_goes_on_if_its_sections_lack_tasks() -> None:
    """If Asana counts more tasks than the lists of all sections contain, the list is read page by page too."""
    api, _, _ = with_sections(dialect=Dialect(lists_untitled_sections=False))
    assert_complete(api, read(api))


def test_a_split_of_changes_finds_what_the_list_finds() -> None:
    """An increment over a split list finds a changed task, and a changed subtask of an unchanged one."""
    api, project, _ = with_sections()
    world = api.world
    parent = max(world.projects[project].tasks)
    below = world.add_task(parent=parent)
    first = read(api)
    clock(api).advance(HOUR)
    world.comment(below)
    changed = min(world.projects[project].tasks)
    world.comment(changed)
    clock(api).advance(HOUR)
    start = len(api.log)
    second = read(api, state=first.state)
    assert second.gids("tasks") == {below, changed}
    assert [each for each in api.log[start:] if "section" in each.query]


class Colleagues:
    """People who change a project before one in three requests for the tasks of its sections, in the first pass."""

    def __init__(self, api: Api, project: str, seed: int) -> None:
        """Choose the changes by a seed."""
        self.api, self.project, self.changes = api, project, 0
        self.dice = random.Random(seed)  # noqa: S311 - no secret

    def __call__(self, request: HttpRequest) -> None:
        """Change the project, perhaps."""
        is_second_pass = request.query.get("opt_fields") == SECOND_PASS_FIELDS
        if "section" in request.query and not is_second_pass and self.dice.random() < 1 / 3:
            self.changes += 1
            self.change()

    def change(self) -> None:
        """Move or drag a task, add a section for one, or add a task."""
        world, dice = self.api.world, self.dice
        tasks, sections = sorted(world.projects[self.project].tasks), list(world.projects[self.project].sections)
        choice = dice.randrange(6)
        if choice == 0:
            world.move_task(dice.choice(tasks), world.add_section(self.project))
        elif choice == 1:
            world.drag_task(dice.choice(tasks), self.project)
        elif choice == 2:
            world.comment(world.add_task(project=self.project))
        else:
            world.move_task(dice.choice(tasks), dice.choice(sections))


@pytest.mark.parametrize("seed", range(6))
def test_moves_between_sections_lose_nothing(seed: int) -> None:
    """Changes during the first pass lose nothing, whether moves change modified_at or not."""
    api, project, _ = with_sections(dialect=Dialect(moves_modify_tasks=seed % 2 == 1))
    colleagues = Colleagues(api, project, seed)
    first = read(api, on_request=colleagues, max_concurrency=1)
    assert colleagues.changes
    clock(api).advance(HOUR)
    assert_complete(api, first.then(read(api, state=first.state)))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [14, 18, 30, 50])
def test_moves_in_an_interrupted_read_of_sections_lose_nothing(at: int) -> None:
    """Changes before a kill at any request, and in the resumed read, lose nothing."""
    api, project, _ = with_sections()
    colleagues, kill = Colleagues(api, project, at), killing(at)

    def disturb_and_kill(request: HttpRequest) -> None:
        colleagues(request)
        kill(request)

    config = {**CONFIG, "max_concurrency": 1}
    union = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=disturb_and_kill).confirmed()
    union = union.then(read(api, state=union.state, on_request=colleagues, max_concurrency=1))
    clock(api).advance(HOUR)
    assert_complete(api, union.then(read(api, state=union.state)))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [10, 20])
def test_a_killed_read_of_sections_resumes(at: int) -> None:
    """A resumed read of a split list returns the rest, and requests no children again that come before its position."""
    api, project, _ = with_sections()
    tasks, numbers = api.world.projects[project].tasks, count(1)

    def is_reached(request: HttpRequest) -> bool:
        return request.path.endswith("/stories") and request.path.split("/")[-2] in tasks and next(numbers) == at

    hook = killing_before(is_reached)
    config = {**CONFIG, "max_concurrency": 1}
    cut = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=hook).confirmed()
    _, gid, last = cut.bookmark("tasks")["window"]["positions"]["lists"]
    finished = {task for task in api.world.projects[gid].tasks if int(task) <= int(last)}
    assert gid == project
    assert finished
    start = len(api.log)
    assert_complete(api, cut.then(read(api, state=cut.state)))
    assert not [each for each in api.log[start:] if finished & set(each.path.split("/")) and "stories" in each.path]
