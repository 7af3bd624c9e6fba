"""Globally unique ids: strings of digits, nearly in the order of creation."""

from __future__ import annotations

COMMON_BASE = 1_200_000_000_000_000
HUGE_BASE = 9_100_000_000_000_000  # above 2**53: a float would change it
SHORT_BASE = 1_000_000_000_000  # as short as Asana's oldest gids
SERIAL_SPACE = 100_000_000_000


def gid(serial: int) -> str:
    """Return the gid of a serial number: 16 digits, but 13 for one in 17.

    One in five is above 2**53, so the order by gid differs from the order of creation.
    """
    low = serial * 64 + serial * 37 % 64
    if serial % 17 == 0:
        return str(SHORT_BASE + low)
    return str((HUGE_BASE if serial % 5 == 0 else COMMON_BASE) + low)


def serial(gid: str) -> int:
    """Return the serial number of a gid: the inverse of `gid`."""
    return int(gid) % SERIAL_SPACE // 64


def gid_number(gid: str) -> int:
    """Return a gid as a number: Asana sorts its lists by it."""
    return int(gid)
