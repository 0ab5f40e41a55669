"""Fixtures for imports: the sources of the fictitious contract, and CSV files of subsidies."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from cper_lod.rdf.report import Finding, Report
from tests.importing.fictitious_workbook import DOCUMENT
from tests.importing.subsidies.example import HEADER, ROW, Make
from tests.support.paths import FICTION, ROOT


@pytest.fixture(scope="session")
def fictitious(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """Return the sources with the fictitious contract, without its subsidies; not to be written to."""
    folder = tmp_path_factory.mktemp("fictitious")
    for name in ("ontology", "shapes"):
        (folder / name).symlink_to(sources / name, target_is_directory=True)
    shutil.copytree(FICTION / "data", folder / "data", ignore=lambda *_: {"subventions"})
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return sources with the shapes for contracts, and only bodies and territories as data; not to be written to."""
    copied = tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT / "ontology", copied / "ontology", ignore=shutil.ignore_patterns("questions"))
    unused = ("ontology.ttl", "catalog.ttl", "questions.ttl", "profiles")
    shutil.copytree(ROOT / "shapes", copied / "shapes", ignore=shutil.ignore_patterns(*unused))
    (copied / "ontology" / "questions").mkdir(exist_ok=True)
    (copied / "data").mkdir()
    for name in ("bodies.ttl", "territories.ttl"):
        shutil.copy(ROOT / "data" / name, copied / "data")
    (copied / "data" / "document.ttl").write_text(DOCUMENT, "utf-8")
    return copied


@pytest.fixture
def place(fictitious: Path, tmp_path: Path) -> Path:
    """Return sources that a test may change."""
    folder = tmp_path / "sources"
    shutil.copytree(fictitious, folder, symlinks=True)
    return folder


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """Return a list of findings in place of those of the shapes, which other tests apply."""
    found: list[Finding] = []
    monkeypatch.setattr("cper_lod.importing.contracts.importer.check", lambda *_: Report(tuple(found)))
    return found


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Return a function that writes a CSV file: rows of the example with other cells."""

    def make(
        *rows: dict[str, str], name: str = "x.csv", encoding: str = "utf-8", separator: str = ",", **drop: str
    ) -> Path:
        columns = [each for each in HEADER if each not in drop]
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([(ROW | row)[each] for each in columns] for row in rows)
        path = tmp_path / name
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    return make
