"""The ontology in reading order, and the shapes by what they look for: they agree with the files; data of any shape."""

from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from cper_lod.core.namespaces import CPER, OWL, RDF, RDFS, SCHEMA, SH, SHAPES
from cper_lod.release.docs.documentation import Documentation, Ontology, Shapes
from cper_lod.release.release import Release
from tests.support.paths import ROOT


def names(iris: list[str] | tuple[str, ...]) -> list[str]:
    return [iri.partition("#")[2] for iri in iris]


def load(folder: str) -> Store:
    """Return what the files of a folder say, read without any of our code."""
    store = Store()
    for path in sorted((ROOT / folder).rglob("*.ttl")):
        store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def typed(store: Store, *classes: str) -> set[str]:
    found = (store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(cls)) for cls in classes)
    return {quad.subject.value for quads in found for quad in quads if isinstance(quad.subject, NamedNode)}


@pytest.fixture(scope="module")
def shapes(release: Release) -> Shapes:
    return Documentation(release).shapes


def test_every_term_is_there_once(ours: Ontology) -> None:
    files = load("ontology")
    classes = {iri for iri in typed(files, OWL + "Class") if iri.startswith(CPER)}
    properties = {iri for iri in typed(files, OWL + "ObjectProperty", OWL + "DatatypeProperty") if iri.startswith(CPER)}
    assert len(classes) > 10
    assert len(properties) > 25
    assert ours.datatypes == (CPER + "nombre",)
    assert Counter(ours.classes) == Counter(classes)
    assert Counter(ours.properties) == Counter(properties)
    own = [iri for cls in ours.classes for iri in ours.own_properties(cls)]
    assert len(own) == len(set(own)) > 15
    assert set(own) == {iri for iri in ours.properties if ours.is_own(iri)}


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


def test_targets_and_queries_are_those_of_the_files(shapes: Shapes) -> None:
    files = load("shapes")
    assert set(shapes.all) == typed(files, SH + "NodeShape", SH + "PropertyShape")
    said = {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")
        for quad in files.quads_for_pattern(None, NamedNode(f"{SH}target{kind}"), None)
    }
    assert len(said) > 200
    assert {(iri, name, value) for iri in shapes.all for name, value in shapes.targets(iri)} == said
    queries = {quad.object.value for quad in files.quads_for_pattern(None, NamedNode(SH + "select"), None)}
    assert len(queries) > 20
    assert {query for iri in shapes.all for query in shapes.queries(iri)} == queries


def test_each_shape_is_in_one_group(shapes: Shapes, ours: Ontology) -> None:
    groups = shapes.groups(ours.classes)
    assert Counter(iri for iris in groups.values() for iri in iris) == Counter(shapes.all)
    assert next(iter(groups)) == CPER + "Contrat"
    assert list(groups)[-1] == ""
    assert SHAPES + "siren-d-un-seul-organisme" in groups[""], "it looks for a property"
