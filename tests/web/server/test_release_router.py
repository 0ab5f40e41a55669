"""The release router: an earlier release answers below its address by a gateway of its own, queries too."""

import asyncio
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cper_lod.core.formats import CSV
from cper_lod.engine.base import Answer, CancelToken, Engine, Query
from cper_lod.web.app import behind_prefix
from cper_lod.web.gateway.gateway import Gateway
from cper_lod.web.history import release_pool as archive_module
from cper_lod.web.history.release_pool import MAX_OPEN, ReleasePool
from cper_lod.web.server import release_router
from cper_lod.web.server.release_router import ReleaseRouter
from tests.support.asgi import CountingEngine, Exchange, ask, http_scope
from tests.support.release_history import MOMENTS, app_of, publish_states


class Named(CountingEngine):
    """An engine that answers with the id of its release, and notes when it is closed."""

    def __init__(self, release: str, closed: list[str]) -> None:
        super().__init__()
        self.release, self.closed = release, closed

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        await asyncio.sleep(0)
        return Answer(f"{self.release} {query.text}".encode(), CSV, "select")

    def close(self) -> None:
        self.closed.append(self.release)


class House:
    """A router to the application of the last of four publications, mounted below /cper."""

    def __init__(
        self, router: ReleaseRouter, archive: ReleasePool, ids: list[str], closed: list[str], made: list[str]
    ) -> None:
        self.router, self.archive, self.ids, self.closed, self.made = router, archive, ids, closed, made
        self.gateways: list[Gateway] = []
        """The gateways of earlier releases, as long as they are not closed."""

    async def get(
        self, path: str, *headers: tuple[str, str], query: str = "", method: str = "GET", body: bytes = b""
    ) -> Exchange:
        exchange = Exchange([body] if body else ())
        length = (("content-length", str(len(body))),) if body else ()
        return await ask(self.router.respond, http_scope(method, path, query, *headers, *length), exchange)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose engines tell their release; `made` notes each request that the application had to answer."""
    history, ids = publish_states(tmp_path_factory.mktemp("house"))
    app = app_of(history, ids[-1])
    archive, closed, made = app.extensions["cper_lod.pool"], list[str](), list[str]()

    def started(index: Path, *_: object) -> Engine:
        return Named(index.parent.name[:16], closed)

    monkeypatch.setattr(archive_module, "EmbeddedEngine", started)
    behind_prefix(app, "/cper")

    def counted(environ: dict[str, Any], start: Any) -> Any:  # noqa: ANN401
        made.append(environ["PATH_INFO"])
        return app(environ, start)

    today = Gateway(app.extensions["cper_lod"], counted, "/cper")
    house = House(ReleaseRouter(today, archive, counted, "/cper"), archive, ids, closed, made)

    class Noted(Gateway):
        def __init__(self, *given: Any) -> None:  # noqa: ANN401
            super().__init__(*given)
            house.gateways.append(self)

        def close(self) -> None:
            super().close()
            house.gateways.remove(self)

    monkeypatch.setattr(release_router, "Gateway", Noted)
    yield house
    archive.close()


@pytest.mark.parametrize("prefix", ["", "/cper"])
async def test_an_earlier_release_answers_documents_and_queries(house: House, prefix: str) -> None:
    for place in (0, 1):
        below = f"{prefix}/release/{house.ids[place]}"
        document = await house.get(f"{below}/doc/bac/fictif-1.ttl")
        assert document.status == 200
        assert document.headers["cache-control"] == "public, max-age=31536000, immutable"
        expected = formatdate(MOMENTS[place], usegmt=True)
        assert document.headers["memento-datetime"] == expected
        answer = await house.get(f"{below}/sparql.csv", query="query=" + quote("ASK {}"))
        assert (answer.status, answer.body.decode()) == (200, f"{house.ids[place]} ASK {{}}")
        posted = await house.get(
            f"{below}/sparql.csv",
            ("content-type", "application/sparql-query"),
            method="POST",
            body=b"ASK { ?a ?b ?c }",
        )
        assert posted.body.decode() == f"{house.ids[place]} ASK {{ ?a ?b ?c }}"
    assert (await house.get(f"{prefix}/release/{house.ids[0]}/sparql.ttl")).status == 200, "the description"


async def test_what_is_asked_again_is_ready_whatever_release_it_is_of(house: House) -> None:
    for path in ("/doc/bac/fictif-1.ttl", *(f"/release/{each}/doc/bac/fictif-1.ttl" for each in house.ids)):
        first = await house.get(path)
        before = len(house.made)
        again = await house.get(path)
        assert (again.status, again.body, again.headers) == (200, first.body, first.headers)
        unchanged = await house.get(path, ("if-none-match", first.headers["etag"]))
        assert unchanged.status == 304
        for name in ("vary", "etag", "memento-datetime"):
            assert unchanged.headers.get(name) == first.headers.get(name)
        assert len(house.made) == before, f"{path} was made again"
        if path.startswith("/doc"):
            assert "Accept-Datetime" in first.headers["vary"]


async def test_who_asks_for_another_time_gets_nothing_that_is_ready(house: House) -> None:
    path = "/doc/bac/fictif-1"
    for accept in ("text/turtle", "text/html", "application/ld+json"):
        today = await house.get(path, ("accept", accept))
        assert today.status == 200
        for place in (0, 2, 1):
            date = formatdate(MOMENTS[place] + 1, usegmt=True)
            asked = await house.get(path, ("accept", accept), ("accept-datetime", date))
            assert (asked.status, asked.headers["location"]) == (302, f"/cper/release/{house.ids[place]}{path}")
            held = ("if-none-match", today.headers["etag"])
            assert (await house.get(path, ("accept", accept), ("accept-datetime", date), held)).status == 302
        wrong = await house.get(path, ("accept", accept), ("accept-datetime", "x"))
        assert wrong.status == 400
        assert (await house.get(path, ("accept", accept))).body == today.body, "nor does it spoil what is ready"
    head = await house.get(path, ("accept-datetime", formatdate(MOMENTS[0], usegmt=True)), method="HEAD")
    assert (head.status, head.body) == (302, b"")


async def test_what_cannot_be_had_is_said_by_today_s_application(house: House) -> None:
    unknown = await house.get("/release/0000000000000000/doc/bac/fictif-1")
    assert unknown.status == 404
    assert b"release-unknown" in unknown.body
    description = await house.get(f"/release/{house.ids[0]}", ("accept", "text/turtle"))
    assert (description.status, b"prov:Entity" in description.body) == (200, True)


async def test_evicted_releases_are_closed_with_their_gateways(house: House) -> None:
    assert len(house.ids) == MAX_OPEN + 1
    for release in house.ids:
        for prefix in ("", "/cper"):
            path = f"{prefix}/release/{release}"
            assert (await house.get(f"{path}/doc/bac/fictif-1.ttl")).status == 200
            if release != house.ids[-1]:
                assert (await house.get(f"{path}/sparql.csv", query="query=ASK%7B%7D")).status == 200
    assert house.closed == []
    assert len(house.gateways) == 2 * len(house.ids)
    house.router.close()
    assert sorted(house.closed) == sorted(house.ids[:-1]), "the engine of today is another's to close"
    await asyncio.sleep(0.01)
    assert house.gateways == []


async def test_many_at_once_over_all_releases(house: House) -> None:

    async def get(number: int) -> None:
        release = house.ids[number % len(house.ids)]
        answer = await house.get(f"/release/{release}/doc/bac/fictif-1.nt?{number}")
        assert answer.status in (200, 404)
        query = await house.get(f"/release/{house.ids[number % 3]}/sparql.csv", query="query=ASK%7B%7D")
        assert query.body.decode() == f"{house.ids[number % 3]} ASK{{}}"

    await asyncio.gather(*(get(number) for number in range(60)))
    opened = [found for release in house.ids if (found := house.archive.check_out_open(release))]
    assert opened
    assert all(each.users == 2 for each in opened), "the pool and this one alone"
    for each in opened:
        house.archive.check_in(each)
