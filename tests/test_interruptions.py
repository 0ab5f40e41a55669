"""kill -9, a full disk and a second command at each step of what commands write: nothing lost, nothing half."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from cper_lod.release.build.build import sources_fingerprint
from cper_lod.release.history.history import History
from cper_lod.release.release import open_release
from cper_lod.release.sources.writing import LOCK, settle, sources_lock, write_all
from tests.faults import Running, run
from tests.importing.fictitious_workbook import DOCUMENT, FICTION, TEXT
from tests.importing.subsidies.example import EXAMPLE
from tests.importing.workbooks import plain
from tests.support.paths import ROOT, TINY

pytestmark = pytest.mark.slow
CONTRACT = "armorique-test-2030-2034"
Tree = dict[str, str]


def tree(folder: Path, hidden: bool = True) -> Tree:
    """Return the digest of each file by its path."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if hidden or "/." not in f"/{name.replace('.workbooks', 'workbooks')}"
    }


def states(copies: Path) -> Iterator[Path]:
    """Yield the folders that kill -9 leaves, each state once."""
    seen = list[Tree]()
    for copy in sorted(copies.iterdir()):
        if (state := tree(copy)) not in seen:
            seen.append(state)
            yield copy


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with sources of one contract, and files to import; not to be written to."""
    place = tmp_path_factory.mktemp("imported")
    data, ontology = place / "sources" / "data", place / "sources" / "ontology"
    shutil.copytree(ROOT / "ontology", ontology, ignore=shutil.ignore_patterns("questions"))
    (ontology / "questions").mkdir()
    (place / "sources" / "shapes").mkdir()
    shape = (TINY / "shapes" / "petit.ttl").read_text("utf-8").replace("cper:Bac", "cper:Axe")
    (place / "sources" / "shapes" / "axis.ttl").write_text(shape, "utf-8")
    data.mkdir()
    for path in (ROOT / "data" / "bodies.ttl", ROOT / "data" / "territories.ttl", TINY / "data" / "catalog.ttl"):
        shutil.copy(path, data)
    (data / "document.ttl").write_text(DOCUMENT, "utf-8")
    plain(place / "first.xlsx", {**FICTION, "contrat": [{**FICTION["contrat"][0], "nom_court": "CPER"}]})
    plain(place / "second.xlsx", FICTION)
    lines = re.sub(r"\b203(\d-)", r"202\1", EXAMPLE.read_text("utf-8")).splitlines(keepends=True)
    (place / "first.csv").write_text("".join(lines[:3]), "utf-8")
    (place / "second.csv").write_text("".join(lines), "utf-8")
    for name in ("first contract", "first subsidies"):
        ended = run(place, command(name, place))
        assert ended.code == 0, ended.text
    return place


WHERE = "--sources {place}/sources --releases {place}/releases"
COMMANDS = {
    "first contract": f"import contract {{place}}/first.xlsx --text {TEXT} --sources {{place}}/sources",
    "import contract": f"import contract {{place}}/second.xlsx --text {TEXT} --sources {{place}}/sources --replace",
    "first subsidies": f"import subventions {{place}}/first.csv --contract {CONTRACT} --name x --sources {{place}}/sources",
    "import subventions": f"import subventions {{place}}/second.csv --contract {CONTRACT} --name x --sources {{place}}/sources",
    "withdraw": f"withdraw subsidies x --reason None {WHERE}",
    "purge": f"purge subsidies x --reason None {WHERE}",
    "format": "format {place}/sources/data",
    "build": f"build {WHERE}",
    "rollback": f"rollback {{first}} {WHERE}",
    "push": f"push --force --file {{place}}/out.nq.gz {WHERE}",
    "export site": f"export site {{place}}/site {WHERE}",
}


def command(name: str, place: Path) -> list[str]:
    """Return the words of a command on the sources and releases in a folder; `first` is the release served first."""
    entries = History(place / "releases").entries()
    words = COMMANDS[name].format(place=place, first=entries[0].release if entries else "").split()
    return [*words, "--lang", "en"]


@pytest.fixture
def place(imported: Path, tmp_path: Path) -> Path:
    """Return a folder with sources that may be written to."""
    return Path(shutil.copytree(imported, tmp_path / "place"))


@pytest.mark.parametrize("name", ["import contract", "import subventions", "withdraw", "format"])
def test_sources_are_as_before_or_as_after_kill_9_at_each_step(name: str, place: Path, tmp_path: Path) -> None:
    before = tree(place)
    ended = run(place, command(name, place), copies=tmp_path / "copies")
    assert ended.code == 0, ended.text
    after, seen = tree(place), list[bool]()
    assert after != before
    for copy in states(tmp_path / "copies"):
        settle(copy / "sources")  # as each build, check and server does
        seen.append(tree(copy, hidden=False) == after)
        assert seen[-1] or tree(copy, hidden=False) == before, copy
        if name == "format":
            run(copy, command(name, copy))
        with sources_lock(copy / "sources"):  # as each command does that writes
            pass
        assert tree(copy) in (before, after), f"{copy}: files are left over"
    assert seen == sorted(seen), "there is one step at which it changes"
    assert set(seen) == {False, True}


def say(place: Path, number: int) -> None:
    text = (TINY / "data" / "bacs.ttl").read_text("utf-8")
    (place / "sources" / "data" / "bacs.ttl").write_text(text.replace(' 1"', f' {number}"'), "utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two releases, and a copy and a file of the first; not to be written to."""
    place = tmp_path_factory.mktemp("published")
    shutil.copytree(TINY, place / "sources")
    for number, names in ((1, ("build", "push", "export site")), (2, ("build",))):
        say(place, number)
        for name in names:
            ended = run(place, command(name, place))
            assert ended.code == 0, ended.text
    return place


