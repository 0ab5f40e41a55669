"""The commands of `link`: output, exit codes, messages in both languages."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cper_lod.cli.main import main
from cper_lod.core.errors import table
from cper_lod.linking.decisions.store import KEPT_LINKS, REFUSED_LINKS
from cper_lod.rdf.reader import parse, read_bytes
from tests.support.fake_udata import FakeUdata, answering, running
from tests.support.nquads_release import client_without_engine, release_of_quads
from tests.support.paths import ROOT
from tests.support.server import free_port
from tests.support.udata_datasets import crowd, eleven

pytestmark = pytest.mark.usefixtures("no_certificates")
COG, EPCI = "58c984b088ee386cdb1261f3", "58d2a0b0c751df17537c66be"
Run = Callable[..., Result]
REGION = "territoire/hauts-de-france"
CONTRACT = "contrat/hauts-de-france-2021-2027"


@pytest.fixture
def copied_sources(tmp_path: Path) -> Path:
    """Return the real sources; a test may change `data`, of which they have a copy."""
    shutil.copytree(ROOT / "data", tmp_path / "sources" / "data")
    for name in ("ontology", "shapes"):
        (tmp_path / "sources" / name).symlink_to(ROOT / name, target_is_directory=True)
    return tmp_path / "sources"


@pytest.fixture
def site() -> Iterator[FakeUdata]:
    """Return a running udata with the eleven datasets and some others."""
    with running([*crowd("b")[::4], *eleven()]) as server:
        yield server


@pytest.fixture
def run(site: FakeUdata, copied_sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line against that udata, in French."""
    monkeypatch.setenv("CPER_LOD_DATAGOUV_URL", site.url)
    monkeypatch.setenv("CPER_LOD_SOURCES", str(copied_sources))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("time.sleep", lambda _: None)

    def line(*arguments: object, lang: str = "fr") -> Result:
        return CliRunner().invoke(main, ["link", *map(str, arguments)], env={"CPER_LOD_LANG": lang})

    return line


def files(sources: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((sources / "data" / "links").iterdir())}


