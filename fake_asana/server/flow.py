"""Bodies generated during the download, and their damage."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

WHOLE_CHUNKS = 3  # the most whole chunks of a truncated body
RESET = "Connection reset by peer"


def truncated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks up to a broken connection, at most into the last chunk; raises ConnectionResetError."""
    remaining = iter(chunks)
    last = next(remaining, b"")
    for _ in range(WHOLE_CHUNKS):
        next_chunk = next(remaining, None)
        if next_chunk is None:
            break
        yield last
        last = next_chunk
    yield last[: len(last) // 2]
    raise ConnectionResetError(RESET)


def closed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks up to a closed connection, at most into the last chunk; the end of the body is not announced."""
    try:
        yield from truncated(chunks)
    except ConnectionResetError:
        return


def corrupted_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, the first with wrong bytes in its middle."""
    for index, chunk in enumerate(chunks):
        yield corrupted(chunk) if index == 0 else chunk


def corrupted(body: bytes) -> bytes:
    """Return a body of the same length with a few zero bytes in its middle."""
    middle, count = len(body) // 2, min(16, len(body))
    return body[: middle - count // 2] + bytes(count) + body[middle - count // 2 + count :]


class ChunkStream(io.RawIOBase):
    """Chunks as a readable file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Start before the first chunk."""
        super().__init__()
        self.chunks, self.rest = chunks, b""

    @override
    def readable(self) -> bool:
        """Return True."""
        return True

    def read1(self, size: int = -1) -> bytes:
        """Return the available bytes, like buffered readers."""
        return self.read(size if size >= 0 else 1 << 16) or b""

    @override
    def readinto(self, buffer: Buffer) -> int:
        """Fill a part of the buffer; return 0 at the end."""
        target = memoryview(buffer)
        while not self.rest:
            next_chunk = next(self.chunks, None)
            if next_chunk is None:
                return 0
            self.rest = next_chunk
        count = min(len(target), len(self.rest))
        target[:count], self.rest = self.rest[:count], self.rest[count:]
        return count
