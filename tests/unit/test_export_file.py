"""What the file of an export may cost: disk and memory stay bounded, whatever it unfolds to."""

from __future__ import annotations

import gzip
import io
import itertools
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from rig import FullDisk, Rig

from tap_asana.errors import AsanaError, CorruptDownloadError, CorruptExportError
from tap_asana.limits import Limits
from tap_asana.tasks.export_file import ExportFile

URL = "https://files.example.com/export.gz"
MEBIBYTE = 1024 * 1024
DEFAULTS = Limits()


def packed(pieces: Iterator[bytes]) -> bytes:
    """Return pieces in a gzip container."""
    held = io.BytesIO()
    with gzip.GzipFile(fileobj=held, mode="wb", compresslevel=1) as file:
        for piece in pieces:
            file.write(piece)
    return held.getvalue()


def file_of(content: bytes, limits: Limits = DEFAULTS) -> ExportFile:
    """Return an export's file whose host sends this."""
    rig = Rig()
    rig.asana.register_uri("GET", URL, content=content)
    return ExportFile(rig.client, URL, limits)


def ended(content: bytes, limits: Limits = DEFAULTS) -> tuple[AsanaError, int]:
    """Return what ends the reading of a file, and how many bytes of memory it took at the most."""
    file = file_of(content, limits)
    tracemalloc.start()
    try:
        with pytest.raises(AsanaError) as raised:
            for _ in file.batches():
                pass
        return raised.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_line_without_end_is_told() -> None:
    """A line of three times the allowed bytes ends in a clear error before it is in memory, and is not fetched anew."""
    long = packed(iter([b'{"gid":"1","notes":"', *[b"a" * MEBIBYTE] * 12, b'"}\n']))
    error, memory = ended(long, Limits(max_export_line_bytes=4 * MEBIBYTE))
    assert not isinstance(error, CorruptDownloadError)
    assert "takes more than 4194304 bytes" in str(error)
    assert memory < 24 * MEBIBYTE


def test_two_hundred_megabytes_in_a_line_are_told() -> None:
    """With the limits as they are, a line of 200 MB is read up to 64 MB and no further."""
    error, memory = ended(packed(iter([b'{"gid":"1","notes":"', *[b"a" * MEBIBYTE] * 200])))
    assert "takes more than 67108864 bytes" in str(error)
    assert memory < 200 * MEBIBYTE


def test_a_bomb_of_many_lines_is_told() -> None:
    """A small file that unfolds without end ends in a clear error, whatever its lines are."""
    bomb = packed(b'{"gid":"1","notes":"%s"}\n' % (b"a" * 5000) for _ in range(2000))
    error, memory = ended(bomb, Limits(min_checked_export_bytes=MEBIBYTE, max_export_expansion=20))
    assert not isinstance(error, CorruptDownloadError)
    assert "unfolds to more than 1" in str(error)
    assert memory < 24 * MEBIBYTE


def test_a_batch_of_long_lines_is_short() -> None:
    """Tasks are handed out before they fill the memory, however few they are; none is lost or comes twice."""
    lines = [b'{"gid":"%d","notes":"%s"}\n' % (number, b"a" * 400) for number in range(10)]
    batches = list(file_of(packed(iter(lines)), Limits(export_batch_bytes=1000)).batches())
    assert [len(batch) for batch in batches] == [3, 3, 3, 1]
    assert [task["gid"] for batch in batches for task in batch] == [str(number) for number in range(10)]


@pytest.mark.parametrize("size", [1, 3, 6, 7])
def test_batches_are_as_long_as_asked(size: int) -> None:
    """Short lines come in batches of the bytes that are asked for, the last one with the rest."""
    lines = [b'{"gid":"%d"}\n' % number for number in range(6)]
    batches = list(file_of(packed(iter(lines)), Limits(export_batch_bytes=size * len(lines[0]))).batches())
    assert [task["gid"] for batch in batches for task in batch] == [str(number) for number in range(6)]
    assert {len(batch) for batch in batches[:-1]} <= {size}


def test_a_download_larger_than_the_disk_is_told() -> None:
    """A file that would fill the disk is not fetched to its end, and not again."""
    error, _ = ended(b"x" * MEBIBYTE, Limits(max_disk_share=0.0))
    assert not isinstance(error, CorruptDownloadError)
    assert "larger than the disk has room for" in str(error)


def test_a_disk_that_fills_up_is_told() -> None:
    """Where somebody else takes the last bytes, that is told in one line."""
    rig = Rig()
    rig.asana.register_uri("GET", URL, content=b"x")
    with pytest.raises(AsanaError, match="cannot be kept on the disk: No space left") as raised:
        rig.client.download(URL, FullDisk())
    assert not isinstance(raised.value, CorruptDownloadError)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-9],
        lambda good: good[:20] + b"?" + good[21:],
        lambda _: b"<html>",
        lambda _: packed(iter([b"{"])),
    ],
    ids=["cut", "damaged", "no gzip", "no JSON"],
)
def test_a_damaged_file_is_unreadable(spoil: Callable[[bytes], bytes]) -> None:
    """A file that is cut or damaged may be fetched again."""
    good = packed(b'{"gid":"%d"}\n' % number for number in range(1000))
    assert isinstance(ended(spoil(good))[0], CorruptDownloadError)


@pytest.mark.parametrize(
    "content", [b'{"data":[{"gid":"1"},{"gid":"2"}]}', b'{"data":{"gid":"1"}}\n' * 3, b'{"error":"expired"}', b"null"]
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_file_without_a_single_task_is_no_export_of_nothing(content: bytes, size: int) -> None:
    """Where all that a file holds is something else than tasks, that is told, and no read is complete by it."""
    with pytest.raises(CorruptExportError, match="not a single task"):
        list(itertools.chain(*file_of(packed(iter([content])), Limits(export_batch_bytes=size)).batches()))


def test_a_file_of_nothing_is_an_export_of_nothing() -> None:
    """A file without any task, and without anything else, is sound."""
    for content in (b"", b"[]", b"\n\n"):
        assert list(file_of(packed(iter([content]))).batches()) == []
