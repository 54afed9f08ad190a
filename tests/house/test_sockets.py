"""The suite itself: no test reaches further than this machine."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

ELSEWHERE = "192.0.2.1"
"""An address reserved for documentation (RFC 5737), so that nobody answers even if the guard fails."""


def test_a_socket_to_elsewhere_is_refused() -> None:
    with socket.socket() as client, pytest.warns(UserWarning), pytest.raises(SocketConnectBlockedError):
        client.settimeout(0.2)
        client.connect((ELSEWHERE, 80))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()
        with socket.create_connection(where) as client, server.accept()[0] as there:
            client.sendall(b"halo")
            assert there.recv(4) == b"halo"


async def test_asynchronous_tests_run_on_asyncio() -> None:
    import asyncio

    assert asyncio.get_running_loop().is_running()
