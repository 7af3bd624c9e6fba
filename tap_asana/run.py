"""One run of the tap: the one client, the crawl and the progress that all streams share."""

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
from tap_asana.api.transport import new_session
from tap_asana.config import Settings
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.limits import Limits
from tap_asana.monitor.progress import Progress
from tap_asana.parents.directory import ParentDirectory
from tap_asana.records.privacy import Privacy
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.instants import format_instant
from tap_asana.tasks.strategy import ExtractionStrategy

DEFAULT_LIMITS = Limits()

logger = logging.getLogger(__name__)


def steady_clock(
    wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
) -> Callable[[], float]:
    """Return a clock of epoch seconds that starts with the wall clock and goes on evenly, however that one is set."""
    zero = wall() - monotonic()
    return lambda: zero + monotonic()


class Run:
    """What the streams of one run share; nothing is sent before it is needed.

    `number` tells the run apart from those before it, whose state it was given (see `seen`).
    Tests replace `session`, `now` (epoch seconds; it has to be even), `clock` (monotonic seconds), `sleep`, and `pace`,
    which makes a pace of a number per minute. `limits` replaces thresholds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        session: requests.Session | None = None,
        now: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        pace: Callable[[int], RateLimiter] = RateLimiter,
        sleep: Callable[[float], object] | None = None,
        token_file: TokenFile | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Keep the settings, and the file that their refresh token came from."""
        self.settings = settings
        self.limits = limits
        self._session = session or new_session(settings.max_concurrency)
        self._now = now or steady_clock()
        self._clock = clock
        self._begun = self._now()
        self.number = 0
        self._future_told = False
        self._start_is_certain = True
        self.strategy = ExtractionStrategy(settings.extraction_method)
        self._pace = pace
        self._sleep = sleep
        self._token_file = token_file
        self._has_met_people = False

    @cached_property
    def client(self) -> AsanaClient:
        """Return the one client."""
        settings = self.settings
        connection = Connection(
            settings.api_url, settings.request_timeout, settings.max_concurrency, settings.page_size, self._headers()
        )
        return AsanaClient(
            connection,
            self._auth(),
            self._pace(settings.requests_per_minute),
            endpoint_limiters={name: self._pace(per_minute) for name, per_minute in ENDPOINT_LIMITS.items()},
            session=self._session,
            now=self._now,
            sleep=self._sleep,
        )

    @cached_property
    def fetcher(self) -> Fetcher:
        """Return the fetcher of all pages."""
        return Fetcher(self.client, self.settings.max_concurrency, self.limits, clock=self._clock)

    @cached_property
    def directory(self) -> ParentDirectory:
        """Return the parents that are shared by the streams."""
        return ParentDirectory(
            self.client,
            self.fetcher,
            self.settings.workspaces,
            include_archived=self.settings.include_archived_projects,
            person_order=self.privacy.person_order,
        )

    @cached_property
    def privacy(self) -> Privacy:
        """Return what may leave of people."""
        return Privacy(self.settings.privacy, self.settings.privacy_key)

    def meet_people(self) -> None:
        """Learn who is in all workspaces, once, where texts are not to name them."""
        directory = self.privacy.known_people
        if directory is None or self._has_met_people:
            return
        for workspace in self.directory.workspaces:
            for person in self.directory.people(workspace):
                directory.add(person.get("gid"), person.get("name"), person.get("email"))
        self._has_met_people = True

    @cached_property
    def progress(self) -> Progress:
        """Return the counts of this run."""
        return Progress(self.client.metrics, log_interval=self.limits.log_interval_seconds)

    @cached_property
    def start(self) -> str:
        """Return when the run began, by the slower of Asana's clock and ours: no read in it starts earlier (law 1)."""
        self._start_is_certain = self.client.clock_skew.has_date
        if not self._start_is_certain:
            logger.info(
                "answers carry no Date: bookmarks go by the youngest change that is seen; some changes come twice"
            )
        return self._began(self.client.clock_skew.ahead)

    def _began(self, ahead: float) -> str:
        """Return when the run began if our clock is so many seconds ahead."""
        return format_instant(datetime.fromtimestamp(max(0.0, self._begun - ahead), timezone.utc))

    @property
    def latest(self) -> datetime:
        """Return the moment by the faster of Asana's clock and ours: what lies behind it is in the future."""
        return datetime.fromtimestamp(self._now() + self.client.clock_skew.behind, timezone.utc)

    def warn_of_future(self, stream: str, workspace_gid: str, bookmark: str | None) -> None:
        """Tell once a run of a bookmark that lay in the future, and is taken as now."""
        if bookmark is not None and not self._future_told:
            self._future_told = True
            logger.warning(
                "the bookmark of %s in workspace %s lies in the future (%s), as may others; it is taken as now (%s): "
                "what changed long before may be missing until a run without a state",
                *(stream, workspace_gid, bookmark, self.start),
            )

    def settled(self, window: SyncWindow) -> SyncWindow:
        """Return a sweep of this run with a start that no clock of Asana's speaks against.

        Where answers carry no Date, our clock may be ahead. An answer cannot hold a change that is not yet made: the
        youngest one in it was made when the answer came at the latest, which tells how far ahead our clock is at most.
        Where nothing was seen, nothing is known.
        """
        if window.run != self.number or window.until != self.start or self._start_is_certain:
            return window
        clocks = self.client.clock_skew
        most = clocks.ahead if clocks.has_date else clocks.max_ahead
        return replace(window, until=self._began(self._begun if most is None else max(0.0, most)))

    def stop(self) -> None:
        """Cancel all requests that are not sent yet, and end the threads: the run ends early."""
        if "client" in vars(self):
            self.client.cancelled.set()
        self.close()

    def close(self) -> None:
        """End the threads that fetch pages."""
        if "fetcher" in vars(self):
            self.fetcher.close()

    @property
    def now(self) -> str:
        """Return the moment by our own clock."""
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
