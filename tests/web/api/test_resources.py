"""Plain JSON of things: every document of the release fits its schema, and one thing has one shape everywhere."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, SKOS, XSD
from cper_lod.release.release import Release
from cper_lod.web.api import resources
from cper_lod.web.api.resources import READERS, ResourceReader, value
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, ID, describe
from tests.web.plain_json import PUBLIC, Json, faults, get, misshapen, pages, shape, things

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
    states = [
        (each["etat"], each["unite"], each.get("pourquoi")) for each in contract["chiffres"] if "subdivision" in each
    ]
    assert states == [("publie", "%", None)] * 4 + [("manquant", "%", "manquant")] * 2
    assert {(each["etat"], each["unite"]) for each in contract["calcules"]} == {("calcule", "EUR")}


def test_the_contract_holds_what_people_come_for(client: FlaskClient, contract: Json) -> None:
    lengths = {name: len(held) for name, held in contract.items() if isinstance(held, list)}
    assert lengths == {
        "etapes": 1, "signataires": 9, "decoupages": 2, "chiffres": 13, "calcules": 5, "avenants": 1, "cadres": 7,
        "contrats": 0, "documents": 1, "jeuxDeDonnees": 12, "voirAussi": 1,
    }  # fmt: skip
    assert (contract["sorte"], contract["statut"]) == ("cper", "signe")
    assert (contract["periode"]["debut"], contract["periode"]["fin"]) == ("2021", "2027")
    (signing,) = contract["etapes"]
    assert (signing["date"], signing["lieu"]["nom"]) == ("2023-01-09", "préfecture du Nord")
    axes, priorities = contract["decoupages"]
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
        "remplace": f'<{CPER}unite> "x"',
        "regle": f'<{CPER}unite> "x"',
        "total": f"<{CPER}montantTotal> 1.0",
        "of-axis": f"<{CPER}subdivision> {node('axe/1')}",
        "newer": f"<http://www.w3.org/ns/prov#wasRevisionOf> {node('montant/remplace')}",
    }
    lines = [f"{node('montant/' + name)} {said}" for name, said in excluding.items()]
    for amount in (node(f"montant/{name}") for name in excluding):
        lines += [
            f"{amount} {TYPE} <{CPER}Montant>",
            f'{amount} <{CPER}valeur> "1"',
            f'{amount} <{CPER}valeurPubliee> "1 €"',
        ]
    lines += [
        f"{node('axe/1')} <{SKOS}inScheme> {node('decoupage/axes')}",
        f"{node('theme/1')} <{SKOS}inScheme> {node('decoupage/themes')}",
        f"{node('decoupage/axes')} <{CPER}exclusif> true",
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
        "total": None, "of-axis": "regle", "newer": "regle",
    }  # fmt: skip
    others = ("part/1", "chiffre/1", "part/2")
    told = [get(client, f"/doc/contrat/x/{name}.json")["pourquoi"] for name in others]
    assert told == ["parts-egales", "autre-chiffre", "manquant"]


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
        assert reader.graph.nodes_read < 400


def test_a_page_of_large_things_is_shorter_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cper_lod.web.api.resources.MAX_PAGE_NODES", 200)
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
