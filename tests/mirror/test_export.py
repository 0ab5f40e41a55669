"""Repeated exports: unchanged files stay, changed files are written, stale files removed, interrupted exports completed."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cper_lod.cli.main import main
from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.mirror import render
from cper_lod.mirror.export import Options
from cper_lod.mirror.folder import MANIFEST_FILE
from cper_lod.mirror.manifest import Manifest
from cper_lod.release.build.build import build
from cper_lod.release.release import Release
from tests.support.mirror import Mirror
from tests.support.paths import TINY
from tests.support.processes import descendants, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(small: tuple[Release, Settings], tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """Return a mirror that no test changes."""
    made = Mirror(tmp_path_factory.mktemp("whole") / "m", *small)
    summary = made.export()
    assert summary.files == summary.written - 9 > 1000
    return made


@pytest.fixture
def copied(whole: Mirror, tmp_path: Path) -> Mirror:
    shutil.copytree(whole.root, tmp_path / "m", symlinks=True)
    return Mirror(tmp_path / "m", whole.release, whole.settings)


def state(root: Path) -> dict[str, tuple[int, int]]:
    """Return the inode and time of a file, which show whether it was written."""
    found = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith((".mirror", ".lock")))
    return {str(path.relative_to(root)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in (root / "site").rglob("*") if path.is_file()}


def test_an_unchanged_mirror_is_not_rewritten(copied: Mirror) -> None:
    before = state(copied.root)
    summary = copied.export()
    assert (summary.unchanged, summary.written, summary.removed) == (True, 0, 0)
    assert state(copied.root) == before
    assert len(before) > 1000


@pytest.mark.parametrize("name", ["doc/bac/fictif-1.ttl", "doc/bac/fictif-1.fr.html.br", "robots.txt"])
def test_a_deleted_file_is_restored(copied: Mirror, whole: Mirror, name: str) -> None:
    (copied.site / name).unlink()
    summary = copied.export()
    assert not summary.unchanged
    assert summary.written <= 6  # with its compressed forms, the rules that name the folder
    assert contents(copied.root) == contents(whole.root)


def test_a_changed_file_of_the_same_length_is_replaced(copied: Mirror, whole: Mirror) -> None:
    spoilt = copied.site / "doc/bac/fictif-1.ttl"
    spoilt.write_bytes(bytes(spoilt.stat().st_size))
    (copied.root / "site/robots.txt").unlink()
    copied.export()
    assert contents(copied.root) == contents(whole.root)


def test_another_release_writes_what_differs_and_removes_what_is_gone(copied: Mirror, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    shutil.copytree(TINY, sources)
    file = sources / "data" / "bacs.ttl"
    file.write_text(file.read_text("utf-8").replace("bac/fictif-1>", "bac/autre>"), "utf-8")
    before = state(copied.root)
    copied.release = build(tmp_path / "releases", sources)
    copied.settings = replace(copied.settings, releases=tmp_path / "releases")
    summary = copied.export()
    assert summary.removed > 20
    assert not list((copied.site / "doc/bac").glob("fictif-1.*"))
    assert (copied.site / "doc/bac/autre.ttl").is_file()
    after = state(copied.root)
    same = "site/problem/not-found.json"
    assert after[same][0] == before[same][0]
    assert summary.written < len(after) - 400  # pages name their release


def test_a_killed_export_is_completed_by_the_next(
    whole: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Mirror(tmp_path / "m", whole.release, whole.settings)
    render_task, count = render.Renderer.render, 0

    def killed(self: render.Renderer, task: render.Task) -> render.TaskResult:
        nonlocal count
        count += 1
        if count == 20:
            raise KeyboardInterrupt
        return render_task(self, task)

    monkeypatch.setattr(render.Renderer, "render", killed)
    with pytest.raises(KeyboardInterrupt):
        broken.export()
    monkeypatch.undo()
    assert not (broken.root / "mirror.json").exists()
    half = contents(broken.root)
    assert 50 < len(half) < len(contents(whole.root))
    assert half.items() <= contents(whole.root).items()  # whole or not at all
    summary = broken.export()
    assert summary.written < summary.files - 50
    assert contents(broken.root) == contents(whole.root)


def test_what_a_killed_export_wrote_for_another_release_is_removed_too(whole: Mirror, tmp_path: Path) -> None:
    other = Mirror(tmp_path / "m", whole.release, replace(whole.settings, public_url="https://data.example.org/cper"))
    other.export()
    manifest = Manifest(other.root / MANIFEST_FILE)
    manifest.plan_files(["doc/bac/stray.ttl"])
    manifest.close()
    (other.site / "doc/bac/stray.ttl").write_text("stray")
    (other.site / "robots.txt").unlink()
    assert other.export().removed == 1
    assert not (other.site / "doc/bac/stray.ttl").exists()


def test_several_processes_write_the_same(whole: Mirror, tmp_path: Path) -> None:
    other = Mirror(tmp_path / "m", whole.release, whole.settings)
    assert other.export(Options(processes=2)).files == json.loads((whole.root / "mirror.json").read_text())["files"]
    assert {k: v for k, v in contents(other.root).items() if "htaccess" not in k} == {
        k: v for k, v in contents(whole.root).items() if "htaccess" not in k
    }


def kill_worker() -> bool:
    """Kill a process that writes files of an export as soon as there is one; return whether there was one."""

    def killed() -> bool:
        workers = [each for each in descendants(os.getpid()) if "spawn_main" in words(each)]
        for each in workers[:1]:
            os.kill(each, signal.SIGKILL)
        return bool(workers)

    return eventually(killed)


def test_a_killed_process_is_a_problem(whole: Mirror, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(kill_worker)
        with pytest.raises(Problem) as problem:
            Mirror(tmp_path / "m", whole.release, whole.settings).export(Options(processes=2))
        assert killed.result()
    assert problem.value.kind.code == "export-process"


def test_an_export_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    where = ["--sources", str(TINY), "--releases", str(tmp_path / "r"), "--processes", "2"]
    command = [sys.executable, "-m", "cper_lod", "export", str(tmp_path / "m"), *where]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as export:
        found = eventually(lambda: sum("spawn_main" in words(each) for each in descendants(export.pid)) == 2, 60)
        family = descendants(export.pid)
        export.kill()
    assert found
    assert len(family) >= 2
    assert eventually(lambda: not any("spawn_main" in words(each) for each in family), 20)


def words(process: int) -> str:
    """Return the command line of a process, nothing if it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode()
    except OSError:
        return ""


