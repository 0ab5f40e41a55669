"""The response cache: what it stores and for whom, in which codings, within which bounds; never anything else than Flask."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from cper_lod.core.config import load
from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, TURTLE
from cper_lod.engine.base import Answer, Query
from cper_lod.web.app import behind_prefix, create_app
from cper_lod.web.http.compression import ENCODE
from cper_lod.web.http.delivery import deliver
from cper_lod.web.http.environ import CACHE
from cper_lod.web.http.flask_responses import negotiate_format
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.sparql import editor
from cper_lod.web.sparql.endpoint import MAX_STORED
from tests.support.counting_engine import CountingEngine, one_row
from tests.support.release_history import MOMENTS, PUBLIC, opened, publish_states

PAGE = b"<p>Bonjour</p>" * 200
MIB = 1 << 20


class Visited:
    """An application behind a response cache, and the requests that it had to answer itself."""

    def __init__(self, application: Callable[..., Iterable[bytes]], limit: int = 16 * MIB) -> None:
        self.application, self.made, self.marks = application, list[str](), list[str | None]()
        self.cache = ResponseCache(self._counted, limit)

    def _counted(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401
        self.made.append(environ["PATH_INFO"])
        return self.application(environ, start)

    def _noted(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401
        body = self.cache(environ, start)
        self.marks.append(environ.get(CACHE))
        return body

    def ask(self, path: str, method: str = "GET", **headers: str) -> TestResponse:
        answer = Client(self._noted).open(path, method=method, headers=_named(headers), buffered=True)
        answer.close()
        return answer

    def is_made(self, path: str, method: str = "GET", **headers: str) -> bool:
        """Return whether the application has to answer a request."""
        before = len(self.made)
        self.ask(path, method, **headers)
        return len(self.made) > before


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def whole(answer: TestResponse) -> tuple[int, dict[str, str], bytes]:
    """Return an answer as it is compared, and close it; `Date` is that of the answer."""
    with answer:
        return answer.status_code, {name: value for name, value in answer.headers if name != "Date"}, answer.data


def page(body: bytes = PAGE, status: int = 200, **headers: str) -> Response:
    given = {"ETag": '"one"', "Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"} | _named(headers)
    return Response(body, status, {name: value for name, value in given.items() if value}, content_type="text/html")


@pytest.fixture
def small() -> Visited:
    """An application of some addresses, behind a cache."""
    app = Flask(__name__)

    def thing() -> Response:
        try:
            form = negotiate_format((TURTLE, HTML, JSON))
        except Problem as problem:
            return Response(status=problem.kind.status)
        return page(form.name.encode() * 500, Vary="Accept, Accept-Language" if form is HTML else "Accept")

    def forms_and_profiles() -> Response:
        form = negotiate_format((HTML, JSON))
        return page(negotiate_format((JSON, TURTLE)).name.encode() if form is JSON else b"html")

    rules: dict[str, Callable[..., Response]] = {
        "/page": page,
        "/thing": thing,
        "/two": forms_and_profiles,
        "/elsewhere": lambda: page(b"", 303, Location="/page", ETag=""),
        "/plain": lambda: page(Vary=""),
        "/short": lambda: page(b"short"),
        "/n/<n>": lambda n: page(ETag=f'"{n}"'),
        "/unstored": lambda: page(Cache_Control="no-store"),
        "/unsaid": lambda: page(Cache_Control=""),
        "/cookies": lambda: page(Vary="Accept, Cookie"),
        "/anything": lambda: page(Vary="*"),
        "/streamed": lambda: Response(iter([b"a", b"b"]), headers={"Cache-Control": "no-cache", "Content-Length": "2"}),
        "/large": lambda: page(b"x" * (5 * MIB)),
        **{f"/{status}": lambda status=status: page(status=status) for status in (206, 301, 404, 410, 500)},
    }
    for rule, view in rules.items():
        app.add_url_rule(rule, rule, view, methods=["GET", "POST", "QUERY"])

    def finish(response: Response) -> Response:
        try:
            return deliver(response)
        except Problem as problem:
            return Response(status=problem.kind.status)

    app.after_request(finish)
    return Visited(app)


def test_what_was_made_once_is_sent_again(small: Visited) -> None:
    first, again, head = small.ask("/page"), small.ask("/page"), small.ask("/page", "HEAD")
    assert whole(first) == whole(again)
    assert (head.headers["Content-Length"], head.data) == (str(len(PAGE)), b"")
    assert (small.made, small.marks) == (["/page"], ["miss", "hit", "hit"])
    assert small.is_made("/short", "HEAD")
    assert (small.is_made("/short"), small.ask("/short").data) == (False, b"short"), "HEAD makes the whole as well"
    assert small.ask("/elsewhere").status_code == small.ask("/elsewhere").status_code == 303
    assert small.made.count("/elsewhere") == 1


def test_what_is_sent_again_is_a_list(small: Visited) -> None:
    """Granian sends it without a thread."""
    for _ in range(2):
        environ = small.ask("/page").request.environ
        assert small.cache(environ, lambda *_: lambda _: None) == [PAGE]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/page?lang=en", {}),
        ("/plain", {}),
        ("//page", {}),
        ("/page", {"Accept_Language": "en"}),
        ("/page", {"Accept": "text/turtle"}),
    ],
)
def test_another_address_language_or_format_is_another(path: str, headers: dict[str, str]) -> None:
    visited = Visited(lambda _, start: (start("200 OK", []), [b""])[1])
    visited.ask("/page")
    assert visited.is_made(path, **headers)


def test_language_and_format_are_those_chosen_however_they_are_asked_for(small: Visited) -> None:
    small.ask("/thing", Accept="text/html", Accept_Language="fr")
    for same in ("text/html, */*;q=0.1", "application/xhtml+xml;q=0.2, text/html", "text/turtle;q=0.1, text/*"):
        assert not small.is_made("/thing", Accept=same, Accept_Language="de, fr-FR;q=0.3"), same
    assert not small.is_made("/thing", Accept="text/html"), "French is the language of those who say nothing"
    assert small.is_made("/thing", Accept="text/html", Accept_Language="en")
    assert small.is_made("/thing"), "without a header, the first format"
    for other in ("*/*", "text/turtle", "text/turtle, text/html"):
        assert not small.is_made("/thing", Accept=other), "the same first format"
        assert small.ask("/thing", Accept=other).data.startswith(b"turtle")
    assert small.is_made("/thing", Accept="image/png")
    assert small.is_made("/thing", Accept="image/png"), "which is an error each time"
    assert not small.is_made("/thing", Accept="text/turtle", Cookie="a=b", User_Agent="x")


def test_a_view_that_chooses_twice_is_asked_by_the_whole_header(small: Visited) -> None:
    accepted = ("application/json", "application/json, text/turtle;q=0.5", "text/html", "text/turtle, application/json")
    fresh = [whole(Client(small.application).get("/two", headers={"Accept": each})) for each in accepted]
    for _ in range(3):
        assert [whole(small.ask("/two", Accept=each)) for each in accepted] == fresh


@pytest.mark.parametrize("first", ["identity", "br", "gzip"])
def test_each_coding_is_made_once(small: Visited, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    encoded = list[str]()

    def noted(name: str, encode: Callable[[bytes], bytes], body: bytes) -> bytes:
        encoded.append(name)
        return encode(body)

    for name, encode in [*ENCODE.items()]:
        monkeypatch.setitem(ENCODE, name, partial(noted, name, encode))  # type: ignore[arg-type]
    fresh = {
        coding: whole(Client(small.application).get("/page", headers={"Accept-Encoding": coding}))
        for coding in ("identity", *ENCODE)
    }
    encoded.clear()
    for coding in (first, *fresh, "gzip;q=0.9, zstd;q=0.1", first):
        chosen = coding.partition(";")[0]
        assert whole(small.ask("/page", Accept_Encoding=coding)) == fresh[chosen]
        known = fresh[chosen][1]["ETag"]
        assert small.ask("/page", Accept_Encoding=coding, If_None_Match=known).status_code == 304
    assert sorted(encoded) == sorted(ENCODE)
    assert small.made == ["/page"], "the other codings are made of the plain one"
    assert small.ask("/page", Accept_Encoding="*;q=0").status_code == 406


def test_a_304_is_sent_from_the_cache(small: Visited) -> None:
    small.ask("/page")
    for known in ('"one"', 'W/"one"', '"x", "one"', "*"):
        for method in ("GET", "HEAD"):
            unchanged = small.ask("/page", method, If_None_Match=known)
            fresh = Client(small.application).open("/page", method=method, headers={"If-None-Match": known})
            assert whole(unchanged) == whole(fresh), known
            assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert small.ask("/page", If_None_Match='"two", "on"').status_code == 200
    assert small.made == ["/page"]
    assert small.ask("/page", If_Match='"two"').status_code == 412
    assert small.ask("/page", If_Match='"one"', If_None_Match='"one"').status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        *("/unstored", "/unsaid", "/cookies", "/anything", "/streamed", "/large", "/206", "/301", "/404", "/410"),
        *("/500", "/page?" + "x" * 3000),
    ],
)
def test_what_is_never_stored(small: Visited, path: str) -> None:
    assert [small.is_made(path), small.is_made(path), small.is_made(path)] == [True] * 3
    assert small.cache.size < 5000


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),
        ("QUERY", {}),
        ("GET", {"Range": "bytes=0-9"}),
        ("GET", {"Accept_Datetime": "x"}),
        ("GET", {"Accept": "a/b," * 600}),
        ("GET", {"Accept_Language": "fr," * 900}),
    ],
)
def test_requests_that_the_cache_has_nothing_to_do_with(small: Visited, method: str, headers: dict[str, str]) -> None:
    small.cache = ResponseCache(small._counted, MIB)
    assert [small.is_made("/plain", method, **headers), small.is_made("/plain", method, **headers)] == [True, True]
    assert small.cache.size == 0
    small.ask("/plain")
    assert small.is_made("/plain", method, **headers)
    assert not small.is_made("/plain", Range="lines=1-2"), "of a range that is ignored it has the whole"
    assert not small.is_made("/plain", "HEAD", Range="bytes=0-9")
    assert None in small.marks


def test_what_is_stored_is_bounded_whatever_clients_send(small: Visited) -> None:
    small.cache = ResponseCache(small._counted, MIB)
    for number in range(1500):  # an address and its headers may have 2 KiB together
        small.ask(f"/n/{number}?{'x' * (number % 900)}", Accept=f"text/html, a/{'b' * (number % 900)}")
    assert not small.is_made("/n/1499?" + "x" * 599, Accept="text/html, a/" + "b" * 599), "the last one is there"
    assert small.is_made("/n/0?"), "the first one had to go"
    assert MIB / 2 < small.cache.size <= MIB
    # Private: the size that the cache tells is what is tested here, so what it holds is counted.
    held = sum(len("".join(key)) for key in (*small.cache._variants, *small.cache._entries))
    held += sum(len(entry.body) for entry in small.cache._entries.values())
    assert held < MIB


@pytest.mark.parametrize("limit", [0, 2000])
def test_a_cache_without_room_is_none(small: Visited, limit: int) -> None:
    small.cache = ResponseCache(small._counted, limit)
    assert [small.is_made("/page"), small.is_made("/page")] == [True, True]
    assert small.cache.size <= limit


# The whole application, below a prefix, with earlier releases


class House(NamedTuple):
    """The application of the last of four publications, its engine, and the ids of the releases."""

    app: Flask
    engine: CountingEngine
    ids: list[str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
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


def test_the_prefix_and_earlier_releases_never_mix(house: House, visited: Visited) -> None:
    paths = ["/doc/bac/fictif-1.ttl", *(f"/release/{each}/doc/bac/fictif-1.ttl" for each in house.ids)]
    paths += [f"/cper{path}" for path in paths]
    fresh = {path: whole(Client(house.app).get(path)) for path in paths}
    assert len({str(each) for each in fresh.values()}) > len(house.ids)
    for _ in range(2):
        for path in paths:
            assert whole(visited.ask(path)) == fresh[path]
            assert visited.ask(path, If_None_Match=fresh[path][1]["ETag"]).status_code == 304
    assert visited.made == paths


def test_another_time_gets_nothing_that_is_stored(house: House, visited: Visited) -> None:
    path = "/doc/bac/fictif-1"
    for accept in ("text/turtle", "text/html"):
        today = visited.ask(path, Accept=accept)
        for place in (0, 2, 1):
            date = formatdate(MOMENTS[place] + 1, usegmt=True)
            asked = visited.ask(path, Accept=accept, Accept_Datetime=date, If_None_Match=today.headers["ETag"])
            location = f"/cper/release/{house.ids[place]}{path}"
            assert (asked.status_code, asked.headers["Location"]) == (302, location)
        assert visited.ask(path, Accept=accept, Accept_Datetime="x").status_code == 400
        assert whole(visited.ask(path, Accept=accept)) == whole(today)


def test_the_answer_of_a_repeated_query_is_stored_the_second_time(house: House, visited: Visited) -> None:
    path = query("SELECT ?x { ?x ?y ?z }", ".csv")
    first = visited.ask(path)
    assert whole(visited.ask(path, Accept_Language="en")) == whole(first)
    assert visited.ask(path, If_None_Match=first.headers["ETag"]).status_code == 304
    assert visited.ask(path, If_Match='"other"').status_code == 412
    head = visited.ask(path, "HEAD")
    assert (head.status_code, head.headers, head.data) == (200, first.headers, b"")
    assert len(house.engine.asked) == 3, "If-Match asks for it anew"
    for other in (query("SELECT ?x { ?x ?y ?z } ", ".csv"), query("SELECT ?x { ?x ?y ?z }", ".tsv")):
        visited.ask(other)
    assert len(house.engine.asked) == 5


def spoilt(_: Query) -> Answer:
    raise Problem("query-timeout", limit=1)


@pytest.mark.parametrize(
    ("text", "outcome", "status"),
    [
        ("SELECT (NOW() AS ?x) {}", one_row, 200),
        ("SELECT (N\\u004FW() AS ?x) {}", one_row, 200),
        ("SELECT ?x {}", lambda each: one_row(each)._replace(body=b" " * (MAX_STORED + 1)), 200),
        ("SELECT ?x {}", spoilt, 503),
    ],
    ids=["the time", "the time in disguise", "a large answer", "a failure"],
)
def test_an_answer_that_is_not_stored_is_made_each_time(
    house: House, visited: Visited, text: str, outcome: Callable[[Query], Answer], status: int
) -> None:
    house.engine.asked.clear()
    house.engine.outcome = outcome
    for count in (1, 2, 3):
        for accepted in ("identity", "br"):
            answer = visited.ask(query(text, ".csv"), Accept_Encoding=accepted)
            assert answer.status_code == status
        assert len(house.engine.asked) == 2 * count
    assert status == 200 or answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("codings", [*itertools.permutations(["identity", "br", "zstd"])])
def test_the_script_of_the_editor_is_sent_as_it_was_compressed_when_built(
    house: House, visited: Visited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codings: tuple[str, ...]
) -> None:
    for name, text in (
        ("manifest.json", '{"script": "a.js"}'),
        ("a.js", "a" * 5000),
        ("a.js.br", "b"),
        ("a.js.gz", ""),
    ):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(editor, "FOLDER", tmp_path)
    editor.script.cache_clear()
    path = "/static/editor/a.js"
    for coding in (*codings, *codings):
        answer = visited.ask(path, Accept_Encoding=coding)
        assert whole(answer) == whole(Client(house.app).get(path, headers={"Accept-Encoding": coding}))
        assert (answer.data == b"b") == (coding == "br")
    editor.script.cache_clear()


def test_a_file_is_compressed_once_and_read_each_time(house: House, visited: Visited) -> None:
    path = "/dump/tout.ttl"
    for coding in ("br", "gzip"):
        fresh = whole(Client(house.app).get(path, headers={"Accept-Encoding": coding}))
        assert fresh[1]["Content-Encoding"] == coding
        for _ in range(3):
            assert whole(visited.ask(path, Accept_Encoding=coding)) == fresh
    assert len(visited.made) == 2
    assert [visited.is_made(path), visited.is_made(path)] == [True, True]
    assert visited.ask(path, Accept_Encoding="*;q=0").status_code == 406


ADDRESSES = (
    *(
        "/",
        "/?lang=en",
        "/doc/bac/fictif-1",
        "/doc/bac/fictif-1.ttl",
        "/doc/bac/fictif-1.html",
        "/doc/bac",
        "/doc/bac/",
    ),
    *("/id/bac/fictif-1", "/id/bac/fictif-2", "/nowhere", "/ontology", "/report", "/catalog", "/sparql", "/sparql.ttl"),
    *("/static/style.css", "/dump/tout.ttl", "/dump/tout.nt.gz", "/health", "/changes", "/search?q=bac"),
    *(query("SELECT ?x {}"), query("SELECT ?x {}", ".xlsx"), query("SELECT (NOW() AS ?x) {}")),
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HEADERS = {
    "Accept": ["*/*", BROWSER, "text/html", "text/turtle", "application/json", "text/csv", "image/png", "html", ""],
    "Accept-Language": ["fr", "en", "de, en;q=0.5", "*", ""],
    "Accept-Encoding": ["gzip, deflate, br, zstd", "gzip", "identity", "*;q=0", "zstd;q=0.5, br;q=0", ""],
    "If-None-Match": ["same", "weak", '"x"', "*"],
    "If-Match": ["same", '"x"', "*"],
    "If-Modified-Since": [formatdate(0, usegmt=True), formatdate(4_000_000_000, usegmt=True)],
    "Range": ["bytes=0-9", "bytes=99999999-", "bytes=0-1,3-4"],
    "Accept-Datetime": [formatdate(MOMENTS[1], usegmt=True)],
    "Cookie": ["a=b"],
}


@pytest.fixture(scope="module")
def crowded(house: House) -> Visited:
    """The application behind a cache that is full of what the examples before have asked."""
    return Visited(house.app, MIB)


@given(
    st.sampled_from(["GET", "GET", "HEAD"]),
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


def test_many_threads_are_given_what_they_would_be_given_alone(house: House) -> None:
    asked = [
        (path, {"Accept": accept, "Accept-Language": lang, "Accept-Encoding": coding})
        for path in ("/", "/doc/bac/fictif-1", "/cper/doc/bac", f"/release/{house.ids[0]}/doc/bac/fictif-1")
        for accept in ("text/html", "text/turtle")
        for lang in ("fr", "en")
        for coding in ("identity", "br", "gzip")
    ]
    fresh = [whole(Client(house.app).get(path, headers=headers)) for path, headers in asked]
    cache, start = ResponseCache(house.app, MIB // 4), threading.Barrier(12)

    def visit(number: int) -> None:
        start.wait(20)
        for turn in range(2 * len(asked)):
            at = (number * 5 + turn) % len(asked)
            path, headers = asked[at]
            assert whole(Client(cache).get(path, headers=headers)) == fresh[at]

    with ThreadPoolExecutor(12) as pool:
        for each in [pool.submit(visit, number) for number in range(12)]:
            each.result()
    assert 0 < cache.size <= MIB // 4
