"""Plain JSON of things: every document of the release fits its schema, and one thing has one shape everywhere."""

import json
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode

from cper_lod.core.namespaces import CPER, LABELS, RDF, XSD
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from cper_lod.web.api import resources
from cper_lod.web.api.resources import READERS, ResourceReader
from cper_lod.web.api.values import value
from cper_lod.web.http.plain_json import main_type, schema_path
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.paths import ROOT
from tests.support.plain_json import PUBLIC, Json, definitions, faults, get, inner, misshapen, pages, shape, things
from tests.support.web import CONTRACT, ID, describe

AXES = [19, 57.3, 8.8, 14.8, None, None]


@pytest.fixture(scope="module")
def all_things(client: FlaskClient, release: Release) -> dict[str, Json]:
    """The documents of all things, by IRI."""
    return things(client, release)


@pytest.fixture(scope="module")
def contract(client: FlaskClient) -> Json:
    """The document of the contract."""
    return get(client, f"/doc{CONTRACT}.json")


def test_every_thing_fits_its_schema_and_has_one_shape_wherever_it_stands(all_things: dict[str, Json]) -> None:
    assert misshapen(all_things) == []
    assert len(all_things) > 350
    assert {shape(each) for each in all_things.values()} == {*map(_schema, READERS), "Ressource"} - {"Subvention"}
    assert all(iri == each["id"] for iri, each in all_things.items())


def _schema(kind: str) -> str:
    return Path(schema_path(kind)).stem


@pytest.mark.slow
def test_every_list_fits_its_schema_and_holds_things_as_they_are_alone(
    client: FlaskClient, all_things: dict[str, Json]
) -> None:
    assert faults(get(client, "/doc.json"), "ListeDesClasses") == []
    listed = set()
    for page in pages(client):
        assert faults({**page, "items": []}, "Liste") == []
        for each in page["items"]:
            # A thing in another graph than the default one is not among all things.
            assert each == all_things.get(each["id"], each)
            assert each["id"] in all_things or faults(each, shape(each)) == []
            listed.add(each["id"])
    assert len(listed) > 300


def test_every_definition_is_used() -> None:
    text = json.dumps(definitions())
    tables = "".join(
        (ROOT / "cper_lod/web/api" / name).read_text("utf-8")
        for name in ("operations.py", "operations.toml", "parameters.toml", "openapi.py")
    )
    tops = {"DocumentJsonLd", *re.findall(r'"(\w+)"', tables), *re.findall(r"#/components/schemas/(\w+)", tables)}
    assert {"Chose", "Liste", "ListeDesClasses", "Recherche"} < tops
    assert [name for name in definitions() if name not in tops and f'"#/$defs/{name}"' not in text] == []
    assert not faults({"id": "x", "url": "x", "nom": "x", "proprietes": {}, "mentions": []}, "Chose")
    assert faults({"id": "x", "url": "x", "nom": "x", "type": "Axe", "numero": "1"}, "Chose")


def test_sums_need_no_conversion(contract: Json, client: FlaskClient) -> None:
    axes = get(client, "/doc/axe.json")["items"]
    for found in (axes, contract["axes"]):
        assert [each["part"]["valeur"] for each in found] == AXES
        assert round(sum(each["part"]["valeur"] or 0 for each in found), 1) == 99.9
        assert [each["numero"] for each in found] == [1, 2, 3, 4, 5, 6]
    commitments = contract["engagements"]
    assert sum(each["valeur"] for each in commitments) == contract["totalCalcule"]["valeur"] == 2757000000
    assert [each["financeur"]["nom"] for each in commitments] == ["Région", "État", "Autres signataires"]
    assert [each["part"]["valeur"] for each in commitments] == [36, 36, 28]
    assert all(type(each["valeur"]) is int for each in commitments)


def test_a_figure_says_where_it_stands(contract: Json) -> None:
    first, fifth = contract["axes"][0], contract["axes"][4]
    assert first["part"]["citation"].endswith("– 19% des crédits")
    assert (first["part"]["etat"], first["part"]["unite"], first["part"]["nature"]) == ("publie", "%", "arrondi")
    assert (fifth["part"]["etat"], fifth["part"]["valeur"], fifth["part"]["unite"]) == ("absent", None, "%")
    assert "avenant mobilités" in fifth["part"]["motif"]
    amount = first["montantCalcule"]
    assert (amount["etat"], amount["citation"], amount["unite"]) == ("calcule", None, "EUR")
    assert amount["min"] < amount["valeur"] < amount["max"]
    assert "montantCalcule" not in fifth
    assert contract["enveloppe"]["nature"] == "minimum"


