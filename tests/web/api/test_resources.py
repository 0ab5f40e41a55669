"""Plain JSON of things: every document of the release fits its schema, and one thing has one shape everywhere."""

import json
import re
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode

from cper_lod.core.namespaces import CPER, LABELS, RDF, SKOS, XSD
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from cper_lod.web.api import resources
from cper_lod.web.api.resources import READERS, ResourceReader
from cper_lod.web.api.values import value
from cper_lod.web.http.plain_json import SHAPES, VERSION, main_type
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.paths import ROOT
from tests.support.plain_json import PUBLIC, Json, definitions, faults, get, inner, misshapen, pages, shape, things
from tests.support.web import CONTRACT, ID, describe

SHARES = [19, 57.3, 8.8, 14.8, None, None]


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
    assert {shape(each) for each in all_things.values()} == {*READERS, "Ressource"} - {"Subvention"}
    assert all(iri == each["id"] for iri, each in all_things.items())


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
    text = json.dumps(definitions("fr"))
    tables = "".join(
        (ROOT / "cper_lod/web/api" / name).read_text("utf-8")
        for name in ("operations.py", "operations.toml", "parameters.toml", "openapi.py")
    )
    tops = {"DocumentJsonLd", "Lignes", *re.findall(r"\w+", tables), *(f"Liste{shape}" for shape in SHAPES)}
    assert [name for name in definitions("fr") if name not in tops and f'"#/$defs/{name}"' not in text] == []
    assert not faults({"id": "x", "url": "x", "nom": "x", "proprietes": {}, "mentions": []}, "Chose")
    assert faults({"id": "x", "url": "x", "nom": "x", "type": "Subdivision", "numero": "1"}, "Chose")


