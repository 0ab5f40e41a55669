"""The content of documents: the same triples in every format, the JSON of the contract, the dumps."""

import gzip
import re

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, RdfFormat, parse

from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from tests.support.graphs import canonical
from tests.support.web import CONTRACT, HttpClient


@pytest.mark.server
def test_dumps_hold_exactly_the_default_graph(web: HttpClient, release: Release):
    quads = list(parse_lines(release.lines()))
    default = [quad for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
    expected = canonical(default)
    assert len(expected) == release.manifest["triples"] == len(default)
    nt = gzip.decompress(web.get("/dump/tout.nt.gz").body)
    assert nt.count(b"\n") == len(default)
    assert canonical(parse(nt, RdfFormat.N_TRIPLES)) == expected
    assert canonical(parse(web.get("/dump/tout.ttl").body, RdfFormat.TURTLE)) == expected
    assert canonical(parse(web.get("/dump/tout.jsonld").body, RdfFormat.JSON_LD)) == expected
    assert gzip.decompress(web.get("/dump/tout.nq.gz").body) == b"".join(line + b"\n" for line in release.lines())
    counted = web.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text
    assert counted.split() == ["n", str(len(default))], "a query sees the same"


def test_turtle_is_in_the_order_of_the_context(client: FlaskClient):
    paragraph = client.get(f"/doc{CONTRACT}/part/axe-2.ttl").text.partition(" a cper:")[2].partition(" .\n")[0]
    said = re.findall(r"^    cper:([A-Za-z]+)", paragraph, re.MULTILINE)
    assert len(said) > 4
    assert said != sorted(said)
