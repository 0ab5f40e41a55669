"""How often a term is used, and the questions that use it."""

from pyoxigraph import Store

from cper_lod.core.namespaces import BASE, DCT, NUMBER, RDFS
from cper_lod.release.docs import usage
from cper_lod.release.docs.documentation import Ontology
from cper_lod.release.release import Release


def one(store: Store, query: str) -> int:
    return int(next(iter(store.query(query)))[0].value)


def test_counts_are_those_of_a_query(release: Release, ours: Ontology, store: Store):
    counted = 0
    for iri in (*ours.classes, *ours.properties):
        found = usage.count(release, iri, is_class=iri in ours.classes)
        triples = (
            f"{{ SELECT (CONCAT(STR(?s), ' ', STR(?o), COALESCE(LANG(?o), '')) AS ?x) WHERE {{ ?s <{iri}> ?o }} }}"
        )
        pattern = f"?x a <{iri}>" if iri in ours.classes else triples
        assert found == one(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"), iri
        counted += found
    assert counted > 300


def test_the_questions_of_a_term_are_those_of_a_query(release: Release, ours: Ontology, store: Store):
    total = 0
    for iri in (*ours.classes, *ours.properties):
        rows = store.query(f"SELECT DISTINCT ?q WHERE {{ GRAPH ?g {{ ?q <{DCT}references> <{iri}> }} }}")
        wanted = sorted(row["q"].value for row in rows if row["q"].value.startswith(f"{BASE}id/question/"))
        assert usage.questions(release, iri) == wanted
        assert wanted, iri
        total += len(wanted)
    assert total > 50


def test_a_datatype_is_used_by_the_properties_with_that_range(release: Release, store: Store):
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?p <{RDFS}range> <{NUMBER}> . ?s ?p ?o }}"
    assert usage.count(release, NUMBER, is_class=False) == one(store, query) > 0


def test_terms_come_with_the_most_used_first(release: Release) -> None:
    counts = [term.count for term in usage.terms(release)]
    assert len(counts) > 100
    assert counts == sorted(counts, reverse=True)
