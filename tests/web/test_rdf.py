"""The content of documents: the same triples in every format, the JSON of the contract, the dumps."""

import gzip
import json
import re
from typing import Any
from xml.parsers import expat

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, RdfFormat

from cper_lod.release.documents import document
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from tests.support.json_objects import objects
from tests.support.web import CONTRACT, ID, SUFFIXES, HttpClient, canonical, described, triples

C = f"{ID}{CONTRACT}"


@pytest.mark.slow
def test_every_resource_has_every_form_with_the_same_triples_and_a_page_that_names_it(
    client: FlaskClient, release: Release
):
    iris = described(release)
    assert len(iris) > 350
    context = client.get("/context/2.0.0.jsonld").data
    for place, iri in enumerate(iris):
        expected = canonical(list(document(release, iri).quads))
        for suffix, (content_type, form) in SUFFIXES.items():
            answer = client.get(f"/describe.{suffix}", query_string={"iri": iri})
            assert (answer.status_code, answer.content_type) == (200, content_type), (iri, suffix)
            if suffix == "rdf":
                expat.ParserCreate().Parse(answer.data, True)
            # JSON-LD and XML parsers are slow: every seventh resource.
            if suffix in ("nt", "ttl") or place % 7 == 0:
                assert triples(answer.data, form, context) == expected, (iri, suffix)
        page = client.get("/describe.html", query_string={"iri": iri})
        assert (page.status_code, f"<code>{iri}</code>" in page.text) == (200, True), iri


def test_every_name_of_ours_leads_to_its_page(client: FlaskClient, release: Release):
    ours = [iri for iri in described(release) if iri.startswith(ID + "/")]
    assert len(ours) > 250
    for iri in ours[::5]:
        answer = client.get(iri.removeprefix("https://w3id.org/cper-lod"), headers={"Accept": "text/turtle"})
        assert answer.status_code == 303
        assert client.get(answer.location).data.count(f"<{iri}>".encode()) >= 1


@pytest.mark.parametrize("path", ["/ontology", "/shapes"])
def test_ontology_and_shapes_say_the_same_in_every_form(client: FlaskClient, path: str):
    context = client.get("/context/2.0.0.jsonld").data
    found = {
        suffix: triples(client.get(f"{path}.{suffix}").data, form, context) for suffix, (_, form) in SUFFIXES.items()
    }
    assert len(found["nt"]) > 250
    assert [suffix for suffix in found if found[suffix] != found["nt"]] == []


