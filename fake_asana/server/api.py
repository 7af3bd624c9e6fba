"""The local Asana as a function from request to response."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from fake_asana.messages import PREFIX, ApiError, HttpRequest, HttpResponse, answer
from fake_asana.model import field_tree
from fake_asana.model.access import PERSON, UNAUTHORIZED, Viewer
from fake_asana.model.dialect import Dialect
from fake_asana.model.jobs import JOB
from fake_asana.server import downloads
from fake_asana.server.call import Call
from fake_asana.server.faults import WORDS, Faults, Refusal
from fake_asana.server.limits import BUSY, Allowance, Limits
from fake_asana.server.oauth import OAuth
from fake_asana.server.paging import (
    MOST,
    TOO_LARGE,
    TRUNCATED,
    Listing,
    Mark,
    Page,
    cut,
    fingerprint,
    limit_of,
    seal,
    unseal,
)
from fake_asana.server.routes import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.field_tree import Tree
    from fake_asana.model.kinds import Record, Row
    from fake_asana.server.call import Route
    from fake_asana.world import World

__all__ = ["Api", "Dialect", "Faults", "Handled", "HttpRequest", "HttpResponse", "Limits"]
AUTHORIZE_PATH = "/-/oauth_authorize"
TOKEN_PATH = "/-/oauth_token"  # noqa: S105 - a path


class Handled(NamedTuple):
    """A request that was answered."""

    method: str
    path: str
    template: str
    query: Mapping[str, str]
    status: int


class Api:
    """One server: a world, its limits and faults, and the log of what it answered."""

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
        """A server without requests yet; pages' `uri` begin with `base_url`, and downloads are at `files_url`."""
        self.world, self.limits, self.faults, self.base_url = world, limits or Limits(), faults, base_url
        self.files_url = files_url
        self.dialect = world.dialect = dialect or Dialect()
        self.oauth = OAuth(world.clock, rotates=self.dialect.rotates_refresh_tokens)
        self.allowance = Allowance()
        self.log: list[Handled] = []
        self.refusals: list[Refusal] = []

    def refuse(
        self,
        template: str,
        status: int,
        *,
        gid: str = "",
        times: int | None = None,
        message: str = WORDS,
        own: bool = True,
    ) -> None:
        """Refuse a template's requests, or those of them that name one gid."""
        self.refusals.append(Refusal(template, status, gid, times, message, own))

    def respond(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request; every outcome is an answer, and is logged."""
        with self.world.lock:
            return self.logged(request, self.headed(self.spoilt(request)))

    def headed(self, response: HttpResponse) -> HttpResponse:
        """The response with the headers that every answer has."""
        headers = {}
        if self.dialect.date_sent:
            headers["Date"] = formatdate(self.world.clock() + self.dialect.date_ahead, usegmt=True)
        if self.dialect.change_notice:
            headers["Asana-Change"] = self.dialect.change_notice
        return replace(response, headers={**headers, **response.headers})

    def crowd(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request that came while too many others were under way; it counts too."""
        with self.world.lock:
            token = request.header("Authorization").removeprefix("Bearer ").strip()
            self.allowance.count(token, self.world.clock())
            return self.logged(request, ApiError(429, BUSY, {"Retry-After": "1"}).response())

    def logged(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The response, after it was noted."""
        match = TABLE.match(request.method, request.path.removeprefix(PREFIX))
        template = match.route.template if match else f"{request.method} {request.path}"
        template = downloads.TEMPLATE if request.path.startswith(downloads.ROOT) else template
        self.log.append(Handled(request.method, request.path, template, request.query, response.status))
        return response

    def spoilt(self, request: HttpRequest) -> HttpResponse:
        """The answer, after the fault it may meet."""
        fault = self.faults.next(request) if self.faults else None
        if fault and self.faults:
            return self.faults.spoil(fault, lambda: self.outcome(request), self.world.clock)
        return self.outcome(request)

    def outcome(self, request: HttpRequest) -> HttpResponse:
        """The answer, errors in their envelope."""
        if request.path == AUTHORIZE_PATH:
            return self.oauth.authorize(request)
        if request.path == TOKEN_PATH:
            return self.oauth.token(request)
        if request.path.startswith(downloads.ROOT):
            return downloads.download(self.world, request, self.dialect)
        try:
            return self.dispatch(request)
        except ApiError as error:
            return error.response()

    def dispatch(self, request: HttpRequest) -> HttpResponse:
        """The good answer; ApiError otherwise."""
        token = request.header("Authorization").removeprefix("Bearer ").strip()
        viewer = self.viewer(token)
        self.allowance.spend(token, self.limits.per_minute, self.world.clock())
        match = TABLE.match(request.method, request.path.removeprefix(PREFIX))
        if match is None or not request.path.startswith(PREFIX):
            raise ApiError(404, "No matching route for request")
        if match.route.template in viewer.unscoped:
            raise ApiError(401, UNAUTHORIZED)
        for refusal in self.refusals:
            if refusal.meets(match.route.template, match.params, request.query):
                return refusal.response()
        if match.route.budget:
            name = match.route.budget
            self.allowance.spend(f"{token} {name}", self.limits.budget(name), self.world.clock())
        call = Call(
            self.world, viewer, self.limits, self.dialect, match.params, request.query, request.body, self.files_url
        )
        found = match.route.answer(call)
        if isinstance(found, Listing):
            return answer(self.listed(request, match.route, viewer, found))
        record = render(match.route, found, self.chosen_fields(match.route, request.query))
        breakage = None if match.route.kind is JOB else self.dialect.breakage
        return answer({"data": breakage.spoilt(record) if breakage else record}, match.route.status)

    def viewer(self, token: str) -> Viewer:
        """Who is behind a token; ApiError 401 for nobody."""
        viewers = self.world.access.viewers
        if self.oauth.valid(token):
            return viewers[PERSON]
        if token not in viewers:
            raise ApiError(401, UNAUTHORIZED)
        return viewers[token]

    def listed(self, request: HttpRequest, route: Route, viewer: Viewer, listing: Listing) -> Record:
        """The body of a list: a page of it, or the whole where nobody asked for pages."""
        limit = limit_of(request.query) if route.paging == "pages" else None
        if limit is None and listing.endless:
            limit = MOST
        page = self.page(request, listing, limit, paged=route.paging == "pages")
        tree = self.chosen_fields(route, request.query)
        rows = [render(route, row, tree) for row in page.rows if viewer.sees(row)]
        breakage = self.dialect.breakage
        body: Record = {"data": breakage.listed(rows) if breakage else rows}
        body |= listing.beside
        if limit is not None:
            following = self.onward(request, page)
            body |= {"next_page": following} if following or self.dialect.names_end else {}
        return body

    def page(self, request: HttpRequest, listing: Listing, limit: int | None, *, paged: bool) -> Page:
        """The rows that are asked for."""
        offset = request.query.get("offset") if paged else None
        after = None
        if offset is not None:
            after = unseal(offset, fingerprint(request.path, request.query), self.world.clock())
        if limit is None:
            everything = cut(listing, after, len(listing.rows))
            if paged and len(everything.rows) > self.limits.unpaged:
                raise ApiError(400, TOO_LARGE)
            return everything
        given = after.given if after else 0
        every, most = self.limits.short_every, self.limits.truncate
        short = every and (given // limit) % every == every - 1
        page = cut(listing, after, max(1, limit // 2) if short else limit)
        if most is not None and given + len(page.rows) > most:
            raise ApiError(400, TRUNCATED)
        if listing.endless and page.rest is None:
            last = Mark(listing.key(page.rows[-1]), given) if page.rows else after or Mark((0,), 0)
            return Page(page.rows, last)
        return page

    def onward(self, request: HttpRequest, page: Page) -> Record | None:
        """Where the list goes on."""
        if page.rest is None:
            return None
        query = fingerprint(request.path, request.query)
        circle = self.limits.circle_after
        rest = Mark((), 0) if 0 < circle <= page.rest.given else page.rest
        offset = seal(rest, query, self.world.clock(), self.limits.token_life)
        path = f"{request.path.removeprefix(PREFIX)}?{urlencode({**request.query, 'offset': offset})}"
        return {"offset": offset, "path": path, "uri": self.base_url + path}

    def chosen_fields(self, route: Route, query: Mapping[str, str]) -> Tree | None:
        """The fields that the query chooses; None if it chooses none, or the route does not let it."""
        if route.fixed or "opt_fields" not in query:
            return None
        return field_tree.known(field_tree.tree(query["opt_fields"]), self.dialect, route.unlisted)


def render(route: Route, row: Row | Record, tree: Tree | None) -> Record:
    """A row with the chosen fields, or those that the route shows unasked."""
    if isinstance(row, dict):
        return row
    if tree is not None:
        return route.kind.chosen(row, tree)
    whole = route.full or route.paging == "one"
    return route.kind.usual(row) if whole else route.kind.listed(row)
