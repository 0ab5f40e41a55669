"""Four real announcements, entered by workbook (`tests/contracts/`): their facts, and that writing them back changes nothing.

The facts come from public pages that were read in stored copies: nothing of them is published.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Quad

from cper_lod.core.namespaces import BASE, RDF, SKOS
from cper_lod.importing.contracts import importer
from cper_lod.importing.contracts.export import export_contract
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.importing.contracts.model import read_codes
from cper_lod.importing.contracts.template import write_folder
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Report
from cper_lod.release.sources.read import read_sources
from tests.support.paths import ROOT

CONTRACTS = sorted(path for path in (ROOT / "tests" / "contracts").iterdir() if path.is_dir())
SUMS = {
    "auvergne-rhone-alpes": {"montantTotal": 4_400_000_000},
    "bourgogne-franche-comte": {"montantTotal": 2_750_000_000, "montantParSubdivision": 2_740_000_000},
    "nouvelle-aquitaine": {"montantTotal": 6_500_000_000, "montantParSubdivision": 1_902_000_000},
    "occitanie": {"montantTotal": 6_400_000_000, "montantParFinanceur": 6_360_000_000},
}
"""What a newcomer's plain sum over each measure gives: never a euro twice, never two versions of it."""


@pytest.fixture(params=CONTRACTS, ids=[path.name for path in CONTRACTS])
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def sources(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return sources to which a test may add a contract; the check of all data has tests of its own."""
    monkeypatch.setattr(importer, "check", lambda *_: Report(()))
    return Path(shutil.copytree(small, tmp_path / "sources"))


def imported(path: Path, sources: Path) -> Workbook:
    """Import a workbook; nothing is found in it."""
    workbook = Workbook(path, sources)
    if not workbook.has_violations:
        workbook.check()
    assert [each.describe("fr") for each in workbook.cell_findings] == []
    for name, data in workbook.files.items():
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        (sources / name).write_bytes(data)
    return workbook


def facts(quads: list[Quad]) -> Iterator[str]:
    """Yield what is stated of the things of a contract, without labels and words, a line for each triple."""
    graph, start = Graph(quads), f"{BASE}id/"
    for thing in graph.subjects():
        for predicate, values in graph.properties(thing).items():
            name = predicate.rpartition("#")[2].rpartition("/")[2]
            if predicate.startswith(SKOS) and name != "broader" or name in ("contrat", "enonce", "valeurPubliee"):
                continue
            for value in values:
                shown = value.value.removeprefix(start) if name != "type" or predicate != RDF + "type" else value.value
                yield f"{str(getattr(thing, 'value', '')).removeprefix(start)} {name} {shown.rpartition('#')[2]}"


def test_a_contract_entered_by_workbook_says_what_its_announcement_says(folder: Path, sources: Path) -> None:
    workbook = imported(folder, sources)
    found = sorted(facts(list(read(sources / f"data/contracts/{workbook.slug}.ttl"))))
    expected = (folder / "facts.txt").read_text("utf-8").splitlines()
    assert found == expected


def test_writing_it_back_changes_nothing(folder: Path, sources: Path, tmp_path: Path) -> None:
    workbook = imported(folder, sources)
    answers = export_contract(sources, workbook.slug)
    assert answers["faits"] == [], "no fact without a place in the other sheets"
    write_folder(tmp_path / "exported", answers, read_codes(sources), "fr", exported=True)
    assert imported(tmp_path / "exported", sources).files == workbook.files


def test_a_plain_sum_tells_the_truth(folder: Path, sources: Path) -> None:
    imported(folder, sources)
    sums: dict[str, int] = {}
    for quad in read_sources(sources).published:
        name = quad.predicate.value.rpartition("#")[2]
        if name.startswith(("montantT", "montantP", "montantC", "partPar")):
            sums[name] = sums.get(name, 0) + int(getattr(quad.object, "value", "0"))
    assert sums == SUMS[folder.name]
