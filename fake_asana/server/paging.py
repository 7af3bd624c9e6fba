"""Pages: signed keyset tokens that expire, and the slices they lead to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from fake_asana.messages import ApiError
from fake_asana.model.gids import order

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row

EXPIRED = "offset: Your pagination token has expired."
INVALID = "offset: Your pagination token is invalid."
TOO_LARGE = "The result is too large. You should use pagination (may require specifying a workspace)!"
TRUNCATED = "The result set is too large and has been truncated. Please narrow the query."
MOST = 100
SECRET = b"seal of the local Asana"
UNBOUND = frozenset({"offset", "limit", "opt_fields", "opt_pretty"})
Key = Callable[[Any], tuple[int, ...]]


def by_gid(row: Row) -> tuple[int, ...]:
    """Lists are sorted by gid where nothing else is said."""
    return (order(row.gid),)


@dataclass(frozen=True)
class Listing:
    """Rows in the order of their key; only those that `keep` wants are counted for a page.

    `beside` is what the body holds beside its data. An `endless` list always has a next page, be it empty.
    """

    rows: Sequence[Any]
    key: Key = by_gid
    keep: Callable[[Any], bool] | None = None
    beside: Mapping[str, object] = field(default_factory=dict)
    endless: bool = False

    @classmethod
    def sorted(cls, rows: Sequence[Any], keep: Callable[[Any], bool] | None = None) -> Listing:
        """Rows sorted by gid."""
        return cls(sorted(rows, key=by_gid), keep=keep)


class Mark(NamedTuple):
    """Where a list goes on: after this key, with so many rows already given."""

    key: tuple[int, ...]
    given: int


class Page(NamedTuple):
    """Some rows, and where the list goes on."""

    rows: list[Any]
    rest: Mark | None


def seal(mark: Mark, query: str, now: float, life: int) -> str:
    """An opaque token for a place in the list that `query` names."""
    body = msgspec.json.encode({"border_rank": mark.key, "n": mark.given, "q": query, "exp": now + life})
    sign = hmac.new(SECRET, body, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(sign + body).decode().rstrip("=")


def unseal(token: str, query: str, now: float) -> Mark:
    """The place that a token stands for; ApiError 400 when it is foreign or older than its life."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        sign, body = raw[:12], raw[12:]
        claim = msgspec.json.decode(body)
    except ValueError:
        raise ApiError(400, INVALID) from None
    genuine = hmac.compare_digest(sign, hmac.new(SECRET, body, hashlib.sha256).digest()[:12])
    if not genuine or claim["q"] != query:
        raise ApiError(400, INVALID)
    if now > claim["exp"]:
        raise ApiError(400, EXPIRED)
    return Mark(tuple(claim["border_rank"]), claim["n"])


def fingerprint(path: str, query: Mapping[str, str]) -> str:
    """What a token is bound to: the list without its page."""
    bound = urlencode(sorted((key, value) for key, value in query.items() if key not in UNBOUND))
    return hashlib.sha256(f"{path}?{bound}".encode()).hexdigest()[:12]


def limit_of(query: Mapping[str, str]) -> int | None:
    """The page size that is asked for; ApiError 400 when it is none."""
    text = query.get("limit")
    if text is None:
        return None
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise ApiError(400, f"limit: Must be between 1 and {MOST}.")
    return int(text)


def cut(listing: Listing, after: Mark | None, size: int) -> Page:
    """Up to `size` wanted rows after a mark."""
    rows, keep = listing.rows, listing.keep
    at = bisect_right(rows, after.key, key=listing.key) if after else 0
    found: list[Any] = []
    for row in rows[at:] if at else rows:
        if keep is not None and not keep(row):
            continue
        if len(found) == size:
            return Page(found, Mark(listing.key(found[-1]), (after.given if after else 0) + size))
        found.append(row)
    return Page(found, None)
