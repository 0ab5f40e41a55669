"""Every document in each of its formats and languages: one table of what its responses say (RFC 9110, Fetch's CORS).

What a suffix is worth against the header, how a negotiated response names its representation, which validators it has, what
HEAD, 304 and another origin see: the same at each address.
"""

from itertools import chain
from typing import NamedTuple

import pytest

from tests.support.web import CONTRACT, SUFFIXES, HttpClient, HttpResponse, describe

pytestmark = pytest.mark.server

RDF = tuple(SUFFIXES)
TYPES = {suffix: content_type for suffix, (content_type, _) in SUFFIXES.items()} | {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "bib": "application/x-bibtex; charset=utf-8",
}
DOCUMENTS = {
    f"/doc{CONTRACT}": (*RDF, "html", "json"),
    describe("http://id.insee.fr/geo/region/32"): (*RDF, "html", "json"),
    "/doc/subdivision": ("html", "json", "csv", "xlsx"),
    "/ontology": (*RDF, "html"),
    "/shapes": (*RDF, "html"),
    "/catalog": (*RDF, "html"),
    "/void": RDF,
    "/report": ("ttl", "html", "json"),
    "/links": ("html", "json", "csv"),
    "/search?q=axe": ("html", "json"),
    "/problem": ("html", "json"),
    "/problem/query-syntax": ("html", "json"),
    f"/plan{CONTRACT}": ("csv", "xlsx"),
    f"/cite{CONTRACT}": ("html", "bib"),
}
"""The formats of each document, by its address without a suffix."""
IN_BOTH = ("/report", "/problem", "/problem/query-syntax")
"""Documents whose JSON has the words of both languages."""
LINKED = ("/doc", "/describe", "/ontology", "/shapes", "/catalog", "/links")
"""Beginnings of the addresses of documents that name their other formats and their licence in `Link`."""
SAME_AS_GET = ("vary", "cache-control", "content-location", "access-control-allow-origin", "etag")
"""Headers that a 304 repeats (RFC 9110, section 15.4.5)."""


def media_type(suffix: str) -> str:
    return TYPES[suffix].partition(";")[0]


class Row(NamedTuple):
    """A representation: the document, the format, the language of a reader."""

    path: str
    suffix: str
    language: str

    @property
    def speaks(self) -> bool:
        """Whether its words depend on the reader's language."""
        return self.suffix in ("html", "bib") or (self.suffix == "json" and self.path not in IN_BOTH)

    @property
    def address(self) -> str:
        """The address of the representation."""
        path, _, query = self.path.partition("?")
        return f"{path}.{self.suffix}" + (f"?{query}" if query else "")

    def get(self, web: HttpClient, *, negotiated: bool, method: str = "GET", **headers: str) -> HttpResponse:
        """Ask for it, by its suffix or by Accept."""
        accept = media_type(self.suffix) if negotiated else "image/png"
        path = self.path if negotiated else self.address
        return web.ask(method, path, Accept=accept, Accept_Language=self.language, **headers)


ROWS = [
    row
    for path, suffixes in DOCUMENTS.items()
    for suffix in suffixes
    for language in ("fr", "en")
    if (row := Row(path, suffix, language)).speaks or language == "fr"
]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_representation(web: HttpClient, row: Row) -> None:
    answers = [row.get(web, negotiated=negotiated, Origin="https://example.org") for negotiated in (True, False)]
    for answer in answers:
        assert (answer.status, answer.headers["content-type"]) == (200, TYPES[row.suffix])
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Link", "ETag", "Content-Location", "Location", "Vary", "Retry-After", "Allow"} <= set(exposed)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers
        assert ("Accept-Language" in answer.vary) == (row.speaks)
        if row.speaks:
            assert answer.headers["content-language"] == row.language
    negotiated, fixed = answers
    assert negotiated.body == fixed.body
    assert negotiated.headers["content-location"] == row.address
    assert "content-location" not in fixed.headers
    assert ("Accept" in negotiated.vary, "Accept" in fixed.vary) == (True, False)
    if row.path.startswith(LINKED) and row.suffix not in ("csv", "xlsx"):
        for suffix in {*DOCUMENTS[row.path]} - {row.suffix, "csv", "xlsx"}:
            other = row._replace(suffix=suffix).address
            assert f'<{web.url}{other}>; rel="alternate' in fixed.headers["link"], suffix
        assert '<https://www.etalab.gouv.fr/licence-ouverte-open-licence>; rel="license"' in fixed.headers["link"]


# Each row in one of the two ways, each format in both.
@pytest.mark.parametrize(
    ("row", "negotiated"),
    [
        pytest.param(row, (place + [*DOCUMENTS].index(row.path)) % 2 == 0, id=" ".join(row))
        for place, row in enumerate(ROWS)
    ],
)
def test_its_validators_and_its_head(web: HttpClient, row: Row, negotiated: bool) -> None:
    answer = row.get(web, negotiated=negotiated)
    tag = answer.headers["etag"]
    for condition, status in ((tag, 304), (f'"a", W/{tag}, "b"', 304), ("*", 304), ('"another"', 200)):
        again = row.get(web, negotiated=negotiated, If_None_Match=condition)
        assert (again.status, again.body) == (status, b"" if status == 304 else answer.body), condition
        assert {name: again.headers.get(name) for name in SAME_AS_GET} == {
            name: answer.headers.get(name) for name in SAME_AS_GET
        }
    assert row.get(web, negotiated=negotiated, If_Match=tag).status == 200
    assert row.get(web, negotiated=negotiated, If_Match='"another"').status == 412
    head = row.get(web, negotiated=negotiated, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**answer.headers, "date": ""}
    assert int(head.headers["content-length"]) == len(answer.body)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_each_representation_has_its_own_tag(web: HttpClient, path: str) -> None:
    answers = [row.get(web, negotiated=True) for row in ROWS if row.path == path]
    tags = {answer.headers["etag"] for answer in answers}
    different = {(answer.headers["content-type"], answer.body) for answer in answers}
    assert len(tags) == len(different) >= len(DOCUMENTS[path]), "a 304 for one of them is none for another"


@pytest.mark.parametrize("path", DOCUMENTS)
def test_other_formats_are_refused_with_those_there_are(web: HttpClient, path: str) -> None:
    suffixes = DOCUMENTS[path]
    refused = web.get(path, "image/png")
    offered = {media_type(suffix) for suffix in suffixes}
    assert (refused.status, offered <= set(refused.json()["offers"])) == (406, True)
    base, _, query = path.partition("?")
    for suffix in chain(set(TYPES) - set(suffixes), ["zip"]):
        if not (base == "/catalog" and suffix == "json"):
            assert web.get(f"{base}.{suffix}?{query}").status == 404, suffix
