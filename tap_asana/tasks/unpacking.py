"""Gzip, unpacked with zlib-ng where it is installed: its checksums and its inflate take a third of zlib's time."""

from __future__ import annotations

import gzip
import zlib
from io import BufferedReader, RawIOBase
from typing import IO, Any, cast

from tap_asana.errors import AsanaError, CorruptExportError

try:
    from zlib_ng import gzip_ng, zlib_ng
except ImportError:
    zlib_module: Any = zlib
    gzip_class: Any = gzip.GzipFile
else:
    zlib_module, gzip_class = zlib_ng, gzip_ng.GzipNGFile

GZIP_WBITS = 31
"""`wbits` with which zlib accepts gzip, and verifies its checksums."""

READ_BYTES = 256 * 1024
"""Bytes to unpack at once."""

MIN_GZIP_BYTES = 18
"""Size of an empty gzip file; a shorter file is corrupt."""

LENGTH_MODULUS = 10**8
"""Part of `content` for the unpacked length: with the checksum it makes a number of 18 digits, as the state keeps."""


class PackedFile:
    """A gzip file that is verified while it is written, so that no byte of a corrupt one is read.

    Raises CorruptExportError if it is corrupt, and AsanaError if it unpacks to more than it may.
    """

    def __init__(self, file: IO[bytes], max_expansion: int, min_checked_bytes: int) -> None:
        """Write to an empty file; beyond `min_checked_bytes` it may unpack to `max_expansion` times its size."""
        self._file = file
        self._max_expansion = max_expansion
        self._min_checked_bytes = min_checked_bytes
        self._member = zlib_module.decompressobj(GZIP_WBITS)
        self._packed_bytes = self._length = self._checksum = 0

    def write(self, chunk: bytes) -> None:
        """Write the next bytes."""
        self._file.write(chunk)
        self._packed_bytes += len(chunk)
        try:
            self._unpack(chunk)
        except zlib_module.error as error:
            raise corrupt_export(error) from error

    def _unpack(self, chunk: bytes) -> None:
        while chunk:
            if self._member.eof:
                chunk = chunk.lstrip(b"\0")  # padding behind a member
                if not chunk:
                    return
                self._member = zlib_module.decompressobj(GZIP_WBITS)
            unpacked = self._member.decompress(chunk, READ_BYTES)
            self._length += len(unpacked)
            self._checksum = zlib_module.crc32(unpacked, self._checksum)
            chunk = self._member.unconsumed_tail or self._member.unused_data
            max_bytes = max(self._min_checked_bytes, self._max_expansion * self._packed_bytes)
            if self._length > max_bytes:
                raise AsanaError(f"The export unpacks to more than {max_bytes} bytes, more than any export of tasks")

    def content(self) -> int:
        """Return the number that identifies the unpacked content, when everything is written."""
        if self._packed_bytes < MIN_GZIP_BYTES:
            raise CorruptExportError(f"the export file is damaged: it has {self._packed_bytes} bytes, too few for gzip")
        if not self._member.eof:
            raise corrupt_export(EOFError())
        return self._checksum * LENGTH_MODULUS + self._length % LENGTH_MODULUS

    def unpacked(self) -> BufferedReader:
        """Return the unpacked file from its start."""
        self._file.seek(0)
        return BufferedReader(cast("RawIOBase", gzip_class(fileobj=self._file, mode="rb")), READ_BYTES)


def corrupt_export(error: Exception) -> CorruptExportError:
    """Return the error of a corrupt file, given what was found."""
    return CorruptExportError(f"the export file is damaged ({type(error).__name__})")
