"""What a release is made from: which files are read, how, and each way in which a folder of sources can be wrong."""

import os
import shutil
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, GRAPH_CATALOGUE
from cper_lod.release.history.watcher import take_snapshot
from cper_lod.release.sources.files import display_path, fingerprint, source_files
from cper_lod.release.sources.read import Sources, read_data, read_sources
from tests.support.paths import ROOT, TINY
from tests.support.refusals import refused

TRIPLE = b"<http://example.org/s> <http://example.org/p> <http://example.org/o> .\n"


def said(sources: Sources) -> tuple[object, ...]:
    """Return what sources come to: what their files state, what is published, what is read beside."""
    files = sources.statements.rows.path.read_bytes(), sources.published.path.read_bytes()
    return *files, sources.shapes, sources.questions, sources.files, sources.declared_datasets


def refusal(folder: Path, code: str, *words: object, more: tuple[Path, ...] = ()) -> Problem:
    """Return the problem for which the sources are not read."""
    with refused(code, *words) as raised:
        read_sources(folder, more)
    return raised.value


def test_real_sources(sources: Path) -> None:
    read = read_sources(sources)
    assert {path.suffix for path in read.files} == {".ttl", ".rq", ".jsonld", ".md"}
    assert list(read.files) == source_files(sources)
    contract = read.statements.files_about(BASE + "id/contrat/hauts-de-france-2021-2027")
    assert [path.as_posix() for path in contract] == [
        "data/contracts/hauts-de-france-2021-2027.ttl",
        "data/links/hauts-de-france-2021-2027.ttl",
    ]
    assert not read.statements.files_about(BASE + "id/contrat/hauts-de-france")


def test_catalogue_has_its_graph_and_the_rest_is_in_the_default_graph(tiny: Path) -> None:
    graphs = {quad.subject: quad.graph_name for quad in read_sources(tiny).published}
    assert graphs[NamedNode(BASE + "catalogue")] == NamedNode(GRAPH_CATALOGUE)
    assert graphs[NamedNode(BASE + "id/bac/fictif-1")] == DefaultGraph()
    assert set(graphs.values()) == {DefaultGraph(), NamedNode(GRAPH_CATALOGUE)}


@pytest.mark.parametrize("name", ["data", "ontology/questions", "ontology/context"])
def test_missing_folder(tiny: Path, name: str) -> None:
    shutil.rmtree(tiny / name)
    refusal(tiny, "source-missing", tiny / name)


def test_sources_without_ontology_or_shapes_have_the_program_s_own(tiny: Path) -> None:
    own = {display_path(path, tiny) for path in read_sources(tiny).files}
    before, folder = fingerprint(source_files(tiny), tiny), tiny / "shapes"
    shutil.rmtree(folder)
    names = {display_path(path, tiny) for path in read_sources(tiny).files}
    assert {name for name in names if not name.startswith("shapes/")} < own
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "shapes").rglob("*.ttl")}
    assert names - own >= {name for name in shipped if not name.startswith("shapes/profiles/")} - own
    assert not [name for name in names if name.startswith("shapes/profiles/")], "counts of another contract"
    assert ROOT / "shapes" / "contract.ttl" in {Path(row[0]) for row in take_snapshot(tiny)}
    assert fingerprint(source_files(tiny), tiny) != before
    folder.symlink_to(tiny / "unmounted")
    refusal(tiny, "source-missing", folder)


@pytest.mark.parametrize(("name", "there_are_files"), [("ontology", True), ("shapes", True), ("data", False)])
def test_empty_folder_does_not_pass_silently(tiny: Path, name: str, there_are_files: bool) -> None:
    for path in (tiny / name).glob("*.ttl"):
        path.write_bytes(b"") if there_are_files else path.unlink()
    refusal(tiny, "source-empty", tiny / name)


def test_several_contexts_are_refused(tiny: Path) -> None:
    folder = tiny / "ontology" / "context"
    (folder / "1.1.0.jsonld").write_bytes((folder / "1.0.0.jsonld").read_bytes())
    refusal(tiny, "source-contexts", folder)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{\n  "@context": {,}\n}', "source-syntax"),
        (b'{"@context": "https://example.org/context"}', "source-syntax"),
        (b"", "source-syntax"),
        ('{"@context": {"libellé": "http://e.org/"}}'.encode("cp1252"), "source-encoding"),
    ],
)
def test_context_that_cannot_be_compiled(tiny: Path, content: bytes, code: str) -> None:
    (tiny / "ontology" / "context" / "1.0.0.jsonld").write_bytes(content)
    refusal(tiny, code, "1.0.0.jsonld")


