"""A small site with names that file systems do not like, and a folder to export it to."""

import shutil
from pathlib import Path

from cper_lod.core.settings import Settings
from cper_lod.mirror.export import Options, Summary, export
from cper_lod.release.release import Release
from tests.support.paths import TINY

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
    "ends/",
)
"""Names of things that are hard on files: accents, capitals, escapes, suffixes, devices, long and deep ones, signs, slashes."""
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
