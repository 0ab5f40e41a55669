"""The ontology in reading order, the shapes by what they look for, how often a term is used: as the files and queries say."""

from pyoxigraph import NamedNode, RdfFormat, Store

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, DCT, DEFINITIONS, RDFS, SCHEMA, SH
from cper_lod.release.docs import usage
from cper_lod.release.docs.documentation import Documentation, Ontology
from cper_lod.release.release import Release
from tests.support.paths import ROOT


def test_the_contract_is_the_first_class(ours: Ontology) -> None:
    assert ours.classes[0] == CPER + "Contrat"


def test_what_is_said_to_include_a_property_has_it(ours: Ontology, store: Store) -> None:
    """A property without a domain is said of the classes that schema:domainIncludes names, and of others rarely."""
    query = f"""SELECT ?p (COUNT(DISTINCT ?s) AS ?uses) (COUNT(DISTINCT ?known) AS ?fit) WHERE {{
      ?p <{SCHEMA}domainIncludes> ?any . ?s ?p ?o .
      OPTIONAL {{ ?s a/<{RDFS}subClassOf>* ?cls . ?p <{SCHEMA}domainIncludes> ?cls . BIND(?s AS ?known) }}
    }} GROUP BY ?p"""
    counts = {row["p"].value.removeprefix(CPER): (row["uses"].value, row["fit"].value) for row in store.query(query)}
    assert len(counts) >= 8
    # Documents, periods and lists have a statement or belong to a contract too: those two say “among others”.
    assert {name for name, (uses, fit) in counts.items() if uses != fit} <= {"contrat", "enonce", "territoire"}


def test_targets_are_those_of_the_files(release: Release) -> None:
    shapes, files = Documentation(release).shapes, Store()
    for path in sorted((ROOT / "shapes").rglob("*.ttl")):  # without any of our code
        files.bulk_load(path=path, format=RdfFormat.TURTLE, base_iri=PROGRAM.address)
    said = {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")
        for quad in files.quads_for_pattern(None, NamedNode(f"{SH}target{kind}"), None)
    }
    assert len(said) > 200
    assert {(iri, name, value) for iri in shapes.all for name, value in shapes.targets(iri)} == said


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
        wanted = sorted(row["q"].value for row in rows if row["q"].value.startswith(f"{DEFINITIONS}question/"))
        assert usage.questions(release, iri) == wanted
        assert wanted, iri
        total += len(wanted)
    assert total > 50


def test_terms_come_with_the_most_used_first(release: Release) -> None:
    counts = [term.count for term in usage.terms(release)]
    assert len(counts) > 100
    assert counts == sorted(counts, reverse=True)
