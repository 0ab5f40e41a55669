"""What was validated before: the report of a build after another is that of a build by itself."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pyshacl.shape import Shape

from cper_lod.core.namespaces import BASE, GRAPH_REPORT, GRAPH_VOID
from cper_lod.rdf.report import Report, as_json, read_json
from cper_lod.rdf.shacl.prefilter import prefilter
from cper_lod.release.build.build import build
from cper_lod.release.check import incremental as module
from cper_lod.release.check.check import check
from cper_lod.release.check.incremental import previous_validation
from cper_lod.release.release import DATA, MANIFEST, REPORT
from cper_lod.release.sources.read import Sources, read_sources
from tests.support.paths import TINY


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the smallest sources (`tiny`) and a release of them (`releases`).

    One ferry lacks a word, which is no violation.
    """
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(TINY, folder / "tiny")
    (folder / "tiny" / "shapes" / "note.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix cper: <https://w3id.org/cper-lod/ontology#> .\n"
        "<urn:s> a sh:PropertyShape ; sh:targetClass cper:Bac ;\n"
        " sh:path cper:note ; sh:minCount 1 ; sh:severity sh:Info .\n"
    )
    build(folder / "releases", folder / "tiny")
    return folder


@pytest.fixture
def tiny(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the smallest sources, which pass for large."""
    monkeypatch.setattr(module, "LARGE", 0)
    return Path(shutil.copytree(built / "tiny", tmp_path / "tiny"))


@pytest.fixture
def releases(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder of releases in which the smallest sources were built."""
    return Path(shutil.copytree(built / "releases", tmp_path / "releases"))


def add(folder: Path, name: str) -> Sources:
    """Add a ferry to the sources and read them."""
    label = '<http://www.w3.org/2004/02/skos/core#prefLabel> "Bac"@fr , "Ferry"@en'
    (folder / "data" / f"{name}.ttl").write_text(
        f"<{BASE}id/bac/{name}> a <https://w3id.org/cper-lod/ontology#Bac> ; {label} .\n"
    )
    return read_sources(folder)


@pytest.mark.slow
def test_a_build_after_another_has_the_same_report(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    add(tiny, "un")
    releases = tmp_path / "releases"
    first = read_json((build(releases, tiny).folder / REPORT).read_bytes())
    assert {each.severity for each in first.findings} >= {"info"}
    sources = add(tiny, "deux")
    checked = list[str]()
    run = prefilter.run_pyshacl

    def noting(shape: Shape, *given: Any) -> Any:  # noqa: ANN401
        checked.extend(given[-1] if str(shape.node) == "urn:s" else ())
        return run(shape, *given)

    monkeypatch.setattr(prefilter, "run_pyshacl", noting)
    by_itself = check(sources)
    un, deux = (f"<{BASE}id/bac/{name}>" for name in ("un", "deux"))
    assert set(checked) > {un, deux}
    checked.clear()
    assert check(sources, releases=releases) == by_itself
    assert checked == [deux], "the results on the others are taken from the report before"
    assert {un, deux} < {f"<{each.node}>" for each in by_itself.findings if each.shape == "urn:s"}
    checked.clear()
    assert read_json((build(releases, tiny).folder / REPORT).read_bytes()) == by_itself
    assert checked == [deux]


def test_the_lines_that_came_or_went_are_those_of_the_sources(tiny: Path, releases: Path):
    found = previous_validation(releases, read_sources(tiny))
    assert found
    assert found[1] == []
    found = previous_validation(releases, add(tiny, "deux"))
    assert found
    assert any(f"<{BASE}id/bac/deux>" in line for line in found[1])
    assert not any("/rapport" in line for line in found[1])


@pytest.mark.parametrize("graph", [GRAPH_REPORT, GRAPH_VOID])
def test_what_sources_say_in_the_graphs_of_a_release_counts(tiny: Path, tmp_path: Path, graph: str):
    releases, said = tmp_path / "releases", tiny / "data" / "more.trig"
    add(tiny, "un")
    build(releases, tiny)
    said.write_text(f'<{graph}> {{ <{BASE}id/bac/un> <http://www.w3.org/2004/02/skos/core#note> "n"@fr }}\n')
    sources = read_sources(tiny)
    assert previous_validation(releases, sources)
    assert check(sources, releases=releases) == (said_so := check(sources))
    build(releases, tiny)
    said.write_text(f"<{graph}> {{ <urn:a> <urn:b> <urn:c> }}\n")
    sources = read_sources(tiny)
    assert check(sources, releases=releases) == check(sources) != said_so


def damage(folder: Path, releases: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make something differ from what the release was made of."""
    (place,) = (path.parent for path in releases.glob(f"[!.]*/{MANIFEST}"))
    if what == "shapes":
        (folder / "shapes" / "more.ttl").write_text("<urn:t> a <http://www.w3.org/ns/shacl#NodeShape> .\n")
    elif what == "program":
        monkeypatch.setattr(module, "program_id", lambda: "another")
    elif what == "validators":
        monkeypatch.setattr(module, "validators", lambda: "pyshacl 0.1")
    elif what == "kept back":
        (folder / "data" / "links").mkdir(exist_ok=True)
        (folder / "data" / "links" / "refus.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n")
    elif what == "much":
        monkeypatch.setattr(module, "MAX_CHANGED", 1)
        add(folder, "deux")
    elif what == "small":
        monkeypatch.setattr(module, "LARGE", 1 << 30)
    elif what == "entry":
        told = json.loads((place / MANIFEST).read_bytes())
        (place / MANIFEST).write_text(json.dumps({**told, "sealed": None}))
    elif what == "manifest":
        (place / MANIFEST).write_text("{")
    else:
        with (place / what).open("ab") as file:
            file.write(b" ")


@pytest.mark.parametrize(
    "what", ["shapes", "program", "validators", "kept back", "much", "small", "entry", "manifest", DATA, REPORT]
)
def test_other_differences_cause_a_full_validation(
    what: str, tiny: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
):
    assert previous_validation(releases, read_sources(tiny))
    damage(tiny, releases, what, monkeypatch)
    assert previous_validation(releases, read_sources(tiny)) is None


def test_a_report_is_read_as_it_was_written(tiny: Path):
    report = check(add(tiny, "un"))
    assert report.findings
    assert read_json(as_json(report)) == report
    assert read_json(as_json(Report())) == Report()
    with pytest.raises(KeyError):
        read_json(json.dumps({}).encode())
