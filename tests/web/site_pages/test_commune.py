"""« Et chez moi ? »: a commune or a postcode leads to who signed for it, and to what is said of their money."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.core.i18n import translate
from cper_lod.core.identifiers import commune_index
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import ContractSummary
from cper_lod.release.plan.local import local_contracts
from cper_lod.release.plan.observations import ObservationReader
from tests.release.plan.small_contracts import figure, release_of
from tests.support.names import BASE
from tests.support.nquads_release import client_without_engine
from tests.web.html_page import Page

HTML = {"Accept": "text/html", "Accept-Language": "fr"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("Roubaix", "59512"),
        ("59100", "59512"),
        ("roubai", "59512"),
        ("l’Haÿ-les-Roses", "94038"),
        ("75001", "75056"),
        ("Lomme", "59350"),
        ("saint-denis 97400", "97411"),
    ],
)
def test_a_name_or_a_postcode_leads_to_its_commune(client: FlaskClient, asked: str, code: str):
    answer = client.get("/commune", query_string={"q": asked}, headers=HTML)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/commune/{code}")
    assert client.get(answer.headers["Location"], headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("asked", "links"),
    [
        ("saint-denis", ["/commune/11339", "/commune/30247", "/commune/93066", "/commune/97411"]),
        ("11310", [f"/commune/{code}" for code in ("11182", "11339", "11367", "11428")]),
        ("Dunkerke", ["/commune?q=Dunkerque"]),
        ("Qwxyz", []),
        ("x" * 5000, []),
        (" ", []),
    ],
)
def test_several_or_none_are_listed(client: FlaskClient, asked: str, links: list[str]):
    answer = client.get("/commune", query_string={"q": asked}, headers=HTML)
    assert answer.status_code == 200
    found = Page(answer)
    assert [each for each in found.links if re.match("/commune(/|[?]q=)", each)] == links
    assert ("Aucune commune" in found.text) == (bool(asked.strip()) and (not links or "?" in links[0]))


def rows(client: FlaskClient, code: str) -> list[list[str]]:
    """Return the cells of the table of a commune, in plain words."""
    text = client.get(f"/commune/{code}?lang=fr", headers=HTML).text
    cells = (
        re.findall('<t[hd] role="(?:rowheader|cell)".*?>(.*?)</t[hd]>', row, re.DOTALL)
        for row in re.findall('<tr role="row">(.*?)</tr>', text, re.DOTALL)
    )
    return [[" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in row] for row in cells if row]


def test_who_signed_for_a_commune_and_what_is_said_of_their_money(client: FlaskClient):
    assert rows(client, "59512") == [
        ["État", "a signé", "994 M€ · 36 % publié, arrondi"],
        ["Région Hauts-de-France", "a signé", "995 M€ · 36 % publié, arrondi"],
        ["Département du Nord", "a signé", "non publié compris dans 768 M€ , à sept"],
        ["Métropole européenne de Lille", "a signé", "non publié compris dans 768 M€ , à sept"],
        ["Commune Roubaix", "pas parmi les signataires", ""],
    ]
    state, _, *others = rows(client, "35238")
    assert state == ["État", "a signé", "48 % publié, arrondi montant non publié"]
    assert [row[1] for row in others] == ["pas parmi les signataires"] * 3


def territory(kind: str, code: str) -> str:
    """Return in Turtle that the territory of the contracts is one that Insee knows."""
    return f'<{BASE}id/territoire/armorique> a igeo:{kind} ; igeo:codeINSEE "{code}" .'


def test_nobody_is_said_not_to_have_signed_where_no_signatory_is_known(releases: Path, tmp_path: Path):
    brought = figure("montant/etat", "994 M€", "994000000", more="cper:financeur o:etat")
    served = client_without_engine(release_of(releases, tmp_path, {"x": territory("Commune", "59512") + brought}))
    text = served.get("/commune/59512?lang=fr", headers=HTML).text
    assert translate("commune-no", "fr") not in text
    assert "994" in text, "what funders bring is said"


@pytest.mark.parametrize(
    ("code", "levels"),
    [
        ("69123", ["region", "departement", "epci", "commune"]),
        ("2A004", ["region", "epci", "commune"]),
        ("97209", ["region", "epci", "commune"]),
    ],
)
def test_a_department_without_a_body_of_its_own_is_not_said_not_to_have_signed(
    releases: Path, tmp_path: Path, code: str, levels: list[str]
):
    signed = f"<> cper:signePar o:autre . {territory('Commune', code)}"
    reader = ReleaseGraph(release_of(releases, tmp_path, {"x": signed}))
    contract = ContractSummary(f"{BASE}id/contrat/x", "X", "")
    (found,) = local_contracts(ObservationReader(reader, "fr"), [contract], commune_index.areas(code))
    assert [each.level for each in found.bodies] == levels


def test_a_commune_without_a_contract_is_told_so(client: FlaskClient):
    found = Page(client.get("/commune/76351?lang=en", headers=HTML))
    assert "Normandie" in found.text
    assert len([each for each in found.links if each.startswith("/doc/contrat/")]) == 4
    assert client.get("/commune/98818?lang=en", headers=HTML).status_code == 200, "of no region"


@pytest.mark.parametrize("code", ["00000", "59512x", "75101"])
def test_other_codes_are_no_pages(client: FlaskClient, code: str):
    assert client.get(f"/commune/{code}", headers=HTML).status_code == 404


@pytest.mark.parametrize("path", ["/commune", "/commune/59512", "/compare", "/signatories"])
def test_data_without_a_contract_have_no_pages_about_contracts(no_contract_client: FlaskClient, path: str):
    assert no_contract_client.get(path, headers=HTML).status_code == 404
