"""Plain JSON of things: every document of the release fits its schema, and one thing has one shape everywhere."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from cper_lod.core.namespaces import CPER, PREFIXES, SKOS, XSD
from cper_lod.release.release import Release
from cper_lod.web.api import resources
from cper_lod.web.api.resources import READERS, ResourceReader, value
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, ID, describe
from tests.web.plain_json import PUBLIC, Json, faults, get, misshapen, pages, shape, things


@pytest.fixture(scope="module")
def all_things(client: FlaskClient, release: Release) -> dict[str, Json]:
    """The documents of all things, by IRI."""
    return things(client, release)


@pytest.fixture(scope="module")
def contract(client: FlaskClient) -> Json:
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


def test_sums_need_no_conversion(contract: Json, client: FlaskClient) -> None:
    """Adding up the figures of one type that have the same `somme` counts no euro twice."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for each in contract["chiffres"]:
        if each["somme"]:
            sums[each["type"], each["somme"]] += each["valeur"]
    assert {key: round(value, 1) for key, value in sums.items()} == {
        ("Montant", "total"): 2_700_000_000,
        ("Montant", "par-financeur"): 2_757_000_000,
        ("Part", "par-financeur"): 100,
        ("Part", "par-subdivision"): 99.9,
    }
    (total,) = [each for each in contract["calcules"] if "subdivision" not in each]
    assert (total["valeur"], total["etat"], total["unite"]) == (2_757_000_000, "calcule", "EUR")
    shares = [each for each in contract["chiffres"] if "subdivision" in each]
    states = [(each["etat"], each["unite"], each.get("pourquoi")) for each in shares]
    assert states == [("publie", "%", None)] * 4 + [("manquant", "%", "manquant")] * 2
    listed = [each for each in get(client, "/doc/part.json")["items"] if "subdivision" in each]
    for found in (shares, listed):
        assert [each["valeur"] for each in found] == [19, 57.3, 8.8, 14.8, None, None]
    assert all(type(each["valeur"]) is int for each in contract["chiffres"] if each["unite"] == "EUR")


def test_the_contract_holds_what_people_come_for(client: FlaskClient, contract: Json) -> None:
    lengths = {name: len(held) for name, held in contract.items() if isinstance(held, list)}
    known = {"signataires": 9, "chiffres": 13, "calcules": 5, "avenants": 1, "cadres": 7, "contrats": 0}
    known |= {"etapes": 1, "documents": 1, "voirAussi": 1, "decoupages": 2, "jeuxDeDonnees": 12}
    assert lengths == known
    assert (contract["sorte"], contract["statut"], contract["periode"]["fin"]) == ("cper", "signe", "2027")
    assert (contract["etapes"][0]["date"], contract["etapes"][0]["lieu"]["nom"]) == ("2023-01-09", "préfecture du Nord")
    axes, priorities = contract["decoupages"]
    assert [each["numero"] for each in axes["elements"]] == [1, 2, 3, 4, 5, 6]
    assert [above["nom"] for above in axes["elements"][1]["sous"]] == [priorities["elements"][1]["nom"]]
    assert (contract["documents"][0]["sorte"], contract["documents"][0]["copie"]) == ("prefecture", True)
    assert contract["licence"].startswith("https://www.etalab.gouv.fr/")
    for each in get(client, "/doc/contrat.json")["items"]:
        assert len(client.get(each["url"].removeprefix(PUBLIC)).data) <= 30_000, each["id"]


def test_inside_another_a_thing_does_not_say_what_it_is_inside_of(client: FlaskClient, contract: Json) -> None:
    inside = contract["decoupages"][0]["elements"][0]
    alone = get(client, inside["url"])
    assert alone.keys() - inside.keys() == {"contrat", "decoupage", "citations", "lectures"}
    assert (alone["contrat"], alone["decoupage"]["id"]) == (contract["url"], contract["decoupages"][0]["id"])


