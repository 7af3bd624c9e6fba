"""Bodies that are made while they are read, and what can befall them on their way."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WHOLE = 3  # chunks that a torn body delivers at the most
RESET = "Connection reset by peer"


def truncated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks until the connection breaks: within the last one, or sooner. Raises ConnectionResetError."""
    waiting = iter(chunks)
    last = next(waiting, b"")
    for _ in range(WHOLE):
        following = next(waiting, None)
        if following is None:
            break
        yield last
        last = following
    yield last[: len(last) // 2]
    raise ConnectionResetError(RESET)


def corrupted_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks, some bytes in the middle of the first being others."""
    for at, chunk in enumerate(chunks):
        yield corrupted(chunk) if at == 0 else chunk


def corrupted(body: bytes) -> bytes:
    """A body of the same length with a few zero bytes in its middle."""
    half, few = len(body) // 2, min(16, len(body))
    return body[: half - few // 2] + bytes(few) + body[half - few // 2 + few :]


class Flow(io.RawIOBase):
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
        room = memoryview(buffer)  # type: ignore[arg-type]  # typeshed's Buffer is not of every Python
        while not self.rest:
            following = next(self.chunks, None)
            if following is None:
                return 0
            self.rest = following
        count = min(len(room), len(self.rest))
        room[:count], self.rest = self.rest[:count], self.rest[count:]
        return count