def test_the_contract_holds_what_people_come_for(client: FlaskClient, contract: Json) -> None:
    lengths = {name: len(held) for name, held in contract.items() if isinstance(held, list)}
    assert lengths == {
        "engagements": 3, "priorites": 4, "axes": 6, "signataires": 9, "schemas": 4, "financements": 3,
        "avenants": 1, "jeuxDeDonnees": 7, "sources": 1, "voirAussi": 1,
    }  # fmt: skip
    assert (contract["periode"]["debut"], contract["periode"]["fin"]) == ("2021", "2027")
    assert (contract["signature"]["date"], contract["signature"]["lieu"]["nom"]) == ("2023-01-09", "préfecture du Nord")
    assert sum("siren" in each for each in contract["signataires"]) == 8
    assert contract["licence"].startswith("https://www.etalab.gouv.fr/")
    assert len(client.get(f"/doc{CONTRACT}.json").data) <= 30_000


def test_numbers_are_numbers(release: Release, all_things: dict[str, Json]) -> None:
    """Each decimal and integer of the data is a number in the document of its thing."""
    seen = 0
    for quad in parse_lines(release.lines()):
        value, name = quad.object, getattr(quad.subject, "value", "")
        plain = isinstance(quad.graph_name, DefaultGraph) and name in all_things and isinstance(value, Literal)
        if (
            plain
            and value.datatype.value in (XSD + "decimal", XSD + "integer")
            and quad.predicate.value != CPER + "precision"
        ):
            numbers = [
                held
                for each in inner(all_things[name])
                for part in each.values()
                for held in (part if isinstance(part, list) else [part])
                if isinstance(held, int | float) and not isinstance(held, bool)
            ]
            assert Decimal(value.value) in [Decimal(str(each)) for each in numbers], (name, value)
            seen += 1
    assert seen > 90


def test_english_has_no_french_names_where_there_are_english_ones(client: FlaskClient, release: Release) -> None:
    names: dict[str, dict[str, set[str]]] = {}
    for quad in parse_lines(release.lines()):
        if quad.predicate.value in LABELS and isinstance(quad.object, Literal):
            held = names.setdefault(quad.subject.value, {}).setdefault(quad.object.language or "", set())  # type: ignore[union-attr]
            held.add(quad.object.value)
    translated = {iri: each["en"] for iri, each in names.items() if "en" in each and "fr" in each}
    seen = 0
    for page in [get(client, f"/doc{CONTRACT}.json?lang=en"), *pages(client, "lang=en", only=READERS)]:
        for each in inner(page):
            assert "lang=en" in each.get("url", "lang=en")
            assert all("lang=en" in each.get(name, "lang=en") for name in ("next", "first", "last", "previous"))
            if each.get("id") in translated:
                assert each["nom"] in translated[each["id"]], each["id"]
                seen += 1
    assert seen > 400


def test_the_language_is_that_of_the_reader(client: FlaskClient) -> None:
    path = f"/doc{CONTRACT}/axe/2"
    french, english = client.get(path + ".json"), client.get(path + ".json", headers={"Accept-Language": "en"})
    assert (french.json["nom"], english.json["nom"]) == ("Soutenir les territoires", "Supporting territories")
    assert (french.headers["Content-Language"], english.headers["Content-Language"]) == ("fr", "en")
    assert french.headers["ETag"] != english.headers["ETag"]
    assert "Accept-Language" in french.vary
    assert english.json["url"] == f"{PUBLIC}{path}.json", "only ?lang= is kept"
    asked = client.get(path, headers={"Accept": "application/json"}, query_string={"lang": "en"})
    assert asked.json["url"] == f"{PUBLIC}{path}.json?lang=en"
    assert asked.headers["Content-Location"] == f"{path}.json?lang=en"
    assert client.get(asked.json["contrat"].removeprefix(PUBLIC)).json["nom"].startswith("State-Region")


def test_a_name_leads_to_its_json(client: FlaskClient) -> None:
    answer = client.get(f"/id{CONTRACT}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/doc{CONTRACT}.json")
    for accept in ("text/json", "application/json, */*;q=0.1", "application/json, text/plain, */*"):
        assert client.get(f"/doc{CONTRACT}", headers={"Accept": accept}).mimetype == "application/json"
    for accept in (
        "application/ld+json",
        "application/ld+json, application/json",
        "application/json;q=.5, application/ld+json",
    ):
        assert client.get(f"/doc{CONTRACT}", headers={"Accept": accept}).mimetype == "application/ld+json"
    assert client.get(f"/doc{CONTRACT}", headers={"Accept": "*/*"}).mimetype == "text/turtle"


