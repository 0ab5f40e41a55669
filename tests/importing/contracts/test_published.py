"""Each contract of the sources is what its workbook says: written back and imported again, it changes nothing."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cper_lod.cli.main import main
from cper_lod.rdf.report import Report
from tests.support.paths import FICTION, ROOT

CONTRACTS = [path for data in (ROOT / "data", FICTION / "data") for path in sorted((data / "contracts").glob("*.ttl"))]


@pytest.mark.parametrize("contract", CONTRACTS, ids=[path.stem for path in CONTRACTS])
def test_a_published_contract_is_what_its_workbook_says(
    contract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them have the text of their document, in which each quotation is found where it was."""
    monkeypatch.setattr("cper_lod.importing.contracts.importer.check", lambda *_: Report())
    sources = tmp_path / "sources"
    for folder in (ROOT / "ontology", ROOT / "shapes", contract.parents[1]):
        shutil.copytree(folder, sources / folder.name)
    before = {path: path.read_bytes() for path in sources.rglob("*") if path.is_file()}
    for command in (
        ["export", "contract", contract.stem, str(tmp_path / "book")],
        ["import", "contract", "--replace", str(tmp_path / "book")],
    ):
        result = CliRunner().invoke(main, [*command, "--sources", str(sources)])
        assert result.exit_code == 0, result.output
    assert {path: path.read_bytes() for path in sources.rglob("*") if path.is_file()} == before
