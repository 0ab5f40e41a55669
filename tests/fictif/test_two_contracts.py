"""A second, fictitious contract published by files alone: copied beside the real one, checked, built and served."""

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.cli.main import main
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, GRAPH_CATALOGUE, PREFIXES, RDFS, SH, SKOS
from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.rdf.formatter import is_canonical
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Report
from cper_lod.rdf.shacl.api import validate
from cper_lod.release.build import build as building
from cper_lod.release.catalog.datasets import DATASETS, KINDS, catalogue_datasets
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.catalog.distributions import served_catalogue, table_distributions
from cper_lod.release.check import check as checking
from cper_lod.release.documents import mentions
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.release import DUMP, INDEX, Release
from cper_lod.release.sources.read import Sources
from cper_lod.web.app import create_app
from tests.support.fictitious_workbook import TEXT
from tests.support.paths import FICTION
from tests.support.plain_json import faults, misshapen, pages, things

pytestmark = pytest.mark.slow  # both contracts are validated and sealed for it
REAL, MADE_UP = "hauts-de-france-2021-2027", "armorique-test-2030-2034"
FILES = sorted(path for name in ("data", "shapes") for path in (FICTION / name).rglob("*.ttl"))
SUBSIDIES = FICTION / "data" / "subventions" / MADE_UP / "exemple-subventions.nt"
QUADS = [quad for place, path in enumerate(FILES) for quad in read(path, scope=f"f{place}")]
CONTRACT = f"{BASE}id/contrat/{MADE_UP}"
Checked = tuple[int, dict[str, Any], Report]


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """Return the real sources with the files of the fictitious contract added."""
    folder = tmp_path_factory.mktemp("both")
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(sources / name, folder / name)
    before = {path for path in folder.rglob("*") if path.is_file()}
    for name in ("data", "shapes"):
        shutil.copytree(FICTION / name, folder / name, dirs_exist_ok=True)
    added = {path for path in folder.rglob("*") if path.is_file()} - before
    assert len(added) == len([*FILES, SUBSIDIES, TEXT]) == 8, "no file of the first contract is touched"
    return folder


@pytest.fixture(scope="session")
def checked(both: Path) -> Checked:
    """Return what `cper-lod check` says of both: its exit code, its JSON, and the report that it wrote."""
    reports = []

    def recorded(sources: Sources, progress: Progress, *_: object) -> Report:
        reports.append(check(sources, progress))
        return reports[-1]

    check = checking.check
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "check", recorded)
        result = CliRunner().invoke(main, ["check", "--format", "json", "--sources", str(both)])
    return result.exit_code, json.loads(result.stdout), reports[0]


@pytest.fixture(scope="session")
def release_of_both(both: Path, checked: Checked, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return the release of both (which conforms: not checked a second time)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "check", lambda *_: checked[2])
        return building.build(tmp_path_factory.mktemp("releases-of-both"), both)


@pytest.fixture(scope="session")
def client(release_of_both: Release) -> Iterator[FlaskClient]:
    """Return a client of the application that serves both."""
    settings = Settings(query_workers=1)
    with EmbeddedEngine(release_of_both.folder / INDEX, settings, release_of_both.graphs) as engine:
        yield create_app(release_of_both, engine, settings).test_client()


def test_an_axis_of_either_contract_is_left_to_a_person(client: FlaskClient) -> None:
    def found(**query: object) -> list[tuple[str, bool]]:
        answer = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).get_json()["q"]["result"]
        return [(each["id"].removeprefix(f"{BASE}id/contrat/"), each["match"]) for each in answer]

    assert set(found(query="Axe 2")[:2]) == {(f"{REAL}/axe/2", False), (f"{MADE_UP}/axe/2", False)}


def test_the_answer_of_a_question_offers_each_contract(client: FlaskClient, release_of_both: Release) -> None:
    question = next(each for each in release_of_both.questions if each["slug"] == "montants-par-financeur")
    page = client.get("/sparql", query_string={"query": question["text"]}, headers={"Accept": "text/html"}).text
    assert int(re.findall(r"([0-9]+) lignes", page)[0]) > 2, "those of the other contracts too"
    offered = dict(
        re.findall(r'<a href="([^"]+)">([^<]+)</a>', page.partition('class="choice">')[2].partition("</p>")[0])
    )
    assert len(offered) > 1
    asked = next(href for href, name in offered.items() if "fictif" in name)
    chosen = client.get(unescape(asked), headers={"Accept": "text/html"}).text
    assert "2 lignes" in chosen
    assert re.search(r'<h1 class="question">', chosen), "still that question"
    assert "<strong>Contrat de plan État-Région 2030-2034 Armorique-Test (fictif)</strong>" in chosen
    english = unescape(re.findall(r'<a [^>]*href="([^"]+)"[^>]*>English', chosen)[0])
    assert "2 rows" in client.get("/sparql" + english, headers={"Accept": "text/html"}).text


