"""The sources of one contract, which are read in a fraction of the time that all take."""

import shutil
from pathlib import Path

from tests.support.paths import ROOT


def copy_contract(data: Path, slug: str, folder: Path) -> Path:
    """Copy the sources of one contract of a folder of data with what contracts share; return the folder."""
    others = {path.stem for path in (data / "contracts").glob("*.ttl")} - {slug}
    unused = shutil.ignore_patterns("questions", "links", "subventions", *(f"*{name}*" for name in others))
    shutil.copytree(ROOT / "ontology", folder / "ontology", ignore=unused)
    (folder / "ontology" / "questions").mkdir()
    shutil.copytree(data, folder / "data", ignore=unused)
    shutil.copytree(ROOT / "shapes" / "profiles", folder / "shapes" / "profiles")
    return folder
