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
from pyoxigraph import NamedNode

from cper_lod.cli.main import main
from cper_lod.core.namespaces import BASE, PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Report
from cper_lod.rdf.shacl.api import validate
from cper_lod.release.build import build as building
from cper_lod.release.check import check as checking
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.release import INDEX, REPORT, Release
from cper_lod.release.sources.read import Sources
from cper_lod.web.app import create_app
from tests.importing.fictitious_workbook import TEXT
from tests.support.paths import FICTION
from tests.web.plain_json import faults, misshapen, pages, things

pytestmark = pytest.mark.slow  # both contracts are validated and sealed for it
MADE_UP = "armorique-test-2030-2034"
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
        patch.setattr(checking, "check", lambda *_: checked[2])
        return building.build(tmp_path_factory.mktemp("releases-of-both"), both)


@pytest.fixture(scope="session")
def client(release_of_both: Release) -> Iterator[FlaskClient]:
    """Return a client of the application that serves both."""
    settings = Settings(query_workers=1)
    with ProcessEngine(release_of_both.folder / INDEX, settings, release_of_both.graphs) as engine:
        yield create_app(release_of_both, engine, settings).test_client()


def test_both_conform(checked: Checked, release: Release) -> None:
    exit_code, report, _ = checked
    alone = json.loads(release.read(REPORT))
    assert (exit_code, report["conforms"]) == (0, True)
    added = [finding for finding in report["findings"] if finding not in alone["findings"]]
    assert {finding["shape"] for finding in added} == {PREFIXES["cpers"] + "organisme-sans-siren"}
    assert {finding["severity"] for finding in added} == {"warning"}
    assert len(added) == 3, "each invented local authority but the region is said to have no SIREN, and no more is said"
    assert all(finding["files"] == ["data/bodies-armorique-test-2030-2034.ttl"] for finding in added)
    assert report["shapes"] - alone["shapes"] == 7, "the profile of the second contract"
    assert report["nodes"] - alone["nodes"] > 100


def test_its_own_profile_counts() -> None:
    profile = read(FICTION / "shapes" / "profiles" / f"{MADE_UP}.ttl")
    assert validate(QUADS, profile).findings == ()
    signatory = NamedNode(f"{BASE}id/organisme/departement-fictif-cap-test")
    gone = [quad for quad in QUADS if signatory not in (quad.subject, quad.object)]
    shapes = {finding.shape for finding in validate(gone, profile).findings}
    assert f"{PREFIXES['cpers']}{MADE_UP}-cinq-signataires" in shapes


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


def test_a_subdivision_shows_its_themes_which_all_contracts_share(client: FlaskClient) -> None:
    path = f"/doc/contrat/{MADE_UP}/axe/2"
    page = client.get(path, headers={"Accept": "text/html", "Accept-Language": "fr"}).text
    line = page.partition(">Thème")[2].partition("</p>")[0]
    expected = {"eau-mer-et-biodiversite": "Eau, mer et biodiversité", "mobilites": "Mobilités et transports"}
    assert dict(re.findall('<a href="/doc/def/code/theme/([^"]+)"[^>]*>([^<]+)</a>', line)) == expected
    assert client.get(f"{path}.json").get_json()["themes"] == [*expected]
    table = client.get("/doc/subdivision.csv").text.splitlines()
    assert "theme" in table[0].split(",")
    assert any("Eau, mer et biodiversité" in each and "Mobilités et transports" in each for each in table)
    named = client.get("/doc/def/code/theme/mobilites", headers={"Accept": "text/html"}).text
    assert path in named, "the page of a theme leads to its subdivisions"


def test_the_answer_of_a_question_offers_each_contract(client: FlaskClient, release_of_both: Release) -> None:
    question = next(each for each in release_of_both.questions if each["slug"] == "montants-par-financeur")
    page = client.get("/sparql", query_string={"query": question["text"]}, headers={"Accept": "text/html"}).text
    offered = page.partition('class="choice">')[2].partition("</p>")[0]
    (asked,) = re.findall(r'<a href="([^"]+)">[^<]*fictif[^<]*</a>', offered)
    chosen = client.get(unescape(asked), headers={"Accept": "text/html"}).text
    assert '<h1 class="question">' in chosen, "still that question"
    assert "<strong>Contrat de plan État-Région 2030-2034 Armorique-Test (fictif)</strong>" in chosen
