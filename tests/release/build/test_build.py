"""Building a release: the same input gives the same bytes anywhere; what does not conform is refused, nothing lost."""

import errno
import gzip
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Store, parse

from cper_lod.core.errors import Problem
from cper_lod.rdf.reader import FORMATS
from cper_lod.release import release as sealed
from cper_lod.release.build import artifacts
from cper_lod.release.build import build as building
from cper_lod.release.build.build import build, ensure_release, find_built
from cper_lod.release.history.history import FOLDER, History
from cper_lod.release.jobs.locks import build_directory, sweep
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.release import Release, open_release
from cper_lod.release.sources import read as reading
from cper_lod.release.sources.read import Sources, read_sources
from cper_lod.release.storage.quad_file import parse_lines
from tests.support.graphs import canonical
from tests.support.names import GRAPH_CATALOGUE, GRAPH_DOCUMENTATION, GRAPH_REPORT, GRAPH_VOID
from tests.support.paths import ROOT, TINY
from tests.support.refusals import refused

ALL_FILES = {
    *sealed.DIGESTED_FILES,
    sealed.SITE,
    *(f"{sealed.DUMP}/tout.{suffix}" for suffix in ("nt.gz", "ttl", "jsonld")),
    *(f"{sealed.DUMP}/{name}" for name in ("datapackage.json", "bac.csv", "bac.schema.json", "bac.csv-metadata.json")),
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder for releases that is not there yet."""
    return tmp_path / "not" / "yet" / "releases"


def folders(releases: Path) -> list[Path]:
    """Return the folders of sealed releases."""
    return [path for path in releases.iterdir() if path.is_dir() and path.name != FOLDER]


# The digest


IN_MANY_PROCESSES = """
from cper_lod.cli.main import main
from cper_lod.core import sorting
from cper_lod.release.build import artifacts

run_parallel = artifacts.run_parallel
artifacts.PARALLEL_BYTES = sorting.MAX_IN_MEMORY = 1 << 20
artifacts.run_parallel = lambda *given, **how: print(how) or run_parallel(*given, **how)
main()
"""


@pytest.mark.slow
def test_real_sources_have_the_same_digest_elsewhere_and_in_many_processes(
    release: Release, here: Path, tmp_path: Path
) -> None:
    """What is small is sorted and made in one process, what is large by others: here, all is called large."""
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name)
    command = [sys.executable, "-c", IN_MANY_PROCESSES, "build", "--sources", tmp_path / "copy", "--releases", here]
    environment = {**os.environ, "CPER_LOD_LANG": "en", "PYTHONHASHSEED": "7"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout == 3 * "{'parallel': True}\n" + f"Digest: {release.digest}\n", done.stderr
    (folder,) = folders(here)
    other = open_release(folder)
    assert other.manifest["files"] == release.manifest["files"], "every file but the index, to the byte"
    stores = [Store.read_only(str(each.folder / sealed.INDEX)) for each in (other, release)]
    assert set(stores[0]) == set(stores[1])


def test_no_clock_and_no_place_in_any_file(tiny: Path, here: Path, tmp_path: Path) -> None:
    first = build(here, tiny)
    copy = Path(shutil.copytree(tiny, tmp_path / "a" / "copy"))
    for path in copy.rglob("*"):
        os.utime(path, (0, 0))
    second = build(here / "elsewhere", copy)
    assert (first.digest, first.manifest["files"]) == (second.digest, second.manifest["files"])
    assert set(first.manifest["files"]) == ALL_FILES


CHANGES: dict[str, Callable[[Path], object]] = {
    "a label": lambda folder: replace(folder / "data" / "bacs.ttl", ' 1"', ' 2"'),
    "a shape": lambda folder: replace(folder / "shapes" / "petit.ttl", "Nommez-le.", "Donnez-lui un nom."),
    "a question": lambda folder: replace(folder / "ontology" / "questions" / "bacs.rq", "ORDER BY ?bac", "LIMIT 1"),
    "the context": lambda folder: replace(folder / "ontology" / "context" / "1.0.0.jsonld", "libelle", "nom"),
    "a finding": lambda folder: replace(folder / "data" / "bacs.ttl", "\n\n", "\n\n\n"),
}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_each_change_changes_the_digest(tiny: Path, here: Path) -> None:
    digests = {build(here, tiny).digest}
    for change in CHANGES.values():
        change(tiny)
        digests.add(build(here, tiny).digest)
    assert len(digests) == len(folders(here)) == len(CHANGES) + 1


def test_everybody_may_read_a_release_whatever_the_umask(tiny: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        release = build(tmp_path / "releases", tiny)
        entry = History(tmp_path / "releases").publish(release, "build")
    finally:
        os.umask(before)
    folders = (release.folder, History(tmp_path / "releases").folder(entry))
    for path in (tmp_path / "releases", *(each for folder in folders for each in (folder, *folder.rglob("*")))):
        assert path.stat().st_mode & 0o7777 == (0o755 if path.is_dir() else 0o644), path


def test_a_release_that_may_not_be_read_is_kept(tiny: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = build(here, tiny)

    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(io, "FileIO", refuse)
        for attempt in (lambda: find_built(here, release.manifest["sources"]), lambda: build(here, tiny)):
            with refused("permission", match="mode 0644"):
                attempt()
    assert find_built(here, release.manifest["sources"]) == release


def test_a_release_and_a_publication_are_on_the_disk_before_they_are_in_their_places(
    tiny: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves a whole one, or none of that name."""
    done, fsync, rename = list[str](), os.fsync, Path.rename

    def noted(descriptor: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "rename", lambda path, target: done.append(f"{path} moved") or rename(path, target))
    release = build(here, tiny)
    built, history = len(done), History(here)
    folder = history.folder(history.publish(release, "build"))
    for steps, place in ((done[:built], release.folder), (done[built:], folder)):
        moved = next(number for number, each in enumerate(steps) if each.endswith(" moved"))
        start, names = steps[moved].removesuffix(" moved"), [path.relative_to(place) for path in place.rglob("*")]
        assert names
        assert {start, *(f"{start}/{name}" for name in names)} <= {*steps[:moved]}
        assert str(place.parent) in steps[moved:]


def test_the_index_has_the_lines_of_all_graphs(tiny: Path, here: Path) -> None:
    release = build(here, tiny)
    assert set(release.graphs) == {GRAPH_CATALOGUE, GRAPH_DOCUMENTATION, GRAPH_REPORT, GRAPH_VOID}
    lines = list(release.lines())
    assert lines == sorted(set(lines))
    assert set(Store.read_only(str(release.folder / sealed.INDEX))) == set(parse_lines(lines))


# Used again, or made anew


def test_used_again_only_by_the_program_that_made_it(tiny: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = ensure_release(here, tiny)
    for module in (building, artifacts):
        monkeypatch.setattr(module, "program_id", lambda: "9.9.9+0123456789ab")
    other, built = ensure_release(here, tiny)
    assert built
    assert other.manifest["program"] == "9.9.9+0123456789ab"
    assert (other.digest, other.folder == first.folder) == (first.digest, False)
    assert open_release(first.folder).manifest == first.manifest, "that of the other program is left alone"


def test_same_release_from_files_of_other_names(tiny: Path, here: Path) -> None:
    first, _ = ensure_release(here, tiny)
    (tiny / "data" / "bacs.ttl").rename(tiny / "data" / "barques.ttl")
    second, built = ensure_release(here, tiny)
    assert (built, second.digest, second.folder) == (True, first.digest, first.folder)
    assert second.manifest["sources"] != first.manifest["sources"]
    assert ensure_release(here, tiny)[1] is False
    assert [path.name for path in folders(here)] == [first.folder.name]


def test_truncated_file_is_refused_and_built_again(tiny: Path, here: Path) -> None:
    release, _ = ensure_release(here, tiny)
    for name in (*sorted(ALL_FILES), *(f"{sealed.INDEX}/{name}" for name in release.manifest["index"])):
        path = release.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] or b"\n")
        with refused("release-damaged", name):
            open_release(release.folder)
        path.write_bytes(whole)
    (release.folder / sealed.DATA).write_bytes(b"")
    again, built = ensure_release(here, tiny)
    assert (built, open_release(release.folder).manifest) == (True, again.manifest)
    assert [path.name for path in folders(here)] == [release.folder.name], "nothing of the damaged one is left"