@pytest.fixture
def changed(published: Path, tmp_path: Path) -> Path:
    """Return a folder with two releases and sources that have changed since."""
    place = Path(shutil.copytree(published, tmp_path / "place"))
    say(place, 3)
    return place


def found(place: Path) -> list[object]:
    """Return the history, each release of which is whole, what was exported, and what is left over."""
    history = History(place / "releases")
    for path in (place / "releases").glob("[!.]*/manifest.json"):
        open_release(path.parent)
    served = [(history.open(each.release).id, each.how) for each in history.entries()]
    with ZipFile(place / "site.zip") as archive:
        packed = {each.filename: each.CRC for each in archive.infolist()}
    exported = tree(place / "site"), packed, tree(place)["out.nq.gz"]
    kept = (".lock", ".nojekyll")
    return [served, *exported, [path for path in place.rglob(".*") if path.name not in kept]]


@pytest.mark.parametrize("name", ["build", "rollback", "push", "export site"])
def test_a_publication_is_whole_after_kill_9_at_each_step(name: str, published: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(published, tmp_path / "place"))
    if name in ("build", "rollback"):
        say(place, 3)
    before = found(place)
    ended = run(place, command(name, place), copies=tmp_path / "copies")
    assert ended.code == 0, ended.text
    after = found(place)
    assert [before[-1], after[-1]] == [[], []]
    assert after != before
    for copy in states(tmp_path / "copies"):
        for part, old, new in zip(found(copy)[:-1], before, after, strict=False):
            assert part in (old, new), copy
        again = run(copy, command(name, copy))
        assert again.code == 0, again.text
        assert found(copy) == after, copy


def test_a_disk_that_is_full_from_any_step_on(changed: Path, imported: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(imported, tmp_path / "imported"))
    files = {"data/bodies.ttl": b"\n", "data/new.ttl": b"\n"}
    rows: list[tuple[Path, Any, Callable[[Path], object]]] = [
        (place, partial(write_all, place / "sources", files, ["data/document.ttl"]), tree),
        (place, command("import subventions", place), tree),
        *((changed, command(name, changed), found) for name in ("build", "push", "rollback")),
    ]
    for folder, work, state in rows:
        before, step, counted = state(folder), 0, False
        while (ended := run(folder, work, full_from=step)).code != 0:
            assert "No space left on device." in ended.text.splitlines()[-1], ended.text
            counted = (folder / "sources" / LOCK).exists()
            settle(folder / "sources")
            if counted:  # the disk was full when all was written, but not moved to its place: that is done now
                break
            assert state(folder) == before, (work, step, ended.text)
            step += 1
        assert step > 1
        assert state(folder) != before
        assert not counted or state is tree


RENAMED = f"os.rename sources/data/contracts/{CONTRACT}.ttl"
TOGETHER = [
    ("import contract", RENAMED, "first contract", 2),
    ("import subventions", "flush", "import contract", 0),
    ("withdraw", "flush", "import subventions", 0),
    ("import subventions", "flush", "format", 0),
]
"""A command, the step at which it waits; the second command, and its exit code."""


@pytest.mark.parametrize(("first", "step", "second", "code"), TOGETHER)
def test_the_second_command_on_the_same_sources_waits(
    first: str, step: str, second: str, code: int, imported: Path, tmp_path: Path
) -> None:
    place, apart = (Path(shutil.copytree(imported, tmp_path / each)) for each in ("place", "apart"))
    assert [run(apart, command(each, apart)).code for each in (first, second)] == [0, code]
    running = Running(place, command(first, place), wait_at=step)
    assert running.until("waits") == step
    other = Running(place, command(second, place))
    while "Another command" not in (said := other.until("said")):
        assert said
    assert f"{first}, process {running.pid})" in said
    running.go_on()
    assert [running.end().code, other.end().code] == [0, code]
    assert tree(place) == tree(apart), "as one after the other"


def test_what_is_published_while_sources_change_is_whole(imported: Path, tmp_path: Path) -> None:
    place, apart = (Path(shutil.copytree(imported, tmp_path / each)) for each in ("place", "apart"))
    build = command("build", place)
    assert [run(place, build).code, run(apart, command("import subventions", apart)).code] == [0, 0]
    running = Running(place, command("import subventions", place), wait_at="os.rename sources/data/catalog/")
    assert running.until("waits"), "one of two files is in its place"
    other = Running(place, build)
    running.go_on()
    assert [running.end().code, other.end().code] == [0, 0]
    assert tree(place / "sources") == tree(apart / "sources")
    served = History(place / "releases").entries()
    assert [served[1].sources, len(served)] == [sources_fingerprint(apart / "sources"), 2]
    running = Running(place, command("first subsidies", place), wait_at="flush")
    assert running.until("waits")
    assert run(place, command("rollback", place)).code == 0
    running.go_on()
    assert running.end().code == 0
    assert History(place / "releases").entries()[2].release == served[0].release


@pytest.mark.parametrize("first", ["build", "purge"])
def test_a_build_waits_for_one_that_is_under_way(first: str, imported: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(imported, tmp_path / "place"))
    running = Running(place, command(first, place), wait_at="private")
    assert running.until("waits")
    other = Running(place, command("build", place))
    while "Another command is building a release" not in (said := other.until("said")):
        assert said
    running.go_on()
    assert [running.end().code, other.end().code] == [0, 0]
    (entry,) = History(place / "releases").entries()
    assert entry.sources == sources_fingerprint(place / "sources")