def test_what_is_read_says_who_read_it_and_why(client: FlaskClient) -> None:
    figure = get(client, f"/doc{CONTRACT}/montant/etat.json")
    rounded, scope = figure["lectures"]
    assert (rounded["atteste"], scope["atteste"]) == (["nature"], ["perimetre"])
    assert scope["description"].startswith("La ligne de l'enveloppe, sous laquelle")
    assert (scope["luPar"]["nom"], scope["luLe"]) == ("cper-lod", "2026-12-07")
    assert figure["id"] in {each["id"] for each in get(client, scope["url"])["sujets"]}
    (in_full,) = get(client, "/doc/document/communique-2023-01-09.json")["lectures"]
    assert "Montants par financeur" in in_full["luEnEntierPour"]
    assert "description" not in in_full


def client_of_contract(folder: Path, turtle: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a client of what is said in Turtle of <contrat/x>, as of data that were validated."""
    names = {"cper": CPER, "skos": SKOS, "dct": PREFIXES["dct"], "adms": PREFIXES["adms"], "prov": PREFIXES["prov"]}
    head = f"@base <{ID}/contrat/x/> ." + "".join(f"@prefix {name}: <{iri}> ." for name, iri in names.items())
    release = release_of_quads(folder, [*map(str, parse(head + turtle, RdfFormat.TURTLE))])
    monkeypatch.setattr(type(release), "has_shapes", True)
    return client_without_engine(release)


def test_a_figure_in_no_sum_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = {
        "dont": "cper:partieDe <montant/total>",
        "diverge": "cper:divergeDe <montant/total>",
        "avenant": "cper:avenant <avenant/1>",
        "annees": "dct:temporal <annees>",
        "perimetre": "cper:perimetre <relance>",
        "decoupage": "cper:subdivision <theme/1>",
        "remplace": "cper:unite 'x'",
        "regle": "cper:unite 'x'",
        "total": "cper:montantTotal 1.0",
        "of-axis": "cper:subdivision <axe/1>",
        "newer": "prov:wasRevisionOf <montant/remplace>",
    }
    turtle = """
        <axe/1> skos:inScheme <axes> . <theme/1> skos:inScheme <themes> . <axes> cper:exclusif true .
        <parts-egales> a cper:Part ; cper:valeurPubliee "à parts égales" . <manquant> a cper:Part ; cper:motif "?" .
        <autre-chiffre> a cper:Chiffre ; cper:valeurPubliee "86 projets" ."""
    for name, said in amounts.items():
        turtle += f"<montant/{name}> a cper:Montant ; cper:valeur '1' ; cper:valeurPubliee '1 €' ; {said} ."
    client = client_of_contract(tmp_path, turtle, monkeypatch)
    why = {name: get(client, f"/doc/contrat/x/montant/{name}.json").get("pourquoi") for name in amounts}
    assert {name: said for name, said in why.items() if name != said} == {
        "total": None, "of-axis": "regle", "newer": "regle",
    }  # fmt: skip
    for name in ("parts-egales", "autre-chiffre", "manquant"):
        assert get(client, f"/doc/contrat/x/{name}.json")["pourquoi"] == name


def test_steps_are_in_order_whatever_is_known_of_their_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [("signe", "2022-12"), ("annonce", "--02-25"), ("prevu", "2027"), ("approuve", "--06")]
    turtle = "<../x> a cper:Contrat . <avenant/1> a cper:Avenant . <etape/2024> cper:avenant <avenant/1> ."
    for status, date in (*steps, ("prevu", "2024")):
        turtle += f"""<etape/{date}> a cper:Etape ; cper:contrat <../x> ; adms:status <{status}> ; dct:date "{date}" .
            <{status}> skos:notation "{status}" ."""
    client = client_of_contract(tmp_path, turtle, monkeypatch)
    found, of_amendment = get(client, "/doc/contrat/x.json"), get(client, "/doc/contrat/x/avenant/1.json")
    dates = [(each["statut"], each["date"]) for each in found["etapes"]]
    assert dates == [("annonce", "--02-25"), ("approuve", "--06"), ("signe", "2022-12"), ("prevu", "2027")]
    assert found["statut"] == "signe", "what is planned is not where it stands"
    assert ([each["date"] for each in of_amendment["etapes"]], of_amendment["statut"]) == (["2024"], "prevu")


def test_an_iri_that_is_only_mentioned_leads_to_what_mentions_it(client: FlaskClient) -> None:
    found = get(client, describe("http://www.wikidata.org/entity/Q142", ".json"))
    assert (found["proprietes"], [each["nom"] for each in found["mentions"]]) == ({}, ["France"])
    assert faults(found, "Ressource") == []


def test_hostile_data_fit_the_schema(hostile_client: FlaskClient, hostile: Release) -> None:
    found = things(hostile_client, hostile)
    assert misshapen(found) == []
    assert len(found) > 30
    values = found["http://ex.org/a"]["proprietes"]["http://ex.org/p"]
    texts = {each for each in values if isinstance(each, str)}
    assert "1E9999999" in texts, "no JSON number is as large"
    assert 123456789012345678901234567890.5 in values
    for name in ("list", "loop"):
        assert (found[f"http://ex.org/{name}"]["proprietes"], found[f"http://ex.org/{name}"]["tronque"]) == ({}, True)


@pytest.mark.parametrize(
    ("text", "datatype", "expected"),
    [
        ("994000000.0000000000", "decimal", 994000000), ("0.1234567890123456789", "decimal", 0.12345678901234568),
        ("+.5", "decimal", 0.5), ("-0", "integer", 0), (str(2**53 + 1), "integer", 2**53 + 1), ("1e3", "double", 1000),
        (str(2**63), "integer", 2.0**63), ("9" * 400, "integer", "9" * 400), ("9" * 5000, "integer", "9" * 5000),
        ("1e300", "double", 1e300), ("1e400", "double", "1e400"), ("NaN", "float", "NaN"), ("1_000", "double", "1_000"),
        ("1e3", "decimal", "1e3"), ("٣", "integer", "٣"), ("TRUE", "boolean", "TRUE"), ("1", "boolean", True),
    ],
)  # fmt: skip
def test_a_number_is_the_nearest_that_json_has(text: str, datatype: str, expected: float | str) -> None:
    found = value(Literal(text, datatype=NamedNode(XSD + datatype)))
    assert (type(found), found) == (type(expected), expected)
    assert json.loads(json.dumps(found, allow_nan=False)) == expected


def test_lists_that_are_cut_say_so(tmp_path: Path) -> None:
    """A thing of any size costs a bounded number of nodes, and its document a bounded number of bytes."""
    lines = [f"<{ID}/big> <http://e.org/p{number % 3}> <{ID}/n{number}>" for number in range(6_000)]
    lines += [f'<{ID}/wide> <http://e.org/q{number}> "v"' for number in range(1_000)]
    lines += [f'<{ID}/some> <http://e.org/p> "{number}"' for number in range(100)]
    lines += [f'<{ID}/more> <http://e.org/p> "{number}"' for number in range(101)]
    lines += [f"<{ID}/n{number}> {TYPE} <http://e.org/C>" for number in range(1_000)]
    release = release_of_quads(tmp_path, [*lines, f'<{ID}/big> {LABEL} "Big"'])
    client = client_without_engine(release)
    found = {name: get(client, f"/doc/{name}.json") for name in ("big", "wide", "some", "more")}
    assert [name for name, each in found.items() if "tronque" in each] == ["big", "wide", "more"]
    assert found["big"]["nom"] == "Big"
    assert [len(each) for each in found["big"]["proprietes"].values()] == [100] * 3
    assert len(found["wide"]["proprietes"]) == resources.MAX_PROPERTIES
    assert len(found["more"]["proprietes"]["http://e.org/p"]) == resources.MAX_VALUES
    assert [faults(each, "Ressource") for each in found.values()] == [[]] * 4
    with client.application.test_request_context():
        reader = ResourceReader(release, "fr")
        reader.document(f"{ID}/big")
        assert reader.graph.nodes_read < 400


def test_a_page_of_large_things_is_shorter_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cper_lod.web.api.resources.MAX_PAGE_NODES", 200)
    lines = [f"<{ID}/t/{each}> {TYPE} <http://e.org/C>" for each in range(30)]
    lines += [f"<{ID}/t/{each}> <http://e.org/p> <{ID}/v/{each}/{other}>" for each in range(30) for other in range(40)]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    page = get(client, "/doc.json?class=http://e.org/C&size=20")
    seen = [each["id"] for each in page["items"]]
    while "next" in page:
        page = get(client, page["next"])
        assert len(page["items"]) < 20 and "size=20" in page["url"]
        seen += [each["id"] for each in page["items"]]
    assert sorted(seen) == sorted(f"{ID}/t/{each}" for each in range(30)), "each once"
