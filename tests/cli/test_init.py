"""`cper-lod init`: a site of one's own, from the empty folder to its pages, before any contract is imported."""

import gzip
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import NamedNode

from cper_lod.cli.main import main
from cper_lod.core.errors import LANGUAGES
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCT, PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.release.build.build import build
from cper_lod.release.release import DUMP
from cper_lod.web.app import create_app
from tests.support.paths import ROOT
from tests.support.refusals import full_disk
from tests.web.counting_engine import CountingEngine

REGION = {"publisher": "Région Exemple", "contact": "opendata@exemple.fr", "public-url": "https://cper.exemple.fr/"}
SITE = SiteNames("https://cper.exemple.fr/")


def init(folder: Path, **changed: str) -> Result:
    options = [part for name, value in (REGION | changed).items() for part in (f"--{name}", value)]
    return CliRunner().invoke(main, ["init", str(folder), *options, "--lang", "en"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("publisher", value) for value in ("", "«»", "x" * 500, "a\x07b")),
        *(("contact", value) for value in ("", "a@b.fr\nsources = '/etc'")),
        ("public-url", "https://"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(tmp_path: Path, name: str, value: str) -> None:
    result = init(tmp_path / "site", **{name: value})
    assert (result.exit_code, (tmp_path / "site").exists()) == (2, False)
    assert f"--{name}" in result.stderr or f"Setting {name.replace('-', '_')}" in result.stderr


def test_a_publisher_of_the_program_s_contracts_has_the_names_that_they_give_it(tmp_path: Path) -> None:
    """With the examples, it would have two names in a language otherwise, which no check accepts."""
    assert init(tmp_path / "site", publisher="REGION BRETAGNE").exit_code == 0
    region = NamedNode(f"{SITE.things}organisme/region-bretagne")
    ours, program = (
        Graph(read(path, names=SITE))
        for path in (tmp_path / "site/data/catalog.ttl", ROOT / "data" / "bodies-bretagne-2021-2027.ttl")
    )
    assert [ours.name(region, lang) for lang in LANGUAGES] == [program.name(region, lang) for lang in LANGUAGES]


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert init(tmp_path).exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for folder, message in (
        (tmp_path, "it holds cper-lod.toml"),
        (tmp_path / "cper-lod.toml", "it is a file"),
        (Path("/proc/site"), "Cannot read or write. /proc/site"),
    ):
        result = init(folder, publisher="Somebody else")
        assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_disk_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    assert "No space left on device." in init(tmp_path / "new").stderr
    assert [*tmp_path.iterdir()] == []


def test_any_name_is_written_as_it_is(tmp_path: Path) -> None:
    assert init(tmp_path, publisher='Région\n "A"  <b>\\ {c} ^`|\t ').exit_code == 0
    graph = Graph(read(tmp_path / "data" / "catalog.ttl", names=SITE))
    agent = NamedNode(f"{SITE.things}organisme/region-a-b-c")
    assert graph.one(NamedNode(SITE.catalogue), DCT + "publisher") == agent
    assert graph.value(agent, PREFIXES["foaf"] + "name") == 'Région "A" <b>\\ {c} ^`|'
    assert CliRunner().invoke(main, ["format", "--check", str(tmp_path / "data")]).exit_code == 0


@pytest.mark.slow
def test_a_site_without_a_contract_conforms_and_has_all_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert init(Path("site")).exit_code == 0
    monkeypatch.chdir(tmp_path / "site")
    written = {path.as_posix() for path in Path().rglob("*") if path.is_file()}
    assert written == {"cper-lod.toml", "data/catalog.ttl", "data/catalog/authorities.ttl"}
    shown = json.loads(CliRunner().invoke(main, ["settings", "--format", "json"]).stdout)
    values = {name: shown[name]["value"] for name in ("sources", "public_url", "contact")}
    assert values == {"sources": ".", "public_url": "https://cper.exemple.fr", "contact": REGION["contact"]}
    report = json.loads(CliRunner().invoke(main, ["check", "--format", "json"]).stdout)
    assert [each["severity"] for each in report["findings"]] == ["info", "info"]
    assert report["findings"][0]["messages"]["en"].startswith("Rules of the program that found nothing to examine")
    release = build(tmp_path / "releases", Path())
    lines = gzip.decompress((release.folder / DUMP / "tout.nt.gz").read_bytes()).splitlines()
    assert [line for line in lines if b"auts-de-" in line and b"skos/core#example" not in line] == []
    client = create_app(release, CountingEngine(), Settings(public_url="https://cper.exemple.fr")).test_client()
    pages = "/ /catalog /doc /download /links /search?q=region /sparql /report /ontology /shapes /legal /developers"
    others = "/catalog.ttl /catalog.rdf /links.csv /doc.json /openapi.json /void.ttl /sitemap.xml /robots.txt"
    for address in (*pages.split(), *others.split()):
        for lang in LANGUAGES:
            answer = client.get(address, headers={"Accept-Language": lang, "Accept": "text/html, */*;q=0.1"})
            assert answer.status_code == 200, address
            assert "Hauts-de-France" not in answer.text or address in ("/ontology", "/search?q=region"), address
    assert "No contract is published here yet." in client.get("/?lang=en", headers={"Accept": "text/html"}).text
    assert client.get("/doc/contrat.json").status_code == 404
