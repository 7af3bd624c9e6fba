"""The local Asana as a function from request to response."""

from __future__ import annotations

from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from fake_asana.messages import API_PREFIX, ApiError, HttpRequest, HttpResponse, json_response
from fake_asana.model import field_tree
from fake_asana.model.access import PERSON, UNAUTHORIZED, Viewer
from fake_asana.model.dialect import Dialect
from fake_asana.model.jobs import JOB
from fake_asana.server import downloads
from fake_asana.server.call import Call
from fake_asana.server.faults import REFUSAL_MESSAGE, Faults, Refusal
from fake_asana.server.lateness import as_shown, with_late_count
from fake_asana.server.limits import RATE_LIMITED, Limits, RateMeters
from fake_asana.server.oauth import OAuth
from fake_asana.server.paging import (
    MAX_PAGE_ROWS,
    TOO_LARGE,
    Listing,
    Page,
    PageTokens,
    Position,
    count_page,
    cut_page,
    delay_first_row,
    fingerprint,
    has_known_tokens,
    limit_of,
    reorder,
)
from fake_asana.server.routes import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.field_tree import Tree
    from fake_asana.model.kinds import Record, Row
    from fake_asana.server.call import Route
    from fake_asana.world import World

__all__ = ["Api", "Dialect", "Faults", "HttpRequest", "HttpResponse", "Limits", "LoggedRequest"]
AUTHORIZE_PATH = "/-/oauth_authorize"
TOKEN_PATH = "/-/oauth_token"  # noqa: S105 - a path


@lru_cache(maxsize=64)
def date_header(seconds: int) -> str:
    """Return an instant as the header Date has it; cached, because many responses leave within one second."""
    return formatdate(seconds, usegmt=True)


class LoggedRequest(NamedTuple):
    """An answered request."""

    method: str
    path: str
    template: str
    query: Mapping[str, str]
    status: int