# The files


def test_files_are_canonical() -> None:
    assert all(is_canonical(path) for path in FILES)
    assert len(QUADS) > 700


def test_every_label_says_that_it_is_fiction() -> None:
    naming = {SKOS + "prefLabel", SKOS + "altLabel", RDFS + "label", SH + "message", PREFIXES["dct"] + "title"}
    labels = [
        (quad.object.language, quad.object.value)
        for quad in QUADS
        if quad.predicate.value in naming and isinstance(quad.object, Literal)
    ]
    assert len(labels) > 120
    for language, label in labels:
        assert re.search("fictitious" if language == "en" else "fictif|fictive", label.lower()), label


def test_nothing_real_is_named() -> None:
    numbers = [quad.object for quad in QUADS if quad.predicate.value in (CPER + "siren", CPER + "siret")]
    assert numbers == [Literal("000000018")], "a number that no register gives"
    outside = {
        node.value
        for quad in QUADS
        for node in (quad.subject, quad.object)
        if isinstance(node, NamedNode) and not node.value.startswith((BASE, *PREFIXES.values()))
    }
    authority = "http://publications.europa.eu/resource/authority/"
    licence = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
    codes = ("currency/EUR", "language/FRA")
    percent = "http://qudt.org/vocab/unit/PERCENT"
    assert outside == {*(authority + code for code in codes), licence, percent}
    named = {
        node.value
        for quad in QUADS
        for node in (quad.subject, quad.object)
        if isinstance(node, NamedNode) and node.value.startswith(BASE + "id/")
    }
    shared = {iri for iri in named if "fictif" not in iri and "test" not in iri and "fictive" not in iri}
    shared -= {f"{BASE}id/territoire/{name}" for name in ("fausseville", "agglomeration-fausseville")}
    assert {iri.removeprefix(BASE).split("/")[1] for iri in shared} == {"code"}, "of all contracts"


# Checked


def test_both_conform(checked: Checked, release: Release) -> None:
    exit_code, report, _ = checked
    alone = json.loads(release.report())
    assert (exit_code, report["conforms"]) == (0, True)
    added = [finding for finding in report["findings"] if finding not in alone["findings"]]
    assert {finding["shape"] for finding in added} == {PREFIXES["cpers"] + "organisme-sans-siren"}
    assert {finding["severity"] for finding in added} == {"warning"}
    assert len(added) == 3, "each invented local authority but the region is said to have no SIREN, and no more is said"
    assert all(finding["files"] == ["data/bodies-armorique-test-2030-2034.ttl"] for finding in added)
    assert report["shapes"] - alone["shapes"] == 7, "the profile of the second contract"
    assert report["nodes"] - alone["nodes"] > 100


COUNTED = {
    "cinq-signataires": f"{BASE}id/organisme/departement-fictif-cap-test",
    "trois-priorites": f"{CONTRACT}/priorite/3",
    "quatre-axes": f"{CONTRACT}/axe/4",
    "nombre-departement": f"{BASE}id/organisme/departement-fictif-lande-test",
    "nombre-etat": f"{BASE}id/organisme/etat-fictif",
    "nombre-region": f"{BASE}id/organisme/region-fictive-armorique-test",
    "nombre-epci": f"{BASE}id/organisme/agglomeration-fictive-fausseville",
}


@pytest.mark.parametrize("rule", COUNTED)
def test_its_own_profile_counts(rule: str) -> None:
    profile = read(FICTION / "shapes" / "profiles" / f"{MADE_UP}.ttl")
    assert validate(QUADS, profile).findings == ()
    gone = [quad for quad in QUADS if NamedNode(COUNTED[rule]) not in (quad.subject, quad.object)]
    shapes = {finding.shape for finding in validate(gone, profile).findings}
    assert f"{PREFIXES['cpers']}{MADE_UP}-{rule}" in shapes


# Built and served