def test_addresses_without_a_file_are_counted_and_listed(
    whole: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cper_lod.release.documents.MAX_QUADS", 0)
    summary = Mirror(tmp_path / "m", whole.release, whole.settings).export()
    assert summary.refused > 5
    assert any("answers 400" in each for each in summary.left_out)


def test_tables_for_a_store_of_objects(whole: Mirror) -> None:
    rows = list(csv.DictReader((whole.root / "rules/object-store/keys.csv").read_text("utf-8").splitlines()))
    keys = {row["key"]: row for row in rows}
    assert len(keys) == len(rows) > 300
    assert keys["doc/bac/fictif-1.ttl"]["content-type"] == "text/turtle; charset=utf-8"
    assert keys["doc/bac/fictif-1"]["file"] == "site/doc/bac/fictif-1.fr.html"
    assert keys["doc/bac/fictif-1.en.html"]["content-language"] == "en"
    assert keys["index.html"]["content-language"] == "fr"
    assert all((whole.root / row["file"]).is_file() for row in rows)
    moved = dict(csv.reader((whole.root / "rules/object-store/redirects.csv").read_text("utf-8").splitlines()))
    assert moved["id/bac/fictif-1"] == "/doc/bac/fictif-1.html"


def test_apache_leads_from_an_address_that_ends_with_a_slash_to_the_one_without(whole: Mirror) -> None:
    rules = (whole.site / ".htaccess").read_text()
    ((pattern, place),) = re.findall(
        r'RewriteCond %\{REQUEST_METHOD\} !OPTIONS\nRewriteRule "(\S+)" (\S+) \[R=301,L\]', rules
    )
    for path, address in {"doc/": "/doc", "doc/bac/n1.ttl//": "/doc/bac/n1.ttl", "id/bac/n1/": "/id/bac/n1"}.items():
        assert re.sub(pattern, place.replace("$", "\\"), path) == address
    assert not any(re.search(pattern, path) for path in ("", "doc", "doc/bac/n1"))


def test_names_at_w3id_lead_to_the_public_address(whole: Mirror) -> None:
    rules = (whole.root / "rules/w3id/cper-lod/.htaccess").read_text()
    for name in ("id/", "doc", "ontology", "context", "release", "problem"):
        assert f"RewriteRule ^{name}" in rules or f"(?:{name}" in rules
    assert rules.count("http://127.0.0.1:8000/") > 7
    assert "Contact: " in (whole.root / "rules/w3id/cper-lod/README.md").read_text()


def test_the_command_speaks_both_languages(tmp_path: Path) -> None:
    where = ["--sources", str(TINY), "--releases", str(tmp_path / "r"), "--processes", "1"]
    told = ["export", str(tmp_path / "m"), *where]
    first = CliRunner().invoke(main, [*told, "--lang", "fr"])
    assert first.exit_code == 0, first.output
    assert "Copie complète : " in first.output
    again = CliRunner().invoke(main, [*told, "--lang", "en"])
    assert "Nothing has changed: " in again.output
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    refused = CliRunner().invoke(main, ["export", str(tmp_path / "letters"), *where, "--lang", "en"])
    assert refused.exit_code == 2
    assert "it contains one.txt" in refused.output
    wrong = CliRunner().invoke(main, [*told, "--live", "ftp://x", "--lang", "en"])
    assert wrong.exit_code == 2
    assert "--live" in wrong.output
