"""Each benchmark runs to its end; no time is asserted."""

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import names
from cper_lod.release.release import Release
from tests.support.paths import ROOT, TINY
from tests.support.processes import ended

pytestmark = pytest.mark.slow
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


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_runs_for_a_moment(name: str, kept: Path) -> None:
    words = (sys.executable, "-m", "benchmarks", name, "--quick", "--keep", kept, *FLAGS.get(name, []))
    done = ended(*words, cwd=ROOT, timeout=300)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "| " in done.stdout