def test_the_subsidies_are_what_the_import_of_the_example_writes(both: Path, tmp_path: Path) -> None:
    example = FICTION.parent / "importing"
    shutil.copytree(both, tmp_path / "copy")
    written = tmp_path / "copy" / "data" / "subventions" / MADE_UP / SUBSIDIES.name
    written.unlink()
    command = ["import", "subventions", str(example / "exemple-subventions.csv"), "--contract", MADE_UP]
    command += ["--rules", str(example / "exemple-regles.csv"), "--sources", str(tmp_path / "copy")]
    command += ["--date", "2032-01-31", "--url", "https://exemple.invalid/subventions.csv"]
    result = CliRunner(env={"SOURCE_DATE_EPOCH": "1969660800"}).invoke(main, command)  # 1 June 2032
    assert result.exit_code == 0, result.output
    assert written.read_bytes() == SUBSIDIES.read_bytes()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_of_a_subsidy_tells_it(client: FlaskClient, lang: str) -> None:
    (line,) = (line for line in SUBSIDIES.read_text("utf-8").splitlines() if "quai, seconde part" in line)
    path = line.partition("> ")[0].removeprefix(f"<{BASE}id/")
    text = text_of(client.get(f"/doc/{path}.html?lang={lang}").text.partition("<main")[2])
    said = {
        "fr": (
            "100 000 €",
            "40 %",
            "2 mai 2031",
            "40 000 €",
            "européenne non",
            "Aide en numéraire",
            "Rattachement 2",
        ),
        "en": (
            "€100,000",
            "40%",
            "2 May 2031",
            "€40,000",
            "Union no",
            "Aid in money",
            "Attachment 2",
        ),
    }
    for words in (*said[lang], "Commune fictive de la Digue", "2031-06-01 – 2032-06-01"):
        assert words in text, words


