"""Reading the file of an export within limits of disk and memory."""

from __future__ import annotations

import gzip
import io
import itertools
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest
from client_fixture import ClientFixture, FullDisk

from tap_asana.errors import AsanaError, CorruptDownloadError, CorruptExportError
from tap_asana.limits import Limits
from tap_asana.tasks import unpacking
from tap_asana.tasks.export_file import ExportFile

URL = "https://files.example.com/export.gz"
MEBIBYTE = 1024 * 1024
DEFAULTS = Limits()


def packed(pieces: Iterator[bytes]) -> bytes:
    """Return the chunks as a gzip file."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as file:
        for piece in pieces:
            file.write(piece)
    return buffer.getvalue()


def file_of(content: bytes, limits: Limits = DEFAULTS) -> ExportFile:
    """Return an export file with this content on its host."""
    fixture = ClientFixture()
    fixture.asana.register_uri("GET", URL, content=content)
    return ExportFile(fixture.client, URL, limits)


def read_failure(content: bytes, limits: Limits = DEFAULTS) -> tuple[AsanaError, int]:
    """Return the error that ends the reading of a file, and the peak memory in bytes."""
    file = file_of(content, limits)
    tracemalloc.start()
    try:
        with pytest.raises(AsanaError) as raised:
            for _ in file.batches():
                pass
        return raised.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_oversized_line_is_rejected() -> None:
    """A line of three times the limit raises an error before it is in memory, and is not downloaded again."""
    long = packed(iter([b'{"gid":"1","notes":"', *[b"a" * MEBIBYTE] * 12, b'"}\n']))
    error, memory = read_failure(long, Limits(max_export_line_bytes=4 * MEBIBYTE))
    assert not isinstance(error, CorruptDownloadError)
    assert "takes more than 4194304 bytes" in str(error)
    assert memory < 24 * MEBIBYTE


def test_a_line_of_200_megabytes_is_rejected() -> None:
    """With the default limits, a line of 200 MB is read up to 64 MB."""
    error, memory = read_failure(packed(iter([b'{"gid":"1","notes":"', *[b"a" * MEBIBYTE] * 200])))
    assert "takes more than 67108864 bytes" in str(error)
    assert memory < 200 * MEBIBYTE


def test_a_decompression_bomb_is_rejected() -> None:
    """A small file that expands beyond the limit raises a clear error, even if its lines are short."""
    bomb = packed(b'{"gid":"1","notes":"%s"}\n' % (b"a" * 5000) for _ in range(2000))
    error, memory = read_failure(bomb, Limits(min_checked_export_bytes=MEBIBYTE, max_export_expansion=20))
    assert not isinstance(error, CorruptDownloadError)
    assert "unpacks to more than 1" in str(error)
    assert memory < 24 * MEBIBYTE


def test_batches_are_limited_in_bytes() -> None:
    """A batch ends before it fills the memory, even with few tasks; none is lost or repeated."""
    lines = [b'{"gid":"%d","notes":"%s"}\n' % (number, b"a" * 400) for number in range(10)]
    batches = list(file_of(packed(iter(lines)), Limits(export_batch_bytes=1000)).batches())
    assert [len(batch) for batch in batches] == [3, 3, 3, 1]
    assert [task["gid"] for batch in batches for task in batch] == [str(number) for number in range(10)]


@pytest.mark.parametrize("size", [1, 3, 6, 7])
def test_batches_have_the_requested_size(size: int) -> None:
    """Short lines are returned in batches of the requested size in bytes; the last batch holds the rest."""
    lines = [b'{"gid":"%d"}\n' % number for number in range(6)]
    batches = list(file_of(packed(iter(lines)), Limits(export_batch_bytes=size * len(lines[0]))).batches())
    assert [task["gid"] for batch in batches for task in batch] == [str(number) for number in range(6)]
    assert {len(batch) for batch in batches[:-1]} <= {size}


def test_a_download_larger_than_the_disk_is_rejected() -> None:
    """A file that would fill the disk is neither downloaded completely nor requested again."""
    error, _ = read_failure(b"x" * MEBIBYTE, Limits(max_disk_share=0.0))
    assert not isinstance(error, CorruptDownloadError)
    assert "does not fit on the disk" in str(error)


def test_a_full_disk_is_reported() -> None:
    """If other processes fill the disk, the error is one line."""
    fixture = ClientFixture()
    fixture.asana.register_uri("GET", URL, content=b"x")
    with pytest.raises(AsanaError, match="Cannot write the export to disk: No space left") as raised:
        fixture.client.download(URL, FullDisk())
    assert not isinstance(raised.value, CorruptDownloadError)


@pytest.fixture(params=["as installed", "without zlib-ng"])
def _any_gzip(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpack with the module that is installed, or with the standard library."""
    if request.param == "without zlib-ng":
        monkeypatch.setattr(unpacking, "zlib_module", zlib)
        monkeypatch.setattr(unpacking, "gzip_class", gzip.GzipFile)


@pytest.mark.usefixtures("_any_gzip")
def test_members_and_padding_are_unpacked() -> None:
    """A file of several members with padding between and behind them is read whole, with the same `content`."""
    lines = [b'{"gid":"%d"}\n' % number for number in range(3)]
    whole, divided = file_of(packed(iter(lines))), file_of(b"\0\0".join(packed(iter([line])) for line in lines) + b"\0")
    tasks = [[task for batch in file.batches() for task in batch] for file in (whole, divided)]
    assert tasks[0] == tasks[1] == [{"gid": str(number)} for number in range(3)]
    assert whole.content == divided.content


@pytest.mark.usefixtures("_any_gzip")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-9],
        lambda good: good[:20] + b"?" + good[21:],
        lambda _: b"<html>",
        lambda good: good + b"?",
        lambda _: packed(iter([b"{"])),
    ],
    ids=["cut", "damaged", "no gzip", "more", "no JSON"],
)
def test_a_damaged_file_is_corrupt(spoil: Callable[[bytes], bytes]) -> None:
    """A truncated or damaged file may be downloaded again."""
    good = packed(b'{"gid":"%d"}\n' % number for number in range(1000))
    assert isinstance(read_failure(spoil(good))[0], CorruptDownloadError)


@pytest.mark.parametrize(
    "content", [b'{"data":[{"gid":"1"},{"gid":"2"}]}', b'{"data":{"gid":"1"}}\n' * 3, b'{"error":"expired"}', b"null"]
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_file_with_other_content_is_corrupt(content: bytes, size: int) -> None:
    """A file with content but without a single task raises an error, so it cannot count as an empty export."""
    with pytest.raises(CorruptExportError, match="contains no task"):
        list(itertools.chain(*file_of(packed(iter([content])), Limits(export_batch_bytes=size)).batches()))


def test_an_empty_file_is_an_empty_export() -> None:
    """A file without tasks and without other content is valid."""
    for content in (b"", b"[]", b"\n\n"):
        assert list(file_of(packed(iter([content]))).batches()) == []
