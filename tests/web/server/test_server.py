"""What the server says of its settings when it starts, and the address that it listens on."""

import socket

import pytest
from flask.testing import FlaskClient

from cper_lod.core.settings import Settings
from cper_lod.release.release import Release
from cper_lod.web.server.server import log_unset
from cper_lod.web.server.sockets import check_port, reserved_port
from tests.support.refusals import refused
from tests.support.server import free_port
from tests.support.web import client_of

PUBLIC = {"public_url": "https://data.example.org", "contact": "a@example.org", "hosting": "X, hosted by Y"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"host": "0.0.0.0"}, ["public_url", "contact", "hosting"]),  # noqa: S104
        ({"public_url": "http://[::1]:8000", "host": "::"}, ["public_url", "contact", "hosting"]),
        ({"public_url": PUBLIC["public_url"]}, ["contact", "hosting"]),
        ({**PUBLIC, "hosting": ""}, ["hosting"]),
        (PUBLIC, []),
        ({}, []),
        ({"public_url": "http://localhost:8000"}, []),
    ],
)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_log_of_a_public_server_says_what_should_be_set(
    caplog: pytest.LogCaptureFixture, settings: dict[str, str], missing: list[str], lang: str
) -> None:
    log_unset(Settings(lang=lang, **settings))  # type: ignore[arg-type]
    assert [each.getMessage().split()[0] for each in caplog.records] == missing
    assert all(each.levelname == "WARNING" for each in caplog.records)
    told = " ".join(each.getMessage() for each in caplog.records)
    assert ({"fr": "21 juin 2004", "en": "21 June 2004"}[lang] in told) == ("hosting" in missing)


def test_health_names_what_a_public_server_should_have(client: FlaskClient, release: Release) -> None:
    assert client.get("/health").get_json()["unset"] == ["public_url", "contact", "hosting"]
    (public,) = client_of(release, **PUBLIC)
    assert "unset" not in public.get("/health").get_json()


HOST = "127.0.0.1"


def test_of_two_servers_that_begin_at_once_one_is_refused() -> None:
    port = free_port()
    check_port(HOST, port)
    with reserved_port(HOST, port), refused("port-in-use"), reserved_port(HOST, port):
        pass
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
