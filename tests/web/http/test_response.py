"""Responses as plain values: errors as problem details, and the headers that are sent."""

import json
from pathlib import Path
from string import Formatter

import pytest

from cper_lod.core.errors import LANGUAGES, Language, Problem, table
from cper_lod.core.settings import Settings
from cper_lod.web.http import response
from cper_lod.web.http.response import FileResponse, Response

HEADERS = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}


def test_the_headers_that_are_sent() -> None:
    made = Response(200, {"ETag": '"a"', "Link": "<x>", "Content-Security-Policy": "own"}, b"body")
    sent = dict(made.wire_headers)
    assert (sent[b"etag"], sent[b"content-length"]) == (b'"a"', b"4")
    assert sent[b"access-control-allow-origin"] == b"*"
    assert sent[b"content-security-policy"] == b"own"
    unchanged = made.not_modified()
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers == {"ETag": '"a"', "Content-Security-Policy": "own"}, "a cache takes them over"
    assert b"content-length" not in dict(unchanged.wire_headers)


def test_a_file_is_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    made = FileResponse(200, {}, b"", 10, path).in_memory()
    assert (made.body, made.size, type(made)) == (b"0123456789", 10, Response)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_problem_as_data(lang: Language) -> None:
    told, expected = {}, {}
    for code, kind in table().items():
        templates = " ".join(f"{words.detail} {words.remedy}" for words in kind.words.values())
        names = {name for _, name, _, _ in Formatter().parse(templates) if name}
        problem = Problem(code, **dict.fromkeys(names | {"offers", "length"}, 7))
        reply = response.problem(problem, lang, Settings())
        assert isinstance(reply.body, bytes)
        sent = {name: reply.headers[name] for name in ("Content-Type", "Cache-Control", "Content-Language", "Vary")}
        kept = {name for name in ("Retry-After", "Allow") if name in reply.headers}
        told[code] = (reply.status, sent, kept, json.loads(reply.body)["type"].rpartition("/problem/")[2])
        also = {"Retry-After"} if kind.status in (429, 503) else {"Allow"} if kind.status == 405 else set()
        expected[code] = (kind.status, HEADERS | {"Content-Language": lang}, also, code)
    assert told == expected


def test_what_cannot_be_encoded_is_replaced() -> None:
    reply = response.problem(Problem("page-not-found", path="/\ud800"), "fr", Settings())
    assert isinstance(reply.body, bytes)
    assert json.loads(reply.body)["path"] == "/?"
