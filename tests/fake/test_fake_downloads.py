"""Downloads of export files: a host of their own, and files that are written during the download, or before."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import msgspec
import pytest
import requests
from fake_client import API, SERVICE, ExportClient, FakeClient, read_rows, task_export
from serving import serving

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import FileForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Limits
from fake_asana.server.control import control
from fake_asana.server.downloads import DOWNLOAD_ROOT, TEMPLATE
from fake_asana.server.export_files import shuffled
from fake_asana.server.faults import Fault, Faults
from fake_asana.server.http import FakeServer


@pytest.fixture
def exporter() -> ExportClient:
    """Give a service account without exports."""
    return ExportClient(FakeClient())


def test_the_file_host_refuses_credentials(exporter: ExportClient) -> None:
    """A download with credentials is refused, and so is a forged address."""
    url = exporter.finish(task_export())
    assert not url.startswith(API)
    assert exporter.http.get(url, headers=exporter.headers).status_code == 400
    assert exporter.http.get(url.replace("Signature=", "Signature=0")).status_code == 403
    assert exporter.http.get(url).status_code == 200
    assert exporter.client.api.log[-1].template == TEMPLATE


def test_an_address_expires(exporter: ExportClient) -> None:
    """After five minutes an address is refused, and the job has a new one."""
    gid = exporter.begin(task_export()).json()["data"]["gid"]
    exporter.client.clock.advance(60)
    url = exporter.job(gid)["new_resource_export"]["download_url"]
    exporter.client.clock.advance(301)
    fresh = exporter.job(gid)["new_resource_export"]["download_url"]
    assert exporter.http.get(url).status_code == 403
    assert read_rows(exporter.http.get(fresh, stream=True))


def test_a_file_has_no_content_encoding(exporter: ExportClient) -> None:
    """Gzip is the format of the file, not the encoding of the response."""
    answer = exporter.http.get(exporter.finish(task_export()))
    assert "Content-Encoding" not in answer.headers
    assert gzip.decompress(answer.content).count(b"\n") == len(exporter.client.world.gids("tasks", SERVICE))


def download_faults(kind: str) -> Faults:
    """Return faults for every download."""
    return Faults(plan=lambda request: Fault(kind) if request.path.startswith(DOWNLOAD_ROOT) else None)


def test_a_cut_download_fails() -> None:
    """A cut download breaks while it is read."""
    exporter = ExportClient(FakeClient(faults=download_faults("cut")))
    url = exporter.finish(task_export())
    with pytest.raises(requests.RequestException):
        exporter.http.get(url)


def test_a_corrupt_download_cannot_be_unpacked() -> None:
    """A corrupt download arrives, but decompression fails."""
    exporter = ExportClient(FakeClient(faults=download_faults("corrupt")))
    answer = exporter.http.get(exporter.finish(task_export()))
    with pytest.raises((zlib.error, OSError, EOFError)):
        gzip.decompress(answer.content)


def test_lines_are_shuffled() -> None:
    """Any number of lines is complete and out of order."""
    for count in (0, 1, 2, 3, 10, 60, 1000):
        places = list(shuffled(count, 12345))
        assert sorted(places) == list(range(count))
        assert count < 10 or places != sorted(places)


def test_a_download_ignores_later_changes(exporter: ExportClient) -> None:
    """Changes during a download neither break it nor appear in it."""
    world = exporter.client.world
    before = {gid: task["modified_at"] for gid, task in world.expected_records("tasks", SERVICE).items()}
    url = exporter.finish(task_export())
    answer = exporter.http.get(url, stream=True)
    with gzip.open(answer.raw) as lines:
        first = msgspec.json.decode(next(lines))
        world.bulk_edit(list(world.tasks))
        world.add_task(workspace=exporter.client.first.gid)
        rows = [first, *map(msgspec.json.decode, lines)]
    assert {row["gid"]: row["modified_at"] for row in rows} == before


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Serve a world whose exports take no time."""
    with serving(FakeServer(FakeClient(Limits(export_seconds=0)).api)) as server:
        yield server


def test_a_socket_serves_files(server: FakeServer) -> None:
    """Over a socket a file arrives in chunks, complete; a cut one is an error."""
    workspace = next(iter(server.api.world.workspaces))
    body = {"data": {"workspace": workspace, "export_request_parameters": [task_export()]}}
    with requests.Session() as http:
        http.trust_env = False
        token = {"Authorization": f"Bearer {SERVICE}"}
        job = http.post(f"{server.url}/exports/resource", json=body, headers=token, timeout=10).json()["data"]
        url = job["new_resource_export"]["download_url"]
        rows = read_rows(http.get(url, stream=True, timeout=10))
        server.api.faults = download_faults("cut")
        with pytest.raises(requests.RequestException):
            http.get(url, timeout=10)
    assert {row["gid"] for row in rows} == set(server.api.world.gids("tasks", SERVICE))


def control_action(client: FakeClient, name: str, **query: str) -> int:
    """Send an action to the control endpoint, like tests over the socket."""
    return control(client.api, HttpRequest("POST", f"/-/fake/{name}", query)).status


def test_control_actions_change_the_world() -> None:
    """Failing and foreign exports, expired sync tokens and deletions are under /-/fake/."""
    client = FakeClient()
    exporter, world = ExportClient(client), client.world
    gid = next(gid for gid, task in world.tasks.items() if not task.parent)
    project = next(iter(client.first.projects))
    assert control_action(client, "foreign_export", workspace=client.first.gid, seconds="10") == 200
    assert exporter.begin(task_export()).status_code == 403
    client.clock.advance(10)
    assert control_action(client, "fail_exports") == 200
    job = exporter.begin(task_export()).json()["data"]["gid"]
    client.clock.advance(60)
    assert exporter.job(job)["status"] == "failed"
    assert control_action(client, "delete_task", gid=gid) == 200
    assert gid not in world.tasks
    assert control_action(client, "undelete_task", gid=gid) == 200
    assert gid in world.tasks
    assert control_action(client, "delete_project", gid=project) == 200
    assert project not in world.projects
    assert (control_action(client, "forget_syncs"), world.sync_token_epoch) == (200, 1)
    assert control_action(client, "nothing") == 404


def test_a_file_written_at_the_start_has_no_later_change() -> None:
    """The switch for it keeps a comment out of the file, and a task that is deleted in it."""
    for at_start in (False, True):
        client = FakeClient(dialect=Dialect(files=FileForm(written_at_start=at_start)))
        exporter, world = ExportClient(client), client.world
        tasks = (task for task in world.tasks.values() if not task.parent and task.workspace is client.first)
        changed, deleted = sorted(task.gid for task in tasks)[:2]
        job = exporter.begin(task_export(fields=["gid", "stories.text"])).json()["data"]["gid"]
        world.comment(changed, "written meanwhile")
        world.delete_task(deleted)
        client.clock.advance(60)
        url = exporter.job(job)["new_resource_export"]["download_url"]
        rows = {row["gid"]: row for row in read_rows(exporter.http.get(url, stream=True))}
        texts = {story["text"] for story in rows[changed]["stories"]}
        assert ("written meanwhile" in texts, deleted in rows) == (not at_start, at_start)
