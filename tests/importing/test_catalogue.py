"""Two contracts in the catalogue: the second one comes from a workbook, with subsidies, and nobody writes Turtle."""

import json
import re
from pathlib import Path

import pyshacl
import pytest
import rdflib
from click.testing import Result
from pyoxigraph import NamedNode, Quad

from cper_lod.core.config import today
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCAT, DCT, PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.serialize import write
from cper_lod.release.build.build import build
from cper_lod.release.catalog.distributions import served_catalogue
from cper_lod.release.plan.contract import EXAMPLE
from cper_lod.release.release import Release
from cper_lod.release.sources.read import read_sources
from cper_lod.web.app import create_app
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import plain, run
from tests.support.harvest import harvested_whole
from tests.support.paths import FICTION as FICTION_FOLDER
from tests.support.paths import ROOT
from tests.support.requirements import DCAT_AP

pytestmark = pytest.mark.slow  # both contracts are imported, validated and built for it
SLUG = "armorique-test-2030-2034"
PUBLIC = "https://cper-lod.fr"
SITE = SiteNames(f"{PUBLIC}/")
CONTACT = "opendata@cper-lod.fr"
REGION = "organisme/region-fictive-d-armorique-test"
OWN = ("contrat", "enonces", "valeurs-derivees", "subventions")
"""The kinds of datasets of the second contract: from its files, and from what the build computes."""
OURS = re.compile(r"\b(?:cper|dcat|dct|prov|sh|skos|geo|rdfs|foaf):\w|<https?://")
"""What only who writes Turtle understands."""


def past(name: str, folder: Path) -> Path:
    """Return a copy of an example, ten years earlier: no agreement may be yet to come."""
    text = (ROOT / "tests" / "importing" / name).read_text("utf-8")
    (folder / name).write_text(re.sub(r"\b203(?=\d-)", "202", text), "utf-8")
    return folder / name


def import_both(sources: Path) -> tuple[Result, Result]:
    """Import the contract and its subsidies from files that are written beside a folder of sources; return what is told."""
    workbook = plain(sources.parent / "contrat.xlsx", FICTION)
    contract = run("import", "contract", workbook, "--sources", sources, "--lang", "fr")
    assert contract.exit_code == 0, contract.output
    assert not OURS.search(contract.output), contract.output
    rows, rules = (past(f"exemple-{name}.csv", sources.parent) for name in ("subventions", "regles"))
    subsidies = run("import", "subventions", rows, "--contract", SLUG, "--rules", rules, "--sources", sources)
    assert subsidies.exit_code == 0, subsidies.output
    return contract, subsidies


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of one's own, with examples: that of the region which signs the imported contract; not to be written to."""
    site = tmp_path_factory.mktemp("own") / "site"
    region = ("--publisher", "RÉGION FICTIVE D'ARMORIQUE-TEST", "--contact", CONTACT, "--public-url", PUBLIC)
    assert run("init", site, "--with-examples", *region).exit_code == 0
    import_both(site)
    outlines = (FICTION_FOLDER / "data" / f"geometries-{SLUG}.ttl").read_text("utf-8").split("\n\n<")[:-2]
    outline = "\n\n<".join(outlines).replace("cap-test", "armorique-test").replace("Cap-Test", "Armorique-Test")
    (site / "data" / f"geometries-{SLUG}.ttl").write_text(f"{outline}\n", "utf-8")
    return site


@pytest.fixture(scope="module")
def release(site: Path) -> Release:
    """Return the release of that site."""
    return build(site.parent / "releases", site)


@pytest.fixture(scope="module")
def catalogue(release: Release) -> list[Quad]:
    return served_catalogue(release, PUBLIC, CONTACT)


def test_check_does_not_speak_turtle_to_who_wrote_a_spreadsheet(site: Path) -> None:
    found = json.loads(run("check", "--format", "json", "--sources", site).stdout)
    assert found["conforms"]
    assert len(found["findings"]) > 3
    assert [each for each in found["findings"] if OURS.search(each["messages"]["fr"])] == []
    assert {each["shape"].rpartition("#")[2] for each in found["findings"] if "fictif" in each["node"]} == {
        "organisme-sans-siren"
    }
    hints = [each for each in found["findings"] if each["severity"] == "info"]
    assert hints == [], "each rule finds something to look at"


@pytest.fixture
def empty_site(tmp_path: Path) -> Path:
    """Return a site without a contract, of a publisher who signs none."""
    named = ("--publisher", "X", "--contact", CONTACT, "--public-url", PUBLIC)
    assert run("init", tmp_path / "site", *named).exit_code == 0
    return tmp_path / "site"


