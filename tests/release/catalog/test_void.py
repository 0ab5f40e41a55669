"""The counts of a release: each equals what a SPARQL query counts, of the whole and of each part."""

import gzip

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import DCT, VOID
from cper_lod.rdf.graph import Graph
from cper_lod.release.catalog.void import void_description
from cper_lod.release.release import DUMP, Release
from tests.support.names import BASE

PUBLIC = "https://cper.example"
COUNTS = {
    "triples": ("?s ?p ?o", "*"),
    "distinctSubjects": ("?s ?p ?o", "DISTINCT ?s"),
    "properties": ("?s ?p ?o", "DISTINCT ?p"),
    "classes": ("?s a ?o", "DISTINCT ?o"),
    "entities": (f'?s ?p ?o FILTER(ISIRI(?s) && STRSTARTS(STR(?s), "{BASE}"))', "DISTINCT ?s"),
}
"""What counts the same as each number: a pattern, and what is counted in it."""
WHOLE = NamedNode(PROGRAM.dataset)


@pytest.fixture(scope="module")
def told(release: Release) -> Graph:
    return Graph(void_description(release, PUBLIC))


def number(told: Graph, node: NamedNode, name: str) -> int:
    return int(told.value(node, VOID + name))


def ask(store: Store, pattern: str, what: str = "*") -> int:
    row = next(iter(store.query(f"SELECT (COUNT({what}) AS ?n) WHERE {{ {pattern} }}")))  # type: ignore[arg-type,call-overload]
    return int(row["n"].value)


def counts_are_right(told: Graph, node: NamedNode, store: Store) -> None:
    expected = {name: ask(store, *query) for name, query in COUNTS.items()}
    assert {name: number(told, node, name) for name in COUNTS} == expected


def test_the_whole_and_each_partition(store: Store, told: Graph):
    counts_are_right(told, WHOLE, store)
    for kind, total, least in (("class", "classes", 20), ("property", "properties", 60)):
        partitions = told.all(WHOLE, f"{VOID}{kind}Partition")
        assert len(partitions) == number(told, WHOLE, total) > least
        for each in partitions:
            iri = told.value(each, VOID + kind)
            if kind == "class":
                assert number(told, each, "entities") == ask(store, f"?s a <{iri}>"), iri
            else:
                assert number(told, each, "triples") == ask(store, f"?s <{iri}> ?o"), iri
                assert number(told, each, "distinctSubjects") == ask(store, f"?s <{iri}> ?o", "DISTINCT ?s"), iri


def test_each_part_is_its_dump(told: Graph, release: Release):
    parts = [each for each in told.all(WHOLE, VOID + "subset") if "/jeu-de-donnees/" in each.value]
    assert len(parts) > 3, "of each contract"
    for part in parts:
        name, held = part.value.rpartition("/")[2], Store()
        held.bulk_load(gzip.decompress((release.folder / DUMP / f"{name}.nt.gz").read_bytes()), RdfFormat.N_TRIPLES)
        counts_are_right(told, part, held)
        for suffix, form in (("ttl", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD)):
            dump = (release.folder / DUMP / f"{name}.{suffix}").read_bytes()
            assert len(set(parse(dump, form))) == len(held), f"{name}.{suffix}"
        dumps = {each.value for each in told.all(part, VOID + "dataDump")}
        assert dumps == {f"{PUBLIC}/dump/{name}.{suffix}" for suffix in ("nt.gz", "ttl", "jsonld")}


def test_each_linkset(store: Store, told: Graph):
    reached = set()
    for each in [node for node in told.subjects() if VOID + "Linkset" in told.types(node)]:
        target, predicate = told.one(each, VOID + "objectsTarget"), told.value(each, VOID + "linkPredicate")
        space = told.value(target, VOID + "uriSpace")
        starts = f'STRSTARTS(STR(?s), "{BASE}") && STRSTARTS(STR(?o), "{space}")'
        assert number(told, each, "triples") == ask(store, f"?s <{predicate}> ?o FILTER({starts})") > 0
        assert told.one(each, VOID + "subjectsTarget") == WHOLE
        assert each in told.all(WHOLE, VOID + "subset") and len(told.all(each, DCT + "title")) == 2
        reached.add(target.value.rpartition("/")[2])
    assert reached == {"insee", "wikidata", "nuts", "tables-ue", "data-gouv-fr", "graphe-ue"}
