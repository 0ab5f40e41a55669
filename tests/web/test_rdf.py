"""The content of documents: the same triples in every format, the JSON of the contract, the dumps."""

import gzip
import re
from xml.parsers import expat

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, RdfFormat

from cper_lod.release.documents import document
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from tests.support.web import CONTRACT, SUFFIXES, HttpClient, canonical, described, triples


@pytest.mark.slow
def test_a_resource_has_every_form_with_the_same_triples_and_a_page_that_names_it(
    client: FlaskClient, release: Release
):
    iris = described(release)[::8]  # hundreds are alike
    assert len(iris) > 75
    context = client.get("/context/2.0.0.jsonld").data
    for place, iri in enumerate(iris):
        expected = canonical(list(document(release, iri).quads))
        for suffix, (content_type, form) in SUFFIXES.items():
            answer = client.get(f"/describe.{suffix}", query_string={"iri": iri})
            assert (answer.status_code, answer.content_type) == (200, content_type), (iri, suffix)
            if suffix == "rdf":
                expat.ParserCreate().Parse(answer.data, True)
            # JSON-LD and XML parsers are slow: every seventh resource.
            if suffix in ("nt", "ttl") or place % 7 == 0:
                assert triples(answer.data, form, context) == expected, (iri, suffix)
        page = client.get("/describe.html", query_string={"iri": iri})
        assert (page.status_code, f"<code>{iri}</code>" in page.text) == (200, True), iri


# Dumps


@pytest.mark.server
def test_dumps_hold_exactly_the_default_graph(web: HttpClient, release: Release):
    quads = list(parse_lines(release.lines()))
    default = [quad for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
    expected = canonical(default)
    assert len(expected) == release.manifest["triples"] == len(default)
    nt = gzip.decompress(web.get("/dump/tout.nt.gz").body)
    assert nt.count(b"\n") == len(default)
    assert triples(nt, RdfFormat.N_TRIPLES) == expected
    assert triples(web.get("/dump/tout.ttl").body, RdfFormat.TURTLE) == expected
    assert triples(web.get("/dump/tout.jsonld").body, RdfFormat.JSON_LD) == expected
    assert gzip.decompress(web.get("/dump/tout.nq.gz").body) == b"".join(line + b"\n" for line in release.lines())
    counted = web.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text
    assert counted.split() == ["n", str(len(default))], "a query sees the same"


def test_turtle_is_in_the_order_of_the_context(client: FlaskClient):
    paragraph = client.get(f"/doc{CONTRACT}/part/axe-2.ttl").text.partition(" a cper:")[2].partition(" .\n")[0]
    said = re.findall(r"^    cper:([A-Za-z]+)", paragraph, re.MULTILINE)
    assert len(said) > 4
    assert said != sorted(said)
