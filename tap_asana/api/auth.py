"""Who the requests speak for: a token that stays, or OAuth's that is renewed."""

from __future__ import annotations

import json
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import requests
from typing_extensions import override

from tap_asana.api.redaction import redact
from tap_asana.api.retries import backoff_delays
from tap_asana.api.token_file import NOT_FROM_FILE, TokenFile
from tap_asana.api.transport import no_auth, read_body
from tap_asana.errors import AsanaError, FatalResponseError, RetriesExhaustedError

logger = logging.getLogger(__name__)

REFRESH_MARGIN_SECONDS = 300.0
"""Seconds before its end at which an access token is renewed."""

DEFAULT_TOKEN_TTL_SECONDS = 3600.0
"""Seconds that an access token lives where the answer does not say (facts 5.2)."""

RETRYABLE_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""Statuses below 500 after which the token endpoint is asked again."""

REFRESH_REJECTED = "Asana refused to renew the OAuth access token"
REFRESH_UNANSWERED = "Asana's OAuth token endpoint did not answer; the access token could not be renewed"


class Auth(ABC):
    """Gives the token for a request, and a new one where that is possible."""

    @abstractmethod
    def token(self) -> str:
        """Return the token to send now."""

    def renew(self, refused: str) -> bool:  # noqa: ARG002 - a fixed token cannot use it
        """Get another token in place of the refused one; false where there is none to get."""
        return False


class FixedToken(Auth):
    """A personal access token or a service account's: it does not expire."""

    def __init__(self, token: str) -> None:
        """Keep the token."""
        self._token = token

    @override
    def token(self) -> str:
        """Return the one token there is."""
        return self._token


class TokenEndpoint:
    """OAuth's token endpoint: a form goes in, a token comes out (`POST /-/oauth_token`, facts 5.2).

    Raises FatalAnswer where Asana refuses, and Outage where the endpoint stays away. No message holds what was sent.
    """

    def __init__(
        self, url: str, *, session: requests.Session, timeout: float, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """Keep where it is and how it is reached."""
        self._url = url
        self._session = session
        self._timeout = timeout
        self._sleep = sleep

    def exchange(self, form: Mapping[str, str], refused: str, lost: str) -> dict[str, Any]:
        """Return the answer that brings a token; `refused` and `lost` say what else has come of it."""
        for wait in backoff_delays():
            answer = self._post(form)
            if answer is not None:
                return _parse_grant(*answer, refused)
            if wait is not None:
                self._sleep(wait)
        raise RetriesExhaustedError(lost)

    def _post(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]] | None:
        """Return status and document of the answer; None where none came that means anything."""
        try:
            answer = self._session.post(
                self._url, data=form, auth=no_auth, timeout=self._timeout, allow_redirects=False, stream=True
            )
            body = read_body(answer, self._timeout)
        except requests.RequestException:
            return None
        status = answer.status_code
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        readable = isinstance(document, dict)
        passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in RETRYABLE_STATUSES
        if passing or (status == HTTPStatus.OK and not readable):
            return None
        return status, document if readable else {}


def _parse_grant(status: int, document: dict[str, Any], refused: str) -> dict[str, Any]:
    if status != HTTPStatus.OK or "access_token" not in document:
        reason = document.get("error_description") or document.get("error") or f"status {status}"
        raise FatalResponseError(f"{refused}: {redact(str(reason))}")
    return document


class OAuth(Auth):
    """An access token that is renewed before it expires and after a 401, by one thread for all.

    `form` holds client_id, client_secret, refresh_token and, where configured, redirect_uri. Raises FatalAnswer where
    Asana refuses to renew it, and Outage where the endpoint stays away; either ends the run, so whoever waited for the
    renewal is told the same and asks no more. A refresh token that Asana replaces is used from then on, and written
    into the `file` that the old one came from, where there is one.
    """

    def __init__(
        self,
        url: str,
        form: dict[str, str],
        *,
        session: requests.Session,
        timeout: float,
        file: TokenFile | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Keep what is needed; the first token is fetched when it is asked for."""
        self._endpoint = TokenEndpoint(url, session=session, timeout=timeout, sleep=sleep)
        self._form = {"grant_type": "refresh_token", **form}
        self._file = file
        self._warned = False
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = float("-inf")
        self._failure: AsanaError | None = None

    @override
    def token(self) -> str:
        """Return a token that is good for some minutes more."""
        with self._lock:
            if self._clock() >= self._good_until:
                self._refresh()
            return self._token

    @override
    def renew(self, refused: str) -> bool:
        """Renew, unless another thread has done so since the refused token was sent."""
        with self._lock:
            if refused == self._token:
                self._refresh()
            return True

    def _refresh(self) -> None:
        if self._failure is not None:
            raise type(self._failure)(str(self._failure))
        try:
            self._take(self._endpoint.exchange(self._form, REFRESH_REJECTED, REFRESH_UNANSWERED))
        except AsanaError as failure:
            self._failure = failure
            raise

    def _take(self, document: dict[str, Any]) -> None:
        self._take_refresh_token(document.get("refresh_token"))
        life = _seconds(document.get("expires_in"))
        self._token = str(document["access_token"])
        self._good_until = self._clock() + max(life - REFRESH_MARGIN_SECONDS, life / 2)

    def _take_refresh_token(self, new: object) -> None:
        """Go on with the refresh token of an answer, if it is another one, and keep it for the next run."""
        old = self._form["refresh_token"]
        if not isinstance(new, str) or new in {"", old}:
            return
        self._form["refresh_token"] = new
        trouble = self._file.replace_token(old, new) if self._file else NOT_FROM_FILE
        if trouble and not self._warned:
            self._warned = True
            logger.warning(
                "Asana replaced the refresh token, and the new one is not kept: %s. The next run may be refused; "
                "then log in again.",
                trouble,
            )


def _seconds(life: object) -> float:
    """Return the life of a token as the answer names it; LIFE where it names none that can be."""
    try:
        seconds = float(str(life))
    except ValueError:
        return DEFAULT_TOKEN_TTL_SECONDS
    return seconds if 0 < seconds < float("inf") else DEFAULT_TOKEN_TTL_SECONDS
