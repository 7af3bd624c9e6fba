"""Pages: signed keyset tokens with an expiry, and the rows behind them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from fake_asana.messages import ApiError
from fake_asana.model.gids import gid_number

if TYPE_CHECKING:
    from fake_asana.model.choices import CursorForm
    from fake_asana.model.kinds import Row

EXPIRED = "offset: Your pagination token has expired."
INVALID = "offset: Your pagination token is invalid."
TOO_LARGE = "The result is too large. You should use pagination (may require specifying a workspace)!"
MAX_PAGE_ROWS = 100
TOKEN_SIGNING_KEY = b"seal of the local Asana"
PAGE_PARAMETERS = frozenset({"offset", "limit", "opt_fields", "opt_pretty"})
Key = Callable[[Any], tuple[int, ...]]


def by_gid(row: Row) -> tuple[int, ...]:
    """Return the default sort key of lists."""
    return (gid_number(row.gid),)


@dataclass(frozen=True)
class Listing:
    """Rows in the order of their `key`; only rows that pass `include` count.

    `extra` holds the fields of the body next to data. A list that `never_ends` always has a next page, even an empty
    one.
    """

    rows: Sequence[Any]
    key: Key = by_gid
    include: Callable[[Any], bool] | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    never_ends: bool = False

    @classmethod
    def sorted(cls, rows: Sequence[Any], keep: Callable[[Any], bool] | None = None) -> Listing:
        """Return rows sorted by gid."""
        return cls(sorted(rows, key=by_gid), include=keep)


class Position(NamedTuple):
    """A position in a list: the last key, the number of rows so far, and the key of a row that is still to come."""

    key: tuple[int, ...]
    rows_before: int
    late_key: tuple[int, ...] = ()


class Page(NamedTuple):
    """Some rows, and the position after them, None at the end."""

    rows: list[Any]
    next_position: Position | None


def seal(position: Position, query: str, now: float, life: int) -> str:
    """Return a token for a position in the list of `query`: a JSON Web Token with the payload of real ones.

    Its header also counts the rows so far, for the limits and dialects of this Asana.
    """
    header = msgspec.json.encode({"typ": "JWT", "alg": "HS256", "n": position.rows_before})
    claims = {"border_rank": position.key, "iat": now, "exp": now + life}
    payload = msgspec.json.encode(claims | ({"late": position.late_key} if position.late_key else {}))
    return ".".join(map(_to_base64, (header, payload, _signature(header, payload, query))))


def unseal(token: str, query: str, now: float, expired: str = EXPIRED) -> Position:
    """Return the position of a token; ApiError 400 if it is foreign or expired."""
    try:
        header, payload, signature = map(_from_base64, token.split("."))
        claims, rows_before = msgspec.json.decode(payload), msgspec.json.decode(header)["n"]
    except (ValueError, KeyError):
        raise ApiError(400, INVALID) from None
    if not hmac.compare_digest(signature, _signature(header, payload, query)):
        raise ApiError(400, INVALID)
    if now > claims["exp"]:
        raise ApiError(400, expired)
    return Position(tuple(claims["border_rank"]), rows_before, tuple(claims.get("late", ())))


@dataclass
class PageTokens:
    """The page tokens of a server, in the form of its dialect, and those that were used."""

    used: set[str] = field(default_factory=set)

    def issue(self, position: Position, query: str, now: float, life: int, form: CursorForm) -> str:
        """Return a token for a position in the list of `query`."""
        token = seal(position, query, now, life)
        token = base64.b64encode(token.encode()).decode() if form.is_opaque else token
        self.used.discard(token)  # one issued again at the same instant is another one
        return token

    def redeem(self, token: str, query: str, now: float, expired: str, form: CursorForm) -> Position:
        """Return the position of a token; ApiError 400 if it is foreign, expired or used."""
        if form.is_single_use and token in self.used:
            raise ApiError(400, expired)
        self.used.add(token)
        try:
            token = base64.b64decode(token, validate=True).decode() if form.is_opaque else token
        except ValueError:
            raise ApiError(400, INVALID) from None
        return unseal(token, query, now, expired)


def _signature(header: bytes, payload: bytes, query: str) -> bytes:
    return hmac.new(TOKEN_SIGNING_KEY, b".".join((header, payload, query.encode())), hashlib.sha256).digest()


def _to_base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _from_base64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def has_known_tokens(path: str, query: Mapping[str, str]) -> bool:
    """Return whether page tokens of a list were seen: they hold a position, and not a number of rows."""
    return path in {"/projects", "/users"} or (path == "/tasks" and "project" in query)


def fingerprint(path: str, query: Mapping[str, str]) -> str:
    """Return the identity of a list, without its page."""
    bound = urlencode(sorted((key, value) for key, value in query.items() if key not in PAGE_PARAMETERS))
    return hashlib.sha256(f"{path}?{bound}".encode()).hexdigest()[:12]


def limit_of(query: Mapping[str, str]) -> int | None:
    """Return the requested page size; ApiError 400 if it is invalid."""
    text = query.get("limit")
    if text is None:
        return None
    if not text.isdigit() or not 1 <= int(text) <= MAX_PAGE_ROWS:
        raise ApiError(400, f"limit: Must be between 1 and {MAX_PAGE_ROWS}.")
    return int(text)


def cut_page(listing: Listing, after: Position | None, size: int, *, repeats_last: bool = False) -> Page:
    """Return up to `size` rows after a position, or from the row at it if that is repeated."""
    rows, keep = listing.rows, listing.include
    start = bisect_right(rows, after.key, key=listing.key) if after else 0
    start = max(0, start - 1) if repeats_last and size > 1 else start
    page_rows: list[Any] = []
    for row in rows[start:] if start else rows:
        if keep is not None and not keep(row):
            continue
        if len(page_rows) == size:
            return Page(page_rows, Position(listing.key(page_rows[-1]), (after.rows_before if after else 0) + size))
        page_rows.append(row)
    return Page(page_rows, None)


def count_page(listing: Listing, after: Position | None, size: int) -> Page:
    """Return up to `size` rows behind as many as came before."""
    rows = [row for row in listing.rows if listing.include is None or listing.include(row)]
    start = after.rows_before if after else 0
    page_rows = rows[start : start + size]
    is_last = start + size >= len(rows)
    return Page(page_rows, None if is_last else Position(listing.key(page_rows[-1]), start + size))


def delay_first_row(listing: Listing, after: Position | None, size: int) -> Page:
    """Return a page without its first row, unless it is the last page, and with that of the page before."""
    late_key = after.late_key if after else ()
    late = [row for row in listing.rows if listing.key(row) == late_key] if late_key else []
    if after and len(late) == size:
        return Page(late, after._replace(late_key=()))
    page = cut_page(listing, after, size - len(late))
    if page.next_position is None or len(page.rows) + len(late) == 1:
        return Page([*late, *page.rows], page.next_position)
    first, *others = page.rows
    return Page([*late, *others], page.next_position._replace(late_key=listing.key(first)))


def reorder(listing: Listing, order: str, after: Position | None, now: float) -> Listing:
    """Return the rows of a list in one of the ORDERS; a shuffled list keeps its order from its first page on."""
    seed = after.key[0] if after and after.key else int(now * 1000)
    place = ORDERS[order]

    def key(row: Row) -> tuple[int, ...]:
        rank = listing.key(row)
        return (*place(row, rank, seed), *rank)

    return Listing(sorted(listing.rows, key=key), key, listing.include, listing.extra)


def place_of_read(_: Row, rank: tuple[int, ...], seed: int) -> tuple[int, ...]:
    """Return a random place that differs from read to read."""
    return (seed, zlib.crc32(f"{seed} {rank}".encode()))


ORDERS: Mapping[str, Callable[[Any, tuple[int, ...], int], tuple[int, ...]]] = {
    "shuffled": place_of_read,
    "name": lambda row, _, __: (*map(ord, getattr(row, "name", None) or ""), 0),
    "changed first": lambda row, _, __: (-getattr(row, "modified", 0),),
    "changed last": lambda row, _, __: (getattr(row, "modified", 0),),
}
"""The places of rows in other orders than that of their rank; the second and third change while people work."""
