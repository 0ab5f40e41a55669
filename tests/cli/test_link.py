"""The commands of `link` against a small data.gouv.fr: what holds, what does not, what nobody answered."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cper_lod.cli.main import main
from cper_lod.core.errors import table
from cper_lod.linking.check import RESULTS
from tests.linking.fake_datagouv import FakeDataGouv, File, answering, running
from tests.support.one_contract import copy_contract
from tests.support.paths import ROOT, TESTS
from tests.support.requirements import HARVEST_CHECK, UDATA

pytestmark = pytest.mark.usefixtures("no_certificates")
DATASET, FILE = "0123456789abcdef01234567", "01234567-89ab-cdef-0123-456789abcdef"
JOIN = f"""@prefix cper: <https://w3id.org/cper-lod/ontology#> .
@prefix liens: <https://w3id.org/cper-lod/ontology/liens#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/cper-lod/def/rapprochement/comptes> a liens:Rapprochement ;
    skos:prefLabel "Comptes"@fr, "Accounts"@en ;
    liens:cle cper:siren ;
    liens:colonne "siren" ;
    liens:concerne <https://w3id.org/cper-lod/def/code/type-d-organisme/region> ;
    dct:created "2026-11-30"^^xsd:date ;
    dct:relation <https://www.data.gouv.fr/datasets/{DATASET}> ;
    skos:note "Comptes d'essai."@fr, "Accounts for a test."@en ;
    schema:distribution <https://www.data.gouv.fr/api/1/datasets/r/{FILE}> ;
    schema:urlTemplate "https://tabular-api.data.gouv.fr/api/resources/{FILE}/data/?siren__exact={{valeur}}" .

<https://www.data.gouv.fr/datasets/{DATASET}> a schema:Dataset ;
    skos:prefLabel "Comptes des régions"@fr, "Accounts of regions"@en ;
    skos:note "Comptes d'essai."@fr, "Accounts for a test."@en .
"""
"""A join whose dataset is not real."""
REGION, CONTRACT = "200053742", "hauts-de-france-2021-2027"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def one_join(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return sources with one shipped contract and one join."""
    sources = copy_contract(ROOT / "data", CONTRACT, tmp_path_factory.mktemp("one") / "sources")
    (sources / "ontology" / "datasets.ttl").unlink()
    shutil.rmtree(sources / "shapes")
    (sources / "shapes").symlink_to(ROOT / "shapes", target_is_directory=True)
    catalogue = sources / "data" / "catalog.ttl"
    of_another_join = r".*<source/data/links/depenses-.*\n"
    catalogue.write_text(re.sub(of_another_join, "", catalogue.read_text("utf-8")), "utf-8")
    (sources / "data" / "links").mkdir()
    (sources / "data" / "links" / "comptes.ttl").write_text(JOIN, "utf-8")
    return sources


@pytest.fixture
def sources(one_join: Path) -> Iterator[Path]:
    yield one_join
    for path in (one_join / "data" / "links").iterdir():
        if path.name != "comptes.ttl":
            path.unlink()


@pytest.fixture
def site() -> Iterator[FakeDataGouv]:
    """Return a running site with one dataset, whose file has three rows of the Region."""
    with running() as server:
        rows = [[REGION, str(year), "100"] for year in (2021, 2022, 2023)]
        server.add(DATASET, "Comptes des régions", File(FILE, "comptes.csv", ["siren", "annee", "montant"], rows))
        yield server


