"""The counts of a release: each equals what a SPARQL query counts, of the whole and of each part."""

import gzip

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from cper_lod.core.namespaces import BASE, DCT, RDF, VOID
from cper_lod.release.catalog.void import DATASET, void_description
from cper_lod.release.release import DUMP, Release

PUBLIC = "https://cper.example"
Table = dict[str, dict[str, list[str]]]


def table(quads: list[Quad]) -> Table:
    """Return what is said of each node, by the end of the property."""
    found: Table = {}
    for quad in quads:
        if isinstance(quad.object, NamedNode | Literal):
            found.setdefault(getattr(quad.subject, "value", ""), {}).setdefault(
                quad.predicate.value.removeprefix(VOID), []
            ).append(quad.object.value)
    return found


def ask(store: Store, pattern: str, what: str = "*") -> int:
    row = next(iter(store.query(f"SELECT (COUNT({what}) AS ?n) WHERE {{ {pattern} }}")))  # type: ignore[arg-type,call-overload]
    return int(row["n"].value)


@pytest.fixture(scope="module")
def told(release: Release) -> Table:
    return table(void_description(release, PUBLIC))


def numbers(store: Store, said: dict[str, list[str]]) -> None:
    """Hold the counts of one graph against the queries that count the same."""
    queries = {
        "triples": ("?s ?p ?o", "*"),
        "distinctSubjects": ("?s ?p ?o", "DISTINCT ?s"),
        "properties": ("?s ?p ?o", "DISTINCT ?p"),
        "classes": ("?s a ?o", "DISTINCT ?o"),
        "entities": (f'?s ?p ?o FILTER(ISIRI(?s) && STRSTARTS(STR(?s), "{BASE}"))', "DISTINCT ?s"),
    }
    for name, (pattern, what) in queries.items():
        assert said[name] == [str(ask(store, pattern, what))], name


def test_the_whole(store: Store, told: Table, release: Release):
    numbers(store, told[DATASET])
    assert int(told[DATASET]["triples"][0]) == release.manifest["triples"] > 2500


def test_each_partition(store: Store, told: Table):
    classes, properties = told[DATASET]["classPartition"], told[DATASET]["propertyPartition"]
    assert len(classes) == int(told[DATASET]["classes"][0]) > 20
    assert len(properties) == int(told[DATASET]["properties"][0]) > 60
    for each in classes:
        assert told[each]["entities"] == [str(ask(store, f"?s a <{told[each]['class'][0]}>"))], each
    for each in properties:
        pattern = f"?s <{told[each]['property'][0]}> ?o"
        assert told[each]["triples"] == [str(ask(store, pattern))], each
        assert told[each]["distinctSubjects"] == [str(ask(store, pattern, "DISTINCT ?s"))], each


def test_each_part_is_its_dump(told: Table, release: Release):
    parts = [each for each in told[DATASET]["subset"] if "/jeu-de-donnees/" in each]
    assert len(parts) > 3, "of each contract"
    for part in parts:
        name = part.rpartition("/")[2]
        held = Store()
        held.bulk_load(gzip.decompress((release.folder / DUMP / f"{name}.nt.gz").read_bytes()), RdfFormat.N_TRIPLES)
        numbers(held, told[part])
        for suffix, form in (("ttl", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD)):
            dump = (release.folder / DUMP / f"{name}.{suffix}").read_bytes()
            assert len(set(parse(dump, form))) == len(held), f"{name}.{suffix}"
        assert told[part]["dataDump"] == [f"{PUBLIC}/dump/{name}.{suffix}" for suffix in ("nt.gz", "ttl", "jsonld")]
        assert "sparqlEndpoint" not in told[part]


def test_each_linkset(store: Store, told: Table):
    linksets = [name for name, said in told.items() if VOID + "Linkset" in said.get(RDF + "type", ())]
    reached = set()
    for name in linksets:
        said = told[name]
        (target,), (predicate,) = told[said["objectsTarget"][0]]["uriSpace"], said["linkPredicate"]
        starts = f'STRSTARTS(STR(?s), "{BASE}") && STRSTARTS(STR(?o), "{target}")'
        assert said["triples"] == [str(ask(store, f"?s <{predicate}> ?o FILTER({starts})"))], name
        assert int(said["triples"][0]) > 0
        assert said["subjectsTarget"] == [DATASET]
        assert name in told[DATASET]["subset"]
        assert len(said[DCT + "title"]) == 2
        reached.add(said["objectsTarget"][0].rpartition("/")[2])
    assert reached == {"insee", "wikidata", "nuts", "tables-ue", "data-gouv-fr", "graphe-ue"}
