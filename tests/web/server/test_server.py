"""What the server says of its settings when it starts."""

import pytest
from flask.testing import FlaskClient

from cper_lod.core.settings import Settings
from cper_lod.release.release import Release
from cper_lod.web.server.server import log_unset
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
