"""What check finds of deprecated terms that the data still use."""

import shutil
from itertools import chain
from pathlib import Path

import pytest

from cper_lod.core.namespaces import CPER, ONTOLOGY
from cper_lod.rdf.report import Finding
from cper_lod.release.check.check import check_deprecated
from cper_lod.release.check.published import PublishedData
from cper_lod.release.sources.read import read_sources
from tests.support.paths import FICTION, TINY


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources, whose ontology has a deprecated term, which a test may change."""
    folder = Path(shutil.copytree(TINY, tmp_path / "sources"))
    shutil.copy(FICTION / "deprecated" / "petit.ttl", folder / "ontology")
    return folder


def findings(folder: Path) -> list[Finding]:
    return list(chain.from_iterable(check_deprecated(PublishedData(read_sources(folder)))))


def test_use_of_a_deprecated_term_is_a_finding(sources: Path) -> None:
    assert findings(sources) == []
    (sources / "data" / "radeaux.ttl").write_text(
        f"<urn:a> a <{CPER}Radeau> . <urn:b> a <{CPER}Radeau> ; <{CPER}Radeau> 1 . <urn:c> a <{CPER}Bac> .\n"
    )
    (finding,) = findings(sources)
    assert (finding.severity, finding.node, finding.files) == ("warning", f"{ONTOLOGY}#Radeau", ("data/radeaux.ttl",))
    assert "3 time(s)" in finding.messages["en"]
    assert "3 fois" in finding.messages["fr"]
    assert all(finding.remedies[lang] and "{" not in finding.remedies[lang] for lang in ("fr", "en"))
