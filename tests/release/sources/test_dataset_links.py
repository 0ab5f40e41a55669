"""Links follow from joins: which things of which contracts have them; `tests/cli/test_link.py` says what they say."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.core.namespaces import DCAT, DCT, LIENS
from cper_lod.rdf.graph import Graph
from cper_lod.release.sources.dataset_links import dataset_links
from cper_lod.release.sources.read import read_sources
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES

JOIN_OF_CODES = """<rapprochement/codes> a liens:Rapprochement ; liens:cle igeo:codeINSEE ; liens:colonne "REG" ;
    dct:relation <urn:codes> ; liens:concerne igeo:Region ."""
PLAN = f"""{PREFIX_LINES}@base <{BASE}id/> .
<contrat/un> a cper:Contrat ; cper:territoire <territoire/picardie> ; cper:signePar <organisme/region>, <organisme/etat> .
<contrat/deux> a cper:Contrat ; cper:signePar <organisme/region>, <organisme/usine> .
<contrat/seul> a cper:Contrat ; cper:territoire <territoire/picardie> .
<contrat/vide> a cper:Contrat .
<organisme/region> org:classification <../def/code/type-d-organisme/region> ; cper:siren "200053742" ; cper:territoire <territoire/picardie> .
<organisme/etat> org:classification <../def/code/type-d-organisme/etat> .
<organisme/usine> org:classification <../def/code/type-d-organisme/epci> ; cper:siret "20005374200017", "20005374200025" .
<organisme/ailleurs> org:classification <../def/code/type-d-organisme/region> ; cper:siren "233500016" .
<territoire/picardie> a igeo:Region ; igeo:codeINSEE "22" .
<rapprochement/comptes> a liens:Rapprochement ; liens:cle cper:siren ; liens:colonne "Siren" ; dct:relation <urn:comptes> ;
    liens:concerne <../def/code/type-d-organisme/region>, <../def/code/type-d-organisme/etat> ; schema:urlTemplate "https://ex.org/?Siren={{valeur}}" .
<rapprochement/achats> a liens:Rapprochement ; liens:cle cper:siret ; liens:colonne "acheteur" ; dct:relation <urn:achats> ;
    liens:concerne <../def/code/type-d-organisme/epci> ; schema:urlTemplate "https://ex.org/?acheteur={{valeur}}" .
<rapprochement/axes> a liens:Rapprochement ; liens:candidat true ; liens:cle skos:prefLabel ; liens:colonne "axe" ;
    dct:relation <urn:achats> ; liens:concerne <contrat/deux/decoupage/axes> ; schema:urlTemplate "https://ex.org/?axe={{valeur}}" .
<contrat/deux/axe/1> a cper:Subdivision ; cper:contrat <contrat/deux> ; skos:inScheme <contrat/deux/decoupage/axes> ;
    skos:notation 1 ; skos:prefLabel "L'école & la mer"@fr, "School and sea"@en .
<contrat/deux/priorite/1> a cper:Subdivision ; cper:contrat <contrat/deux> ; skos:inScheme <contrat/deux/decoupage/priorites> ;
    skos:prefLabel "La mer"@fr .
<urn:achats> skos:prefLabel "Achats"@fr .
{JOIN_OF_CODES}
"""
"""A State without a SIREN; a body of two contracts; one with two establishments; one that signs nothing; a contract alone; a
subdivision of the breakdown that a join is about, and another."""
REGION, PLANT, PLACE = "organisme/region/lien/comptes", "organisme/usine/lien/achats", "territoire/picardie/lien/codes"
AXIS = "contrat/deux/axe/1/lien/axes"
LINKS = {"un": {REGION, PLACE}, "deux": {REGION, PLACE, PLANT, AXIS}, "seul": {PLACE}}
"""The links of each contract: also those of the territories of its signatories."""


@pytest.fixture(scope="module")
def found() -> dict[str, Graph]:
    """Return what follows, by the name of a contract."""
    quads = parse(PLAN.encode(), format=RdfFormat.TURTLE)
    files = dataset_links(Graph(quads))
    return {Path(name).stem: Graph(quads) for name, quads in files.items()}


def of(graph: Graph, subject: str, predicate: str) -> set[str]:
    return {each.value for each in graph.all(NamedNode(f"{BASE}id/{subject}"), predicate)}


def test_each_thing_of_a_kind_with_a_value_has_its_link(found: dict[str, Graph]) -> None:
    links = {
        name: {
            each.value.removeprefix(f"{BASE}id/")
            for each in graph.subjects()
            if DCAT + "Relationship" in graph.types(each)
        }
        for name, graph in found.items()
    }
    assert links == LINKS
    for name, graph in found.items():
        assert of(graph, f"contrat/{name}", LIENS + "jeuLie") == {
            value for link in LINKS[name] for value in of(graph, link, DCT + "relation")
        }
    candidates = {link for link in LINKS["deux"] if of(found["deux"], link, LIENS + "candidat") == {"true"}}
    assert candidates == {AXIS}


def test_a_dataset_is_named_by_its_title_whatever_its_address(tiny: Path) -> None:
    """Nobody writes a link: a site has joins of its own in any file."""
    addresses = {
        "api": "https://tabular-api.data.gouv.fr/datasets/comptes/",
        "ods": "https://data.exemple.fr/explore/dataset/comptes/",
        "page": "https://www.exemple.gouv.fr/fr/ressources/codes",
    }
    joins = "".join(
        f"""<rapprochement/{name}> a liens:Rapprochement ; liens:cle igeo:codeINSEE ; liens:concerne igeo:Region ;
    dct:relation <{address}> . <{address}> skos:prefLabel "Jeu {name}"@fr .
"""
        for name, address in addresses.items()
    )
    (tiny / "data" / "plan.ttl").write_text(PLAN + joins, "utf-8")
    published = Graph(read_sources(tiny).published)
    labels = [published.label(NamedNode(f"{BASE}id/territoire/picardie/lien/{name}"), "fr") for name in addresses]
    assert [label.partition(" dans ")[2] for label in labels] == [f"« Jeu {name} »" for name in addresses]
    assert of(published, "contrat/un", LIENS + "jeuLie") == {*addresses.values(), "urn:codes", "urn:comptes"}
