"""The host of export files: presigned addresses, and no other credentials."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fake_asana.messages import HttpResponse
from fake_asana.server.export_files import export_lines, format_lines, gzip_members

if TYPE_CHECKING:
    from fake_asana.messages import HttpRequest
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.jobs import Job
    from fake_asana.model.state import State

DOWNLOAD_ROOT = "/-/download/"
TEMPLATE = f"GET {DOWNLOAD_ROOT}{{file}}"
FILE_SUFFIX = ".jsonl.gz"
URL_LIFETIME_SECONDS = 300
FILE_SIGNING_KEY = b"seal of the local file host"
XML = "application/xml"


def signature(gid: str, signed_at: str) -> str:
    """Return the signature of an address."""
    return hmac.new(FILE_SIGNING_KEY, f"{gid}@{signed_at}".encode(), hashlib.sha256).hexdigest()


def signed_url(origin: str, job: Job, now: float) -> str:
    """Return an address of a job's file, valid for five minutes."""
    signed_at = f"{now:.3f}"
    query = {
        "X-Amz-Date": signed_at,
        "X-Amz-Expires": URL_LIFETIME_SECONDS,
        "X-Amz-Signature": signature(job.gid, signed_at),
    }
    return f"{origin}{DOWNLOAD_ROOT}{job.gid}{FILE_SUFFIX}?{urlencode(query)}"


def download(state: State, request: HttpRequest, dialect: Dialect) -> HttpResponse:
    """Return the file; 400 for requests with credentials, 403 for a forged or expired address."""
    if request.header("Authorization"):
        return xml_error(400, "InvalidArgument", "Only one auth mechanism allowed")
    gid = request.path.removeprefix(DOWNLOAD_ROOT).removesuffix(FILE_SUFFIX)
    signed_at = request.query.get("X-Amz-Date", "")
    genuine = hmac.compare_digest(signature(gid, signed_at), request.query.get("X-Amz-Signature", ""))
    if not genuine or gid not in state.jobs:
        return xml_error(403, "SignatureDoesNotMatch", "The request signature does not match")
    if state.clock() > float(signed_at) + URL_LIFETIME_SECONDS:
        return xml_error(403, "AccessDenied", "Request has expired")
    state.download_count += 1
    return file_response(state, state.jobs[gid], dialect)


def file_response(state: State, job: Job, dialect: Dialect) -> HttpResponse:
    """Return a job's file, whole or cut at the end of a member."""
    form, headers = dialect.exports, {"Content-Type": "application/gzip"}
    lines = state.written_files.get(job.gid) or export_lines(state, job, dialect, state.download_count)
    chunks = gzip_members(format_lines(lines, dialect), dialect)
    if not form.sends_length and state.download_count > form.cut_downloads:
        return HttpResponse(200, headers, b"", chunks=chunks)
    members = list(chunks)
    sent = members[: form.members_if_cut] if state.download_count <= form.cut_downloads else members
    if form.sends_length:
        headers["Content-Length"] = str(sum(map(len, sent if form.true_length else members)))
    return HttpResponse(200, headers, b"", chunks=iter(sent))


def xml_error(status: int, code: str, message: str) -> HttpResponse:
    """Return an error in the XML of file hosts."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return HttpResponse(status, {"Content-Type": XML}, body.encode())
