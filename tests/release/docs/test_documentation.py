"""The ontology in reading order, and the shapes by what they look for: they agree with the files; data of any shape."""

from pyoxigraph import NamedNode, RdfFormat, Store

from cper_lod.core.namespaces import CPER, RDFS, SCHEMA, SH
from cper_lod.release.docs.documentation import Documentation, Ontology
from cper_lod.release.release import Release
from tests.support.paths import ROOT


def test_the_contract_is_the_first_class_and_there_is_one_datatype(ours: Ontology) -> None:
    assert (ours.classes[0], ours.datatypes) == (CPER + "Contrat", (CPER + "nombre",))


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
        files.bulk_load(path=path, format=RdfFormat.TURTLE)
    said = {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")
        for quad in files.quads_for_pattern(None, NamedNode(f"{SH}target{kind}"), None)
    }
    assert len(said) > 200
    assert {(iri, name, value) for iri in shapes.all for name, value in shapes.targets(iri)} == said
