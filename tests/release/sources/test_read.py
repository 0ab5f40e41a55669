"""What a release is made from: which files are read, how, what each dataset has of it, and how a folder can be wrong."""

import os
import random
import shutil
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from cper_lod.core.names import PROGRAM
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.history.watcher import take_snapshot
from cper_lod.release.jobs.progress import SILENT
from cper_lod.release.sources.files import display_path, fingerprint, source_files
from cper_lod.release.sources.read import read_data, read_sources
from cper_lod.release.sources.statements import SourceFile, StatementIndexWriter, TempDir, partition
from tests.support.names import BASE, GRAPH_CATALOGUE
from tests.support.paths import ROOT, TINY
from tests.support.refusals import refused

TRIPLE = b"<http://example.org/s> <http://example.org/p> <http://example.org/o> .\n"


def refusal(folder: Path, code: str, *words: object, more: tuple[Path, ...] = ()) -> None:
    """Check that sources are not read, and why."""
    with refused(code, *words):
        read_sources(folder, more)


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


CONTEXT, FAULT = "ontology/context/1.0.0.jsonld", TRIPLE + b"<http://example.org/s> oops:p 1 .\n"
WRONG: dict[str, tuple[str | bytes, bytes | str | None, str, str]] = {
    "no data": ("data", None, "source-missing", "/data"),
    "no questions": ("ontology/questions", None, "source-missing", "ontology/questions"),
    "no context": ("ontology/context", None, "source-missing", "ontology/context"),
    "an ontology without a triple": ("ontology/petit.ttl", b"", "source-empty", "/ontology"),
    "shapes without a triple": ("shapes/petit.ttl", b"", "source-empty", "/shapes"),
    "data without a file": ("data/*", None, "source-empty", "/data"),
    "two contexts": ("ontology/context/1.1.0.jsonld", b"{}", "source-contexts", "/context"),
    "a context without syntax": (CONTEXT, b'{"@context": {,}}', "source-syntax", "1.0.0.jsonld"),
    "a context elsewhere": (CONTEXT, b'{"@context": "urn:x"}', "source-syntax", "1.0.0.jsonld"),
    "a context that is not UTF-8": (CONTEXT, b'{"\xe9": 1}', "source-encoding", "1.0.0.jsonld"),
    "a text in the shapes": ("shapes/regles.txt", TRIPLE, "source-format", "shapes/regles.txt"),
    "a text in the ontology": ("ontology/notes.docx", TRIPLE, "source-format", "ontology/notes.docx"),
    "no suffix": ("data/sans-fin", TRIPLE, "source-format", "data/sans-fin"),
    # As archives made on Windows bring them: it is part of the IRI of the file, and of the fingerprint.
    "a name that is not UTF-8": (b"data/donn\x82es.ttl", TRIPLE, "source-name", "donn\\x"),
    "a folder whose name is not UTF-8": (b"data/donn\xe9es/a.nt", TRIPLE, "source-name", "donn\\x"),
    # A disk that is not mounted: passed over, all that lies there would be withdrawn.
    "a link that leads nowhere": ("data/contracts", "not-mounted", "source-missing", "data/contracts"),
    "a link to itself": ("data/self.ttl", "self.ttl", "source-missing", "data/self.ttl"),
    "a fault in the shapes": ("shapes/faute.ttl", FAULT, "source-syntax", "shapes/faute.ttl, line 2, column "),
    "a fault in the data": ("data/faute.ttl", FAULT, "source-syntax", "data/faute.ttl, line 2, column "),
}
"""A name, what is written there (None: it is removed; a text: it is a link that leads there), the problem and its words."""


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(tiny: Path, what: str) -> None:
    name, content, code, words = WRONG[what]
    path = tiny / os.fsdecode(name)
    if isinstance(content, bytes):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    elif content:
        path.symlink_to(content)
    else:
        for each in tiny.glob(str(name)):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    refusal(tiny, code, words)


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


def test_a_link_to_words_and_a_hidden_one_may_lead_nowhere(tiny: Path) -> None:
    for name in (".#lock", "notes.md"):  # as an editor makes one
        (tiny / "data" / name).symlink_to("not-mounted")
    read_sources(tiny)


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
    before = read_sources(tiny).files, fingerprint(source_files(tiny), tiny)
    for name in ("data/LISEZMOI.md", "data/lignes.csv", "data/.cache", "data/.git/config", "shapes/.DS_Store"):
        (tiny / name).parent.mkdir(exist_ok=True)
        (tiny / name).write_bytes(b"\xff")
    assert (read_sources(tiny).files, fingerprint(source_files(tiny), tiny)) == before


def test_a_statement_is_in_every_dataset_of_its_files_once(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311  # the same lines each time
    files = {
        f"data/{number}.nt": {f'<urn:{chance.randint(1, 99)}> <urn:p> "x" .' for _ in range(40)} for number in "012"
    }
    graph = "<urn:n> <urn:p> <urn:o> <urn:graph> ."
    files["data/0.nt"].add(graph)
    with StatementIndexWriter(TempDir(tmp_path), PROGRAM) as writer:
        for name, lines in files.items():
            writer.add(SourceFile(name, "data"), ["".join(f"{line}\n" for line in lines).encode()])
        writer.add(SourceFile("shapes/a.ttl", "shapes"), [b'<urn:1> <urn:p> "of a shape" .\n'])
    stated = {line.decode(): numbers for line, numbers in writer.index.statements()}
    names = [*files]
    assert all(
        {names[number] for number in stated[line]} == {name for name in names if line in files[name]}
        for line in set().union(*files.values())
    )
    parts = [CatalogueDataset("https://e.test/a", ("data/0.nt",)), CatalogueDataset("https://e.test/b", ("data/",))]
    whole, held = partition(writer.index, parts, SILENT)
    everything = set().union(*files.values())
    for dump, expected in ((whole, everything), (held[parts[0]], files["data/0.nt"]), (held[parts[1]], everything)):
        of_default = expected - {graph}
        lines = [line.decode() for line in dump.quads.lines()]
        assert lines == sorted(expected if dump is whole else of_default)
        assert dump.triples == len(of_default)
    assert [path.as_posix() for path in writer.index.files_about("urn:n")] == ["data/0.nt"]
