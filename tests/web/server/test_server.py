"""What the server says of its settings when it starts, and the address that it listens on."""

import pytest

from cper_lod.core.settings import Settings
from cper_lod.web.server.server import check_port, log_unset, reserved_port
from tests.support.refusals import refused
from tests.support.server import free_port

PUBLIC = {"public_url": "https://data.example.org", "contact": "a@example.org", "hosting": "X, hosted by Y"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"host": "0.0.0.0"}, ["public_url", "contact", "hosting"]),  # noqa: S104
        ({**PUBLIC, "hosting": ""}, ["hosting"]),
        (PUBLIC, []),
        ({}, []),
    ],
)
def test_the_log_of_a_public_server_says_what_should_be_set(
    caplog: pytest.LogCaptureFixture, settings: dict[str, str], missing: list[str]
) -> None:
    log_unset(Settings(**settings))  # type: ignore[arg-type]
    assert [each.getMessage().split()[0] for each in caplog.records] == missing


HOST = "127.0.0.1"


def test_of_two_servers_that_begin_at_once_one_is_refused() -> None:
    port = free_port()
    check_port(HOST, port)
    with reserved_port(HOST, port), refused("port-in-use"), reserved_port(HOST, port):
        pass
    check_port(HOST, port)