def test_invalid_manifest(tiny: Path, here: Path) -> None:
    release, _ = ensure_release(here, tiny)
    for manifest in ("", "[]", "{}", '{"format": 1}', "\x00"):
        (release.folder / sealed.MANIFEST).write_text(manifest)
        with pytest.raises(Problem) as caught:
            open_release(release.folder)
        assert caught.value.kind.code == ("release-format" if '"format"' in manifest else "release-damaged")
        assert find_built(here, release.manifest["sources"]) is None, manifest
    assert ensure_release(here, tiny)[1] is True


# Builds that are killed, files that are edited meanwhile


def test_folder_of_a_living_build_is_not_swept(here: Path) -> None:
    here.mkdir(parents=True)
    (here / ".building-dead").mkdir()
    (here / ".building-dead" / "data.nq").write_text("")
    (here / ".building-file").write_text("no folder, none of ours")
    (here / "abc").mkdir()
    with build_directory(here) as mine, build_directory(here) as other:
        assert mine != other
        sweep(here)
        assert {path.name for path in here.iterdir()} == {mine.name, other.name, "abc", ".building-file"}
    assert {path.name for path in here.iterdir()} == {"abc", ".building-file"}


def test_file_edited_while_it_is_read(tiny: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Sources] = []

    def edited(folder: Path, *, temp_parent: Path, progress: Progress) -> Sources:
        read = read_sources(folder, temp_parent=temp_parent, progress=progress)
        if not reads:
            replace(tiny / "data" / "bacs.ttl", ' 1"', ' 2"')
        reads.append(read)
        return read

    monkeypatch.setattr(reading, "read_sources", edited)
    release = build(here, tiny)
    assert len(reads) == 2, "read again"
    quads = parse_lines(release.lines())
    assert "Bac fictif n° 2" in {getattr(quad.object, "value", "") for quad in quads}
    assert ensure_release(here, tiny)[1] is False