def test_links_of_a_document_lead_to_its_schema(client: FlaskClient) -> None:
    for path, name in (
        (f"/doc{CONTRACT}.json", "Contrat"),
        (f"/doc{CONTRACT}/part/axe-1.json", "Figure"),
        (f"/doc{CONTRACT}/calcul/total.json", "Ressource"),
        (describe("http://www.wikidata.org/entity/Q142", ".json"), "Ressource"),
    ):
        links = ", ".join(client.get(path).headers.getlist("Link"))
        assert f'<{PUBLIC}/schema/1.0.0/{name}.json>; rel="describedby"' in links
        assert "json-ld#context" not in links
    anchors = client.get("/linkset.json", query_string={"iri": ID + CONTRACT}).json["linkset"]
    of_json = next(each for each in anchors if each["anchor"] == f"{PUBLIC}/doc{CONTRACT}.json")
    assert of_json["describedby"][0]["href"] == f"{PUBLIC}/schema/1.0.0/Contrat.json"


def test_an_iri_that_is_only_mentioned_leads_to_what_mentions_it(client: FlaskClient) -> None:
    found = get(client, describe("http://www.wikidata.org/entity/Q142", ".json"))
    assert (found["proprietes"], [each["nom"] for each in found["mentions"]]) == ({}, ["France"])
    assert faults(found, "Ressource") == []


def test_ontology_and_shapes_have_no_plain_json(client: FlaskClient) -> None:
    for path in ("/ontology", "/shapes", "/catalog", "/void"):
        assert client.get(path + ".json").status_code == 404
        assert client.get(path, headers={"Accept": "application/json"}).mimetype == "application/ld+json"
    found = get(client, describe(CPER + "Axe", ".json"))
    assert (found["nom"], found["type"]) == ("axe", "Classe")


def test_only_sources_of_contracts_have_the_shapes(tmp_path: Path) -> None:
    lines = [f"<{ID}/axe/1> {TYPE} <{CPER}Axe>", f'<{ID}/axe/1> <{CPER}part> "much"']
    release = release_of_quads(tmp_path, lines)
    found = get(client_without_engine(release), "/doc/axe/1.json")
    assert found["proprietes"] == {"part": ["much"]}
    assert main_type(release, [CPER + "Axe"]) == ""


def test_hostile_data_fit_the_schema(hostile_client: FlaskClient, hostile: Release) -> None:
    found = things(hostile_client, hostile)
    assert misshapen(found) == []
    assert len(found) > 30
    values = found["http://ex.org/a"]["proprietes"]["http://ex.org/p"]
    texts = {each for each in values if isinstance(each, str)}
    assert "1E9999999" in texts, "no JSON number is as large"
    assert 123456789012345678901234567890.5 in values
    members = found["http://ex.org/list"]["proprietes"]["http://ex.org/p"]
    assert [each for each in members if isinstance(each, str)] == ["one"]
    assert found["http://ex.org/loop"]["tronque"] is True


@pytest.mark.parametrize(
    ("text", "datatype", "expected"),
    [
        ("994000000.0000000000", "decimal", 994000000), ("0.1234567890123456789", "decimal", 0.12345678901234568),
        ("1234567890123456789.25", "decimal", 1234567890123456789.25), ("0.00000000001", "decimal", 1e-11),
        ("-12.50", "decimal", -12.5), ("+.5", "decimal", 0.5), ("-0", "integer", 0), (str(2**53 + 1), "integer", 2**53 + 1),
        (str(2**63), "integer", 2.0**63), ("9" * 400, "integer", "9" * 400), ("9" * 5000, "integer", "9" * 5000),
        ("1e3", "double", 1000), ("1e300", "double", 1e300), ("1e400", "double", "1e400"), ("INF", "double", "INF"),
        ("NaN", "float", "NaN"), ("1_000", "double", "1_000"), ("1e3", "decimal", "1e3"), ("٣", "integer", "٣"),
        (" 7 ", "double", " 7 "), ("abc", "integer", "abc"), ("TRUE", "boolean", "TRUE"), ("1", "boolean", True),
    ],
)  # fmt: skip
def test_a_number_is_the_nearest_that_json_has(text: str, datatype: str, expected: float | str) -> None:
    found = value(Literal(text, datatype=NamedNode(XSD + datatype)))
    assert (type(found), found) == (type(expected), expected)
    assert json.loads(json.dumps(found, allow_nan=False)) == expected


