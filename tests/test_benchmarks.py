"""Each benchmark runs to its end, and the synthetic data are what they say; no time is asserted."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import names
from benchmarks.generator import PLANTED, generate
from benchmarks.synthetic_faults import KINDS
from cper_lod.release.check.check import check
from cper_lod.release.release import Release
from cper_lod.release.sources.read import read_sources
from tests.support.paths import ROOT, TINY
from tests.support.processes import ended

NEEDS = {
    "ready": [pytest.mark.nginx],
    "instances": [pytest.mark.nginx],
    "queries": [pytest.mark.oxigraph],
    "start": [pytest.mark.oxigraph],
}
FLAGS = {"start": ["--sources", str(TINY)]}
# The soak finds what takes an hour to show; it is run by hand before a version is released.
BENCHMARKS = [pytest.param(name, marks=NEEDS.get(name, [])) for name in names() if name not in ("generator", "soak")]


@pytest.fixture(scope="module")
def kept(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder where the benchmarks keep their releases; that of the real sources is there, and no other."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(release.folder, folder / "own" / "releases" / release.folder.name)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_runs_for_a_moment(name: str, kept: Path) -> None:
    words = (sys.executable, "-m", "benchmarks", name, "--quick", "--keep", kept, *FLAGS.get(name, []))
    done = ended(*words, cwd=ROOT, timeout=300)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "| " in done.stdout


def test_without_a_name_all_are_listed() -> None:
    done = ended(sys.executable, "-m", "benchmarks", cwd=ROOT)
    assert [line.split(" ")[0] for line in done.stdout.splitlines()] == names()
    assert ended(sys.executable, "-m", "benchmarks", "nonsense", cwd=ROOT).returncode == 1


def test_the_same_seed_gives_the_same_synthetic_data(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        generate(folder, 3_000, seed)
    first, same, other = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in folders
    )
    assert first == same != other


@pytest.mark.slow
def test_synthetic_data_conform(tmp_path: Path) -> None:
    told = generate(tmp_path / "sources", 10_000)
    assert told.triples == pytest.approx(10_000, rel=0.2)
    assert check(read_sources(tmp_path / "sources")).findings == ()


@pytest.mark.slow
def test_each_planted_fault_is_found_by_its_rule_and_nothing_else(tmp_path: Path) -> None:
    told = generate(tmp_path / "sources", 10_000, faults=0.1)
    report = check(read_sources(tmp_path / "sources"))
    assert {(each.shape, each.node) for each in report.findings} == {(each.shape, each.node) for each in told.faults}
    assert len(report.findings) == len(told.faults) > len(KINDS)
    assert json.loads((tmp_path / "sources" / PLANTED).read_bytes())["planted"] == [vars(each) for each in told.faults]
