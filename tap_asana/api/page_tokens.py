"""What Asana's page tokens say: the position in a list at which the page begins, and how long the token lives.

Public examples are JSON Web Tokens with `{"border_rank": ..., "iat": ..., "exp": ...}`. Asana documents only that
tokens expire. So a token of another form says nothing, and nobody may depend on what one says without a proof.
"""

from __future__ import annotations

import base64
import json
from typing import NamedTuple

POSITION, ISSUED, EXPIRES = "border_rank", "iat", "exp"

TOKEN_PARTS = 3
"""Header, payload and signature."""


class PageToken(NamedTuple):
    """The position of a page, as text, and when its token was issued and expires, in seconds of Asana's clock."""

    position: str
    issued: float
    expires: float


def read_page_token(token: str) -> PageToken | None:
    """Return what a page token says; None if it has another form."""
    parts = token.split(".")
    if len(parts) != TOKEN_PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict) or POSITION not in claims:
        return None
    issued, expires = claims.pop(ISSUED, None), claims.pop(EXPIRES, None)
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        return None
    # Whatever else the token says may be a part of the position.
    return PageToken(json.dumps(claims, sort_keys=True), issued, expires)
