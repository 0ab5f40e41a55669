"""The versions of the ontology: what sources keep, what check finds of them, and what one changed in the one before."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import CPER, ONTOLOGY, RDFS, SKOS
from cper_lod.rdf.report import Finding
from cper_lod.release.build.build import build
from cper_lod.release.check.check import check_deprecated, check_versions
from cper_lod.release.docs.ontology import deprecated, diff_ontologies
from cper_lod.release.docs.versions import current_version, earlier_versions, version_document
from cper_lod.release.sources.files import fingerprint, source_files
from cper_lod.release.sources.read import read_sources


def found(folder: Path) -> list[Finding]:
    sources = read_sources(folder)
    findings = [*check_versions(sources), *check_deprecated(sources)]
    for each in findings:
        assert all(each.messages[lang] and each.remedies[lang] for lang in ("fr", "en"))
        assert "{" not in each.messages["fr"] + each.remedies["fr"] + each.messages["en"] + each.remedies["en"]
    return findings


def changed(folder: Path, name: str, old: str, new: str) -> list[Finding]:
    """Return what is found after a change of one file of the ontology."""
    path = folder / "ontology" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return found(folder)


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(each.severity, each.node.removeprefix(ONTOLOGY), each.files[0]) for each in findings]


def test_a_complete_chain_of_versions_has_no_findings(versioned: Path) -> None:
    assert found(versioned) == []


def test_a_named_version_has_to_be_stored(versioned: Path) -> None:
    (versioned / "ontology" / "versions" / "0.9.0.ttl").unlink()
    (finding,) = found(versioned)
    assert told([finding]) == [("violation", "", "ontology/versions/0.10.0.ttl")]
    assert "ontology/versions/0.9.0.ttl" in finding.remedies["en"]


def test_a_stored_version_has_to_be_named(versioned: Path) -> None:
    findings = changed(versioned, "petit.ttl", "owl:priorVersion", "owl:incompatibleWith")
    assert told(findings) == [
        ("violation", "/0.10.0", "ontology/versions/0.10.0.ttl"),
        ("violation", "/0.9.0", "ontology/versions/0.9.0.ttl"),
    ]


def test_versions_that_name_each_other_end(versioned: Path) -> None:
    path = versioned / "ontology" / "versions" / "0.9.0.ttl"
    path.write_text(path.read_text() + f"<{ONTOLOGY}> owl:priorVersion <{ONTOLOGY}/0.10.0> .\n")
    assert found(versioned) == []


@pytest.mark.parametrize("name", ["0.9.1.ttl", "01.9.0.ttl", "neuf.ttl", "0.9.0 bis.ttl"])
def test_a_file_has_the_name_of_its_version(versioned: Path, name: str) -> None:
    folder = versioned / "ontology" / "versions"
    (folder / "0.9.0.ttl").rename(folder / name)
    findings = found(versioned)
    assert any("does not contain the version" in each.messages["en"] for each in findings)
    assert {each.severity for each in findings} == {"violation"}


def test_terms_of_compatible_versions_have_to_stay(versioned: Path) -> None:
    """A term of a version with which the ontology says it is compatible is still there."""
    findings = changed(versioned, "petit.ttl", "cper:Radeau", "cper:Barque")
    assert told(findings) == [("violation", "#Radeau", "ontology/cper.ttl")]
    assert "cper:Radeau" in findings[0].remedies["fr"]
    assert changed(versioned, "petit.ttl", "owl:backwardCompatibleWith", "owl:incompatibleWith") == []


def test_use_of_a_deprecated_term_is_a_finding(versioned: Path) -> None:
    data = versioned / "data" / "radeaux.ttl"
    data.write_text(
        f"<urn:a> a <{CPER}Radeau> . <urn:b> a <{CPER}Radeau> ; <{CPER}Radeau> 1 . <urn:c> a <{CPER}Bac> .\n"
    )
    (finding,) = found(versioned)
    assert told([finding]) == [("warning", "#Radeau", "data/radeaux.ttl")]
    assert "3 time(s)" in finding.messages["en"]
    assert "3 fois" in finding.messages["fr"]


@pytest.mark.parametrize(("written", "counts"), [("true", True), ('"1"^^xsd:boolean', True), ("false", False)])
def test_deprecated_is_a_truth_value(versioned: Path, written: str, counts: bool) -> None:
    path = versioned / "ontology" / "petit.ttl"
    text = path.read_text("utf-8").replace("deprecated true", f"deprecated {written}")
    path.write_text("@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n" + text)
    assert (CPER + "Radeau" in deprecated(read_sources(versioned).published)) is counts


def test_earlier_versions_are_no_part_of_the_data_and_of_the_release(versioned: Path) -> None:
    sources = read_sources(versioned)
    assert not any("Gué" in str(quad) for quad in sources.published)
    assert [path.name for path in source_files(versioned) if path.parent.name == "versions"] == [
        "0.10.0.ttl",
        "0.9.0.ttl",
    ]
    release = build(versioned.parent / "releases", versioned)
    before = fingerprint(source_files(versioned), versioned)
    assert (current_version(release), list(earlier_versions(release))) == ("1.0.0", ["0.10.0", "0.9.0"])
    assert NamedNode(CPER + "Gue") in {quad.subject for quad in version_document(release, "0.9.0").quads}
    assert NamedNode(CPER + "Pont") in {quad.subject for quad in version_document(release, "1.0.0").quads}
    with pytest.raises(Problem) as raised:
        version_document(release, "0.8.0")
    assert raised.value.kind.code == "version-unknown"
    assert "1.0.0, 0.10.0, 0.9.0" in str(raised.value.words("en"))
    file = versioned / "ontology" / "versions" / "0.9.0.ttl"
    file.write_text(file.read_text("utf-8").replace("Gué", "Passage"), "utf-8")
    assert fingerprint(source_files(versioned), versioned) != before
    assert build(versioned.parent / "releases", versioned).digest != release.digest


def test_what_a_version_changed(versioned: Path) -> None:
    sources = read_sources(versioned)
    release = build(versioned.parent / "releases", versioned)
    after = version_document(release, "1.0.0").quads
    told_of = diff_ontologies(earlier_versions(release)["0.10.0"], after)
    assert told_of.added == [CPER + "Pont"]
    assert told_of.withdrawn == []
    assert told_of.deprecated == [CPER + "Radeau"]
    assert told_of.changed[CPER + "Bac"] == [SKOS + "definition"]
    assert RDFS + "subClassOf" in told_of.changed[CPER + "Radeau"]
    assert diff_ontologies(earlier_versions(release)["0.9.0"], earlier_versions(release)["0.10.0"]).withdrawn == [
        CPER + "Gue"
    ]
    assert diff_ontologies(after, after) == ([], [], [], {})
    assert sources.versions
