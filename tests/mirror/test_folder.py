"""The folder of a mirror: foreign files are left alone, and files are written atomically."""

import fcntl
from pathlib import Path

import pytest

from cper_lod.core.files import AtomicFile
from cper_lod.mirror.folder import Folder
from tests.support.refusals import refused


def opened(root: Path) -> Folder:
    folder = Folder(root)
    with folder.locked():
        return folder


def test_a_foreign_folder_is_refused_and_unchanged(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with refused("export-folder", "letters.txt") as problem:
        opened(tmp_path)
    assert "letters.txt" in str(problem.value.words("fr"))
    assert [each.name for each in tmp_path.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize("name", ["site", "mirror.json"])
def test_names_of_ours_alone_do_not_make_a_folder_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with refused("export-folder"):
        opened(tmp_path)


def test_a_file_and_a_link_are_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name, expected in (("file", "export-folder"), ("link", "export-link")):
        with refused(expected):
            opened(tmp_path / name)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_empty_and_missing_folders_are_accepted(tmp_path: Path) -> None:
    for root in (tmp_path / "new" / "deep", tmp_path / "new" / "deep"):
        opened(root)
    assert {each.name for each in root.iterdir()} == {".lock", "site"}


def test_two_exports_do_not_mix(tmp_path: Path) -> None:
    opened(tmp_path / "m")
    with (tmp_path / "m" / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with refused("export-busy"):
            opened(tmp_path / "m")


@pytest.mark.parametrize(
    "name",
    ["mine", "site/mine", "site/doc", "site/doc/x.ttl", ".lock", ".mirror.sqlite", ".mirror.sqlite-journal", ".aside"],
)
@pytest.mark.parametrize("target", ["outside", "outside/x.ttl", "outside/missing"])
def test_a_symbolic_link_is_named_and_nothing_is_written(tmp_path: Path, name: str, target: str) -> None:
    root, outside = tmp_path / "m", tmp_path / "outside"
    outside.mkdir()
    (outside / "x.ttl").write_text("theirs")
    opened(root)
    link = root / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path / target)
    before = sorted(root.rglob("*"))
    with refused("export-link") as problem:
        opened(root)
    assert problem.value.params == {"path": link}
    assert sorted(root.rglob("*")) == before
    assert [(each.name, each.read_text()) for each in outside.iterdir()] == [("x.ttl", "theirs")]


def test_symbolic_links_that_are_made_meanwhile_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "m", tmp_path / "outside"
    outside.mkdir()
    (outside / "x.ttl").write_text("theirs")
    folder = Folder(root)
    with folder.locked():
        (root / "site" / "doc").symlink_to(outside)
        (root / "site" / "y.ttl").symlink_to(outside / "x.ttl")
        with refused("export-folder"):
            folder.write_if_changed("site/doc/x.ttl", b"ours", 1)
        assert folder.remove("site/doc/x.ttl") is False
        assert folder.write_if_changed("site/y.ttl", b"theirs", 1) is True
    assert (outside / "x.ttl").read_text() == "theirs"
    assert not (root / "site" / "y.ttl").is_symlink()


def test_an_unchanged_file_is_dated_but_not_rewritten(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "m")
    with folder.locked():
        assert folder.write_if_changed("site/a/b.ttl", b"one", 1000) is True
        before = (tmp_path / "m/site/a/b.ttl").stat()
        assert folder.write_if_changed("site/a/b.ttl", b"one", 1000) is False
        assert (tmp_path / "m/site/a/b.ttl").stat().st_ino == before.st_ino
        assert folder.write_if_changed("site/a/b.ttl", b"two", 2000) is True
    assert int((tmp_path / "m/site/a/b.ttl").stat().st_mtime) == 2000


def test_removal_leaves_no_empty_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "m")
    with folder.locked():
        folder.write_if_changed("site/a/b/c.ttl", b"x", 1)
        folder.write_if_changed("site/a/d.ttl", b"x", 1)
        assert folder.remove("site/a/b/c.ttl") is True
        assert folder.remove("site/a/b/c.ttl") is False
    assert sorted(each.name for each in (tmp_path / "m/site/a").iterdir()) == ["d.ttl"]


def test_a_full_disk_is_a_problem_and_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "m")
    with folder.locked():
        folder.write_if_changed("site/x.ttl", b"old", 1)

        def full(_: AtomicFile) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(AtomicFile, "close", full)
        with refused("export-write", "No space left"):
            folder.write_if_changed("site/x.ttl", b"new bytes", 2)
    assert (tmp_path / "m/site/x.ttl").read_bytes() == b"old"
    assert not (tmp_path / "m/.aside").exists()
    opened(tmp_path / "m")


def test_a_folder_that_cannot_be_created_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with refused("export-write"):
        opened(tmp_path / "file" / "m")


def test_a_large_file_with_equal_size_and_time_is_compared_by_content(tmp_path: Path) -> None:
    """A digit was corrected, and SOURCE_DATE_EPOCH sets the time of every build."""
    folder, source, copied = Folder(tmp_path / "m"), tmp_path / "dump", tmp_path / "m/site/dump/tout.nt.gz"
    with folder.locked():
        for text, written in (("57,3", True), ("57,3", False), ("57,4", True)):
            source.write_text(text)
            assert folder.write_if_changed("site/dump/tout.nt.gz", source, 1000) is written
            assert (copied.read_text(), int(copied.stat().st_mtime)) == (text, 1000)
        assert folder.write_if_changed("site/dump/tout.nt.gz", source, 2000) is False
        assert int(copied.stat().st_mtime) == 2000
