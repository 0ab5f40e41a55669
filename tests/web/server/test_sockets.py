"""The address that is listened on: who holds it keeps others from it, and is no server by that."""

import socket

import pytest

from cper_lod.core.errors import Problem
from cper_lod.web.server.sockets import check_port, reserved_port
from tests.support.server import free_port

HOST = "127.0.0.1"


def test_of_two_servers_that_begin_at_once_one_is_refused() -> None:
    port = free_port()
    check_port(HOST, port)
    with reserved_port(HOST, port):
        with pytest.raises(Problem) as refused, reserved_port(HOST, port):
            pass
        assert refused.value.kind.code == "port-in-use"
    check_port(HOST, port)


@pytest.mark.slow
def test_a_port_that_is_held_is_free_for_the_server_itself() -> None:
    """As granian listens: with SO_REUSEPORT; each connection comes to it."""
    port = free_port()
    with reserved_port(HOST, port), socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((HOST, port))
        server.listen()
        for _ in range(20):
            with socket.create_connection((HOST, port), 2), server.accept()[0] as taken:
                taken.send(b"x")
