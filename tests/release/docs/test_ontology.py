"""The ontology in reading order: every term once, links that agree with the files, changes, data of any shape."""

from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.namespaces import CPER, ONTOLOGY, OWL, RDF, RDFS, SCHEMA
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.docs.ontology import MAX_LINK_SOURCES, ChangeNote, ClassLink, Ontology
from cper_lod.release.documents import document
from cper_lod.release.release import Release
from tests.support.paths import ROOT

CONTEXT = Context.parse((ROOT / "ontology" / "context" / "1.0.0.jsonld").read_bytes())
NO_CONTEXT = Context.parse({"@context": {}})
HEAD = """
@prefix : <http://ex.org/o#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
"""


def made(turtle: str, context: Context = NO_CONTEXT) -> Ontology:
    return Ontology(parse((HEAD + turtle).encode(), RdfFormat.TURTLE), "http://ex.org/o", context)


def names(iris: list[str] | tuple[str, ...]) -> list[str]:
    return [iri.partition("#")[2] for iri in iris]


@pytest.fixture(scope="module")
def files() -> Store:
    """The files of the ontology, read without any of our code."""
    store = Store()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def typed(store: Store, *classes: str) -> set[str]:
    found = {
        quad.subject.value
        for cls in classes
        for quad in store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(cls))
    }
    return {iri for iri in found if iri.startswith(CPER)}


def test_every_term_is_there_once(ours: Ontology, files: Store):
    classes = typed(files, OWL + "Class")
    properties = typed(files, OWL + "ObjectProperty", OWL + "DatatypeProperty")
    assert len(classes) > 10
    assert len(properties) > 25
    assert Counter(ours.classes) == Counter(classes)
    assert Counter(ours.properties) == Counter(properties)
    told = [iri for cls in ours.classes for iri in ours.domain_properties(cls)]
    assert len(told) == len(set(told)) > 15


def test_the_order_is_that_of_the_story(ours: Ontology):
    order = names(ours.classes)
    assert order[:5] == ["Contrat", "ContratDePlan", "Signature", "Priorite", "Axe"]
    for former, later in (("Engagement", "Part"), ("Axe", "ValeurDerivee"), ("Signataire", "Enonce")):
        assert order.index(former) < order.index(later)
    assert names(ours.domain_properties(CPER + "Contrat"))[:2] == ["signature", "priorite"]


def test_the_order_does_not_depend_on_that_of_the_quads(ours: Ontology, release: Release):
    quads = document(release, ONTOLOGY).quads
    other = Ontology(reversed(quads), ONTOLOGY, release.context)
    assert (other.classes, other.properties, other.class_links()) == (ours.classes, ours.properties, ours.class_links())


def test_links_agree_with_the_ontology(ours: Ontology, files: Store):
    """What a query finds in the files is what the diagram will draw."""
    rows = files.query(
        f"""SELECT DISTINCT ?p ?s ?t WHERE {{
          ?p <{RDFS}domain>|<{SCHEMA}domainIncludes> ?s ; <{RDFS}range> ?t .
          ?s a <{OWL}Class> . ?t a <{OWL}Class> .
          FILTER(STRSTARTS(STR(?s), "{CPER}") && STRSTARTS(STR(?t), "{CPER}"))
        }}"""
    )
    said = {(row["p"].value, row["s"].value, row["t"].value) for row in rows}
    sources = Counter(property_ for property_, _, _ in said)
    wanted = {ClassLink(p, "" if sources[p] > MAX_LINK_SOURCES else s, t) for p, s, t in said}
    assert len(wanted) > 15
    assert Counter(ours.class_links()) == Counter(wanted)
    assert {link.property.removeprefix(CPER) for link in ours.class_links() if not link.source} == {"contrat", "enonce"}


def test_the_real_data_respect_the_domains_of_properties(store: Store):
    """schema:domainIncludes is no rule: here it is held against the data."""
    query = f"""SELECT ?p (COUNT(DISTINCT ?s) AS ?uses) (COUNT(DISTINCT ?known) AS ?fit) WHERE {{
      ?p <{SCHEMA}domainIncludes> ?any . ?s ?p ?o .
      OPTIONAL {{ ?s a ?cls . ?p <{SCHEMA}domainIncludes> ?cls . BIND(?s AS ?known) }}
    }} GROUP BY ?p"""
    counts = {row["p"].value.removeprefix(CPER): (row["uses"].value, row["fit"].value) for row in store.query(query)}
    assert len(counts) > 8
    # Documents, periods and lists have a statement or belong to a contract too: those two say “among others”.
    assert {name for name, (uses, fit) in counts.items() if uses != fit} <= {"contrat", "enonce", "territoire"}


