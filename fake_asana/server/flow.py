"""Bodies that are made while they are read, and what can befall them on their way."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WHOLE_CHUNKS = 3  # the most whole chunks of a truncated body
RESET = "Connection reset by peer"


def truncated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks until the connection breaks: within the last one, or sooner. Raises ConnectionResetError."""
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


def corrupted_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks, some bytes in the middle of the first being others."""
    for index, chunk in enumerate(chunks):
        yield corrupted(chunk) if index == 0 else chunk


def corrupted(body: bytes) -> bytes:
    """A body of the same length with a few zero bytes in its middle."""
    middle, count = len(body) // 2, min(16, len(body))
    return body[: middle - count // 2] + bytes(count) + body[middle - count // 2 + count :]


class ChunkStream(io.RawIOBase):
    """Chunks as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Nothing read yet."""
        super().__init__()
        self.chunks, self.rest = chunks, b""

    @override
    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def read1(self, size: int = -1) -> bytes:
        """What is there, as buffered readers give it."""
        return self.read(size if size >= 0 else 1 << 16) or b""

    @override
    def readinto(self, buffer: object) -> int:
        """Fill a part of the buffer; 0 at the end."""
        target = memoryview(buffer)  # type: ignore[arg-type]  # typeshed's Buffer is not of every Python
        while not self.rest:
            next_chunk = next(self.chunks, None)
            if next_chunk is None:
                return 0
            self.rest = next_chunk
        count = min(len(target), len(self.rest))
        target[:count], self.rest = self.rest[:count], self.rest[count:]
        return count
