"""Sessions that look into the environment once a host, not once a request."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from typing_extensions import override

from tap_asana.config import is_loopback


class Session(requests.Session):
    """A session to few hosts: what the environment says of proxies and certificates for each is found once.

    For requests alone that is a third of what sending a request takes. What is for this machine goes to no proxy: a
    token may travel there in clear, and would leave it.
    """

    def __init__(self) -> None:
        """Know of no host yet."""
        super().__init__()
        self._found: dict[tuple[object, ...], Any] = {}

    @override
    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Return how a request to this address travels."""
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        key = (*url.split("/", 3)[:3], stream, verify, cert)
        if key not in self._found:
            found = super().merge_environment_settings(url, proxies, stream, verify, cert)
            here = is_loopback(urlsplit(url).hostname or "")
            self._found[key] = {**found, "proxies": {}} if here else found
        found = self._found[key]
        return {**found, "proxies": {**found["proxies"]}}
