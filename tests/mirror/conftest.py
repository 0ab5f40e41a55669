"""What the tests of the mirror share: a small site with names that no file system likes, and folders for it."""

import shutil
from pathlib import Path

import pytest

from cper_lod.core.config import load
from cper_lod.core.settings import Settings
from cper_lod.mirror.export import Options, Summary, export
from cper_lod.release.build.build import build
from cper_lod.release.release import Release
from tests.support.paths import ROOT

TINY = ROOT / "tests" / "fictif" / "petit"
ID = "https://w3id.org/cper-lod/id/"
ODD = (
    "été",
    "Grand",
    "grand",
    "a%20b",
    "x.ttl",
    "nul",
    "l" * 200,
    "/".join("profond"),
    "dollar$",
    "plus+et&",
    "d'été,(1)",
)
"""Names of things that are hard on files: accents, capitals, escapes, suffixes, devices, long and deep ones, signs."""
MANY = 103
"""Things with names that are easy: a list of them has a second page."""


def written(path: Path) -> Path:
    """Copy the small sources, with things of such names; return the folder."""
    shutil.copytree(TINY, path)
    names = [f"bac/{name}" for name in (*ODD, *(f"n{number}" for number in range(MANY)))]
    lines = [
        f'<{ID}{name}> a cper:Bac ; skos:prefLabel "Bac {place}"@fr, "Ferry {place}"@en .'
        for place, name in enumerate(names)
    ]
    prefixes = {"cper": "https://w3id.org/cper-lod/ontology#", "skos": "http://www.w3.org/2004/02/skos/core#"}
    head = [f"@prefix {name}: <{iri}> ." for name, iri in prefixes.items()]
    (path / "data" / "noms.ttl").write_text("\n".join([*head, *lines, ""]), "utf-8")
    return path


class Mirror:
    """A folder, and how to export to it."""

    def __init__(self, root: Path, release: Release, settings: Settings) -> None:
        self.root, self.release, self.settings = root, release, settings

    def export(self, options: Options = Options()) -> Summary:  # noqa: B008  # a tuple of constants
        """Export once."""
        return export(self.root, self.release, self.settings, options, lambda done, total: None)

    @property
    def site(self) -> Path:
        """The folder of the files."""
        return self.root / "site"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Settings]:
    """Return the release of the small sources as they are, and settings."""
    folder = tmp_path_factory.mktemp("small")
    settings = load({"releases": folder, "public_url": "http://127.0.0.1:8000"}, environment={}).settings
    return build(folder, TINY), settings
