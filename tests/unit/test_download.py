"""Downloads from other hosts than Asana's API."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from client_fixture import HEADERS, URL, ClientFixture

from tap_asana.errors import AsanaError, CorruptDownloadError, FatalResponseError

FILE = "https://files.example.com/export.gz?X-Signature=5ecret"


def fetch(fixture: ClientFixture, *answers: dict[str, Any], url: str = FILE) -> bytes:
    """Return the downloaded bytes, if the host gives these answers."""
    fixture.asana.register_uri("GET", url, list(answers))
    file = io.BytesIO()
    fixture.client.download(url, file)
    return file.getvalue()


def test_a_file_is_downloaded_byte_for_byte() -> None:
    """The body is written unchanged, without decompression."""
    content = b"\x1f\x8b" + bytes(range(256)) * 10
    assert fetch(ClientFixture(), {"content": content, "headers": {"Content-Encoding": "gzip"}}) == content


def test_the_token_is_not_sent_to_the_file_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token, nor the API headers, nor .netrc credentials are sent to the host of the file."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine files.example.com login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fixture = ClientFixture()
    fetch(fixture, {"content": b"x"})
    (request,) = fixture.asana.request_history
    assert "Authorization" not in request.headers
    assert "Asana-Enable" in HEADERS
    assert "Asana-Enable" not in request.headers
    assert request.timeout == 60.0


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 403, "text": "<Error>Request has expired</Error>"},
        {"status_code": 302, "headers": {"Location": f"{URL}/elsewhere"}},
        {"status_code": 503},
        {"exc": requests.ConnectionError(FILE)},
        {"exc": requests.ReadTimeout},
        {"exc": urllib3.exceptions.IncompleteRead(1, 2)},
        {"content": b"x", "headers": {"Content-Length": "2"}},
    ],
    ids=["refused", "redirect", "down", "reset", "too slow", "cut", "shorter than announced"],
)
def test_a_failed_download_is_corrupt(answer: dict[str, Any]) -> None:
    """A refusal, a redirect and a broken connection all raise the same one-line error without the signed URL."""
    with pytest.raises(CorruptDownloadError) as raised:
        fetch(ClientFixture(), answer)
    assert isinstance(raised.value, AsanaError)
    assert "5ecret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_downloads_require_https() -> None:
    """A URL without https is rejected, except for loopback."""
    fixture = ClientFixture()
    with pytest.raises(FatalResponseError) as raised:
        fetch(fixture, {"content": b"x"}, url="http://files.example.com/export.gz?X-Signature=5ecret")
    assert "5ecret" not in str(raised.value)
    assert fixture.asana.request_history == []
    fixture.session.mount("http://", fixture.asana)
    assert fetch(fixture, {"content": b"x"}, url="http://127.0.0.1:8080/export.gz") == b"x"