def text_of(source: str) -> str:
    """Return the text of a page, with plain spaces."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", source)).split())


def test_home_page_compares_both(client: FlaskClient) -> None:
    for lang, rows in (
        ("fr", ("Région fictive d’Armorique-Test", "plus de 2,7 Md€ publié hors mobilités", "plus de 190 M€ publié")),
        ("en", ("Fictitious region of Armorique-Test", "more than €2.7bn published mobility excluded")),
    ):
        text = text_of(client.get(f"/?lang={lang}").text)
        for words in rows:
            assert words in text
    assert "2 890" not in text_of(client.get("/?lang=fr").text), "nothing is added up"


def test_the_second_contract_has_its_own_page(client: FlaskClient) -> None:
    text = text_of(client.get(f"/doc/contrat/{MADE_UP}.html?lang=fr").text)
    assert "plus de 190 millions d’euros" in text
    assert text.count("2 · Ports fictifs priorité 1, priorité 2") == 2, "once below each of its priorities"


@pytest.mark.parametrize(("lang", "severity"), [("fr", "Avertissement"), ("en", "Warning")])
def test_the_report_names_things_in_the_language_of_its_reader(
    client: FlaskClient, checked: Checked, lang: str, severity: str
) -> None:
    page = client.get(f"/report.html?lang={lang}").text
    text = unescape(re.sub("<[^>]*>", " ", page.partition("<main")[2].partition('id="others"')[0]))
    assert text.count(severity) == len(checked[1]["findings"]) >= 3
    assert "warning" not in text
    assert "Département fictif du Cap-Test" in text or "Fictitious Department of Cap-Test" in text
    assert not re.search("id/|https?://", text)
    assert f'href="/doc/organisme/departement-fictif-cap-test?lang={lang}"' in page


def test_json_of_each(client: FlaskClient, release: Release) -> None:
    made_up = json.loads(get(client, f"/id/contrat/{MADE_UP}"))
    assert made_up["id"] == CONTRACT
    assert made_up["nom"]["fr"].endswith("(fictif)")
    assert len(made_up["signePar"]) == 5
    assert "avenant" not in made_up
    settings = Settings(query_workers=1)
    with EmbeddedEngine(release.folder / INDEX, settings, release.graphs) as engine:
        alone = create_app(release, engine, settings).test_client()
        assert get(client, f"/id/contrat/{REAL}") == get(alone, f"/id/contrat/{REAL}"), "to the byte"


def get(client: FlaskClient, path: str) -> bytes:
    response = client.get(path, headers={"Accept": "application/ld+json"}, follow_redirects=True)
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")
    return bytes(response.data)


def test_each_has_documents_in_every_form(client: FlaskClient) -> None:
    for slug in (REAL, MADE_UP):
        for suffix in ("html", "ttl", "jsonld", "nt", "rdf", "trig"):
            response = client.get(f"/doc/contrat/{slug}.{suffix}")
            assert response.status_code == 200, f"{slug}.{suffix}"
            assert slug in response.text


def test_each_has_its_datasets_without_anybody_describing_them(release_of_both: Release) -> None:
    graph = Graph(served_catalogue(release_of_both, "https://cper-lod.fr", ""))
    listed = {each.value.removeprefix(DATASETS) for each in graph.all(NamedNode(CATALOGUE), DCAT + "dataset")}
    made_up = {f"{kind}-{MADE_UP}" for kind in KINDS}
    assert {each for each in listed if each.endswith(MADE_UP)} == made_up
    assert {"contrat", "enonces", "valeurs-derivees"} < listed
    mine, first = NamedNode(f"{DATASETS}contrat-{MADE_UP}"), NamedNode(DATASETS + "contrat")
    told = {"http://www.w3.org/2004/02/skos/core#note"}  # what both say about the reading of years
    assert {*graph.properties(mine)} == {*graph.properties(first)} | told
    assert graph.text(mine, DCT + "title", "fr")[0] == (
        "Contrat de plan État-Région 2030-2034 Armorique-Test (fictif) : faits et chiffres"
    )
    assert graph.text(mine, DCT + "description", "en")[0] == (
        "State-Region plan contract 2030-2034, Armorique-Test (fictitious): its steps, signatories, subdivisions, amounts "
        "and shares, as far as its documents give them, each with the words that say it."
    )
    for name in ("license", "publisher", "rights", "language"):
        assert graph.all(mine, DCT + name) == graph.all(first, DCT + name) != [], "those of the catalogue"
    (period,) = graph.all(mine, DCT + "temporal")
    assert [graph.value(period, DCAT + name) for name in ("startDate", "endDate")] == ["2030-01-01", "2034-12-31"]
    for kind in KINDS:
        each = NamedNode(f"{DATASETS}{kind}-{MADE_UP}")
        assert len(graph.text(each, DCT + "description", "fr")[0]) > 100
        assert kind == "contrat" or graph.all(each, DCT + "relation") == [mine]


def test_the_datasets_of_the_first_contract_stay_as_they_are(release_of_both: Release, release: Release) -> None:
    """What the catalogue says of them, and each of their files, to the byte."""
    contact = ("https://cper-lod.fr", "contact@cper-lod.fr")
    alone, together = Graph(served_catalogue(release, *contact)), Graph(served_catalogue(release_of_both, *contact))
    files = 0
    for name in ("contrat", "enonces", "valeurs-derivees"):
        node = NamedNode(DATASETS + name)
        for each in (node, *alone.all(node, DCAT + "distribution")):
            before, after = alone.properties(each), together.properties(each)
            assert {key: {*values} for key, values in before.items() if key != DCT + "temporal"} == {
                key: {*values} for key, values in after.items() if key != DCT + "temporal"
            }
            if path := alone.value(each, DCAT + "downloadURL").rpartition("/")[2]:
                files += 1
                assert (release.folder / DUMP / path).read_bytes() == (
                    release_of_both.folder / DUMP / path
                ).read_bytes()
    assert files == 24


def test_each_contract_has_the_tables_of_its_own_things(release_of_both: Release) -> None:
    datasets = catalogue_datasets(mentions(release_of_both, GRAPH_CATALOGUE))
    tables = {each.name: each.dataset.rpartition("/")[2] for each in table_distributions(release_of_both, datasets)}
    for name, kind in {"subdivision": "contrat", "signataire": "contrat", "enonce": "enonces"}.items():
        assert (tables[name], tables[f"{name}-{MADE_UP}"]) == (kind, f"{kind}-{MADE_UP}")
    assert tables[f"subvention-{MADE_UP}"] == f"subventions-{MADE_UP}"
    assert not {f"avenant-{MADE_UP}", "subvention"} & {*tables}, "the second contract has none; the first has none"
    written = {path.stem for path in (release_of_both.folder / DUMP).glob("*.csv")}
    assert written == {*tables}, "each table is in the catalogue"
    for name, mine, other in (("subdivision", REAL, MADE_UP), (f"subdivision-{MADE_UP}", MADE_UP, REAL)):
        rows = (release_of_both.folder / DUMP / f"{name}.csv").read_text("utf-8").splitlines()[1:]
        assert rows
        assert all(mine in row and other not in row for row in rows)


def test_the_profile_alone_knows_counts(sources: Path) -> None:
    """Rules outside profiles/ name no contract, so that none stands in the way of another."""
    rules = list((sources / "shapes").glob("*.ttl"))
    assert len(rules) >= 8
    for path in rules:
        quads: list[Quad] = read(path)
        assert not [quad for quad in quads if REAL in str(quad)], path.name


def test_every_document_in_plain_json_fits_its_schema(client: FlaskClient, release_of_both: Release) -> None:
    found = things(client, release_of_both)
    assert misshapen(found) == []
    contract = found[CONTRACT]
    counts = {"decoupages": 2, "signataires": 5, "chiffres": 9, "calcules": 5, "avenants": 0}
    assert {key: len(contract[key]) for key in counts} == counts
    subsidies = [each for each in found.values() if each.get("type") == "Subvention"]
    assert [(each["valeur"], each["unite"], each["notificationUE"]) for each in subsidies[:1]] == [
        (12000.5, "EUR", False)
    ]
    assert subsidies[0]["subdivisions"][0]["nom"] == "Écoles fictives"
    for page in pages(client, only=("Contrat", "Subdivision", "Subvention", "Organisme")):
        assert faults({**page, "items": []}, "Liste") == []
        assert [each for each in page["items"] if each != found[each["id"]]] == []