def test_a_list_says_what_it_leaves_out(tmp_path: Path) -> None:
    def cells(name: str, members: list[str], end: str = f"<{RDF}nil>") -> list[str]:
        nodes = [*(f"_:{name}{number}" for number in range(len(members))), end]
        firsts = [f"{node} <{RDF}first> {member}" for node, member in zip(nodes, members, strict=False)]
        rests = [f"{node} <{RDF}rest> {after}" for node, after in pairwise(nodes)]
        return [f"<{ID}/{name}> <http://e.org/p> {nodes[0]}", *firsts, *rests]

    numbers = [f'"{number}"' for number in range(150)]
    lists = {
        "whole": cells("whole", numbers[:100]),
        "long": cells("long", numbers),
        "nested": cells("nested", ['"0"', "_:whole0"]),
        "crowded": cells("crowded", ["_:whole0"] * 5000),
        "cyclic": cells("cyclic", numbers[:1], "_:cyclic0"),
        "elsewhere": cells("elsewhere", numbers[:1], "<http://e.org/rest>"),
        "double": [*cells("double", numbers[:1]), f'_:double0 <{RDF}first> "x"'],
    }
    release = release_of_quads(tmp_path, [line for lines in lists.values() for line in lines])
    for name in lists:
        with client_without_engine(release).application.test_request_context():
            reader = ResourceReader(release, "fr")
            found = reader.document(f"{ID}/{name}")
        assert found.get("tronque", False) == (name not in ("whole", "double")), name
        assert reader.nodes_read < 400, name
        held = found["proprietes"].get("http://e.org/p", [])
        assert len(held) == {"whole": 100, "long": 100, "crowded": 0, "double": 2}.get(name, 1), name


def test_lists_that_are_cut_say_so(tmp_path: Path) -> None:
    """A thing of any size costs a bounded number of nodes, and its document a bounded number of bytes."""
    many = [f"<{ID}/big> <http://e.org/p{number % 3}> <{ID}/n{number}>" for number in range(6_000)]
    wide = [f'<{ID}/wide> <http://e.org/q{number}> "v"' for number in range(1_000)]
    some = [f'<{ID}/some> <http://e.org/p> "{number}"' for number in range(100)]
    more = [f'<{ID}/more> <http://e.org/p> "{number}"' for number in range(101)]
    crowd = [f"<{ID}/n{number}> {TYPE} <http://e.org/C>" for number in range(1_000)]
    release = release_of_quads(tmp_path, [*many, *wide, *some, *more, *crowd, f'<{ID}/big> {LABEL} "Big"'])
    client = client_without_engine(release)
    found = {name: get(client, f"/doc/{name}.json") for name in ("big", "wide", "some", "more")}
    assert {name: each.get("tronque", False) for name, each in found.items()} == {
        "big": True, "wide": True, "some": False, "more": True,
    }  # fmt: skip
    assert found["big"]["nom"] == "Big"
    assert [len(each) for each in found["big"]["proprietes"].values()] == [100] * 3
    assert len(found["wide"]["proprietes"]) == resources.MAX_PROPERTIES
    assert len(found["more"]["proprietes"]["http://e.org/p"]) == resources.MAX_VALUES
    assert [faults(each, "Ressource") for each in found.values()] == [[]] * 4
    with client.application.test_request_context():
        reader = ResourceReader(release, "fr")
        reader.document(f"{ID}/big")
        assert reader.nodes_read < 400


def test_few_nodes_that_make_many_values_are_cut_too(tmp_path: Path) -> None:
    names = [f"_:d{depth}n{number}" for depth in range(3) for number in range(40)]
    lines = [f"<{ID}/root> <http://e.org/p> {name}" for name in names[:40]]
    lines += [f"{a} <http://e.org/p> {b}" for a in names[:40] for b in names[40:80]]
    lines += [f"{a} <http://e.org/p> {b}" for a in names[40:80] for b in names[80:]]
    lines += [f'{name} <http://e.org/p> "end"' for name in names[80:]]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    answer = client.get("/doc/root.json")
    assert faults(answer.json, "Ressource") == []
    assert answer.json["tronque"] is True
    assert len(answer.data) < 40 * resources.MAX_WRITTEN


def test_a_page_of_large_things_is_shorter_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cper_lod.web.api.documents.MAX_NODES", 200)
    lines = [f"<{ID}/t/{each}> {TYPE} <http://e.org/C>" for each in range(30)]
    lines += [f"<{ID}/t/{each}> <http://e.org/p> <{ID}/v/{each}/{other}>" for each in range(30) for other in range(40)]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    seen, sizes = [], []
    page = get(client, "/doc.json?class=http://e.org/C&size=20")
    while True:
        seen += [each["id"] for each in page["items"]]
        sizes.append(len(page["items"]))
        assert "size=20" in page["url"]
        if "next" not in page:
            break
        page = get(client, page["next"])
    assert sorted(seen) == sorted(f"{ID}/t/{each}" for each in range(30)), "each once"
    assert max(sizes) < 20
