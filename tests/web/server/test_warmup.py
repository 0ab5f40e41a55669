"""What a server process does before its first visitor."""

import gc
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from cper_lod.core.config import load
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.http.templating import environment
from cper_lod.web.server.warmup import HOME_PAGE, compile_home_page, freeze_heap, likely_requests, warm
from tests.support.counting_engine import CountingEngine

BROWSERS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "text/html",
)
CONTRACT = "/doc/contrat/hauts-de-france-2021-2027"
MIB = 1024 * 1024


def app_of(release: Release) -> Flask:
    settings = load({"public_url": "http://127.0.0.1:8000"}, {}).settings
    return create_app(release, CountingEngine(), settings)


def answered(application: Any, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:  # noqa: ANN401
    with Client(application).get(path, headers=headers) as answer:
        return answer.status_code, dict(answer.headers), answer.data


def test_the_templates_compiled_first_are_those_of_the_home_page(release: Release) -> None:
    app = app_of(release)
    environment.cache_clear()
    assert app.test_client().get("/").status_code == 200
    assert sorted(name for _, name in environment("fr").cache or {}) == sorted(HOME_PAGE)
    environment.cache_clear()
    compile_home_page()
    assert sorted(name for _, name in environment("fr").cache or {}) == sorted(HOME_PAGE)


@pytest.mark.slow
def test_the_pages_that_visitors_come_for_are_ready_and_those_that_would_be_made(release: Release) -> None:
    app, called = app_of(release), list[str]()

    def counted(environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401
        called.append(environ["PATH_INFO"])
        return app(environ, start)

    asked = [
        (path, {"Accept": accept, "Accept-Language": lang, "Accept-Encoding": coding})
        for path in ("/", CONTRACT, f"{CONTRACT}.html", "/ontology", "/shapes")
        for accept in BROWSERS
        for lang in ("fr-FR,fr;q=0.9", "en")
        for coding in ("identity", "gzip, deflate, br")
    ]
    asked += [(f"{CONTRACT}.{suffix}", {}) for suffix in ("jsonld", "ttl", "json")]
    environment.cache_clear()
    warm(cache := ResponseCache(counted, 32 * MIB), app.extensions["cper_lod"])
    compiled = {name for _, name in environment("fr").cache or {}}
    assert {"base.html", "home.html", "resource.html", "thing_pages/ontology.html", "shapes.html"} <= compiled
    before = len(called)
    found = [answered(cache, *each) for each in asked]
    assert len(called) == before > 0, "nothing is made any more"
    for each, ready in zip(asked, found, strict=True):
        assert ready[0] == 200, each
        assert ready == answered(app, *each), each


@pytest.mark.slow
def test_no_more_is_made_in_advance_than_half_of_what_may_be_stored(release: Release) -> None:
    app, sizes = app_of(release), list[int]()
    for size in (MIB, 32 * MIB):
        warm(cache := ResponseCache(app, size), app.extensions["cper_lod"])
        sizes.append(cache.size)
    # Beside the last of these pages there is one of each kind.
    assert MIB / 4 < sizes[0] < MIB * 3 / 4
    assert sizes[1] > sizes[0]


def test_a_page_made_in_advance_is_for_those_who_would_get_it(release: Release) -> None:
    app = app_of(release)
    cache = ResponseCache(app, 32 * MIB)
    for path, headers in likely_requests(app.extensions["cper_lod"]):
        if path == CONTRACT:
            answered(cache, path, headers)
    assert cache.size
    for accept in ("text/turtle", "= html", "\x01html", "nonsense", "text/html;q=0", "text/html"):
        asked = CONTRACT, {"Accept": accept}
        assert answered(cache, *asked) == answered(app, *asked), accept


@pytest.mark.slow
def test_what_lives_on_is_not_looked_at_again() -> None:
    kept = [[number] for number in range(1000)]
    gc.collect()
    assert {id(each) for each in kept} <= {id(each) for each in gc.get_objects()}
    try:
        freeze_heap()
        assert {id(each) for each in kept}.isdisjoint(id(each) for each in gc.get_objects())
    finally:
        gc.unfreeze()
