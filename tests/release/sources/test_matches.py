"""The identity of territories with those of other lists: it follows from tables, for every contract alike."""

from pyoxigraph import Literal, NamedNode, Store

from cper_lod.core.namespaces import PREFIXES, RDF, SKOS
from cper_lod.rdf.graph import Graph, to_quads
from cper_lod.release.release import Release
from cper_lod.release.sources.matches import territory_matches
from cper_lod.release.storage.quad_file import parse_lines
from tests.support.names import BASE

JOIN = "SELECT ?c ?nuts { ?c a cper:Contrat ; cper:territoire/skos:exactMatch ?nuts FILTER(STRSTARTS(STR(?nuts), 'http://data.europa.eu/nuts/')) }"
IGEO = PREFIXES["igeo"]


def found(cls: str, predicate: str, value: Literal) -> list[str]:
    iri = f"{BASE}id/territoire/x"
    triples = [(iri, RDF + "type", NamedNode(IGEO + cls)), (iri, predicate, value)]
    quads = territory_matches(Graph(to_quads(triples)))
    assert {quad.predicate.value for quad in quads} <= {SKOS + "exactMatch"}
    return sorted(quad.object.value for quad in quads)  # type: ignore[union-attr]


def test_a_join_by_nuts_finds_every_contract(release: Release) -> None:
    store = Store()
    store.bulk_extend(parse_lines(release.lines()))
    rows = store.query(JOIN, prefixes=PREFIXES)
    assert sorted(row["nuts"].value.rpartition("/")[2] for row in rows) == ["FRE", "FRG", "FRH", "FRL"]  # type: ignore[union-attr]


def test_the_tables_say_what_a_code_of_insee_is_elsewhere() -> None:
    code = IGEO + "codeINSEE"
    assert found("Region", code, Literal("94")) == [
        "http://data.europa.eu/nuts/code/FRM",
        "http://id.insee.fr/geo/region/94",
    ]
    nord = found("Departement", code, Literal("59"))
    assert [iri for iri in nord if iri.startswith("http://id.insee.fr/")] == [
        "http://id.insee.fr/geo/departement/1cabcdea-d4dc-4df1-96c2-ed1db0fa594c",
        "http://id.insee.fr/geo/departement/59",
    ], "both forms of an address, where both are confirmed"
    assert "http://www.wikidata.org/entity/Q12661" in nord
    assert found("Commune", code, Literal("80021")) == [
        "http://id.insee.fr/geo/commune/80021",
        "http://www.wikidata.org/entity/Q41604",
    ]
    assert "http://www.wikidata.org/entity/Q142" in found("Pays", SKOS + "prefLabel", Literal("France", language="fr"))


def test_what_no_table_has_is_matched_with_nothing() -> None:
    code = IGEO + "codeINSEE"
    assert found("Region", code, Literal("59")) == [], "the code of a department"
    assert found("Commune", code, Literal("99999")) == []
    assert found("Pays", SKOS + "prefLabel", Literal("Nulle part", language="fr")) == []
    assert found("Arrondissement", code, Literal("591")) == []
