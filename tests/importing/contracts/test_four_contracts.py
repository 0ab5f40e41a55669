"""Four real announcements, entered by workbook (`tests/contracts/`): their facts, and that writing them back changes nothing.

The facts come from public pages that were read in stored copies: nothing of them is published.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Quad

from cper_lod.core.namespaces import BASE, RDF, SKOS
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from tests.importing.workbooks import from_csv, plain
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow  # each is imported and checked
CONTRACTS = sorted(path for path in (ROOT / "tests" / "contracts").iterdir() if path.is_dir())


@dataclass
class Case:
    """A contract that was imported: where its workbook is, the sources with it, and what was imported."""

    folder: Path
    sources: Path
    workbook: Workbook


@pytest.fixture(scope="module", params=CONTRACTS, ids=[path.name for path in CONTRACTS])
def case(request: pytest.FixtureRequest, small: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    sources = Path(shutil.copytree(small, tmp_path_factory.mktemp("four") / "sources"))
    return Case(request.param, sources, imported(request.param, sources))


def imported(folder: Path, sources: Path) -> Workbook:
    """Import a workbook, and check it with the sources; nothing is found in it but that there is no text of its documents."""
    workbook = Workbook(plain(sources.parent / "contrat.xlsx", from_csv(folder)), sources)
    if not workbook.has_violations:
        workbook.check()
    assert [each.describe("fr") for each in workbook.cell_findings if each.key != "document-uncopied"] == []
    assert not workbook.has_violations
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
            if (predicate.startswith(SKOS) and name != "broader") or name in ("contrat", "enonce", "valeurPubliee"):
                continue
            for value in values:
                shown = value.value.removeprefix(start) if name != "type" or predicate != RDF + "type" else value.value
                yield f"{str(getattr(thing, 'value', '')).removeprefix(start)} {name} {shown.rpartition('#')[2]}"


def test_a_contract_entered_by_workbook_says_what_its_announcement_says(case: Case) -> None:
    found = sorted(facts(list(read(case.sources / f"data/contracts/{case.workbook.slug}.ttl"))))
    assert found == (case.folder / "facts.txt").read_text("utf-8").splitlines()