# Any RDF, served as given

AS_GIVEN = {
    "a.nq": '_:x <http://e.org/p> "été"@FR .\n_:y <http://e.org/p> "1" _:g .\n'
    '_:x <http://e.org/p> "1000.00"^^<http://www.w3.org/2001/XMLSchema#decimal> <http://e.org/g> .\n',
    "a.trig": "@prefix : <http://e.org/> . { :s :p [ :p :o ], 1e0 } :g { :s :p ( 1 2 ) , :o } :h { :s :p 1.0 }",
}


@pytest.mark.parametrize("name", AS_GIVEN)
def test_data_is_served_as_given_with_canonical_literals(tmp_path: Path, here: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(AS_GIVEN[name], "utf-8")
    stored = Store()
    stored.bulk_extend(parse(AS_GIVEN[name].encode(), format=FORMATS[path.suffix]))
    given = canonical(stored)
    assert len(given) >= 2
    release, built = ensure_release(here, TINY, (path,))
    assert (built, release.manifest["mode"], release.has_shapes, release.questions) == (True, "data", False, [])
    assert canonical(parse_lines(release.lines())) == given
    default = gzip.decompress((release.folder / sealed.DUMP / "tout.nt.gz").read_bytes())
    assert len(default.splitlines()) == release.manifest["triples"]
    assert release.manifest["triples"] + sum(release.graphs.values()) == len(given)
    assert ensure_release(here, TINY, (path,)) == (release, False)