def test_the_version_is_stated_in_both_languages(ours: Ontology):
    version = ours.graph.value(ours.header, OWL + "versionInfo")
    for lang in ("fr", "en"):
        newest = ours.changes(lang)[0]
        assert (newest.version, newest.iri, newest.lang) == (version, ONTOLOGY, lang)
        assert newest.text


def test_changes_of_terms_come_with_the_newest_version_first():
    told = made(
        """<http://ex.org/o> a owl:Ontology ; skos:changeNote "1.2.0 : plus de termes."@fr, "1.10.0 : le dixième."@fr .
        :a a owl:Class ; skos:changeNote "1.10.0 : renommée."@fr, "1.10.0: renamed."@en, "no version" ."""
    )
    assert [(each.version, each.iri[-1]) for each in told.changes("fr")] == [
        ("1.10.0", "o"),
        ("1.10.0", "a"),
        ("1.2.0", "o"),
    ]
    assert ChangeNote("1.10.0", "http://ex.org/o#a", "renamed.", "en") in told.changes("en")
    assert ChangeNote("1.10.0", "http://ex.org/o", "le dixième.", "fr") in told.changes("en")
    assert made(':a a owl:Class ; skos:changeNote "bare" .').changes("fr") == [
        ChangeNote("", "http://ex.org/o#a", "bare", "")
    ]


def test_classes_in_a_cycle_and_isolated_classes_appear_once():
    told = made(
        """:a a owl:Class ; rdfs:subClassOf :b . :b a owl:Class ; rdfs:subClassOf :a . :alone a rdfs:Class .
        :p a rdf:Property ; rdfs:domain :a, :b ; rdfs:range :a, "text", [ a owl:Class ] .
        :q a rdf:Property ; rdfs:domain :elsewhere ; rdfs:range :alone ."""
    )
    assert names(told.classes) == ["a", "b", "alone"]
    assert names(told.properties) == ["p", "q"]
    assert told.class_links() == [
        ClassLink("http://ex.org/o#p", f"http://ex.org/o#{name}", "http://ex.org/o#a") for name in "ab"
    ]


def test_terms_of_a_module_stand_apart(ours: Ontology):
    """What is computed and what is imported are modules; the core, told without them, stays small."""
    assert list(ours.modules) == [CPER + "module-calculs", CPER + "module-subventions"]
    assert names(ours.modules[CPER + "module-calculs"])[0] == "ValeurDerivee"
    subsidies = names(ours.modules[CPER + "module-subventions"])
    assert subsidies[0] == "Subvention"
    assert {"attribuant", "beneficiaire", "rna"} <= set(subsidies)
    apart = {iri for terms in ours.modules.values() for iri in terms}
    classes, properties = set(ours.classes) - apart, set(ours.properties) - apart
    assert {CPER + "Contrat", CPER + "Engagement"} <= classes
    assert len(classes) <= 14
    assert len(properties) <= 32


def test_a_term_of_two_modules_belongs_to_the_first():
    told = made(
        """<http://ex.org/o> vann:termGroup :m1, :m2 . :m1 rdfs:member :a, :elsewhere .
        :m2 rdfs:member :a, :b . :a a owl:Class . :b a owl:Class ."""
    )
    assert {iri[-2:]: names(terms) for iri, terms in told.modules.items()} == {"m1": ["a"], "m2": ["b"]}


def test_a_thousand_classes_in_a_row_are_no_trouble():
    told = made("".join(f":c{n} a owl:Class ; rdfs:subClassOf :c{n - 1} .\n" for n in range(5000)))
    assert len(told.classes) == len(set(told.classes)) == 5000


def test_nothing_is_an_ontology_too():
    told = Ontology((), "http://ex.org/o", NO_CONTEXT)
    assert (told.classes, told.properties, told.class_links(), told.changes("fr")) == ((), (), [], [])
