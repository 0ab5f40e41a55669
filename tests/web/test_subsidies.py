"""Subsidies from a file to the pages and the JSON of contract, axis and file: one sum, wherever it is read."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import Quad, Store

from benchmarks.synthetic_names import siren, siret
from cper_lod.cli.main import main
from cper_lod.core import formatting
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, PROV, SUBV, XSD
from cper_lod.core.text import natural_text
from cper_lod.rdf.reader import read
from cper_lod.rdf.statements import nquads_lines
from cper_lod.release.plan.listed import MAX_CELL_LENGTH
from cper_lod.release.plan.subsidies import MAX_GROUPS, totals_of, write_totals
from cper_lod.release.release import SHAPES, Release, being_built
from cper_lod.web.components.subsidies import MAX_ROWS
from tests.importing.subsidies.example import CONTRACT, HEADER, ROW
from tests.support.names import BASE
from tests.support.nquads_release import TYPE, client_without_engine, release_of_quads
from tests.support.paths import FICTION, ROOT

SECRETS = ("Mme SECRET Anne", "bourse de M. CACHÉ", "2 rue Confidentielle", "SECRETS EI", "ligne refusée")
"""What stands in rows that are left out: it must not be anywhere in what is published."""
GRANTORS = MAX_ROWS + 3
REGION = ROW["idAttribuant"]


def row(number: int, **cells: str) -> dict[str, str]:
    return ROW | {"referenceDecision": f"EXEMPLE-{number}"} | cells


def rows() -> list[dict[str, str]]:
    """Return rows: of many grantors, of three years, of two beneficiaries each; and rows that are left out."""
    aside = [
        row(200, nomBeneficiaire=SECRETS[0], rnaBeneficiaire=""),
        row(201, objet=SECRETS[1]),
        row(202, montant="beaucoup", objet=SECRETS[2]),
        row(203, nomBeneficiaire=SECRETS[3], rnaBeneficiaire=""),
        row(103, dispositifAide="AUTRE", montant="13", nomBeneficiaire=SECRETS[4]),
        row(204, dateConvention="2035-01-01", objet=SECRETS[2]),
        row(205, dispositifAide="INCONNU", objet=SECRETS[2]),
    ]
    return [*kept(), *aside]


def kept() -> list[dict[str, str]]:
    """Return the rows that are no secret."""
    long = "Rénovation du port fictif, de ses quais et de ses abords, y compris les études qui la précèdent"
    shared = row(100, montant="100000.05", dispositifAide="PORTS")
    return [
        *(
            row(
                n,
                idAttribuant=siret(siren(n + 100)),
                nomAttribuant=f"Attribuant fictif {n}",
                montant=f"{1000 + n}.1{n}",
            )
            for n in range(1, GRANTORS)
        ),
        *(shared | {"pourcentageSubvention": share, "objet": f"bénéficiaire {share}"} for share in ("0.6", "0.4")),
        row(101, dateConvention="2029-11-30", montant="7", objet=long),
        row(102, dateConvention="2030-01-15", montant="0.5"),
        row(103, dispositifAide="AUTRE", montant="12.25"),
    ]


def granted(found: list[dict[str, str]]) -> Decimal:
    """Add up a file as one does by hand: each amount, multiplied by the share of the beneficiary."""
    return sum((Decimal(each["montant"]) * Decimal(each["pourcentageSubvention"]) for each in found), Decimal(0))


@pytest.fixture(scope="module")
def quads(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Quad]:
    """Return the fictitious contract with the subsidies that are imported from the file."""
    folder = tmp_path_factory.mktemp("sources")
    for name in ("ontology", "shapes"):
        (folder / name).symlink_to(sources / name, target_is_directory=True)
    for path in (FICTION / "data").rglob("*.ttl"):
        if path.parent.name != "catalog":
            (folder / "data" / path.parent.name).mkdir(parents=True, exist_ok=True)
            (folder / "data" / path.parent.name / path.name).symlink_to(path)
    with (folder / "x.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows())
    rules = ["FICTIF-*;;axe/1", "PORTS;;axe/2", "AUTRE;;"]
    decided = [f"{each};2031-01-15;Exemple {number}" for number, each in enumerate(rules)]
    (folder / "rules.csv").write_text("\n".join(["dispositif;objet;subdivision;date;raison", *decided, ""]), "utf-8")
    command = ["import", "subventions", f"{folder}/x.csv", "--contract", CONTRACT, "--rules", f"{folder}/rules.csv"]
    result = CliRunner(env={"SOURCE_DATE_EPOCH": "1969660800"}).invoke(
        main, [*command, "--sources", str(folder), "--date", "2032-01-31", "--format", "json"]
    )
    told = json.loads(result.stdout)[0]
    assert (told["rows"], told["kept"]) == (len(rows()), len(kept()))
    ontology = read(ROOT / "ontology" / "subventions.ttl", names=PROGRAM)
    return [quad for path in sorted((folder / "data").rglob("*.*")) for quad in read(path, names=PROGRAM)] + ontology


def with_totals(folder: Path, lines: list[str]) -> Release:
    """Return a release of N-Quads (without their final dots) with the totals of its subsidies."""
    made = release_of_quads(folder, lines)
    with being_built(made.folder, "data", PROGRAM) as release:
        write_totals(release, sorted(f"{line} .".encode() for line in lines))
    return made


@pytest.fixture(scope="module")
def served(quads: list[Quad], tmp_path_factory: pytest.TempPathFactory) -> Release:
    lines = [line.removesuffix(" .") for line in nquads_lines(quads)]
    made = with_totals(tmp_path_factory.mktemp("release"), lines)
    (made.folder / SHAPES).write_text("\n")
    return replace(made, manifest={**made.manifest, "files": made.manifest["files"] | {SHAPES: {"bytes": 1}}})


@pytest.fixture(scope="module")
def client(served: Release) -> FlaskClient:
    return client_without_engine(served)


Ask = Callable[[str], str]


@pytest.fixture
def text(client: FlaskClient) -> Ask:
    def asked(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200
        plain = unescape(re.sub("<[^>]*>", " ", response.text.partition("<main")[2]))
        return " ".join(plain.split())

    return asked


def money(amount: Decimal) -> str:
    return formatting.amount(str(amount), "EUR", "fr").replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("path", "link", "programme"),
    [
        (f"contrat/{CONTRACT}", CPER + "contrat", ""),
        (f"contrat/{CONTRACT}/axe/2", CPER + "subdivision", "PORTS"),
        ("fichier/x", PROV + "wasDerivedFrom", ""),
    ],
)
def test_the_sum_is_that_of_the_file_on_the_page_in_json_and_in_sparql(
    client: FlaskClient, text: Ask, quads: list[Quad], path: str, link: str, programme: str
) -> None:
    found = [each for each in kept() if programme in each["dispositifAide"]]
    amount = granted(found)
    assert money(amount) in text(f"/doc/{path}.html?lang=fr")
    store = Store()
    store.extend(quads)
    answer: Any = store.query(
        f"SELECT (SUM(?a) AS ?sum) (COUNT(?a) AS ?n) {{ ?s <{link}> <{BASE}id/{path}> ; <{SUBV}montantAttribue> ?a }}"
    )
    (solution,) = answer
    assert (Decimal(solution["sum"].value), int(solution["n"].value)) == (amount, len(found))
    if not path.startswith("fichier"):
        told = client.get(f"/doc/{path}.json").get_json()["subventions"]
        assert (told["nombre"], told["unite"]) == (len(found), "EUR")
        assert Decimal(str(told["montant"])) == amount
        for name in (each for each in told if each.startswith("par")):
            groups = told[name]
            assert sum(each["nombre"] for each in groups) == len(found), name
            assert sum((Decimal(str(each["montant"])) for each in groups), Decimal(0)) == amount, name


def test_a_contract_says_its_subsidies_by_subdivision_grantor_year_and_territory(
    client: FlaskClient, text: Ask
) -> None:
    page = text(f"/doc/contrat/{CONTRACT}.html?lang=fr")
    section = page.partition("Subventions connues")[2].partition("Subventions connues")[2].partition("Qui signe")[0]
    ports = granted([each for each in kept() if each["dispositifAide"] == "PORTS"])
    assert ports == Decimal("100000.05"), "of two beneficiaries each euro is counted once"
    assert f"2 · Ports fictifs 2 {money(ports)}" in section
    assert "Sans subdivision 1 12,25 €" in section
    assert "2029 hors de la période du contrat 1 7 €" in section
    assert "2030 1 0,50 €" in section
    region = [each for each in kept() if each["idAttribuant"] == REGION]
    of_region = f"Région fictive d’Armorique-Test {len(region)} {money(granted(region))}"
    assert section.count(of_region) == 2, "as a grantor, and as its territory"
    elsewhere = [each for each in kept() if each["idAttribuant"] != REGION]
    assert f"Territoire non indiqué dans les données {len(elsewhere)} {money(granted(elsewhere))}" in section
    smallest = sorted(elsewhere, key=lambda each: granted([each]))[: GRANTORS - MAX_ROWS]
    assert f"Autres {len(smallest)} {money(granted(smallest))}" in section
    assert f"« x.csv » fichier du 31 janvier 2032 · {len(kept())} subventions, {money(granted(kept()))}" in section
    assert "Exemple 1 (dispositif : PORTS ; objet : *) 15 janvier 2031" in section
    assert "%" not in section, "no share of what the contract announces"


def test_the_list_says_what_each_is_for_and_the_totals_of_a_contract(client: FlaskClient, text: Ask) -> None:
    page = text("/doc/subvention.html?lang=fr")
    above, _, below = page.partition("Objet")
    assert money(granted(kept())) in above and "Par subdivision" in above and "Contrat :" in above
    assert "bénéficiaire 0.6" in below and "Subvention à" not in below
    assert f"?contrat={CONTRACT}" in client.get(f"/doc/contrat/{CONTRACT}.html").text
    some = text("/doc/subvention.html?lang=fr&montant__gt=50000")
    assert "Par subdivision" not in some, "totals of all are not those of some rows"


def test_subsidies_are_in_the_order_of_what_they_are_for_and_their_table_says_it_however_long(
    client: FlaskClient,
) -> None:
    rows = [*csv.DictReader(io.StringIO(client.get("/doc/subvention.csv?sort=-objet").text))]
    purposes = [each["objet"] for each in rows]
    assert {*purposes} == {each["objet"] for each in kept()}
    assert max(map(len, purposes)) > MAX_CELL_LENGTH
    assert purposes == sorted(purposes, key=natural_text, reverse=True)
    shown = re.findall(
        r'<th scope="row"[^>]*><a href="([^"]*)"[^>]*>([^<]*)</a>', client.get("/doc/subvention.html?sort=objet").text
    )
    assert [unescape(words) for href, words in shown if "/subvention/" in href] == purposes[::-1]


def test_an_axis_leads_to_its_subsidies_one_by_one(client: FlaskClient) -> None:
    """As a page, in JSON and in CSV; `/doc/subvention` of the contract has those of no axis too."""
    page = client.get(f"/doc/contrat/{CONTRACT}/axe/2.html?lang=fr").text
    (address,) = re.findall(r'href="/doc/subvention(\?[^"]*)"', page)
    assert parse_qs(unescape(address[1:]))["subdivision"] == [f"contrat/{CONTRACT}/axe/2"]
    expected = sorted(each["objet"] for each in kept() if each["dispositifAide"] == "PORTS")
    told = list(csv.DictReader(client.get(f"/doc/subvention.csv{unescape(address)}").text.splitlines()))
    assert sorted(each["objet"] for each in told) == expected
    assert client.get(f"/doc/subvention.json{unescape(address)}").json["total"] == len(expected)
    assert all(each in client.get(f"/doc/subvention{unescape(address)}").text for each in expected)


def test_the_page_of_a_file_says_what_was_kept_and_why_the_rest_was_not(text: Ask) -> None:
    french, english = (text(f"/doc/fichier/x.html?lang={lang}") for lang in ("fr", "en"))
    for words in (f"Lignes lues {len(rows())}", f"Lignes gardées {len(kept())}", "31 janvier 2032"):
        assert words in french
    assert [len(re.findall(f"{name} – [^–]*\\. 1", english)) for name in ("montant", "dateConvention")] == [1, 2]


def test_nothing_of_a_row_that_is_left_aside_is_published(client: FlaskClient, quads: list[Quad]) -> None:
    written = "".join(nquads_lines(quads))
    paths = [f"contrat/{CONTRACT}", f"contrat/{CONTRACT}/axe/1", "fichier/x"]
    answers = [client.get(f"/doc/{path}.{form}").text for path in paths for form in ("html", "json", "jsonld", "ttl")]
    lists = [client.get(f"/doc/{name}").text for name in ("subvention.csv", "rov-registered-organization.csv")]
    for place in (written, *answers, *lists):
        assert not [each for each in SECRETS if each in place]
    assert "Attribuant fictif 1" in lists[1], "what is looked through names those who are kept"
    assert "montant" in lists[0] and "hors somme" not in lists[0], "a subsidy is not a figure of the contract"


def test_without_subsidies_nothing_is_said(release: Release, client: FlaskClient) -> None:
    assert totals_of(release, f"{BASE}id/contrat/hauts-de-france-2021-2027") is None
    page = client.get(f"/doc/contrat/{CONTRACT}/axe/3.html?lang=fr").text
    assert "Subventions connues" not in page
    assert "subventions" not in client.get(f"/doc/contrat/{CONTRACT}/axe/3.json").get_json()


def test_a_total_keeps_the_largest_groups_and_the_difference(tmp_path: Path) -> None:
    lines = []
    for number in range(MAX_GROUPS + 50):
        subsidy = f"<http://e.org/{number:04}>"
        lines += [f"{subsidy} {TYPE} <{SUBV}Subvention>", f"{subsidy} <{CPER}contrat> <http://e.org/c>"]
        lines += [f"{subsidy} <{SUBV}attribuant> <http://e.org/body/{number}>"]
        lines += [f'{subsidy} <{SUBV}montantAttribue> "{number}.5"^^<{XSD}decimal>']
    written = with_totals(tmp_path, lines)
    totals = totals_of(written, "http://e.org/c")
    assert totals is not None
    named, others, without = totals.first("grantors", 20)
    assert [each.amount for each in named[:2]] == ["149.5", "148.5"]
    assert (len(totals.groups["grantors"]), without) == (MAX_GROUPS, None)
    assert others == ("", 130, "8450")  # 0.5 + 1.5 + … + 129.5
    assert totals.first("subdivisions", 20) == ([], None, ("", 150, totals.amount))
    assert len(written.listing.totals("http://e.org/c") or "") < 20_000
