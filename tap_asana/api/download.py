"""Files that Asana keeps elsewhere: fetched without the token, over https only."""

from __future__ import annotations

import sys
from typing import IO
from urllib.parse import urlsplit

import requests
import urllib3

from tap_asana.api.body import iter_chunks
from tap_asana.config import is_loopback
from tap_asana.errors import AsanaError, CorruptDownloadError, FatalResponseError


def download(session: requests.Session, url: str, file: IO[bytes], timeout: float, most: int = sys.maxsize) -> None:
    """Write what an address holds to a file, byte for byte.

    Raises UnreadableFile where it does not come whole or drips, FatalAnswer where it would travel in clear, and
    AsanaError where it is of more than `most` bytes, or the disk is full.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise FatalResponseError(f"The export lies at an address that is not https: {parts.scheme}://{parts.hostname}")
    written = 0
    try:
        # The empty auth keeps a .netrc from adding credentials.
        answer = session.get(url, stream=True, timeout=timeout, allow_redirects=False, auth=_without_credentials)
        with answer:
            if answer.status_code != requests.codes.ok:
                raise CorruptDownloadError(f"the download of the export is refused ({answer.status_code})")
            for piece in iter_chunks(answer, timeout):
                written += len(piece)
                if written > most:
                    raise AsanaError(f"The export's file is larger than the disk has room for: more than {most} bytes")
                file.write(piece)
            announced = answer.headers.get("Content-Length", "")
            if announced.isdecimal() and written != int(announced):
                raise CorruptDownloadError(
                    f"the download of the export broke off ({written} of {announced} bytes came)"
                )
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise CorruptDownloadError(f"the download of the export broke off ({type(error).__name__})") from error
    except OSError as error:
        raise AsanaError(f"The export's file cannot be kept on the disk: {error.strerror}") from error


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
