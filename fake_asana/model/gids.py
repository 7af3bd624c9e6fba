"""Globally unique ids: strings of digits, mostly but not wholly in the order of creation."""

from __future__ import annotations

COMMON = 1_200_000_000_000_000
HUGE = 9_100_000_000_000_000  # above 2**53: a float would change it
OLD = 1_000_000_000_000  # as short as the ones Asana gave out years ago
ROOM = 100_000_000_000


def gid(serial: int) -> str:
    """The gid of the thing with this serial number: 16 digits, for one in 17 only 13.

    One in five lies above 2**53, so that order by gid is not order by creation.
    """
    low = serial * 64 + serial * 37 % 64
    if serial % 17 == 0:
        return str(OLD + low)
    return str((HUGE if serial % 5 == 0 else COMMON) + low)


def serial(gid: str) -> int:
    """The serial number behind a gid; the inverse of `gid`."""
    return int(gid) % ROOM // 64


def order(gid: str) -> int:
    """The place of a gid among gids: by number, as Asana's lists are sorted."""
    return int(gid)