class Api:
    """One server: a world, its limits and faults, and the log of its requests."""

    def __init__(
        self,
        world: World,
        limits: Limits | None = None,
        faults: Faults | None = None,
        base_url: str = "https://app.asana.com/api/1.0",
        files_url: str = "https://files.asana.example.com",
        *,
        dialect: Dialect | None = None,
    ) -> None:
        """Start without requests; the `uri` of pages begins with `base_url`, and downloads are at `files_url`."""
        self.world, self.limits, self.faults, self.base_url = world, limits or Limits(), faults, base_url
        self.files_url = files_url
        self.dialect = world.dialect = dialect or Dialect()
        self.oauth = OAuth(world.clock, rotates=self.dialect.rotates_refresh_tokens)
        self.rate_meters = RateMeters()
        self.log: list[LoggedRequest] = []
        self.refusals: list[Refusal] = []
        self.page_tokens = PageTokens()
        self.others_in_flight: Callable[[], int] = int  # as adapters that answer one request at a time count them

    def refuse(
        self,
        template: str,
        status: int,
        *,
        gid: str = "",
        times: int | None = None,
        message: str = REFUSAL_MESSAGE,
        in_envelope: bool = True,
    ) -> None:
        """Refuse the requests of a route, or only those with one gid."""
        self.refusals.append(Refusal(template, status, gid, times, message, in_envelope))

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Return and log the response to a request; errors are responses too."""
        with self.world.lock:
            return self.log_response(request, self.with_headers(self.with_fault(request)))

    def with_headers(self, response: HttpResponse) -> HttpResponse:
        """Return the response with the headers of every response."""
        headers = {}
        if self.dialect.sends_date:
            headers["Date"] = date_header(int(self.world.clock() + self.dialect.date_ahead_seconds))
        if self.dialect.change_notice:
            headers["Asana-Change"] = self.dialect.change_notice
        headers.update(response.headers)
        return HttpResponse(response.status, headers, response.body, response.damage, response.chunks)

    def reject(self, request: HttpRequest) -> HttpResponse:
        """Return the 429 for a request above the limit of concurrent ones; it counts against the rate limit."""
        with self.world.lock:
            token = request.header("Authorization").removeprefix("Bearer ").strip()
            with suppress(ApiError):
                self.spend(token)
            return self.log_response(request, ApiError(429, RATE_LIMITED, {"Retry-After": "1"}).response())

    def spend(self, token: str) -> None:
        """Count one request of a token; ApiError 429 if it exceeds the rate limit."""
        self.rate_meters.spend(token, self.limits.per_minute, self.world.clock(), self.limits.rate_form)

    def log_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Log the request and return the response."""
        match = TABLE.match(request.method, request.path.removeprefix(API_PREFIX))
        template = match.route.template if match else f"{request.method} {request.path}"
        template = downloads.TEMPLATE if request.path.startswith(downloads.DOWNLOAD_ROOT) else template
        self.log.append(LoggedRequest(request.method, request.path, template, request.query, response.status))
        return response

    def with_fault(self, request: HttpRequest) -> HttpResponse:
        """Return the response, changed by a fault if the request meets one."""
        fault = self.faults.next(request) if self.faults else None
        if fault and self.faults:
            return self.faults.apply(fault, lambda: self.handle(request), self.world.clock)
        return self.handle(request)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response, with errors in their envelope."""
        if request.path == AUTHORIZE_PATH:
            return self.oauth.authorize(request)
        if request.path == TOKEN_PATH:
            return self.oauth.token(request)
        if request.path.startswith(downloads.DOWNLOAD_ROOT):
            return downloads.download(self.world, request, self.dialect)
        try:
            return self.dispatch(request)
        except ApiError as error:
            return error.response()

    def dispatch(self, request: HttpRequest) -> HttpResponse:
        """Return the successful response; raise ApiError otherwise."""
        token = request.header("Authorization").removeprefix("Bearer ").strip()
        viewer = self.viewer(token)
        self.spend(token)
        match = TABLE.match(request.method, request.path.removeprefix(API_PREFIX))
        if match is None or not request.path.startswith(API_PREFIX):
            raise ApiError(404, "No matching route for request")
        if match.route.template in viewer.unscoped_templates:
            raise ApiError(401, UNAUTHORIZED)
        for refusal in self.refusals:
            if refusal.matches(match.route.template, match.params, request.query):
                return refusal.response()
        if match.route.rate_limit:
            name = match.route.rate_limit
            self.rate_meters.spend(f"{token} {name}", self.limits.rate_limit(name), self.world.clock())
        call = Call(
            self.world, viewer, self.limits, self.dialect, match.params, request.query, request.body, self.files_url
        )
        result = match.route.answer(call)
        if isinstance(result, Listing):
            return json_response(self.list_body(request, match.route, viewer, result))
        record = render(match.route, result, self.selected_fields(match.route, request.query))
        record = self.dialect.withhold_hints(with_late_count(self.world, result, record), is_listed=False)
        breakage = None if match.route.kind is JOB else self.dialect.breakage
        return json_response({"data": breakage.break_record(record) if breakage else record}, match.route.status)

    def viewer(self, token: str) -> Viewer:
        """Return the viewer of a token; ApiError 401 for an unknown token."""
        viewers = self.world.access.viewers
        if self.oauth.valid(token):
            return viewers[PERSON]
        if token not in viewers:
            raise ApiError(401, UNAUTHORIZED)
        return viewers[token]

    def list_body(self, request: HttpRequest, route: Route, viewer: Viewer, listing: Listing) -> Record:
        """Return the body of a list: one page, or all rows without a `limit`."""
        limit = limit_of(request.query) if route.paging == "pages" else None
        if limit is None and listing.never_ends:
            limit = MAX_PAGE_ROWS
        is_paged = route.paging == "pages"
        page = self.page(request, as_shown(self.world, listing) if is_paged else listing, limit, paged=is_paged)
        tree = self.selected_fields(route, request.query)
        records = ((row, render(route, row, tree)) for row in page.rows if viewer.sees(row))
        rows = [self.dialect.withhold_hints(with_late_count(self.world, *each)) for each in records]
        rows = [row for row in rows for _ in range(2)] if self.dialect.pages.repeats_rows else rows
        breakage = self.dialect.breakage
        body: Record = {"data": breakage.break_list(rows) if breakage else rows}
        body |= listing.extra
        if limit is not None and self.names_next_page(route):
            next_page = self.next_page(request, page)
            body |= {"next_page": next_page} if next_page or self.dialect.null_next_page else {}
        return body

    def page(self, request: HttpRequest, listing: Listing, limit: int | None, *, paged: bool) -> Page:
        """Return the requested rows."""
        offset = request.query.get("offset") if paged else None
        after = None
        if offset is not None:
            query = fingerprint(request.path, request.query)
            words, form = self.dialect.expired_words, self.dialect.cursors
            after = self.page_tokens.redeem(offset, query, self.world.clock(), words, form)
        if limit is None:
            all_rows = cut_page(listing, after, len(listing.rows))
            if paged and len(all_rows.rows) > self.limits.unpaged:
                raise ApiError(400, TOO_LARGE)
            return all_rows
        rows_given = after.rows_before if after else 0
        short_every, max_rows = self.limits.short_every, self.limits.truncate
        is_short = short_every and (rows_given // limit) % short_every == short_every - 1
        size = max(1, limit // 2) if is_short else limit
        is_known = has_known_tokens(request.path.removeprefix(API_PREFIX), request.query)
        is_counted = self.dialect.cursors.counts_rows and not is_known
        page = self.cut_page(listing, after, size, is_counted=is_counted)
        if max_rows is not None and rows_given + len(page.rows) > max_rows:
            raise ApiError(400, self.dialect.refusals.truncated)
        if listing.never_ends and page.next_position is None:
            position = Position(listing.key(page.rows[-1]), rows_given) if page.rows else after or Position((0,), 0)
            page = page._replace(next_position=position)
        if listing.never_ends and self.dialect.logs.reverses_pages:
            return page._replace(rows=page.rows[::-1])
        return page

    def cut_page(self, listing: Listing, after: Position | None, size: int, *, is_counted: bool) -> Page:
        """Return up to `size` rows in the order of the dialect; only the audit log has an order of its own."""
        form = self.dialect.lists
        if listing.never_ends:
            return cut_page(listing, after, size)
        if form.order != "rank":
            listing = reorder(listing, form.order, after, self.world.clock())
        if is_counted:
            page = count_page(listing, after, size)
        elif form.delays_first_row:
            page = delay_first_row(listing, after, size)
        else:
            page = cut_page(listing, after, size, repeats_last=self.dialect.repeats_last_row)
        if self.dialect.pages.ends_empty and page.next_position is None and len(page.rows) == size:
            rows_before = (after.rows_before if after else 0) + size
            return page._replace(next_position=Position(max(map(listing.key, page.rows)), rows_before))
        return page

    def names_next_page(self, route: Route) -> bool:
        """Return whether a list says which page is next."""
        nameless = self.dialect.nameless_pages
        return nameless == "none" or (nameless == "task templates" and route.template != "GET /task_templates")

    def next_page(self, request: HttpRequest, page: Page) -> Record | None:
        """Return the `next_page` of a list, None at its end."""
        if page.next_position is None:
            return None
        query = fingerprint(request.path, request.query)
        circle_after = self.limits.circle_after
        position = Position((), 0) if 0 < circle_after <= page.next_position.rows_before else page.next_position
        life, form = self.limits.token_life, self.dialect.cursors
        offset = self.page_tokens.issue(position, query, self.world.clock(), life, form)
        path = f"{request.path.removeprefix(API_PREFIX)}?{urlencode({**request.query, 'offset': offset})}"
        return {"offset": offset, "path": path, "uri": self.base_url + path}

    def selected_fields(self, route: Route, query: Mapping[str, str]) -> Tree | None:
        """Return the fields selected by the query; None without opt_fields, or if the route ignores them."""
        if route.fixed or "opt_fields" not in query:
            return None
        return field_tree.supported(field_tree.parse_tree(query["opt_fields"]), self.dialect, route.unlisted)


def render(route: Route, row: Row | Record, tree: Tree | None) -> Record:
    """Return a row with the selected fields, or with those of the route."""
    if isinstance(row, dict):
        return row
    if tree is not None:
        return route.kind.selected_record(row, tree)
    is_full = route.full or route.paging == "one"
    return route.kind.default_record(row) if is_full else route.kind.compact_record(row)
