"""A site at an address of its own: its names, in every form, are below that address, and open there."""

import csv
import gzip
import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from cper_lod.cli.main import main
from cper_lod.core.names import PARTS, PROGRAM, SiteNames
from cper_lod.core.namespaces import CPER
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import build
from cper_lod.release.history.changes import ChangesInWords, counts
from cper_lod.release.history.history import History
from cper_lod.release.release import DUMP, SHAPES, Release
from cper_lod.release.storage.quad_file import parse_lines
from cper_lod.web.app import create_app
from tests.importing.subsidies.example import HEADER, ROW
from tests.rdf.shacl.shacl_reports import pyshacl_results
from tests.release.history.release_history import app_of
from tests.support.paths import ROOT
from tests.web.counting_engine import CountingEngine

pytestmark = pytest.mark.slow  # each imports and builds
SITE = SiteNames("https://contrats.exemple.fr/")
SLUG = "pays-de-la-loire-2021-2027"
CONTRACT = SITE.contracts + SLUG
TURTLE = {"Accept": "text/turtle"}


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [*map(str, arguments), "--lang", "en"])
    assert result.exit_code == 0, result.output
    return result


def init(folder: Path, *more: str) -> Path:
    options = {"--publisher": "Région Exemple", "--contact": "a@exemple.fr", "--public-url": SITE.address}
    run("init", folder, *(part for option in options.items() for part in option), *more)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site with two contracts that the program's data export, and subsidies of one."""
    place = tmp_path_factory.mktemp("site")
    site = init(place / "site")
    for slug in ("bretagne-2021-2027", SLUG):  # the first describes the State
        run("export", "contract", slug, place / f"{slug}.xlsx", "--sources", ROOT)
        run("import", "contract", place / f"{slug}.xlsx", "--sources", site)
    with (place / "aides.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, list((ROW | {"dateConvention": "2022-01-15"}).values())])
    told = run("import", "subventions", place / "aides.csv", "--contract", SLUG, "--sources", site, "--other-grantors")
    assert [*site.rglob("*.nt")], told.output
    return site


@pytest.fixture(scope="module")
def release(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(tmp_path_factory.mktemp("releases"), folder)


def client_of(release: Release) -> FlaskClient:
    return create_app(release, CountingEngine(), Settings(public_url=SITE.address.rstrip("/"))).test_client()


def iris(release: Release) -> set[str]:
    """Return every IRI of a release, also that of a graph."""
    terms = (each for quad in parse_lines(release.lines()) for each in (*quad.triple, quad.graph_name))
    return {each.value for each in terms if isinstance(each, NamedNode)}


def statuses(client: FlaskClient, iri: str) -> list[int]:
    """Return the status of a name, and that of the document that it leads to."""
    answer = client.get("/" + iri.removeprefix(SITE.address).partition("#")[0], headers=TURTLE)
    if answer.status_code != 303:
        return [answer.status_code]
    there = urlsplit(answer.headers["Location"])
    return [303, client.get(f"{there.path}?{there.query}", headers=TURTLE).status_code]


def test_every_name_below_the_address_opens_and_none_is_elsewhere(release: Release) -> None:
    own, client = {each for each in iris(release) if each.startswith(SITE.address)}, client_of(release)
    assert {each.removeprefix(SITE.address).partition("/")[0].partition("#")[0] for each in own} >= {
        *(part.strip("/") for part in PARTS if part != "release/")
    }
    assert len(own) > 450
    assert {each: found for each in sorted(own) if (found := statuses(client, each)) not in ([200], [303, 200])} == {}
    elsewhere = {each for each in iris(release) if PROGRAM.relative(each) != each}
    assert elsewhere == set(), "the program names its vocabulary, and no thing of a site"


def test_files_name_no_address_and_serve_under_any(folder: Path, release: Release, tmp_path: Path) -> None:
    """A site moves by one edit: the same dump, below another address."""
    held = {path for path in folder.rglob("*") if path.is_file() and SITE.address.encode() in path.read_bytes()}
    assert held == {folder / "data" / "catalog.ttl"}
    assert (folder / "data" / "catalog.ttl").read_text("utf-8").count(SITE.address) == 1
    moved = shutil.copytree(folder, tmp_path / "moved")
    catalogue, other = moved / "data" / "catalog.ttl", "http://[2001:db8::1]:8000/plans/"
    catalogue.write_text(catalogue.read_text("utf-8").replace(SITE.address, other), "utf-8")
    assert run("format", "--check", moved / "data").exit_code == 0
    new = build(tmp_path / "releases", moved)
    assert new.digest != release.digest, "the digest depends on the address"
    assert (new.names.address, new.triples.describes(f"{other}id/contrat/{SLUG}")) == (other, True)

    def dump(each: Release) -> list[str]:
        text = gzip.decompress((each.folder / DUMP / "tout.nt.gz").read_bytes()).decode()
        return sorted(text.replace(each.names.address, "…").splitlines())

    assert dump(new) == dump(release)
    told = ChangesInWords(release, new)
    assert [*told.lines("en")] == []
    assert [*counts(told.summary, "en")] == [
        f"The site has moved: {SITE.address} becomes {other}. Its names begin with the new address; what the data say was "
        "not compared."
    ]


def test_the_published_shapes_hold_for_the_published_data(release: Release) -> None:
    """With pyshacl as it comes: the patterns of shapes admit the names of this site."""
    data = [*parse_lines(release.lines())]
    shapes = list(parse_lines((release.folder / SHAPES).read_bytes().splitlines()))
    assert {each for each in pyshacl_results(data, shapes) if "Violation" in str(each)} == set()


def test_what_is_withdrawn_is_gone_below_the_address_and_a_purge_leaves_no_name(folder: Path, tmp_path: Path) -> None:
    site, releases = shutil.copytree(folder, tmp_path / "site"), tmp_path / "releases"
    where, why = ("--sources", site, "--releases", releases), ("--reason", "fr=Erreur.", "--reason", "en=A mistake.")
    run("build", *where)
    run("withdraw", "contract", CONTRACT, *why, *where)
    assert f"<id/contrat/{SLUG}>" in (site / "data" / "withdrawals.ttl").read_text("utf-8")
    run("build", *where)
    history = History(releases)
    client = app_of(history, history.entries()[-1].release, public_url=SITE.address.rstrip("/")).test_client()
    for name in (f"contrat/{SLUG}", f"contrat/{SLUG}/montant/total", "fichier/aides"):
        assert client.get(f"/id/{name}", headers=TURTLE, follow_redirects=True).status_code == 410, name
    run("purge", "contract", CONTRACT, *why, *where)
    left = {path for path in tmp_path.rglob("*") if path.is_file() and SLUG.encode() in content(path)}
    assert left == set()


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def test_examples_are_copies_below_the_address_and_lead_to_the_original(tmp_path: Path) -> None:
    site = init(tmp_path / "site", "--with-examples")
    release = build(tmp_path / "releases", site)
    assert release.triples.describes(CONTRACT)
    originals = {each for each in iris(release) if PROGRAM.relative(each) != each}
    assert originals == {
        PROGRAM.contracts + each.rpartition("/")[2] for each in release.listing.things(CPER + "Contrat")
    }
    page = client_of(release).get(f"/doc/contrat/{SLUG}.html").text
    assert f'href="{PROGRAM.contracts}{SLUG}"' in page, "a link to another site, not a page of this one"
    assert "contrat-" + SLUG not in client_of(release).get("/catalog.ttl").text, "outside the catalogue"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('<catalogue> void:uriSpace "ftp://exemple.fr/" .', "site-address", 3),
        ('<catalogue> void:uriSpace "https://exemple.fr/?a=/" .', "site-address", 3),
        ('<catalogue> void:uriSpace "https://exemple.fr/#/" .', "site-address", 3),
        ('<catalogue> void:uriSpace "https://exemple.fr" .', "site-address", 3),
        ('<catalogue> void:uriSpace "https://a.fr/", "https://b.fr/" .', "site-address", 3),
        ("<id/../../x> a void:Dataset .", "source-relative", 3),
        ("<../../x> a void:Dataset .", "source-relative", 3),
        ("<x> a void:Dataset .", "source-relative", 3),
        ("</x> a void:Dataset .", "source-relative", 3),
        ("<#x> a void:Dataset .", "source-relative", 3),
    ],
)
def test_what_is_no_address_or_no_name_is_told_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    site = init(tmp_path / "site")
    (site / "data" / "catalog.ttl").write_text(f"@prefix void: <http://rdfs.org/ns/void#> .\n\n{text}\n", "utf-8")
    for lang in ("fr", "en"):
        result = CliRunner().invoke(main, ["check", "--sources", str(site), "--lang", lang])
        assert result.exit_code == 2
        assert f"catalog.ttl, {'ligne' if lang == 'fr' else 'line'} {line}" in result.stderr


def test_names_of_another_site_are_told_with_their_file_and_line(folder: Path, tmp_path: Path) -> None:
    site = shutil.copytree(folder, tmp_path / "site")
    path = site / "data" / "contracts" / f"{SLUG}.ttl"
    path.write_text(
        path.read_text("utf-8").replace(f"<id/contrat/{SLUG}/montant/total>", f"<{PROGRAM.contracts}x/total>"), "utf-8"
    )
    report = json.loads(CliRunner().invoke(main, ["check", "--sources", str(site), "--format", "json"]).stdout)
    (found,) = (each for each in report["findings"] if "name of another site" in each["messages"]["en"])
    line = path.read_text("utf-8").splitlines()[found["line"] - 1]
    assert (found["node"], found["files"][0]) == (f"{PROGRAM.contracts}x/total", f"data/contracts/{SLUG}.ttl")
    assert f"<{PROGRAM.contracts}x/total>" in line