@pytest.mark.parametrize("name", ["shapes/regles.txt", "ontology/notes.docx", "data/sans-fin", "data/a.ttl~"])
def test_unknown_ending_is_a_fault(tiny: Path, name: str) -> None:
    (tiny / name).write_bytes(TRIPLE)
    refusal(tiny, "source-format", tiny / name, ".ttl")


@pytest.mark.parametrize("name", [b"donn\x82es.ttl", b"donn\xe9es/a.nt"])
def test_a_name_that_is_no_utf8_is_a_fault(tiny: Path, name: bytes) -> None:
    """As archives made on Windows bring them: it is part of the IRI of the file, and of the fingerprint."""
    path = tiny / "data" / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(TRIPLE)
    refusal(tiny, "source-name", "donn\\x")


def test_folder_that_cannot_be_listed_is_a_fault(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tiny / "data" / "secret").mkdir()
    scandir = os.scandir

    def refuse(path: str | Path = "."):
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root, who runs some tests, is never refused
    refusal(tiny, "permission", "secret")


def test_links_are_followed_and_no_loop_is(tiny: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.nt").write_bytes(TRIPLE)
    (tiny / "data" / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(tiny / "data")
    read = read_sources(tiny)
    assert [path.name for path in read.files].count("x.nt") == 1
    assert any(getattr(quad.subject, "value", "") == "http://example.org/s" for quad in read.published)


@pytest.mark.parametrize("name", ["contracts", "self.ttl"])
def test_a_link_that_leads_nowhere_is_a_fault(tiny: Path, tmp_path: Path, name: str) -> None:
    """A disk that is not mounted: passed over, all that lies there would be withdrawn."""
    target = name if name == "self.ttl" else tmp_path / "not-mounted"
    (tiny / "data" / name).symlink_to(target)
    assert refusal(tiny, "source-missing").params["path"] == tiny / "data" / name
    (tiny / "data" / name).rename(tiny / "data" / ".#lock")  # as an editor makes one
    (tiny / "data" / "notes.md").symlink_to(target)
    read_sources(tiny)


@pytest.mark.parametrize("folder", ["shapes", "data"])
def test_syntax_fault_has_file_line_and_column(tiny: Path, folder: str) -> None:
    (tiny / folder / "faute.ttl").write_bytes(TRIPLE + b"<http://example.org/s> oops:p 1 .\n")
    refusal(tiny, "source-syntax", f"{tiny / folder / 'faute.ttl'}, line 2, column ")


def test_further_files_are_read_as_data_each_once(tiny: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "a.ttl").write_text("[] <http://example.org/p> 1 .\n")
    plain = read_sources(tiny)
    read = read_sources(tiny, (more / "a.ttl", more, tiny / "data" / "bacs.ttl"))
    assert len([*read.published]) == len([*plain.published]) + 1
    assert read.files == (*plain.files, more / "a.ttl")
    refusal(tiny, "source-missing", more=(more / "nope.ttl",))
    (more / "a.ttl").unlink()
    refusal(tiny, "source-empty", more=(more,))


def test_data_without_a_triple(tmp_path: Path) -> None:
    (tmp_path / "vide.ttl").write_text("# rien\n")
    with refused("source-empty", "vide.ttl"):
        read_data([tmp_path / "vide.ttl"], TINY)


def test_fingerprint_sees_bytes_and_names_and_nothing_else(tiny: Path, tmp_path: Path) -> None:
    first = fingerprint(source_files(tiny), tiny)
    copy = Path(shutil.copytree(tiny, tmp_path / "elsewhere" / "copy"))
    for path in source_files(copy):
        os.utime(path, (0, 0))
    assert fingerprint(source_files(copy), copy) == first
    (copy / "data" / "bacs.ttl").rename(copy / "data" / "barques.ttl")
    second = fingerprint(source_files(copy), copy)
    (copy / "ontology" / "questions" / "bacs.rq").write_bytes(b"# fr: ?\n")
    assert len({first, second, fingerprint(source_files(copy), copy)}) == 3


def test_words_and_hidden_files_may_stand_beside_data(tiny: Path) -> None:
    before = said(read_sources(tiny))
    for name in ("data/LISEZMOI.md", "data/lignes.csv", "data/.cache", "data/.git/config", "shapes/.DS_Store"):
        (tiny / name).parent.mkdir(exist_ok=True)
        (tiny / name).write_bytes(b"\xff")
    assert said(read_sources(tiny)) == before
