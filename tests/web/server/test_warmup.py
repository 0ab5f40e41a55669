"""What a server process does before its first visitor."""

import gc
from typing import Any

import pytest

from cper_lod.core.config import load
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from cper_lod.web.gateway.gateway import Gateway
from cper_lod.web.http.request import Scope
from cper_lod.web.http.templating import environment
from cper_lod.web.server.warmup import HOME_PAGE, freeze_heap, likely_requests, warm
from cper_lod.web.site import Site
from tests.support.asgi import CountingEngine, Exchange, ask, http_request, http_scope

BROWSERS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "text/html",
)
CONTRACT = "/doc/contrat/hauts-de-france-2021-2027"


def site_of(release: Release, **flags: object) -> tuple[Site, Any]:
    settings = load({"public_url": "http://127.0.0.1:8000", **flags}, {}).settings
    app = create_app(release, CountingEngine(), settings)
    return app.extensions["cper_lod"], app


@pytest.mark.slow
def test_the_templates_of_pages_are_compiled_before_anybody_asks(release: Release) -> None:
    _, app = site_of(release)
    environment.cache_clear()
    warm(app)
    compiled = {name for _, name in environment("fr").cache or {}}
    assert {"base.html", "home.html", "resource.html", "ontology.html", "shapes.html"} <= compiled


def test_the_templates_compiled_first_are_those_of_the_home_page(release: Release) -> None:
    _, app = site_of(release)
    environment.cache_clear()
    assert app.test_client().get("/").status_code == 200
    assert sorted(name for _, name in environment("fr").cache or {}) == sorted(HOME_PAGE)


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


def get(path: str, *headers: tuple[str, str]) -> Scope:
    return http_scope("GET", path, "", *headers)


@pytest.mark.slow
async def test_the_pages_that_visitors_come_for_are_ready_and_those_that_would_be_made(release: Release) -> None:
    site, app = site_of(release)
    asked = [
        get(path, ("accept", accept), ("accept-language", lang), ("accept-encoding", coding))
        for path in ("/", CONTRACT, f"{CONTRACT}.html", "/ontology", "/shapes")
        for accept in BROWSERS
        for lang in ("fr-FR,fr;q=0.9", "en")
        for coding in ("identity", "gzip, deflate, br")
    ]
    asked += [get(f"{CONTRACT}.{suffix}") for suffix in ("jsonld", "ttl")]

    called: list[str] = []

    def counted(environ: dict[str, Any], start: Any) -> Any:  # noqa: ANN401
        called.append(environ["PATH_INFO"])
        return app(environ, start)

    async def answers(gateway: Gateway) -> list[Exchange]:
        return [await ask(gateway.respond, scope) for scope in asked]

    prepared = Gateway(site, counted)
    await prepared.prepare(likely_requests(site))
    before = len(called)
    found = await answers(prepared)
    assert len(called) == before > 0, "nothing is made any more"
    fresh = await answers(Gateway(site, app))
    for scope, ready, made in zip(asked, found, fresh, strict=True):
        assert ready.status == 200, scope
        assert (ready.headers, ready.body) == (made.headers, made.body), scope


@pytest.mark.slow
async def test_no_more_is_prepared_than_half_of_what_may_be_kept(release: Release) -> None:
    sizes = []
    for megabytes in (1, 32):
        site, app = site_of(release, query_cache=megabytes)
        gateway = Gateway(site, app)
        await gateway.prepare(likely_requests(site))
        sizes.append(gateway.metrics()["cached"])
    assert 1024 * 1024 / 4 < sizes[0] < 1024 * 1024 / 2
    assert sizes[1] > sizes[0] * 2


async def test_a_prepared_page_is_for_those_who_would_get_it(release: Release) -> None:
    site, app = site_of(release)
    gateway = Gateway(site, app)
    await gateway.prepare([each for each in likely_requests(site) if each.path == CONTRACT])
    for accept in ("text/turtle", "= html", "\x01html", "nonsense", "text/html;q=0"):
        asked, fresh = get(CONTRACT, ("accept", accept)), Gateway(site, app)
        ready, made = [await ask(each.respond, asked) for each in (gateway, fresh)]
        assert (ready.headers, ready.body) == (made.headers, made.body), accept
    assert http_request("GET", CONTRACT).path in {each.path for each in likely_requests(site)}
