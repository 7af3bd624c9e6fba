"""The host that keeps the files of exports: presigned addresses, and no credentials beside them."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fake_asana.messages import HttpResponse
from fake_asana.server.export_files import bodies, formed, lines

if TYPE_CHECKING:
    from fake_asana.messages import HttpRequest
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.jobs import Job
    from fake_asana.model.state import State

ROOT = "/-/download/"
TEMPLATE = f"GET {ROOT}{{file}}"
ENDING = ".jsonl.gz"
LIFE = 300
SECRET = b"seal of the local file host"
XML = "application/xml"


def signature(gid: str, signed_at: str) -> str:
    """The seal under an address."""
    return hmac.new(SECRET, f"{gid}@{signed_at}".encode(), hashlib.sha256).hexdigest()


def address(origin: str, job: Job, now: float) -> str:
    """Where a job's file can be had for the next five minutes."""
    signed_at = f"{now:.3f}"
    query = {"X-Amz-Date": signed_at, "X-Amz-Expires": LIFE, "X-Amz-Signature": signature(job.gid, signed_at)}
    return f"{origin}{ROOT}{job.gid}{ENDING}?{urlencode(query)}"


def download(state: State, request: HttpRequest, dialect: Dialect) -> HttpResponse:
    """The file; 400 for whoever brings credentials of their own, 403 for an address that is forged or has expired."""
    if request.header("Authorization"):
        return refusal(400, "InvalidArgument", "Only one auth mechanism allowed")
    gid = request.path.removeprefix(ROOT).removesuffix(ENDING)
    signed_at = request.query.get("X-Amz-Date", "")
    genuine = hmac.compare_digest(signature(gid, signed_at), request.query.get("X-Amz-Signature", ""))
    if not genuine or gid not in state.jobs:
        return refusal(403, "SignatureDoesNotMatch", "The request signature does not match")
    if state.clock() > float(signed_at) + LIFE:
        return refusal(403, "AccessDenied", "Request has expired")
    state.downloads += 1
    return delivery(state, state.jobs[gid], dialect)


def delivery(state: State, job: Job, dialect: Dialect) -> HttpResponse:
    """A job's file on its way: whole, or cut at the end of a member."""
    form, headers = dialect.exports, {"Content-Type": "application/gzip"}
    chunks = bodies(formed(lines(state, job, dialect, state.downloads), dialect), dialect)
    if not form.sized and state.downloads > form.cut:
        return HttpResponse(200, headers, b"", chunks=chunks)
    members = list(chunks)
    sent = members[: form.left] if state.downloads <= form.cut else members
    if form.sized:
        headers["Content-Length"] = str(sum(map(len, sent if form.agrees else members)))
    return HttpResponse(200, headers, b"", chunks=iter(sent))


def refusal(status: int, code: str, message: str) -> HttpResponse:
    """An error as file hosts write it."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return HttpResponse(status, {"Content-Type": XML}, body.encode())
