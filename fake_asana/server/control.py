"""The control endpoints of a running server, under /-/fake/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError, HttpRequest, HttpResponse, json_response
from fake_asana.model.access import PERSON
from fake_asana.oracle.streams import STREAMS
from fake_asana.server.faults import Faults

if TYPE_CHECKING:
    from fake_asana.server.api import Api

CONTROL_ROOT = "/-/fake/"
RATE_LIMITED_STATUS = 429


def control(api: Api, request: HttpRequest) -> HttpResponse:
    """Answer a GET of one of the QUERIES or of truth/<stream>, or a POST of one of the ACTIONS.

    `token` in the query selects another viewer. 404 for other requests.
    """
    name, _, stream = request.path.removeprefix(CONTROL_ROOT).partition("/")
    handlers = CONTROL_ACTIONS if request.method == "POST" else CONTROL_QUERIES
    with api.world.lock:
        if name == "truth" and stream in STREAMS:
            return json_response(list(api.world.expected_records(stream, request.query.get("token", PERSON)).values()))
        if name in handlers:
            return json_response(handlers[name](api, request.query))
    return ApiError(404, "No matching route for request").response()


def request_counts(api: Api) -> dict[str, object]:
    """Return the number of requests by route and by status."""
    templates = Counter(response.template for response in api.log)
    statuses = Counter(str(response.status) for response in api.log)
    return {
        "total": len(api.log),
        "busy": statuses.get(str(RATE_LIMITED_STATUS), 0),
        "templates": dict(sorted(templates.items())),
        "statuses": dict(sorted(statuses.items())),
    }


def fault_counts(api: Api) -> dict[str, int]:
    """Return the number of faults so far, by kind."""
    return api.faults.counts if api.faults else {}


def set_faults(api: Api, query: Mapping[str, str]) -> dict[str, int]:
    """Set the rate, the kinds and the seed of future faults."""
    kinds = tuple(kind for kind in query.get("kinds", "").split(",") if kind)
    api.faults = Faults(float(query.get("rate", "0")), kinds, int(query.get("seed", "1")))
    return fault_counts(api)


def set_consent(api: Api, query: Mapping[str, str]) -> bool:
    """Set whether users consent to the OAuth app."""
    api.oauth.consents = query.get("given", "true") == "true"
    return api.oauth.consents


Handle = Callable[["Api", Mapping[str, str]], object]
CONTROL_QUERIES: Mapping[str, Handle] = {
    "counts": lambda api, query: api.world.counts(query.get("token", PERSON)),
    "requests": lambda api, _: request_counts(api),
    "faults": lambda api, _: fault_counts(api),
}
CONTROL_ACTIONS: Mapping[str, Handle] = {
    "mutate": lambda api, query: api.world.mutate(int(query.get("seed", "0"))).record(),
    "faults": set_faults,
    "forget_syncs": lambda api, _: api.world.expire_sync_tokens(),
    "fail_exports": lambda api, query: api.world.fail_exports(int(query.get("count", "1"))),
    "foreign_export": lambda api, query: api.world.begin_foreign_export(query["workspace"], float(query["seconds"])),
    "delete_task": lambda api, query: api.world.delete_task(query["gid"]),
    "undelete_task": lambda api, query: api.world.undelete_task(query["gid"]),
    "remove_user": lambda api, query: api.world.remove_user(query["gid"], query["workspace"]),
    "deny": lambda api, query: api.world.access.deny(query["gid"], int(query.get("status", "403"))),
    "consent": set_consent,
    "delete_project": lambda api, query: api.world.delete_project(query["gid"]),
    "rename_user": lambda api, query: api.world.rename_user(query["gid"], query["name"]),
    "rename_project": lambda api, query: api.world.rename_project(query["gid"], query["name"]),
    "rename_section": lambda api, query: api.world.rename_section(query["gid"], query["name"]),
    "rename_tag": lambda api, query: api.world.rename_tag(query["gid"], query["name"]),
    "rename_custom_field": lambda api, query: api.world.rename_custom_field(query["gid"], query["name"]),
}
