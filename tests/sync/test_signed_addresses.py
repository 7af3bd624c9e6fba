"""A URL that opens a file without login is never emitted, by any method and selection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from harness import PERSON, SERVICE, SMALL, TINY, Message, Output, asana, choose, clock, discovered, selecting, sync
from methods import HOUR
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.model.field_tree import paths
from fake_asana.server.api import Api
from tap_asana.records.conform import conformer
from tap_asana.records.fields import Schema
from tap_asana.streams import ALL
from tap_asana.streams.conversation import Attachments

SIGNATURE = "X-Amz-Signature"
ATTACHMENTS = "GET /attachments"

Subtypes = Mapping[str, str]


def subtypes(api: Api, token: str = PERSON["access_token"]) -> Subtypes:
    """Return the host of each attachment."""
    return {
        gid: str(record["resource_subtype"]) for gid, record in api.world.expected_records("attachments", token).items()
    }


def signed_messages(output: Output) -> list[Message]:
    """Return the messages with a signed URL."""
    return [message for message in output.messages if SIGNATURE in json.dumps(message)]


def test_the_fake_signs_the_urls_of_its_own_files() -> None:
    """The URLs of files hosted by Asana open without login, and only those."""
    rows = asana(TINY).world.expected_records("attachments").values()
    hosts = {SIGNATURE in str(row["view_url"]): set[object]() for row in rows}
    for row in rows:
        hosts[SIGNATURE in str(row["view_url"])].add(row["resource_subtype"])
    assert hosts[True] == {"asana"}
    assert hosts[False] == {"gdrive", "box"}


@pytest.mark.parametrize("method", ["list", "search", "export"])
@pytest.mark.parametrize("privacy", ["none", "pseudonymize"])
def test_no_signed_url_is_emitted(method: str, privacy: str) -> None:
    """The URL of files hosted by Asana is null in the first and the next run; by list, other files keep theirs."""
    api = asana(SMALL)
    settings = {**SERVICE, "extraction_method": method, "privacy": privacy, "privacy_key": "a key for this test alone"}
    select = ("tasks", "attachments")
    first = sync(api, config=settings, select=select)
    clock(api).advance(HOUR)
    api.world.mutate()
    union = first.then(sync(api, config=settings, select=select, state=first.state))
    assert signed_messages(union) == []
    records = union.records("attachments")
    assert "asana" in {record["resource_subtype"] for record in records}
    addresses = {record["resource_subtype"] for record in records if record.get("view_url")}
    assert addresses == {"gdrive"} if method == "list" else addresses <= {"gdrive"}


@pytest.mark.parametrize("stream", ALL, ids=lambda stream: stream.__name__)
def test_only_top_level_fields_depend_on_others(stream: type[Any]) -> None:
    """Only top-level fields can depend on another field; nested objects are not checked."""

    def inside(schema: Schema) -> list[str]:
        fields = schema.get("items", schema).get("properties", {})
        return [name for name, field in fields.items() if "x-unless" in field or inside(field)]

    assert [name for name, field in stream.schema["properties"].items() if inside(field)] == []


def without_host_field() -> Message:
    """Return a catalog that selects attachments without their host."""
    catalog = selecting(discovered(), ["attachments"])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "attachments")
    choose(entry, ("properties", "resource_subtype"), selected=False)
    return catalog


def older_catalog() -> Message:
    """Return the catalog of a version without the field for the host."""
    catalog = selecting(discovered(), ["attachments"])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "attachments")
    del entry["schema"]["properties"]["resource_subtype"]
    return catalog


@pytest.mark.parametrize("catalog", [without_host_field(), older_catalog()], ids=["deselected", "older"])
def test_the_host_is_requested_for_the_decision(catalog: Message) -> None:
    """Without selecting the host, the URLs of external files are emitted, and no signed one."""
    api = asana(TINY)
    output = sync(api, catalog=catalog)
    assert signed_messages(output) == []
    assert not [record for record in output.records("attachments") if "resource_subtype" in record]
    subtype_by_gid, records = subtypes(api), output.records("attachments")
    assert {subtype_by_gid[record["gid"]] for record in records if record["view_url"]} == {"gdrive"}


def test_the_host_is_not_requested_without_the_url() -> None:
    """If the URL is not selected, the host is not requested."""
    catalog = without_host_field()
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "attachments")
    choose(entry, ("properties", "view_url"), selected=False)
    api = asana(TINY)
    assert sync(api, catalog=catalog).records("attachments")
    requested = {path for each in api.log if each.template == ATTACHMENTS for path in paths(each.query["opt_fields"])}
    assert requested
    assert not {"view_url", "resource_subtype"} & requested


class WithoutHosts(Api):
    """An Asana that omits the host of files."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if not request.path.endswith("/attachments") or response.status != 200:
            return response
        body = json.loads(response.body)
        for row in body["data"]:
            row.pop("resource_subtype", None)
        return HttpResponse(200, response.headers, json.dumps(body).encode())


