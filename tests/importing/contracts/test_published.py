"""Each contract of the sources is what its workbook says: written back and imported again, it changes nothing."""

from pathlib import Path

import pytest

from tests.importing.workbooks import run
from tests.support.one_contract import copy_contract
from tests.support.paths import ROOT

CONTRACTS = sorted((ROOT / "data" / "contracts").glob("*.ttl"))


@pytest.mark.parametrize("contract", CONTRACTS, ids=[path.stem for path in CONTRACTS])
def test_a_published_contract_is_what_its_workbook_says(contract: Path, tmp_path: Path, unchecked: object) -> None:
    """Two of them have the text of their document, in which each quotation is found where it was."""
    sources = copy_contract(contract.parents[1], contract.stem, tmp_path / "sources")
    before = {path: path.read_bytes() for path in sources.rglob("*") if path.is_file()}
    for command in (
        ("export", "contract", contract.stem, tmp_path / "book.xlsx"),
        ("import", "contract", "--replace", tmp_path / "book.xlsx"),
    ):
        result = run(*command, "--sources", sources)
        assert result.exit_code == 0, result.output
    assert {path: path.read_bytes() for path in sources.rglob("*") if path.is_file()} == before
