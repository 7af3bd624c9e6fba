"""The guard that keeps tests on this machine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import requests
from conftest import reached_out

pytest_plugins = ["pytester"]

FORBIDDEN = ("198.51.100.7", 443)
"""An address that documentation uses and nobody has (RFC 5737)."""


def test_a_socket_that_reaches_out_is_stopped() -> None:
    """Neither a connection nor a datagram nor the look-up of a name leaves this machine, and each is noted."""
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        for reach in (
            lambda: stream.connect(FORBIDDEN),
            lambda: stream.connect_ex(FORBIDDEN),
            lambda: datagrams.sendto(b"x", FORBIDDEN),
            lambda: socket.getaddrinfo("app.asana.com", 443),
            lambda: socket.create_connection(("app.asana.com", 443)),
        ):
            with pytest.raises(PermissionError, match="may not reach"):
                reach()
    assert reached_out == [*[FORBIDDEN[0]] * 3, *["app.asana.com"] * 2]
    reached_out.clear()


def test_an_attempt_is_noted_even_if_the_client_hides_it() -> None:
    """A client that swallows the error does not hide the attempt; the test fails at its end."""
    session = requests.Session()
    session.trust_env = False
    with session, pytest.raises(requests.ConnectionError):
        session.get("https://app.asana.com/api/1.0/users/me", timeout=5)
    assert reached_out == ["app.asana.com"]
    reached_out.clear()


def test_this_machine_is_reached() -> None:
    """Loopback in both families, its name, and Unix sockets are allowed."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert socket.getaddrinfo("localhost", 80)
    with socket.socket(socket.AF_UNIX) as file, pytest.raises(FileNotFoundError):
        file.connect("/nowhere")


def test_a_test_that_reaches_out_fails(pytester: pytest.Pytester) -> None:
    """The guard is at work in every test: one that asks somebody else and swallows the refusal fails at its end."""
    pytester.makeconftest((Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_it():
            with contextlib.suppress(OSError):
                socket.create_connection(("198.51.100.7", 443))
        """
    )
    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", pytester.path)
    outcome.assert_outcomes(passed=1, errors=1)
    outcome.stdout.fnmatch_lines(["*tried to reach 198.51.100.7*"])
