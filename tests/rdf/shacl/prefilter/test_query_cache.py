"""The caching processor: pyshacl finds the same with it, and each query is parsed once."""

import pytest
from rdflib import Graph
from rdflib.plugins.sparql.processor import SPARQLProcessor

from cper_lod.rdf.shacl.prefilter import query_cache as module
from cper_lod.rdf.shacl.prefilter.query_cache import QueryError, cached_queries
from tests.support.shacl_reports import lines, pyshacl_results

DATA = lines("".join(f"ex:n{each} a ex:C ; ex:p {each} ." for each in range(6)))
SHAPES = lines("""
ex:few a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:select
  "SELECT $this ?value WHERE { $this <https://example.org/p> ?value . FILTER(?value > 3) }" ] .
""")


def test_pyshacl_finds_the_same_and_parses_each_query_once(monkeypatch: pytest.MonkeyPatch):
    texts = []
    parse = module.parseQuery
    monkeypatch.setattr(module, "parseQuery", lambda text: texts.append(text) or parse(text))
    module.parse_query.cache_clear()
    found = pyshacl_results(DATA, SHAPES)
    assert found == pyshacl_results(DATA, SHAPES, forgetful=True)
    assert sum(found.values()) == 2
    # For six focus nodes; parsed again only if the prefixes of the graph changed, as by the first result of pyshacl.
    assert 1 <= len(texts) <= 2
    assert len(set(texts)) == 1


def test_rdflib_s_processor_is_restored():
    with cached_queries(), pytest.raises(QueryError, match="Expected"):
        Graph().query("SELECT nothing")
    used = []
    before = SPARQLProcessor.query
    SPARQLProcessor.query = lambda self, *a, **k: used.append(1) or before(self, *a, **k)
    try:
        assert not list(Graph().query("SELECT * WHERE { ?s ?p ?o }"))
    finally:
        SPARQLProcessor.query = before
    assert used