@pytest.fixture
def run(site: FakeDataGouv, sources: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line against that site."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    settings = {"CPER_LOD_DATAGOUV_URL": site.url, "CPER_LOD_TABULAR_URL": site.tabular}

    def line(*arguments: object, lang: str = "fr", **more: str) -> Result:
        known = {**settings, "CPER_LOD_SOURCES": str(sources), "CPER_LOD_LANG": lang, **more}
        return CliRunner().invoke(main, ["link", *map(str, arguments)], env=known)

    return line


def results(sources: Path) -> str:
    path = sources / RESULTS
    return path.read_text("utf-8") if path.exists() else ""


def test_rows_are_counted_and_kept_with_their_day(run: Run, site: FakeDataGouv, sources: Path) -> None:
    told = run("check")
    assert told.exit_code == 0, told.output
    before = results(sources)
    assert "liens:lignes 3 ." in before
    assert 'schema:publisher "Un éditeur"' in before
    assert run("check").exit_code == 0
    assert results(sources) == before, "the same day, the same answers"
    site.files[FILE].rows = [["200053743", "2024", "100"]]  # another file under the same identifier
    assert run("check").exit_code == 1
    assert "liens:lignes 0 ." in results(sources)


BROKEN: dict[str, tuple[Callable[[FakeDataGouv], object], str]] = {
    "private or unknown": (lambda site: site.datasets.clear(), "HTTP 404"),
    "archived": (lambda site: site.datasets[DATASET].update(archived="2026-11-01"), "2026-11-01"),
    "no such file": (lambda site: site.datasets[DATASET]["resources"].clear(), FILE),
    "not tabular": (lambda site: site.files.clear(), "HTTP 404"),
    "column renamed": (lambda site: site.files[FILE].columns.__setitem__(0, "Siren"), "Siren, annee"),
}
"""What no longer holds, and what the reason names."""


@pytest.mark.parametrize("name", BROKEN)
def test_what_no_longer_holds_is_said_and_recorded(name: str, run: Run, site: FakeDataGouv, sources: Path) -> None:
    breaks, word = BROKEN[name]
    run("check")
    breaks(site)
    told = run("check")
    assert (told.exit_code, word in told.stdout, word in results(sources)) == (1, True, True), told.output
    assert "liens:lignes 3" not in results(sources)


def test_without_an_answer_nothing_is_overwritten(run: Run, site: FakeDataGouv, sources: Path) -> None:
    run("check")
    before = results(sources)
    for fault in (answering(body="<!doctype html><p>Maintenance", kind="text/html"), answering(503)):
        site.always = fault
        told = run("check")
        assert (told.exit_code, results(sources)) == (2, before), told.output


def test_a_dataset_that_moved_is_read_at_its_new_address(run: Run, site: FakeDataGouv, sources: Path) -> None:
    site.faults = [answering(308, Location=f"/api/1/datasets/{DATASET}/?moved")]
    assert "3 ligne(s)" in run("check", "--dry-run").stdout
    assert results(sources) == "", "shown, not recorded"


@pytest.fixture(scope="module")
def udata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the software of data.gouv.fr, with the datasets of `udata_site`."""
    command = [UDATA, TESTS / "linking" / "udata_site.py", HARVEST_CHECK.parent]
    folder = tmp_path_factory.mktemp("udata")
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder) as process,
    ):
        address = process.stdout.readline().strip() if process.stdout else ""
        assert address, (folder / "log").read_text("utf-8")[-2000:]
        yield address
        process.terminate()


@pytest.mark.slow
@pytest.mark.udata
def test_the_software_of_data_gouv_fr_is_read(run: Run, site: FakeDataGouv, sources: Path, udata: str) -> None:
    """Its records of datasets that are public, deleted, private and archived; it has no tabular API."""
    datasets, files = (
        [f"{start}{number}" for number in range(1, 5)] for start in ("0" * 23, f"{'0' * 8}-0000-0000-0000-{'0' * 11}")
    )
    for number, (dataset, file) in enumerate(zip(datasets, files, strict=True), 1):
        join = JOIN.replace(DATASET, dataset).replace(FILE, file).replace("/comptes>", f"/comptes-{number}>")
        (sources / "data" / "links" / f"comptes-{number}.ttl").write_text(
            join.replace("Comptes des", f"{number} :"), "utf-8"
        )
        site.files[file] = File(file, "comptes.csv", ["siren"], [[REGION]])
    told = run("check", CPER_LOD_DATAGOUV_URL=udata)
    assert told.exit_code == 1, told.output
    said = dict(zip(*[iter(map(str.strip, told.stdout.splitlines()))] * 2, strict=False))
    assert said["Région Hauts-de-France dans « 1 : régions »"] == "1 ligne(s)"
    words = ("« Comptes 1 », mis à jour le 20", "HTTP 410", "HTTP 404", "archivé le 2026-11-01")
    assert [word for number, word in enumerate(words, 1) if word not in said[f"{number} : régions"]] == []
    assert 'dct:rights "lov2"' in results(sources)
    for address, code, words in (
        ("https://www.data.gouv.fr/datasets/comptes-1/", 0, "« Comptes 1 »"),
        (f"https://www.data.gouv.fr/api/1/datasets/r/{files[0]}", 1, "existe déjà"),
        (datasets[1], 1, ": 410."),
        (files[1], 1, ": 410."),
        (files[2], 1, ": 404."),
    ):
        told = run("add", address, *ADDED, CPER_LOD_DATAGOUV_URL=udata)
        assert (told.exit_code, words in told.output) == (code, True), told.output


def test_a_result_of_a_link_that_is_no_longer_there_is_dropped(run: Run, sources: Path) -> None:
    """The rule `lien-verifie` tells it until then."""
    run("check")
    path = sources / RESULTS
    kept = path.read_text("utf-8")
    path.write_text(kept.replace("region-hauts-de-france/lien/comptes", "region-hauts-de-france/lien/anciens"), "utf-8")
    run("check")
    assert path.read_text("utf-8") == kept


ADDED = (*("--key", "siren", "--column", "siren", "--about", "departement"), *("--note", "Comptes, en euros."))


def test_a_file_is_added_by_its_address(run: Run, site: FakeDataGouv, sources: Path) -> None:
    """Every department that signed a contract then has its link."""
    address = f"https://www.data.gouv.fr/fr/datasets/comptes-des-régions/#/resources/{FILE}"
    told = run("add", address, *ADDED)
    assert told.exit_code == 0, told.output
    told = run("check", "--dry-run").stdout
    assert "Département du Nord" in told
    assert told.count("2026-11-20") == 1, "two joins have one dataset, told with the day of its update"
    again = run("add", address, *ADDED)
    assert (again.exit_code, table()["link-known"].words["fr"].title in again.stderr) == (1, True)
    site.files.clear()
    again = run("add", DATASET, *ADDED)
    assert (again.exit_code, table()["link-tabular"].words["fr"].title in again.stderr) == (1, True)


def test_axes_have_rows_in_a_file_of_an_office(run: Run, site: FakeDataGouv, sources: Path) -> None:
    """By number or name; the sources conform with these links and what is recorded of them."""
    name = "Soutenir les territoires"
    rows = [["2", name, "10"], ["12", "Autre", "20"], ["2", name, "5"], ["2", "", "5"]]
    site.files[FILE] = File(FILE, "aides.csv", ["axe", "titre", "montant"], rows)
    axes = ("--about", f"{CONTRACT}/axes", "--note", "Les aides, axe par axe, en euros.")
    for key, column in (("numero", "axe"), ("nom", "titre")):
        told = run("add", FILE, "--key", key, "--column", column, *axes)
        assert told.exit_code == 0, told.output
    told = run("check")
    for count in (3, 2):
        assert f"{name} dans « Comptes des régions »\n    {count} ligne(s)" in told.stdout
    asked = {each.partition("/data/?")[2] for each in site.asked}
    assert {"axe__exact=2&page_size=1", "titre__exact=Soutenir%20les%20territoires&page_size=1"} <= asked
    assert results(sources).count("/axe/") == 12, "six axes"
    told = CliRunner().invoke(main, ["check", "--sources", str(sources)])
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize(
    ("address", "options", "code"),
    [
        ("nulle part", {}, 2),
        ("https://www.data.gouv.fr/datasets/nulle-part/", {}, 1),
        (FILE, {"--column": "sirn"}, 1),
        (FILE, {"--key": "insee", "--about": "epci"}, 2),
        (FILE, {"--about": "hauts-de-france-2021-2027/axes"}, 2),
        (FILE, {"--key": "numero", "--about": "hauts-de-france-2021-2027/nulle-part"}, 2),
        (FILE, {"--note": " "}, 2),
    ],
)
def test_what_cannot_be_added(address: str, options: dict[str, str], code: int, run: Run, sources: Path) -> None:
    given = {**dict(zip(ADDED[::2], ADDED[1::2], strict=True)), **options}
    told = run("add", address, *(each for pair in given.items() for each in pair))
    assert told.exit_code == code, told.output
    assert {path.name for path in (sources / "data" / "links").iterdir()} == {"comptes.ttl"}