@pytest.mark.slow
def test_search_finds_the_eleven_in_the_first_twenty_of_two_hundred(run: Run, site: FakeUdata) -> None:
    site.datasets = {each["id"]: each for each in (*crowd("b"), *eleven())}
    result = run("search", CONTRACT, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = json.loads(result.stdout)
    assert [row["rank"] for row in rows] == list(range(1, 21))
    assert {each["id"] for each in eleven()} <= {row["id"] for row in rows}
    assert all(row["reasons"] and row["title"] for row in rows)
    assert next(row for row in rows if row["id"] == COG)["state"] == "elsewhere"
    assert any("/organizations/" in each for each in site.asked)
    first = json.loads(run("search", CONTRACT, "--format", "json", "--limit", "1").stdout)
    assert first == rows[:1], "how many are shown does not change their scores"


@pytest.mark.slow
def test_search_uses_the_cache(run: Run, site: FakeUdata) -> None:
    first = run("search", "axe/5")
    asked = len(site.asked)
    assert asked > 10
    assert run("search", "axe/5").stdout == first.stdout
    assert len(site.asked) == asked
    assert run("search", "axe/5", "--no-cache").stdout == first.stdout
    assert len(site.asked) == 2 * asked


@pytest.mark.parametrize(
    ("lang", "words"),
    [("fr", ("jeu(x) trouvé(s) pour : Nord", "[gardé]")), ("en", ("dataset(s) found for: Nord", "[kept]"))],
)
def test_search_as_a_table_shows_reasons_and_decisions(run: Run, lang: str, words: tuple[str, str]) -> None:
    refused = run("refuse", EPCI, "--for", "territoire/nord", "--reason", "Non.")
    assert refused.exit_code == 0
    said = run("search", "territoire/nord", lang=lang).stdout
    assert all(each in said for each in words)
    assert ("· couvre toute la France (+5)" if lang == "fr" else "· covers the whole of France (+5)") in said
    line = next(each for each in said.splitlines() if "Base nationale sur les intercommunalités" in each)
    assert line.endswith("[refusé]" if lang == "fr" else "[refused]")


@pytest.mark.slow
def test_search_as_csv_holds_no_formula(run: Run, site: FakeUdata) -> None:
    site.datasets[COG]["title"] = '=cmd|"/c calc"!A1 sirene'
    rows = list(csv.DictReader(run("search", CONTRACT, "--format", "csv").stdout.splitlines()))
    assert len(rows) == 20
    assert next(row for row in rows if row["id"] == COG)["title"].startswith("'=cmd")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@"))]


def test_what_is_kept_is_published_data(run: Run, copied_sources: Path) -> None:
    slug = "base-nationale-sur-les-intercommunalites"
    result = run(
        "keep", slug, "--for", REGION, "--key", "igeo:codeINSEE", "--reason", "Les EPCI.", "--reason-en", "The EPCI."
    )
    assert result.exit_code == 0
    assert result.stdout.startswith("Gardé : Base nationale sur les intercommunalités")
    assert "non sur data.gouv.fr" in result.stderr
    text = (copied_sources / KEPT_LINKS).read_text("utf-8")
    assert f"https://www.data.gouv.fr/datasets/{EPCI}" in text
    assert 'skos:note "Les EPCI."@fr, "The EPCI."@en' in text
    shown = json.loads(run("show", "--format", "json").stdout)
    (kept,) = [each for each in shown if each["dataset"].endswith(EPCI)]
    assert kept["read"]["slug"] == slug
    assert (kept["state"], kept["key"]) == ("kept", "http://rdf.insee.fr/def/geo#codeINSEE")


@pytest.mark.slow
def test_the_sources_conform_after_decisions(run: Run, copied_sources: Path) -> None:
    assert run("keep", EPCI, "--for", REGION, "--key", "igeo:codeINSEE", "--reason", "Les EPCI.").exit_code == 0
    assert run("refuse", COG, "--for", "axe/1", "--reason-en", "No.").exit_code == 0
    assert run("check", "--write").exit_code == 0
    result = CliRunner().invoke(main, ["check", "--sources", str(copied_sources)], env={"CPER_LOD_LANG": "fr"})
    assert result.stdout.startswith("Conforme : 0 violation, 0 avertissement")
    refused = copied_sources / REFUSED_LINKS
    refused.write_text(refused.read_text("utf-8").replace("<https://w3id.org/cper-lod/id/contrat", "<urn:"), "utf-8")
    result = CliRunner().invoke(main, ["check", "--sources", str(copied_sources)], env={"CPER_LOD_LANG": "fr"})
    assert result.exit_code == 1
    assert "data/links/refus.ttl" in result.stdout


def test_show_lists_decisions_offline(run: Run, site: FakeUdata, copied_sources: Path) -> None:
    run("refuse", f"https://www.data.gouv.fr/datasets/{EPCI}/", "--for", "axe/1", "--for", "axe/2", "--reason", "Non.")
    (copied_sources / KEPT_LINKS).write_text(
        (copied_sources / KEPT_LINKS).read_text("utf-8").replace("(COG)", "(\\u001B[31mCOG)"), "utf-8"
    )
    asked = len(site.asked)
    french, english = run("show").stdout, run("show", lang="en").stdout
    assert french.endswith("7 gardé(s), 1 refusé(s).\n")
    assert english.endswith("7 kept, 1 refused.\n")
    assert "\n    clé : cper:siren\n" in french
    assert "[refusé, 20" in french
    assert "\x1b" not in french
    assert len(site.asked) == asked
    # The decisions that the sources come with are by identifier only.
    assert french.count("    non lu à ce jour : connu par son seul identifiant") == 7
    assert english.count("    not read to date: known by its identifier only") == 7


def test_what_check_writes_is_what_pages_show(run: Run, site: FakeUdata, copied_sources: Path, tmp_path: Path) -> None:
    run("check", "--write")
    assert "non lu à ce jour" not in run("show").stdout
    assert "lu le 20" in run("show").stdout
    quads = parse(read_bytes(copied_sources / KEPT_LINKS), path=copied_sources / KEPT_LINKS)
    client = client_without_engine(release_of_quads(tmp_path, [str(each) for each in quads]))
    text = client.get("/links", headers={"Accept": "text/html"}).text.replace("\u00a0", " ").replace("’", "'")
    assert text.count("Lu sur data.gouv.fr le ") == 7
    assert "non lu à ce jour" not in text
    for facts in ("« Code officiel géographique (COG) », publié par ", "licence lov2, mis à jour le "):
        assert facts in text


def test_check_reports_changes_and_writes_on_request(run: Run, site: FakeUdata, copied_sources: Path) -> None:
    before = files(copied_sources)
    first = run("check")
    assert first.exit_code == 0
    assert first.stdout.count("lu pour la première fois") == 7
    assert files(copied_sources) == before
    assert "7 lecture(s) enregistrée(s)." in run("check", "--write").stderr
    assert files(copied_sources) != before
    assert run("check").stdout.count("rien de nouveau") == 7
    site.datasets[COG] |= {"title": "COG 2027", "license": "notspecified"}
    del site.datasets["5b7ffc618b4c4169d30727e0"]
    site.datasets["5cd57bf68b4c4179299eb0e9"]["deleted"] = "2026-11-01T00:00:00"
    site.datasets["64ae255bbc600d7a3468ee64"]["archived"] = "2026-11-02T00:00:00"
    found = run("check", "--format", "json")
    assert found.exit_code == 1
    told = {each["dataset"][-24:]: [change["code"] for change in each["changes"]] for each in json.loads(found.stdout)}
    assert {name: codes for name, codes in told.items() if codes} == {
        COG: ["link-renamed", "link-relicensed"],
        "5b7ffc618b4c4169d30727e0": ["link-gone"],
        "5cd57bf68b4c4179299eb0e9": ["link-gone"],
        "64ae255bbc600d7a3468ee64": ["link-archived"],
    }
    said = run("check", "--write", lang="en").stdout
    assert "renamed: “Code officiel géographique (COG)” → “COG 2027”" in said
    assert "7 link(s) read again: 4 to review, 0 unreadable." in said
    assert "gone" in run("check", lang="en").stdout
    assert 'dct:title "COG 2027"@fr' in (copied_sources / KEPT_LINKS).read_text("utf-8")


def test_check_continues_after_an_unreadable_dataset(run: Run, site: FakeUdata, copied_sources: Path) -> None:
    before = files(copied_sources)
    site.faults = [answering(body="<html>")]
    result = run("check")
    assert result.exit_code == 2
    assert "du HTML au lieu de JSON" in result.stdout
    assert result.stdout.endswith("7 lien(s) relu(s) : 0 à revoir, 1 illisible(s).\n")
    site.always = answering(500)
    assert "7 unreadable" in run("check", "--write", lang="en").stdout
    assert files(copied_sources) == before


BAD = {
    "search nulle-part": "link-thing",
    "search axe/9": "link-thing",
    f"keep {EPCI} --for nulle-part --no-key --reason x": "link-thing",
    f"keep {EPCI} --for {REGION} --reason x": "link-key",
    f"keep {EPCI} --for {REGION} --key cper:siren --reason x": "link-key",
    f"keep {EPCI} --for {REGION} --key igeo:codeINSEE --no-key --reason x": "link-key",
    f"keep {EPCI} --for {REGION} --no-key": "link-reason",
    f"refuse {EPCI} --for {REGION}": "link-reason",
    f"keep ../{EPCI} --for {REGION} --no-key --reason x": "link-dataset",
    f"keep nulle-part --for {REGION} --no-key --reason x": "catalogue-missing",
    f"keep 000000000000000000001000 --for {REGION} --no-key --reason x": "catalogue-missing",
    f"keep {COG} --for {REGION} --no-key --reason x": "link-known",
    f"keep {EPCI} --for {REGION} --no-key --reason x --datagouv-url http://127.0.0.1:{{p}}": "catalogue-unreachable",
    "search departement-nord --datagouv-url http://127.0.0.1:{p} --no-cache": "catalogue-unreachable",
    "search departement-nord --datagouv-url {u}/ailleurs --no-cache": "catalogue-answer",
    "search --datagouv-url ftp://x.example": "settings-invalid",
    "search --datagouv-url http://x.example/?q=1": "settings-invalid",
    "show --sources nulle-part": "source-missing",
}


@pytest.mark.parametrize("arguments", BAD)
def test_bad_input_changes_nothing(arguments: str, run: Run, site: FakeUdata, copied_sources: Path) -> None:
    before = files(copied_sources)
    site.faults = [answering(body="<html>")] if "ailleurs" in arguments else []
    kind = table()[BAD[arguments]]
    for lang, first in (("fr", "Erreur : "), ("en", "Error: ")):
        if "ailleurs" in arguments:
            site.faults = [answering(body="<html>")]
        result = run(*arguments.format(p=free_port(), u=site.url).split(), lang=lang)
        assert result.exit_code == kind.exit_code
        said = result.stderr.splitlines()[-1]
        assert said.startswith(first + kind.words[lang].title)
    assert files(copied_sources) == before


def test_usage(run: Run) -> None:
    for arguments in ("nope", "keep", f"keep {EPCI} --no-key", "search --limit 0", "check --format csv"):
        result = run(*arguments.split())
        assert result.exit_code == 2
        assert result.stderr.startswith("Erreur : ")


def test_another_site_than_data_gouv_fr_is_warned_about(run: Run) -> None:
    said = run("refuse", EPCI, "--for", "axe/1", "--reason", "Non.", lang="en")
    assert said.stderr.startswith("Warning: read from http://127.0.0.1:")


def test_a_refusal_without_a_folder_of_links(run: Run, copied_sources: Path) -> None:
    shutil.rmtree(copied_sources / "data" / "links")
    assert run("refuse", EPCI, "--for", "axe/1", "--reason", "Non.").exit_code == 0
    assert (copied_sources / REFUSED_LINKS).is_file()
    assert not (copied_sources / KEPT_LINKS).exists()


def test_what_is_gone_can_be_refused_by_its_identifier(run: Run, site: FakeUdata) -> None:
    del site.datasets[COG]
    assert run("check").exit_code == 1
    result = run("refuse", COG, "--for", REGION, "--reason", "Disparu.")
    assert (result.exit_code, result.stdout.startswith("Refusé, non publié : Code officiel géographique (COG)")) == (
        0,
        True,
    )
    (refused,) = [each for each in json.loads(run("show", "--format", "json").stdout) if each["state"] == "refused"]
    assert refused["dataset"].endswith(COG)
    unknown = run("refuse", "0" * 24, "--for", REGION, "--reason", "Disparu.")
    assert unknown.exit_code == 1


def test_an_invalid_proxy_is_a_problem(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nope://127.0.0.1:1")
    result = run("check")
    assert (result.exit_code, result.stderr.startswith("Erreur : Le catalogue ne répond pas.")) == (2, True)
