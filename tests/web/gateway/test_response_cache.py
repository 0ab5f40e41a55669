"""The response cache: what it stores and for which requests, conditions, bounds."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from cper_lod.core.formats import HTML, TURTLE
from cper_lod.web.gateway.flask_bridge import is_cacheable
from cper_lod.web.gateway.response_cache import ResponseCache
from cper_lod.web.http.compression import MAX_SIZE, compress
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import FileResponse, Response
from tests.support.asgi import http_request
from tests.support.cases import each_case
from tests.support.refusals import refused

DATE = "Tue, 24 Nov 2026 10:00:00 GMT"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "ETag": '"one"',
    "Vary": "Accept, Accept-Language",
    "Cache-Control": "no-cache",
    "Last-Modified": DATE,
    "Link": "<x>; rel=y",
}
BODY = b"<p>Bonjour</p>" * 200
PAGE = Response(200, HEADERS, BODY)


def request(path: str = "/doc/x", query: str = "", method: str = "GET", **headers: str) -> Request:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return http_request(method, path, query, *pairs)


def cache_with(reply: Response = PAGE, asked: Request | None = None, coding: str = "identity") -> ResponseCache:
    made = ResponseCache(1 << 24)
    made.store(asked or request(accept="text/html"), coding, reply)
    return made


@pytest.mark.parametrize(
    "other",
    [
        request("/doc/y", accept="text/html"),
        request(query="lang=en", accept="text/html"),
        request(accept="text/turtle"),
        request(accept="text/html", accept_language="en"),
    ],
    ids=["path", "query", "accept", "language"],
)
def test_another_request_does_not(other: Request) -> None:
    assert cache_with().find(other, "identity") is None


def test_a_path_is_as_the_client_wrote_it() -> None:
    encoded = request(accept="text/html")
    assert cache_with().find(encoded, "identity")
    encoded.scope = {**encoded.scope, "raw_path": b"/doc/%78"}
    assert cache_with().find(encoded, "identity") is None


def test_what_it_does_not_vary_with_makes_no_difference() -> None:
    plain = Response(200, HEADERS | {"Vary": "Accept-Encoding"}, BODY)
    kept = cache_with(plain)
    assert kept.find(request(accept="image/png", accept_language="en", cookie="a=b"), "identity")
    assert kept.find(request(), "br") is None
    assert cache_with().find(request(accept="text/html", accept_language="de, fr;q=0.3"), "identity"), "French, as well"


def test_whoever_would_be_given_the_same_form_finds_it() -> None:
    page = replace(PAGE, offers=(TURTLE, HTML))
    kept = cache_with(page, request(accept="text/html"))
    for same in ("text/html, */*;q=0.1", "application/xhtml+xml;q=0.2, text/html", "text/turtle;q=0.1, text/*"):
        assert kept.find(request(accept=same), "identity"), same
    for other in ("*/*", "text/turtle", "text/turtle, text/html", "image/png", "html", "= html"):
        assert kept.find(request(accept=other), "identity") is None, other
    assert kept.find(request(), "identity") is None, "no header: the first form"


def test_forms_at_one_address_vary_with_different_headers() -> None:
    for first, second in (("html", "turtle"), ("turtle", "html")):
        kept = ResponseCache(1 << 24)
        replies = {"html": PAGE, "turtle": Response(200, HEADERS | {"Vary": "Accept", "ETag": '"two"'}, BODY)}
        for name in (first, second, first, second):
            asked = request(accept=f"text/{name}", accept_language="en")
            if not kept.find(asked, "identity"):
                kept.store(asked, "identity", replies[name])
        for name, reply in replies.items():
            ready = kept.find(request(accept=f"text/{name}", accept_language="en"), "identity")
            assert ready is not None, name
            assert ready.etag == reply.headers["ETag"].strip('"')


GZIP = Response(200, HEADERS | {"Content-Encoding": "gzip"}, BODY)


@each_case(
    ("reply", "asked"),
    [
        (GZIP, None),
        (Response(200, HEADERS | {"Vary": "Accept, Cookie"}, BODY), None),
        (Response(200, HEADERS | {"Vary": "*"}, BODY), None),
        (PAGE, request(accept="text/html", query="x" * 5000)),
        (FileResponse(200, HEADERS, b"", 10, Path("x")), None),
    ],
    ids=["in another coding", "varies with cookies", "varies with anything", "a long address", "a file"],
)
def test_what_is_not_kept(reply: Response, asked: Request | None) -> None:
    assert cache_with(reply, asked).size == 0
    assert cache_with(GZIP, coding="gzip").size > 0


def test_what_is_kept_is_bounded() -> None:
    kept = ResponseCache(1 << 20)
    for number in range(3000):
        kept.store(request(query=f"n={number}", accept="text/html"), "identity", PAGE)
    assert kept.find(request(query="n=2999", accept="text/html"), "identity")
    assert not kept.find(request(query="n=0", accept="text/html"), "identity")
    assert kept.size <= 1 << 20


def test_what_is_ready_is_sent_as_its_conditions_say() -> None:
    """Which conditions hold is tested in tests/web/http/test_conditional.py."""
    ready = cache_with().find(request(accept="text/html"), "identity")
    assert ready is not None
    for conditions, status in ((Conditions(), 200), (Conditions(if_none_match='W/"one"'), 304)):
        found = ready.respond(conditions)
        assert (found.status, found.body) == (status, BODY if status == 200 else b"")
        headers = dict(found.wire_headers)
        assert (headers[b"etag"], headers[b"access-control-allow-origin"]) == (b'"one"', b"*")
        assert {b"vary", b"cache-control", b"last-modified"} <= headers.keys()
        assert (headers.get(b"content-length"), b"link" in headers) == (
            (b"%d" % len(BODY), True) if found.body else (None, False)
        )
    with refused("precondition-failed"):
        ready.respond(Conditions(if_match='"two"'))


def test_each_coding_is_a_representation_of_its_own() -> None:
    made = compress(PAGE, "gzip")
    assert isinstance(made.body, bytes)
    assert gzip.decompress(made.body) == BODY
    assert (made.headers["ETag"], made.headers["Content-Encoding"]) == ('"one-gzip"', "gzip")
    assert made.headers["Vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert made.size == len(made.body)
    plain = compress(PAGE, "identity")
    assert (plain.body, plain.headers["ETag"], plain.headers["Vary"]) == (BODY, '"one"', made.headers["Vary"])


@each_case(
    "reply",
    [
        Response(404, HEADERS, BODY),
        Response(200, HEADERS, b"short"),
        Response(200, HEADERS | {"Content-Encoding": "br"}, BODY),
        Response(200, HEADERS | {"Content-Type": "application/gzip"}, BODY),
        Response(200, HEADERS, b"x" * (MAX_SIZE + 1)),
        Response(206, HEADERS, BODY),
    ],
    ids=["an error", "short", "coded already", "compressed by itself", "too large", "a part"],
)
def test_what_stays_as_it_is(reply: Response) -> None:
    assert compress(reply, "br") is reply
    assert compress(reply, None) is reply, "nothing is refused for a coding that makes no difference"


def test_a_client_that_takes_no_coding_is_told_what_there_is() -> None:
    with refused("not-acceptable") as raised:
        compress(PAGE, None)
    assert raised.value.params["offers"] == ["br", "zstd", "gzip", "identity"]


def test_a_file_is_read_where_it_is_small_enough(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes(BODY)
    file = FileResponse(
        200, {"Content-Type": "text/turtle", "ETag": '"f"', "Accept-Ranges": "bytes"}, b"", len(BODY), path
    )
    assert compress(file, "gzip").headers.get("Content-Encoding") is None, "a file that is not in memory"
    made, plain = compress(file.in_memory(), "gzip"), compress(file.in_memory(), "identity")
    assert isinstance(made.body, bytes)
    assert gzip.decompress(made.body) == plain.body == BODY
    assert "Accept-Ranges" not in made.headers
    assert plain.headers["Accept-Ranges"] == "bytes"


def test_what_is_fixed() -> None:
    assert is_cacheable(PAGE)
    assert is_cacheable(Response(303, {"Location": "/doc/x", "Cache-Control": "no-cache"}))
    assert not is_cacheable(Response(200, HEADERS | {"Cache-Control": "no-store"}, BODY))
    assert not is_cacheable(Response(200, {}, BODY)), "what says nothing of caches may be another each time"
    assert not any(is_cacheable(Response(status, HEADERS, BODY)) for status in (206, 304, 404, 500))
