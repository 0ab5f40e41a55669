"""Four real announcements, entered by workbook (`tests/contracts/`): their facts.

The facts come from public pages that were read in stored copies: nothing of them is published.
"""

import re
from pathlib import Path

import pytest

from cper_lod.core.names import PROGRAM
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.rdf.reader import read
from tests.importing.workbooks import facts, from_csv, plain
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow  # each is imported and checked
CONTRACTS = sorted(path for path in (ROOT / "tests" / "contracts").iterdir() if path.is_dir())
UNTOLD = re.compile("contrat|enonce|lecture|valeurPubliee|inScheme|notation|note|scopeNote|prefLabel|altLabel")
"""Properties that are labels, words, readings and links to the whole."""


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
    found = sorted(
        " ".join(fact) for fact in facts(read(tmp_path / "contrat.ttl", names=PROGRAM)) if not UNTOLD.fullmatch(fact[1])
    )
    assert found == (folder / "facts.txt").read_text("utf-8").splitlines()