def test_a_contract_that_is_withdrawn_can_be_imported_again(empty_site: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {path.relative_to(empty_site): path.read_bytes() for path in empty_site.rglob("*.*") if path.is_file()}

    import_both(empty_site)
    before = contents()
    told = run("withdraw", "contract", SLUG, "--reason", "Essai", "--sources", empty_site, "--lang", "fr")
    assert told.exit_code == 0, told.output
    assert [path.name for path in contents().keys() ^ before.keys() if SLUG not in path.as_posix()] == [
        "withdrawals.ttl"
    ]
    contract, subsidies = import_both(empty_site)
    assert translate("cli-restored", "fr", iri=f"{SITE.address}id/contrat/{SLUG}") in contract.stdout
    assert "subventions-" in subsidies.stderr
    assert contents() == before


def test_every_file_of_the_second_contract_is_in_a_dataset(catalogue: list[Quad]) -> None:
    graph = Graph(catalogue)
    listed = {each.value.removeprefix(SITE.datasets) for each in graph.all(NamedNode(SITE.catalogue), DCAT + "dataset")}
    assert {each.removesuffix(f"-{SLUG}") for each in listed if each.endswith(SLUG)} == {*OWN}
    files: dict[str, set[str]] = {}
    for kind in OWN:
        dataset = NamedNode(f"{SITE.datasets}{kind}-{SLUG}")
        (day,) = {graph.value(dataset, DCT + name) for name in ("issued", "modified")}
        assert day == today(), "the day of the import"
        addresses = [graph.value(each, DCAT + "downloadURL") for each in graph.all(dataset, DCAT + "distribution")]
        files[kind] = {each.rpartition("/")[2].replace(f"-{SLUG}", "") for each in addresses if each}
    assert {"signataire.csv", "subdivision.csv", "montant.csv", "part.csv", "etape.csv"} < files["contrat"]
    assert files["subventions"] == {
        "subvention.csv",
        "fichier-de-subventions.csv",
        *(f"subventions.{each}" for each in ("ttl", "nt.gz", "jsonld")),
    }


def test_the_workbook_says_who_publishes_and_who_is_to_be_asked(empty_site: Path, tmp_path: Path) -> None:
    """An import of the same workbook keeps the days; what the sheet about the catalogue says stands in the catalogue."""
    named = {"editeur": "Région fictive d'Armorique-Test", "contact": "contact@armorique.fr"}
    workbook = plain(tmp_path / "contrat.xlsx", {**FICTION, "contrat": [{**FICTION["contrat"][0], **named}]})
    command = ("import", "contract", workbook, "--sources", empty_site)
    assert run(*command).exit_code == 0
    file = empty_site / "data" / "catalog" / f"{SLUG}.ttl"
    before = re.sub("[0-9]{4}-[0-9]{2}-[0-9]{2}", "2026-11-24", file.read_text("utf-8"))
    file.write_text(before, "utf-8")
    assert run(*command, "--replace", "--older").exit_code == 0
    assert file.read_text("utf-8") == before
    graph = Graph(read_sources(empty_site).published)
    for kind in ("contrat", "enonces", "valeurs-derivees"):
        dataset = NamedNode(f"{SITE.datasets}{kind}-{SLUG}")
        (publisher,) = graph.all(dataset, DCT + "publisher")
        assert graph.value(publisher, PREFIXES["foaf"] + "name") == named["editeur"]
        (contact,) = graph.all(dataset, DCAT + "contactPoint")
        assert graph.value(contact, PREFIXES["vcard"] + "hasEmail") == "mailto:contact@armorique.fr"


@pytest.mark.dcatap
def test_the_official_shapes_find_nothing(catalogue: list[Quad]) -> None:
    served = rdflib.Graph().parse(data=write(catalogue, TURTLE))
    shapes = rdflib.Graph().parse(DCAT_AP / "html__shacl__shapes.ttl")
    conforms, _, text = pyshacl.validate(served, shacl_graph=shapes, advanced=True)
    assert conforms, text


def test_the_catalogue_of_a_site_of_ones_own_is_the_publishers_alone(catalogue: list[Quad]) -> None:
    graph = Graph(catalogue)
    datasets = {node for node in graph.subjects() if DCAT + "Dataset" in graph.types(node)}
    assert {node.value for node in datasets} == {f"{SITE.datasets}{kind}-{SLUG}" for kind in OWN}
    region, place = (NamedNode(f"{SITE.address}id/{each}") for each in (REGION, "territoire/armorique-test"))
    for node in (*datasets, NamedNode(SITE.catalogue)):
        assert graph.all(node, DCT + "publisher") == [region]
        assert graph.all(node, DCT + "spatial") == [place]
    for node in datasets:
        (contact,) = graph.all(node, DCAT + "contactPoint")
        assert graph.value(contact, PREFIXES["vcard"] + "hasEmail") == f"mailto:{CONTACT}"
    assert graph.value(region, PREFIXES["foaf"] + "name") == "RÉGION FICTIVE D'ARMORIQUE-TEST"
    assert [quad for quad in catalogue if "auts-de-" in str(quad)] == []


def test_an_example_is_called_so_in_every_form(release: Release) -> None:
    client = create_app(release, None, Settings()).test_client()
    (own,) = [each for each in client.get("/doc/contrat.json").json["items"] if "(exemple)" not in each["nom"]]
    assert own["id"].endswith(SLUG)
    path = "/doc/contrat/hauts-de-france-2021-2027"
    for lang, mark in EXAMPLE.items():
        for address in ("/", "/compare", "/search?q=hauts-de-france", path, f"{path}/axe/2", f"{path}.json"):
            assert mark in client.get(address, headers={"Accept-Language": lang, "Accept": "text/html, */*;q=0.1"}).text


@pytest.mark.udata
def test_the_software_of_data_gouv_fr_harvests_every_dataset_whole_twice(catalogue: list[Quad], tmp_path: Path) -> None:
    assert harvested_whole(catalogue, tmp_path)
