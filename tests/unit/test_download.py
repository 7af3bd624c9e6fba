"""Files that Asana keeps elsewhere."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from rig import HEADERS, URL, Rig

from tap_asana.errors import AsanaError, CorruptDownloadError, FatalResponseError

FILE = "https://files.example.com/export.gz?X-Signature=5ecret"


def fetch(rig: Rig, *answers: dict[str, Any], url: str = FILE) -> bytes:
    """Return what is downloaded where the host answers so."""
    rig.asana.register_uri("GET", url, list(answers))
    file = io.BytesIO()
    rig.client.download(url, file)
    return file.getvalue()


def test_a_file_comes_byte_for_byte() -> None:
    """What the host sends is written as it is, compressed as it is."""
    content = b"\x1f\x8b" + bytes(range(256)) * 10
    assert fetch(Rig(), {"content": content, "headers": {"Content-Encoding": "gzip"}}) == content


def test_the_token_does_not_go_to_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token nor a header of the API nor what a .netrc holds is sent to where the file lies."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine files.example.com login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    rig = Rig()
    fetch(rig, {"content": b"x"})
    (request,) = rig.asana.request_history
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
def test_a_file_that_does_not_come_whole_is_unreadable(answer: dict[str, Any]) -> None:
    """A refusal, a redirect and a connection that breaks are told alike, in one line without the signed address."""
    with pytest.raises(CorruptDownloadError) as raised:
        fetch(Rig(), answer)
    assert isinstance(raised.value, AsanaError)
    assert "5ecret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_file_travels_in_clear() -> None:
    """An address that is not https is refused, unless it is on this machine."""
    rig = Rig()
    with pytest.raises(FatalResponseError) as raised:
        fetch(rig, {"content": b"x"}, url="http://files.example.com/export.gz?X-Signature=5ecret")
    assert "5ecret" not in str(raised.value)
    assert rig.asana.request_history == []
    rig.session.mount("http://", rig.asana)
    assert fetch(rig, {"content": b"x"}, url="http://127.0.0.1:8080/export.gz") == b"x"
