"""The wheel: it carries the sources that are published, and works where there is no checkout."""

import importlib.util
import os
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.processes import ended
from tests.support.server import Server
from tests.support.web import HttpClient


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the working folder as `pip install .` builds it."""
    out = tmp_path_factory.mktemp("wheel")
    # With the build backend at hand nothing is downloaded.
    at_hand = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    done = ended(sys.executable, "-m", "build", "--wheel", *at_hand, "--outdir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("*.whl")
    return made


@pytest.mark.slow
def test_wheel_carries_what_is_published(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    ours = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for name in ("ontology", "shapes", "data", "cper_lod")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    places = {name: name if name.startswith("cper_lod/") else f"cper_lod/_sources/{name}" for name in ours}
    assert [name for name in ours if packed.get(places[name]) != ours[name]] == []
    assert {name for name in packed if name.startswith("cper_lod/")} == {*places.values()}
    assert not [name for name in packed if name.startswith("tests")]
    (metadata,) = (text.decode() for name, text in packed.items() if name.endswith(".dist-info/METADATA"))
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert any(name.endswith("/licenses/LICENSE") for name in packed)


@pytest.mark.slow
def test_installed_wheel_works_outside_a_checkout(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dependencies are those of this environment, shown to the new one by a .pth file: nothing is downloaded."""
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    packages = next((place / "lib").glob("python3*")) / "site-packages"
    pip = ended(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", packages, wheel)
    assert pip.returncode == 0, pip.stderr
    ours = tmp_path / "dependencies"
    ours.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "cper_lod" not in entry.name and not entry.name.endswith(".pth"):
            (ours / entry.name).symlink_to(entry)
    (packages / "dependencies.pth").write_text(f"{ours}\n")
    python = place / "bin" / "python"
    work = tmp_path / "empty"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in [each for each in os.environ if each.startswith(("CPER_LOD_", "PYTHON"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(work))
    monkeypatch.setattr(sys, "executable", str(python))

    where = ended(python, "-c", "import cper_lod; print(cper_lod.__file__)").stdout
    assert Path(where.strip()).is_relative_to(packages)
    built = ended(python, "-m", "cper_lod", "build")  # checks its own sources
    assert built.returncode == 0, built.stderr
    asked = ended(python, "-m", "cper_lod", "query", "chiffres-par-subdivision", "--format", "csv")
    assert asked.stdout == (ROOT / "ontology" / "questions" / "chiffres-par-subdivision.csv").read_text("utf-8")
    server = Server([], tmp_path / "log")
    home = HttpClient(server.url).get("/?lang=fr").text
    server.close()
    assert server.process.returncode == 0
    assert "Contrat de plan État-Région 2021-2027 Hauts-de-France" in home