@pytest.fixture(scope="module")
def contract(client: FlaskClient) -> dict[str, Any]:
    """The contract as a web developer gets it."""
    found = json.loads(client.get(f"/doc{CONTRACT}.jsonld").data)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def parts(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What belongs to the contract and points to it, by the end of its IRI."""
    return {each["id"].removeprefix(C + "/"): each for each in contract["inclus"]}


def test_the_contract_is_one_object_with_its_parts_beside_it(contract: dict[str, Any]):
    assert contract["id"] == C
    assert contract["type"] == ["Contrat"]
    assert "@graph" not in contract
    apart = contract["inclus"]
    names = [each for each in apart if "type" not in each]
    assert {each["id"].removeprefix(ID + "/").partition("/")[0] for each in names} == {"cube"}
    assert all(each.keys() == {"id", "nom"} for each in names), "names of what a key refers to by its IRI, no more"
    kinds = [each["type"][0] for each in apart if each not in names]
    assert {"Montant", "Part", "Subdivision", "Decoupage", "Etape", "Signataire", "ValeurDerivee"} < set(kinds)
    assert set(kinds[kinds.index("Enonce") :]) == {"Enonce"}, "the words of the source come after the facts"
    everything = list(objects(contract))
    assert len(everything) > 500
    assert not [node for node in everything if str(node.get("id", "")).startswith("_:")]
    assert not [key for node in everything for key in node if key.startswith("@") and key != "@context"]
    assert "http" not in {key[:4] for node in everything for key in node}


def test_the_contract_s_names_and_dates(contract: dict[str, Any], parts: dict[str, dict[str, Any]]):
    assert contract["nom"] == {
        "fr": "Contrat de plan État-Région 2021-2027 Hauts-de-France",
        "en": "State-Region plan contract 2021-2027, Hauts-de-France",
    }
    signing = parts["etape/signature"]
    assert (signing["date"], signing["lieu"]["nom"]["fr"]) == ("2023-01-09", "préfecture du Nord")
    assert parts["etape/avenant-mobilites-prevu"]["annee"] == "2023"
    assert (contract["periode"]["debut"], contract["periode"]["fin"]) == ("2021", "2027")
    assert contract["territoire"]["nom"]["fr"] == "Hauts-de-France"


def test_the_contract_s_subdivisions_and_shares(parts: dict[str, dict[str, Any]]):
    axis, share = parts["axe/2"], parts["part/axe-2"]
    assert (axis["numero"], axis["nom"]["fr"]) == (2, "Soutenir les territoires")
    assert [each["id"] for each in axis["sous"]] == [f"{C}/priorite/2"]
    assert (share["partParSubdivision"], share["valeur"]) == ("57.3", "000000000000057.3")
    assert share["valeurPubliee"]["fr"] == "57,3%"
    (statement,) = share["enonce"]
    words = parts[statement.removeprefix(C + "/")]["citation"]
    assert words == "Axe 2 « Soutenir les territoires » – 57,3% des crédits"
    shares = [parts[f"part/axe-{number}"].get("partParSubdivision") for number in range(1, 7)]
    assert shares == ["19", "57.3", "8.8", "14.8", None, None]


def test_the_contract_s_funders(parts: dict[str, dict[str, Any]]):
    amounts = {name: each for name, each in parts.items() if "montantParFinanceur" in each}
    assert {name: each["montantParFinanceur"] for name, each in amounts.items()} == {
        "montant/etat": "994000000",
        "montant/region": "995000000",
        "montant/autres-signataires": "768000000",
    }
    euro = "http://publications.europa.eu/resource/authority/currency/EUR"
    assert {each["unite"]["id"] for each in amounts.values()} == {euro}
    assert {each["perimetre"]["nom"]["fr"] for each in amounts.values()} == {"Hors mobilités"}
    assert parts["montant/total"]["montantTotal"] == "2700000000"


def test_the_contract_s_signatories(contract: dict[str, Any], parts: dict[str, dict[str, Any]]):
    names = {each["nom"]["fr"] for each in contract["signePar"]}
    assert "Département de la Somme" in names
    assert len(names) == len(contract["signePar"]) == 9
    assert parts["signataire/somme"]["organisme"]["nom"]["fr"] == "Département de la Somme"
    assert len(parts["groupe/autres-signataires"]["membres"]) == 7


def test_numbers_are_exact(contract: dict[str, Any]):
    numbers = [value for node in objects(contract) for value in node.values() if isinstance(value, float)]
    assert numbers == []
    assert "E1" not in json.dumps(contract)


# Dumps


@pytest.mark.server
def test_dumps_hold_exactly_the_default_graph(web: HttpClient, release: Release):
    quads = list(parse_lines(release.lines()))
    default = [quad for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
    expected = canonical(default)
    assert len(expected) == release.manifest["triples"] == len(default)
    nt = gzip.decompress(web.get("/dump/tout.nt.gz").body)
    assert nt.count(b"\n") == len(default)
    assert triples(nt, RdfFormat.N_TRIPLES) == expected
    assert triples(web.get("/dump/tout.ttl").body, RdfFormat.TURTLE) == expected
    assert triples(web.get("/dump/tout.jsonld").body, RdfFormat.JSON_LD) == expected
    assert gzip.decompress(web.get("/dump/tout.nq.gz").body) == b"".join(line + b"\n" for line in release.lines())
    counted = web.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text
    assert counted.split() == ["n", str(len(default))], "a query sees the same"


def test_turtle_tells_the_story_in_the_order_of_the_context(web: HttpClient, context: bytes):
    paragraph = web.get(f"/doc{CONTRACT}/part/axe-2.ttl").text.partition(" a cper:")[2].partition(" .\n")[0]
    said = re.findall(r"^    (cper:[A-Za-z]+)(?= |$)", paragraph, re.MULTILINE)
    entries = json.loads(context)["@context"].values()
    terms = [each["@id"] if isinstance(each, dict) else each for each in entries]
    places = [terms.index(each) for each in said]
    assert len(places) > 6
    assert places == sorted(places)
    assert said != sorted(said), "which is not that of the alphabet"
