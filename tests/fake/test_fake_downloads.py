"""Files of exports in the local Asana lie on a host of their own, and are made while they are read."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Iterator

import msgspec
import pytest
import requests
from exporting import API, SERVICE, Exporter, read, want
from fake_client import FakeClient

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Limits
from fake_asana.server.control import control
from fake_asana.server.downloads import DOWNLOAD_ROOT, TEMPLATE
from fake_asana.server.export_files import shuffled
from fake_asana.server.faults import Fault, Faults
from fake_asana.server.http import FakeServer


@pytest.fixture
def exporter() -> Exporter:
    """Give a service account that nothing was exported for yet."""
    return Exporter(FakeClient())


def test_the_file_host_takes_no_token(exporter: Exporter) -> None:
    """A download with credentials of its own is refused, as is an address that somebody made up."""
    url = exporter.finish(want())
    assert not url.startswith(API)
    assert exporter.http.get(url, headers=exporter.headers).status_code == 400
    assert exporter.http.get(url.replace("Signature=", "Signature=0")).status_code == 403
    assert exporter.http.get(url).status_code == 200
    assert exporter.client.api.log[-1].template == TEMPLATE


def test_an_address_expires(exporter: Exporter) -> None:
    """After five minutes an address is refused, and the job has another."""
    gid = exporter.begin(want()).json()["data"]["gid"]
    exporter.client.clock.advance(60)
    url = exporter.job(gid)["new_resource_export"]["download_url"]
    exporter.client.clock.advance(301)
    fresh = exporter.job(gid)["new_resource_export"]["download_url"]
    assert exporter.http.get(url).status_code == 403
    assert read(exporter.http.get(fresh, stream=True))


def test_a_file_is_not_unpacked_on_its_way(exporter: Exporter) -> None:
    """The gzip container is the file itself, not the encoding of the answer."""
    answer = exporter.http.get(exporter.finish(want()))
    assert "Content-Encoding" not in answer.headers
    assert gzip.decompress(answer.content).count(b"\n") == len(exporter.client.world.gids("tasks", SERVICE))


def spoiling(kind: str) -> Faults:
    """Let every download meet a fault."""
    return Faults(plan=lambda request: Fault(kind) if request.path.startswith(DOWNLOAD_ROOT) else None)


def test_a_download_may_be_cut() -> None:
    """A cut download breaks while it is read."""
    exporter = Exporter(FakeClient(faults=spoiling("cut")))
    url = exporter.finish(want())
    with pytest.raises(requests.RequestException):
        exporter.http.get(url)


def test_a_download_may_be_corrupt() -> None:
    """A corrupt download arrives, and cannot be unpacked."""
    exporter = Exporter(FakeClient(faults=spoiling("corrupt")))
    answer = exporter.http.get(exporter.finish(want()))
    with pytest.raises((zlib.error, OSError, EOFError)):
        gzip.decompress(answer.content)


def test_lines_are_scattered() -> None:
    """Any number of lines comes whole, and not in order."""
    for count in (0, 1, 2, 3, 10, 60, 1000):
        places = list(shuffled(count, 12345))
        assert sorted(places) == list(range(count))
        assert count < 10 or places != sorted(places)


def test_a_world_may_change_while_it_is_downloaded(exporter: Exporter) -> None:
    """Work during a download neither breaks it nor shows in it."""
    world = exporter.client.world
    before = {gid: task["modified_at"] for gid, task in world.expected_records("tasks", SERVICE).items()}
    url = exporter.finish(want())
    answer = exporter.http.get(url, stream=True)
    with gzip.open(answer.raw) as lines:
        first = msgspec.json.decode(next(lines))
        world.bulk_edit(list(world.tasks))
        world.add_task(workspace=exporter.client.first.gid)
        rows = [first, *map(msgspec.json.decode, lines)]
    assert {row["gid"]: row["modified_at"] for row in rows} == before


@pytest.fixture
def shell() -> Iterator[FakeServer]:
    """Serve a world on the loopback interface, whose exports take no time."""
    served = FakeServer(FakeClient(Limits(export_seconds=0)).api)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


def test_a_socket_serves_files_too(shell: FakeServer) -> None:
    """Over a socket a file comes in chunks, whole; a cut one is an error."""
    workspace = next(iter(shell.api.world.workspaces))
    body = {"data": {"workspace": workspace, "export_request_parameters": [want()]}}
    with requests.Session() as http:
        http.trust_env = False
        token = {"Authorization": f"Bearer {SERVICE}"}
        begun = http.post(f"{shell.url}/exports/resource", json=body, headers=token, timeout=10).json()["data"]
        url = begun["new_resource_export"]["download_url"]
        rows = read(http.get(url, stream=True, timeout=10))
        shell.api.faults = spoiling("cut")
        with pytest.raises(requests.RequestException):
            http.get(url, timeout=10)
    assert {row["gid"] for row in rows} == set(shell.api.world.gids("tasks", SERVICE))


def deed(client: FakeClient, name: str, **query: str) -> int:
    """Let something happen as a test over the socket would."""
    return control(client.api, HttpRequest("POST", f"/-/fake/{name}", query)).status


def test_deeds_can_be_asked_for() -> None:
    """Exports that fail or are somebody else's, forgotten tokens and deletions are under /-/fake/."""
    client = FakeClient()
    exporter, world = Exporter(client), client.world
    gid = next(gid for gid, task in world.tasks.items() if not task.parent)
    project = next(iter(client.first.projects))
    assert deed(client, "foreign_export", workspace=client.first.gid, seconds="10") == 200
    assert exporter.begin(want()).status_code == 403
    client.clock.advance(10)
    assert deed(client, "fail_exports") == 200
    job = exporter.begin(want()).json()["data"]["gid"]
    client.clock.advance(60)
    assert exporter.job(job)["status"] == "failed"
    assert deed(client, "delete_task", gid=gid) == 200
    assert gid not in world.tasks
    assert deed(client, "undelete_task", gid=gid) == 200
    assert gid in world.tasks
    assert deed(client, "delete_project", gid=project) == 200
    assert project not in world.projects
    assert (deed(client, "forget_syncs"), world.sync_token_epoch) == (200, 1)
    assert deed(client, "nothing") == 404
