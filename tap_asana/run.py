"""One run of the tap: the client, the fetcher, the parents and the progress shared by all streams."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import cached_property

import requests

from tap_asana.api.auth import Auth, FixedToken, OAuth
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import ENDPOINT_LIMITS, RateLimiter
from tap_asana.api.token_file import TokenFile
from tap_asana.api.tokens import TokenAccess
from tap_asana.api.transport import new_session
from tap_asana.config import Settings
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.limits import Limits
from tap_asana.monitor.progress import Progress
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.known_names import people_of
from tap_asana.records.privacy import Privacy
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.instants import format_instant
from tap_asana.tasks.strategy import ExtractionStrategy
from tap_asana.tasks.time_hint import TimeHint

DEFAULT_LIMITS = Limits()

logger = logging.getLogger(__name__)


def steady_clock(
    wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
) -> Callable[[], float]:
    """Return a clock of epoch seconds that starts at the wall clock and ignores later adjustments."""
    zero = wall() - monotonic()
    return lambda: zero + monotonic()


class Run:
    """The objects shared by all streams of a run; each is created when it is first used.

    Tests replace `session`, `now` (epoch seconds, steady), `clock` (monotonic seconds), `sleep`, `make_limiter` (called
    with the requests per minute) and `limits`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        session: requests.Session | None = None,
        now: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        make_limiter: Callable[[int], RateLimiter] = RateLimiter,
        sleep: Callable[[float], object] | None = None,
        token_file: TokenFile | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Take the settings; `token_file` is the file with their refresh token."""
        self.settings = settings
        self.limits = limits
        self._session = session or new_session(settings.max_in_flight)
        self._now = now or steady_clock()
        self._clock = clock
        self._started_at = self._now()
        self._has_warned_of_future = False
        self._start_is_certain = True
        self.strategy = ExtractionStrategy(settings.extraction_method)
        self._make_limiter = make_limiter
        self._sleep = sleep
        self._token_file = token_file
        self._has_loaded_people = False
        self.time_hints: dict[str, TimeHint] = {}

    @cached_property
    def client(self) -> AsanaClient:
        """Return the client."""
        settings = self.settings
        tokens = [self._token_access(FixedToken(token)) for token in settings.additional_access_tokens]
        first = self._token_access(self._auth())
        connection = Connection(
            settings.api_url, settings.request_timeout, settings.max_concurrency, settings.page_size, self._headers()
        )
        return AsanaClient(
            connection,
            first.auth,
            first.limiter,
            endpoint_limiters=first.endpoint_limiters,
            additional_tokens=tokens,
            session=self._session,
            now=self._now,
            sleep=self._sleep,
        )

    def _token_access(self, auth: Auth) -> TokenAccess:
        """Return a source of tokens with rate limits of its own."""
        settings = self.settings
        searches = {name: self._make_limiter(per_minute) for name, per_minute in ENDPOINT_LIMITS.items()}
        limiter = self._make_limiter(settings.requests_per_minute)
        return TokenAccess(auth, limiter, settings.max_concurrency, searches)

    @cached_property
    def fetcher(self) -> Fetcher:
        """Return the fetcher of all pages."""
        return Fetcher(self.client, self.settings.max_in_flight, self.limits, clock=self._clock)

    @cached_property
    def directory(self) -> ParentDirectory:
        """Return the lists of parents."""
        return ParentDirectory(
            self.client,
            self.fetcher,
            self.settings.workspaces,
            include_archived=self.settings.include_archived_projects,
            person_order=self.privacy.person_order,
        )

    @cached_property
    def privacy(self) -> Privacy:
        """Return the privacy rules for people."""
        return Privacy(self.settings.privacy, self.settings.privacy_key)

    def load_known_people(self) -> None:
        """Load the people of all workspaces once, if their names have to be redacted from texts."""
        known_people = self.privacy.known_people
        if known_people is None or self._has_loaded_people:
            return
        for workspace in self.directory.workspaces:
            for person in people_of(self.directory, workspace):
                known_people.add(person.get("gid"), person.get("name"), person.get("email"))
        self._has_loaded_people = True

    @cached_property
    def progress(self) -> Progress:
        """Return the progress of this run."""
        return Progress(self.client.metrics, log_interval=self.limits.log_interval_seconds)

    @cached_property
    def start(self) -> str:
        """Return the start of the run by the slower of Asana's clock and ours; no request is earlier (law 1)."""
        self._start_is_certain = self.client.clock_skew.has_date
        if not self._start_is_certain:
            logger.info(
                "responses have no Date header: bookmarks use the newest change instead, so some records are repeated"
            )
        return self._start_time(self.client.clock_skew.ahead)

    def _start_time(self, ahead: float) -> str:
        """Return the start of the run if our clock is this many seconds ahead of Asana's."""
        return _instant(self._started_at - ahead)

    @property
    def latest_now(self) -> datetime:
        """Return the current time by the faster of Asana's clock and ours; later times are in the future."""
        return datetime.fromtimestamp(self._now() + self.client.clock_skew.behind, timezone.utc)

    @property
    def earliest_now(self) -> str:
        """Return the current time by the slower of Asana's clock and ours, by which runs start."""
        return _instant(self._now() - self.client.clock_skew.ahead)

    def warn_of_future(self, stream: str, workspace_gid: str, bookmark: str | None) -> None:
        """Warn once a run that a bookmark was in the future and is replaced by the start of the run."""
        if bookmark is not None and not self._has_warned_of_future:
            self._has_warned_of_future = True
            logger.warning(
                "the bookmark of %s in workspace %s is in the future (%s); all such bookmarks are set to the start of "
                "this run (%s), and changes before that may be missing until a run without a state",
                *(stream, workspace_gid, bookmark, self.start),
            )

    def corrected_window(self, window: SyncWindow) -> SyncWindow:
        """Return the window with an end that does not depend on our clock being right.

        The window must be one of this run. It only changes if responses have no Date header. A response cannot contain
        a change from the future, so the newest change in it limits how far our clock is ahead. Without any change,
        nothing is known, and the window ends at the epoch.
        """
        if window.until != self.start or self._start_is_certain:
            return window
        clocks = self.client.clock_skew
        max_ahead = clocks.ahead if clocks.has_date else clocks.max_ahead
        return replace(window, until=self._start_time(self._started_at if max_ahead is None else max(0.0, max_ahead)))

    def stop(self) -> None:
        """Cancel all requests not sent yet, and end the threads."""
        if "client" in vars(self):
            self.client.cancelled.set()
        self.close()

    def close(self) -> None:
        """End the threads of the fetcher."""
        if "fetcher" in vars(self):
            self.fetcher.close()

    @property
    def now(self) -> str:
        """Return the current time by our own clock."""
        return format_instant(datetime.fromtimestamp(self._now(), timezone.utc))

    def _headers(self) -> Mapping[str, str]:
        settings = self.settings
        features = {"Asana-Enable": settings.asana_enable, "Asana-Disable": settings.asana_disable}
        lists = {name: ",".join(values) for name, values in features.items() if values}
        return {"Accept": "application/json", "User-Agent": settings.user_agent, **lists}

    def _auth(self) -> Auth:
        settings = self.settings
        if settings.access_token:
            return FixedToken(settings.access_token)
        names = ("client_id", "client_secret", "refresh_token", "redirect_uri")
        form = {name: value for name in names if (value := getattr(settings, name))}
        return OAuth(
            settings.oauth_token_url,
            form,
            session=self._session,
            timeout=settings.request_timeout,
            file=self._token_file,
            clock=self._clock,
            sleep=self._sleep or time.sleep,
        )


def _instant(seconds: float) -> str:
    """Return seconds since the epoch as an instant; a clock may be set to before it."""
    return format_instant(datetime.fromtimestamp(max(0.0, seconds), timezone.utc))
