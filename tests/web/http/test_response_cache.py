"""The response cache: what it stores and for whom, in which codings, within which bounds; never anything else than Flask."""

from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from cper_lod.core.config import load
from cper_lod.web.app import behind_prefix, create_app
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.sparql.endpoint import MAX_STORED
from tests.release.history.release_history import MOMENTS, PUBLIC, opened, publish_states
from tests.web.counting_engine import CountingEngine, one_row

MIB = 1 << 20
THING, PAGE = "/doc/bac/fictif-1", "/doc/bac/fictif-1.html"


class Visited:
    """An application behind a response cache, and the requests that it had to answer itself."""

    def __init__(self, application: Callable[..., Iterable[bytes]], limit: int = 16 * MIB) -> None:
        self.application, self.made = application, list[str]()
        self.cache = ResponseCache(self._counted, limit)

    def _counted(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401
        self.made.append(environ["PATH_INFO"])
        return self.application(environ, start)

    def ask(self, path: str, method: str = "GET", **headers: str) -> TestResponse:
        answer = Client(self.cache).open(path, method=method, headers=headers, buffered=True)
        answer.close()
        return answer

    def is_made(self, path: str, method: str = "GET", **headers: str) -> bool:
        """Return whether the application has to answer a request."""
        before = len(self.made)
        self.ask(path, method, **headers)
        return len(self.made) > before


def whole(answer: TestResponse) -> tuple[int, dict[str, str], bytes]:
    """Return an answer as it is compared, and close it; `Date` is that of the answer."""
    with answer:
        return answer.status_code, {name: value for name, value in answer.headers if name != "Date"}, answer.data


class House(NamedTuple):
    app: Flask
    engine: CountingEngine
    ids: list[str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application of the last of four publications below a prefix, its engine, and the ids of the releases."""
    history, ids = publish_states(tmp_path_factory.mktemp("house"))
    engine = CountingEngine()
    settings = load({"public_url": PUBLIC}, {}).settings
    app = create_app(opened(history, ids[-1]), engine, settings, history=history)
    yield House(behind_prefix(app, "/cper"), engine, ids)
    app.extensions["cper_lod.pool"].close()


@pytest.fixture
def visited(house: House) -> Visited:
    house.engine.asked.clear()
    house.engine.outcome = one_row
    return Visited(house.app)


def query(text: str, suffix: str = "") -> str:
    return f"/sparql{suffix}?query={quote(text)}"


def test_what_was_made_once_is_sent_again(visited: Visited) -> None:
    first, again, head = visited.ask(PAGE), visited.ask(PAGE), visited.ask(PAGE, "HEAD")
    assert whole(first) == whole(again)
    assert (head.headers, head.data) == (first.headers, b"")
    assert visited.ask(PAGE, If_None_Match=f'"x", {first.headers["ETag"]}').status_code == 304
    assert visited.made == [PAGE]
    assert isinstance(visited.cache(again.request.environ, lambda *_: lambda _: None), list), "it holds no thread"
    assert (visited.is_made(THING, "HEAD"), visited.is_made(THING)) == (True, False), "HEAD makes the whole as well"
    assert [visited.is_made("/id/bac/fictif-1"), visited.is_made("/id/bac/fictif-1")] == [True, False], "a redirect"


def test_what_selects_a_response(visited: Visited) -> None:
    visited.ask(THING, Accept="text/html", Accept_Language="fr", Accept_Encoding="gzip")
    asked = {"Accept": "text/html", "Accept_Language": "fr", "Accept_Encoding": "gzip"}
    same = {"Accept_Language": "de, fr-FR;q=0.3"}, {"Accept_Encoding": "gzip, deflate;q=0.5"}, {"Cookie": "a=b"}
    assert not any(visited.is_made(THING, **asked | each) for each in same)
    others = {"Accept_Language": "en"}, {"Accept_Encoding": "br"}, {"Accept_Encoding": ""}, {"Accept": "text/turtle"}
    for each in others:
        assert [visited.is_made(THING, **asked | each) for _ in range(2)] == [True, False], each
    assert [visited.is_made(THING, Accept="image/png") for _ in range(2)] == [True, True], "an error each time"


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/dump/tout.nt.gz", f"{PAGE}?{'x' * 3000}"])
def test_what_is_never_stored(visited: Visited, path: str) -> None:
    assert [visited.is_made(path) for _ in range(3)] == [True] * 3
    assert not visited.cache._entries  # Private: that nothing came from there could be luck.


def test_what_is_stored_is_bounded_whatever_clients_send(house: House) -> None:
    visited = Visited(house.app, MIB)
    for number in range(300):  # an address and its headers may have 2 KiB together
        visited.ask(f"{PAGE}?{number}={'x' * (number % 900)}", Accept=f"text/html, a/{'b' * (number % 900)}")
    assert not visited.is_made(f"{PAGE}?299={'x' * 299}", Accept="text/html, a/" + "b" * 299), "the last one is there"
    assert visited.is_made(f"{PAGE}?0="), "the first one had to go"
    # Private: the size by which the cache goes is what is tested here, so what it holds is counted.
    assert MIB / 2 < visited.cache._size <= MIB
    held = sum(len("".join(key)) for key in visited.cache._entries)
    assert held + sum(len(entry.body) for entry in visited.cache._entries.values()) < MIB


@pytest.mark.parametrize(
    ("text", "size", "times"),
    [
        ("SELECT ?x { ?x ?y ?z }", 100, 1),
        ("SELECT (NOW() AS ?x) {}", 100, 3),
        ("SELECT (N\\u004FW() AS ?x) {}", 100, 3),
        ("SELECT ?x {}", MAX_STORED + 1, 3),
    ],
    ids=["stored", "the time", "the time in disguise", "a large answer"],
)
def test_which_answers_to_queries_are_stored(house: House, visited: Visited, text: str, size: int, times: int) -> None:
    house.engine.outcome = lambda each: one_row(each)._replace(body=b" " * size)
    found = [whole(visited.ask(query(text, ".csv"))) for _ in range(3)]
    assert (found[0][0], len(house.engine.asked)) == (200, times)
    assert found == [found[0]] * 3


def test_a_file_is_compressed_once_and_read_each_time(visited: Visited) -> None:
    path = "/dump/tout.ttl"
    for coding in ("br", "gzip"):
        assert [visited.is_made(path, Accept_Encoding=coding) for _ in range(3)] == [True, False, False]
    assert [visited.is_made(path), visited.is_made(path)] == [True, True]


ADDRESSES = (
    *("/", "/?lang=en", THING, f"{THING}.ttl", PAGE, f"{THING}.jsonld", "/doc/bac", "/doc/bac/", "/id/bac/fictif-1"),
    *("/id/bac/fictif-2", "/nowhere", "/ontology", "/report", "/catalog", "/sparql", "/sparql.ttl", "/search?q=bac"),
    *("/static/style.css", "/dump/tout.ttl", "/dump/tout.nt.gz", "/health", "/changes"),
    *(query("SELECT ?x {}"), query("SELECT ?x {}", ".xlsx"), query("SELECT (NOW() AS ?x) {}")),
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROFILED = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
HEADERS = {
    "Accept": ["*/*", BROWSER, "text/turtle", "application/json", "text/csv", "image/png", "html", "", PROFILED],
    "Accept-Language": ["fr", "en", "de, en;q=0.5", "*", ""],
    "Accept-Encoding": ["gzip, deflate, br, zstd", "gzip", "identity", "*;q=0", "gzip;q=0.5, br;q=0", ""],
    "If-None-Match": ["same", "weak", '"x"', "*"],
    "If-Match": ["same", '"x"', "*"],
    "If-Modified-Since": [formatdate(0, usegmt=True), formatdate(4_000_000_000, usegmt=True)],
    "Range": ["bytes=0-9", "bytes=99999999-", "bytes=0-1,3-4"],
    "Accept-Datetime": [formatdate(MOMENTS[1], usegmt=True), "x"],
    "Cookie": ["a=b"],
}


@pytest.fixture(scope="module")
def crowded(house: House) -> Visited:
    """The application behind a cache that is full of what the examples before have asked."""
    return Visited(house.app, MIB)


@given(
    st.sampled_from(["GET", "GET", "HEAD", "POST", "QUERY"]),
    st.sampled_from(["", "/cper"]),
    st.sampled_from([None, 0, 3]),
    st.sampled_from(ADDRESSES),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in HEADERS.items()}),
)
def test_it_answers_as_the_application_does(
    house: House, crowded: Visited, method: str, prefix: str, release: int | None, path: str, headers: dict[str, str]
) -> None:
    house.engine.outcome = one_row
    if release is not None and "?query" not in path:
        path = f"/release/{house.ids[release]}{path}"
    selecting = {name: headers[name] for name in headers if name.startswith("Accept")}
    etag = whole(Client(house.app).get(prefix + path, headers=selecting))[1].get("ETag", '"none"')
    given = {**headers, **{name: etag for name in ("If-None-Match", "If-Match") if headers.get(name) == "same"}}
    if headers.get("If-None-Match") == "weak":
        given["If-None-Match"] = f'"y", W/{etag}'
    fresh = whole(Client(house.app).open(prefix + path, method=method, headers=given))
    for _ in range(3):
        assert whole(Client(crowded.cache).open(prefix + path, method=method, headers=given)) == fresh