def test_sums_need_no_conversion(contract: Json, client: FlaskClient) -> None:
    """Adding up the figures of one type that have the same `somme` counts no euro twice."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in contract["chiffres"]:
        if each["somme"]:
            sums[each["type"], each["somme"]].append(each["valeur"])
    assert {key: round(sum(values), 1) for key, values in sums.items()} == {
        ("Montant", "total"): 2_700_000_000,
        ("Montant", "par-financeur"): 2_757_000_000,
        ("Part", "par-financeur"): 100,
        ("Part", "par-subdivision"): 99.9,
    }
    (total,) = [each for each in contract["calcules"] if "subdivision" not in each]
    assert total["valeur"] == 2_757_000_000
    assert [each["valeur"] for each in contract["chiffres"] if "subdivision" in each] == SHARES
    listed = [each for each in get(client, "/doc/part.json")["items"] if "subdivision" in each]
    assert [each["valeur"] for each in listed] == SHARES
    funders = [each["financeur"]["nom"] for each in contract["chiffres"] if "financeur" in each]
    assert funders[:3] == ["Région Hauts-de-France", "État", "Autres signataires"]
    assert all(type(each["valeur"]) is int for each in contract["chiffres"] if each["unite"] == "EUR")


def test_a_figure_says_where_it_stands(contract: Json) -> None:
    total, first, fifth = contract["chiffres"][0], contract["chiffres"][-6], contract["chiffres"][-2]
    assert (total["texte"], total["nature"]) == ("plus de 2,7 milliards d'euros", "plus-de")
    assert first["citation"].endswith("– 19% des crédits")
    assert (first["etat"], first["texte"], first["unite"], first["nature"]) == ("publie", "19%", "%", "arrondi")
    assert (fifth["etat"], fifth["valeur"], fifth["unite"], fifth["somme"]) == ("manquant", None, "%", None)
    assert fifth["pourquoi"] == "manquant"
    assert "avenant mobilités" in fifth["motif"]
    assert "texte" not in fifth
    amount = contract["calcules"][0]
    assert (amount["etat"], amount["unite"]) == ("calcule", "EUR")
    assert amount["min"] < amount["valeur"] < amount["max"]


def test_every_body_has_the_member_siren(client: FlaskClient) -> None:
    for path, siren in (("/organisme/etat", None), ("/organisme/region-hauts-de-france", "200053742")):
        assert get(client, f"/doc{path}.json")["siren"] == siren
    signed = {each["organisme"]["nom"]: each["siren"] for each in get(client, "/doc/signataire.json")["items"]}
    assert (signed["État"], signed["Région Hauts-de-France"]) == (None, "200053742")


def test_the_contract_holds_what_people_come_for(client: FlaskClient, contract: Json) -> None:
    lengths = {name: len(held) for name, held in contract.items() if isinstance(held, list)}
    assert lengths == {
        "etapes": 1, "signataires": 9, "decoupages": 2, "chiffres": 13, "calcules": 5, "avenants": 1, "cadres": 7,
        "contrats": 0, "documents": 1, "jeuxDeDonnees": 10, "voirAussi": 1,
    }  # fmt: skip
    assert (contract["sorte"], contract["statut"]) == ("cper", "signe")
    assert (contract["periode"]["debut"], contract["periode"]["fin"]) == ("2021", "2027")
    (signing,) = contract["etapes"]
    assert (signing["date"], signing["lieu"]["nom"]) == ("2023-01-09", "préfecture du Nord")
    axes, priorities = contract["decoupages"]
    assert (axes["exclusif"], priorities["exclusif"]) == (True, None)
    assert [each["numero"] for each in axes["elements"]] == [1, 2, 3, 4, 5, 6]
    assert [above["nom"] for above in axes["elements"][1]["sous"]] == [priorities["elements"][1]["nom"]]
    (document,) = contract["documents"]
    assert (document["sorte"], document["date"], document["copie"]) == ("prefecture", "2023-01-09", True)
    (amendment,) = contract["avenants"]
    assert (amendment["statut"], amendment["etapes"][0]["date"]) == ("prevu", "2023")
    assert contract["licence"].startswith("https://www.etalab.gouv.fr/")
    for each in get(client, "/doc/contrat.json")["items"]:
        assert len(client.get(each["url"].removeprefix(PUBLIC)).data) <= 30_000, each["id"]


def test_inside_another_a_thing_does_not_say_what_it_is_inside_of(client: FlaskClient, contract: Json) -> None:
    inside = contract["decoupages"][0]["elements"][0]
    alone = get(client, inside["url"])
    assert alone.keys() - inside.keys() == {"contrat", "decoupage", "citations"}
    assert (alone["contrat"], alone["decoupage"]["id"]) == (contract["url"], contract["decoupages"][0]["id"])


def test_a_figure_in_no_sum_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def node(name: str) -> str:
        return f"<{ID}/contrat/x/{name}>"

    excluding = {
        "dont": f"<{CPER}partieDe> {node('montant/total')}",
        "diverge": f"<{CPER}divergeDe> {node('montant/total')}",
        "avenant": f"<{CPER}avenant> {node('avenant/1')}",
        "annees": f"<http://purl.org/dc/terms/temporal> {node('annees')}",
        "perimetre": f"<{CPER}perimetre> <{ID}/code/perimetre/relance>",
        "decoupage": f"<{CPER}subdivision> {node('theme/1')}",
        "niveau": f"<{CPER}subdivision> {node('axe/1')}",
        "groupe": f"<{CPER}financeur> <{ID}/organisme/b>",
        "remplace": f'<{CPER}unite> "x"',
        "regle": f'<{CPER}unite> "x"',
        "total": f"<{CPER}montantTotal> 1.0",
        "of-priority": f"<{CPER}subdivision> {node('priorite/1')}",
        "of-group": f"<{CPER}financeur> {node('groupe/1')}",
        "newer": f"<http://www.w3.org/ns/prov#wasRevisionOf> {node('montant/remplace')}",
    }
    lines = [f"{node('montant/' + name)} {said}" for name, said in excluding.items()]
    for name in excluding:
        amount = node(f"montant/{name}")
        lines += [
            f"{amount} {TYPE} <{CPER}Montant>",
            f'{amount} <{CPER}valeur> "1"',
            f'{amount} <{CPER}valeurPubliee> "1 €"',
        ]
    lines += [
        f"{node('axe/1')} <{SKOS}inScheme> {node('decoupage/axes')}",
        f"{node('theme/1')} <{SKOS}inScheme> {node('decoupage/themes')}",
        f"{node('axe/1')} <{SKOS}broader> {node('priorite/1')}",
        f"{node('decoupage/axes')} <{CPER}exclusif> true",
        f"{node('groupe/1')} {TYPE} <{CPER}Groupe>",
        f"{node('groupe/1')} <http://xmlns.com/foaf/0.1/member> <{ID}/organisme/b>",
        f"{node('part/1')} {TYPE} <{CPER}Part>",
        f'{node("part/1")} <{CPER}valeurPubliee> "à parts égales"',
        f"{node('chiffre/1')} {TYPE} <{CPER}Chiffre>",
        f'{node("chiffre/1")} <{CPER}valeurPubliee> "86 projets"',
        f'{node("part/2")} <{CPER}motif> "?"',
        f"{node('part/2')} {TYPE} <{CPER}Part>",
    ]
    release = release_of_quads(
        tmp_path,
        [line.replace("1.0", f'"1.0"^^<{XSD}decimal>').replace(" true", f' "true"^^<{XSD}boolean>') for line in lines],
    )
    monkeypatch.setattr(type(release), "has_shapes", True)
    client = client_without_engine(release)
    why = {name: get(client, f"/doc/contrat/x/montant/{name}.json").get("pourquoi") for name in excluding}
    assert {name: said for name, said in why.items() if name != said} == {
        "total": None, "of-priority": "regle", "of-group": "regle", "newer": "regle",
    }  # fmt: skip
    others = ("part/1", "chiffre/1", "part/2")
    assert [get(client, f"/doc/contrat/x/{name}.json")["pourquoi"] for name in others] == [
        "parts-egales",
        "autre-chiffre",
        "manquant",
    ]


def test_steps_are_in_order_whatever_is_known_of_their_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contract, amendment = f"<{ID}/contrat/x>", f"<{ID}/contrat/x/avenant/1>"
    steps = [("a", "signe", "2022-12"), ("b", "annonce", "--02-25"), ("c", "prevu", "2027"), ("d", "approuve", "--06")]
    lines = [f"{contract} {TYPE} <{CPER}Contrat>", f"{amendment} {TYPE} <{CPER}Avenant>"]
    lines += [f'<{ID}/code/statut/{status}> <{SKOS}notation> "{status}"' for _, status, _ in steps]
    for name, status, date in (*steps, ("e", "prevu", "2024")):
        step = f"<{ID}/contrat/x/etape/{name}>"
        lines += [
            f"{step} {TYPE} <{CPER}Etape>",
            f"{step} <{CPER}contrat> {contract}",
            f"{step} <http://www.w3.org/ns/adms#status> <{ID}/code/statut/{status}>",
            f'{step} <http://purl.org/dc/terms/date> "{date}"',
        ]
    lines.append(f"<{ID}/contrat/x/etape/e> <{CPER}avenant> {amendment}")
    release = release_of_quads(tmp_path, lines)
    monkeypatch.setattr(type(release), "has_shapes", True)
    client = client_without_engine(release)
    found, of_amendment = get(client, "/doc/contrat/x.json"), get(client, "/doc/contrat/x/avenant/1.json")
    assert [(each["statut"], each["date"]) for each in found["etapes"]] == [
        ("annonce", "--02-25"),
        ("approuve", "--06"),
        ("signe", "2022-12"),
        ("prevu", "2027"),
    ]
    assert found["statut"] == "signe", "what is planned is not where it stands"
    assert ([each["date"] for each in of_amendment["etapes"]], of_amendment["statut"]) == (["2024"], "prevu")
    assert of_amendment["etapes"][0]["statut"] == "prevu"


def test_numbers_are_numbers(release: Release, all_things: dict[str, Json]) -> None:
    """Each decimal and integer of the data is a number in the document of its thing."""
    seen = 0
    for quad in parse_lines(release.lines()):
        value, name = quad.object, getattr(quad.subject, "value", "")
        plain = isinstance(quad.graph_name, DefaultGraph) and name in all_things and isinstance(value, Literal)
        is_number = plain and value.datatype.value in (XSD + "decimal", XSD + "integer", CPER + "nombre")
        if is_number and quad.predicate.value != CPER + "pas":
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
        (f"/doc{CONTRACT}/part/axe-1.json", "Part"),
        ("/doc/code/statut/signe.json", "Ressource"),
        (describe("http://www.wikidata.org/entity/Q142", ".json"), "Ressource"),
    ):
        links = ", ".join(client.get(path).headers.getlist("Link"))
        assert f'<{PUBLIC}/schema/{VERSION}/{name}.json>; rel="describedby"' in links
        assert "json-ld#context" not in links
    anchors = client.get("/linkset.json", query_string={"iri": ID + CONTRACT}).json["linkset"]
    of_json = next(each for each in anchors if each["anchor"] == f"{PUBLIC}/doc{CONTRACT}.json")
    assert of_json["describedby"][0]["href"] == f"{PUBLIC}/schema/{VERSION}/Contrat.json"


def test_an_iri_that_is_only_mentioned_leads_to_what_mentions_it(client: FlaskClient) -> None:
    found = get(client, describe("http://www.wikidata.org/entity/Q142", ".json"))
    assert (found["proprietes"], [each["nom"] for each in found["mentions"]]) == ({}, ["France"])
    assert faults(found, "Ressource") == []


def test_ontology_and_shapes_have_no_plain_json(client: FlaskClient) -> None:
    for path in ("/ontology", "/shapes", "/catalog", "/void"):
        assert client.get(path + ".json").status_code == 404
        assert client.get(path, headers={"Accept": "application/json"}).mimetype == "application/ld+json"
    found = get(client, describe(CPER + "Decoupage", ".json"))
    assert (found["nom"], found["type"]) == ("découpage", "Classe")


def test_only_sources_of_contracts_have_the_shapes(tmp_path: Path) -> None:
    lines = [f"<{ID}/axe/1> {TYPE} <{CPER}Subdivision>", f'<{ID}/axe/1> <{CPER}perimetre> "much"']
    release = release_of_quads(tmp_path, lines)
    found = get(client_without_engine(release), "/doc/axe/1.json")
    assert found["proprietes"] == {"perimetre": ["much"]}
    assert main_type(release, [CPER + "Subdivision"]) == ""


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
