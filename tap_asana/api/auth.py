"""Access tokens: fixed ones, and OAuth tokens, which expire and are renewed."""

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
"""Seconds before its expiry that an access token is renewed."""

DEFAULT_TOKEN_TTL_SECONDS = 3600.0
"""Lifetime of an access token if the response does not say."""

RETRYABLE_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""Statuses below 500 after which the token endpoint is tried again."""

REFRESH_REJECTED = "Asana refused to renew the OAuth access token"
REFRESH_UNANSWERED = "Asana's OAuth token endpoint did not answer; the access token could not be renewed"


class Auth(ABC):
    """A source of access tokens."""

    @abstractmethod
    def token(self) -> str:
        """Return the access token for the next request."""

    def renew(self, rejected_token: str) -> bool:  # noqa: ARG002 - a fixed token cannot be renewed
        """Replace a token that Asana rejected; return false if that is impossible."""
        return False


class FixedToken(Auth):
    """A personal access token, or the token of a service account. It does not expire."""

    def __init__(self, token: str) -> None:
        """Keep the token."""
        self._token = token

    @override
    def token(self) -> str:
        """Return the token."""
        return self._token


class TokenEndpoint:
    """OAuth's token endpoint: `POST /-/oauth_token` with a form returns a token.

    No error message repeats the form.
    """

    def __init__(
        self, url: str, *, session: requests.Session, timeout: float, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """Keep the URL; `timeout` is in seconds."""
        self._url = url
        self._session = session
        self._timeout = timeout
        self._sleep = sleep

    def exchange(self, form: Mapping[str, str], rejected_message: str, unanswered_message: str) -> dict[str, Any]:
        """Return the response that holds the token.

        Raises FatalResponseError with the one message if Asana rejects the form, and RetriesExhaustedError with the
        other if the endpoint does not answer.
        """
        for delay in backoff_delays():
            response = self._post(form)
            if response is not None:
                return _parse_grant(*response, rejected_message)
            if delay is not None:
                self._sleep(delay)
        raise RetriesExhaustedError(unanswered_message)

    def _post(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]] | None:
        """Return status and document of the response; None if it is missing or unusable."""
        try:
            response = self._session.post(
                self._url, data=form, auth=no_auth, timeout=self._timeout, allow_redirects=False, stream=True
            )
            body = read_body(response, self._timeout)
        except requests.RequestException:
            return None
        status = response.status_code
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        is_object = isinstance(document, dict)
        is_temporary = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in RETRYABLE_STATUSES
        if is_temporary or (status == HTTPStatus.OK and not is_object):
            return None
        return status, document if is_object else {}


def _parse_grant(status: int, document: dict[str, Any], rejected_message: str) -> dict[str, Any]:
    if status != HTTPStatus.OK or "access_token" not in document:
        reason = document.get("error_description") or document.get("error") or f"status {status}"
        raise FatalResponseError(f"{rejected_message}: {redact(str(reason))}")
    return document


class OAuth(Auth):
    """An access token that one thread renews for all, before it expires and after a 401.

    `form` holds client_id, client_secret, refresh_token and, if configured, redirect_uri. Raises FatalResponseError if
    Asana refuses to renew the token, and RetriesExhaustedError if the endpoint does not answer. Either ends the run, so
    all other threads get the same error without another request. If Asana replaces the refresh token, the new one is
    used from then on, and saved in the `file` that the old one came from.
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
        """Keep the credentials; the first token is requested when it is needed."""
        self._endpoint = TokenEndpoint(url, session=session, timeout=timeout, sleep=sleep)
        self._form = {"grant_type": "refresh_token", **form}
        self._file = file
        self._has_warned = False
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = float("-inf")
        self._failure: AsanaError | None = None

    @override
    def token(self) -> str:
        """Return a token, valid for some minutes more."""
        with self._lock:
            if self._clock() >= self._renew_at:
                self._refresh()
            return self._token

    @override
    def renew(self, rejected_token: str) -> bool:
        """Renew the token, unless another thread has done so since the rejected one was sent."""
        with self._lock:
            if rejected_token == self._token:
                self._refresh()
            return True

    def _refresh(self) -> None:
        if self._failure is not None:
            raise type(self._failure)(str(self._failure))
        try:
            self._use(self._endpoint.exchange(self._form, REFRESH_REJECTED, REFRESH_UNANSWERED))
        except AsanaError as failure:
            self._failure = failure
            raise

    def _use(self, grant: dict[str, Any]) -> None:
        self._use_refresh_token(grant.get("refresh_token"))
        ttl = _seconds(grant.get("expires_in"))
        self._token = str(grant["access_token"])
        self._renew_at = self._clock() + max(ttl - REFRESH_MARGIN_SECONDS, ttl / 2)

    def _use_refresh_token(self, new: object) -> None:
        """Use a new refresh token from now on, and save it for the next run."""
        old = self._form["refresh_token"]
        if not isinstance(new, str) or new in {"", old}:
            return
        self._form["refresh_token"] = new
        problem = self._file.replace_token(old, new) if self._file else NOT_FROM_FILE
        if problem and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "Asana replaced the refresh token, but the new one was not saved: %s. "
                "If the next run is rejected, log in again.",
                problem,
            )


def _seconds(ttl: object) -> float:
    """Return the lifetime of a token in seconds, or the default if the response has no valid one."""
    try:
        seconds = float(str(ttl))
    except ValueError:
        return DEFAULT_TOKEN_TTL_SECONDS
    return seconds if 0 < seconds < float("inf") else DEFAULT_TOKEN_TTL_SECONDS
