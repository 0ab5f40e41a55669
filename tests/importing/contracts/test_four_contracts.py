"""Four real announcements, entered by workbook (`tests/contracts/`): their facts.

The facts come from public pages that were read in stored copies: nothing of them is published.
"""

from collections.abc import Iterator
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


@pytest.mark.parametrize("folder", CONTRACTS, ids=[path.name for path in CONTRACTS])
def test_a_contract_entered_by_workbook_says_what_its_announcement_says(
    folder: Path, small: Path, tmp_path: Path
) -> None:
    """Nothing is found in the workbook but that there is no text of its documents."""
    workbook = Workbook(plain(tmp_path / "contrat.xlsx", from_csv(folder)), small)
    if not workbook.has_violations:
        workbook.check()
    assert [each.describe("fr") for each in workbook.cell_findings if each.key != "document-uncopied"] == []
    assert not workbook.has_violations
    (tmp_path / "contrat.ttl").write_bytes(workbook.files[f"data/contracts/{workbook.slug}.ttl"])
    found = sorted(facts(list(read(tmp_path / "contrat.ttl"))))
    assert found == (folder / "facts.txt").read_text("utf-8").splitlines()
