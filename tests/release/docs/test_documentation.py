"""The ontology in reading order, and the shapes by what they look for: they agree with the files; data of any shape."""

from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.namespaces import CPER, OWL, RDF, RDFS, SCHEMA, SH, SHAPES
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.docs.documentation import Documentation, Ontology, Shapes
from cper_lod.release.release import Release
from tests.support.paths import ROOT

HEAD = """
@prefix : <http://ex.org/o#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
"""


def made(turtle: str) -> Ontology:
    quads = parse((HEAD + turtle).encode(), RdfFormat.TURTLE)
    return Ontology(quads, "http://ex.org/o", Context.parse({"@context": {}}))


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
    assert Counter(iri for terms in ours.modules.values() for iri in terms) == Counter(
        [*classes, *properties, *ours.datatypes]
    )


def test_the_contract_comes_first_and_properties_in_the_order_of_the_context(ours: Ontology) -> None:
    assert ours.classes[0] == CPER + "Contrat"
    context = Context.parse((ROOT / "ontology" / "context" / "2.0.0.jsonld").read_bytes())
    assert list(ours.properties) == [iri for iri in context.by_property if iri in ours.properties]
    assert ours.keys(CPER + "Etape") == ["Etape"]


def test_a_class_has_shared_properties_and_those_of_its_superclasses(ours: Ontology) -> None:
    assert {"valeurPubliee", "contrat", "montantTotal"} <= set(names(ours.all_properties(CPER + "Montant")))
    assert "valeurPubliee" not in names(ours.own_properties(CPER + "Montant"))
    assert ours.values_of(CPER + "partieDe") == [CPER + "Chiffre"]
    assert ours.values_of(CPER + "nature") == ["https://w3id.org/cper-lod/id/code/nature-de-la-valeur"]


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


def test_terms_of_a_module_stand_apart(ours: Ontology) -> None:
    """What is computed, linked and imported are modules; the core, told without them, stays small."""
    assert list(ours.modules) == ["", *(f"{CPER}module-{name}" for name in ("calculs", "liens", "subventions"))]
    assert names(ours.modules[CPER + "module-calculs"])[0] == "ValeurDerivee"
    subsidies = names(ours.modules[CPER + "module-subventions"])
    assert subsidies[0] == "Subvention"
    assert {"attribuant", "beneficiaire", "rna"} <= set(subsidies)
    core = {*ours.modules[""]}
    assert {CPER + "Contrat", CPER + "Montant"} <= core
    assert len(core & {*ours.classes}) <= 14
    assert len(core & {*ours.properties}) <= 32


def test_a_term_of_two_modules_belongs_to_the_first() -> None:
    told = made(
        """<http://ex.org/o> vann:termGroup :m1, :m2 . :m1 rdfs:member :a, :elsewhere .
        :m2 rdfs:member :a, :b . :a a owl:Class . :b a owl:Class ."""
    )
    assert {iri[-2:]: names(terms) for iri, terms in told.modules.items()} == {"": [], "m1": ["a"], "m2": ["b"]}


def test_classes_in_a_cycle_and_isolated_classes_appear_once() -> None:
    told = made(
        """:a a owl:Class ; rdfs:subClassOf :b . :b a owl:Class ; rdfs:subClassOf :a . :alone a rdfs:Class .
        :p a rdf:Property ; rdfs:domain :a, :b ; rdfs:range :a, "text", [ a owl:Class ] . :c a owl:Class, rdf:Property .
        :q a rdf:Property ; rdfs:domain :elsewhere ; rdfs:range :alone ."""
    )
    assert names(told.classes) == ["a", "b", "alone", "c"]
    assert names(told.properties) == ["p", "q"]
    assert (names(told.own_properties("http://ex.org/o#a")), told.own_properties("http://ex.org/o#b")) == (["p"], [])
    assert names(told.all_properties("http://ex.org/o#b")) == ["p"]


def test_very_many_classes_are_no_trouble() -> None:
    told = made("".join(f":c{n} a owl:Class ; rdfs:subClassOf :c{n - 1} .\n" for n in range(5000)))
    assert len(told.classes) == len(set(told.classes)) == 5000


def test_nothing_is_an_ontology_and_shapes_too() -> None:
    told = Ontology((), "http://ex.org/o", Context.parse({"@context": {}}))
    assert (told.classes, told.properties, told.modules) == ((), (), {"": []})
    assert (Shapes(()).all, Shapes(()).groups(["http://ex.org/c"])) == ((), {})


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


def test_a_term_is_named_as_target_in_a_path_as_class_and_in_a_query(shapes: Shapes) -> None:
    def naming(name: str) -> set[str]:
        return {iri.removeprefix(SHAPES) for iri in shapes.mentioning(CPER + name)}

    assert "subdivision-decrite" in naming("Subdivision")
    assert "chiffre-publie-ou-manquant" in naming("motif")
    assert "une-seule-classe" in naming("Chiffre")
    assert "parts-font-cent" in naming("partParFinanceur"), "in a query"
    assert naming("nothing") == set()


def test_a_path_in_a_circle_ends() -> None:
    text = "<urn:s> a sh:PropertyShape ; sh:path _:a . _:a sh:inversePath _:a, skos:note ."
    shapes = Shapes(parse((HEAD + text).encode(), RdfFormat.TURTLE))
    assert shapes.mentioning("http://www.w3.org/2004/02/skos/core#note") == ["urn:s"]
    assert (shapes.targets("urn:s"), shapes.severity("urn:s"), shapes.queries("urn:s")) == ([], SH + "Violation", [])