def test_a_url_of_an_unknown_host_is_not_emitted() -> None:
    """If the host of a file is unknown, its URL is null."""
    output = sync(WithoutHosts(asana(TINY).world), select=["attachments"])
    assert {record["view_url"] for record in output.records("attachments")} == {None}


@pytest.mark.parametrize("kept_by", ["asana", None, 7])
def test_the_url_of_records_from_any_source(kept_by: object) -> None:
    """For records of any source, exports included, the URL is only emitted with a known external host."""
    conform = conformer(Attachments.schema)
    record = {"gid": "1", "view_url": f"https://example.com/?{SIGNATURE}=1"}
    assert conform({**record, "resource_subtype": kept_by})["view_url"] is None
    assert conform(record)["view_url"] is None
    assert conform({**record, "resource_subtype": "vimeo"})["view_url"] == record["view_url"]


IMAGE = (
    f'<IMG data-asana-gid="77" src="https://example.com/a?{SIGNATURE}=1" alt="a > b src=1" '
    f"data-thumbnail-url='https://example.com/b?{SIGNATURE}=2' data-asana-type=\"attachment\" "
    f"src=https://example.com/c?{SIGNATURE}=3>"
)
PLAIN = '<a href="https://example.com/?a=1">src="2" &lt;img src="3"&gt;</a>'


class WithImages(Api):
    """An Asana with an image in every HTML field, at any depth."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if b"html_" not in response.body:
            return response
        return HttpResponse(
            response.status, response.headers, json.dumps(add_images(json.loads(response.body))).encode()
        )


def add_images(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value with an image added to all its HTML."""
    if isinstance(value, list):
        return [add_images(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: f"<body>{PLAIN}{IMAGE}</body>" if name.startswith("html_") else add_images(inner)
        for name, inner in value.items()
    }


def test_images_in_html_are_emitted_without_urls() -> None:
    """No image in any field of any stream has a URL that opens it; its attachment's gid and the rest stay."""
    output = sync(WithImages(asana(TINY).world))
    assert signed_messages(output) == []
    html = {
        (stream, name, text)
        for stream in output.schemas
        for record in output.records(stream)
        for name, text in record.items()
        if name.startswith("html_")
    }
    assert {name for _, name, _ in html} == {"html_notes", "html_text", "html_description"}
    remainder = '<IMG data-asana-gid="77" alt="a > b src=1" data-asana-type="attachment">'
    assert {text for _, _, text in html} == {f"<body>{PLAIN}{remainder}</body>"}
    values = [value for task in output.records("tasks") for value in task["custom_fields"]]
    texts = {value["html_text_value"] for value in values if "html_text_value" in value}
    assert texts - {None} == {f"<body>{PLAIN}{remainder}</body>"}


@pytest.mark.parametrize("cut", range(1, len(IMAGE)))
def test_a_truncated_image_has_no_url(cut: int) -> None:
    """HTML cut anywhere inside an image is emitted without the remaining part of a URL."""
    conform = conformer({"type": "object", "properties": {"html_text": {"type": ["null", "string"]}}})
    assert "example.com" not in conform({"html_text": f"<body>{IMAGE[:cut]}"})["html_text"]
