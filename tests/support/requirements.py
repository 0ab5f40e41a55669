"""What some tests need that a machine may lack: programs, the DCAT-AP shapes."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from tests.support.paths import ROOT

DCAT_AP = Path(os.environ.get("CPER_LOD_DCAT_AP", ROOT.parent / "shared" / "dcat-ap-3.0.1"))
UDATA = Path(os.environ.get("CPER_LOD_UDATA", ROOT / ".venv-udata" / "bin" / "python"))
"""A Python with udata, the software of data.gouv.fr, and SecantusDB, in an environment of their own (AGPL, GPL)."""
HARVEST_CHECK = ROOT.parent / "shared" / "tools" / "udata" / "harvest_check.py"
CHROMIUM = Path(os.environ.get("CPER_LOD_CHROMIUM", "/usr/bin/chromium"))
_R_LIBRARIES: Final = [Path(each, "R", "site-library") for each in ("/usr/lib", "/usr/local/lib")]
NEEDS: Final = {
    "dcatap": DCAT_AP / "html__shacl__shapes.ttl",
    "browser": CHROMIUM,
    "editor": ROOT / "cper_lod" / "web" / "static" / "editor" / "manifest.json",
    "r": Path(shutil.which("Rscript") or "/usr/bin/Rscript"),
    "jsonlite": next(
        (path for each in _R_LIBRARIES if (path := each / "jsonlite").exists()), _R_LIBRARIES[0] / "jsonlite"
    ),
    "nginx": Path(shutil.which("nginx") or "/usr/sbin/nginx"),
    "systemd": Path(shutil.which("systemd-analyze") or "/usr/bin/systemd-analyze"),
    "udata": UDATA,
    "oxigraph": Path(sys.executable).parent / "oxigraph",
    "virtuoso": Path(shutil.which("virtuoso-t") or "/usr/bin/virtuoso-t"),
    "node": Path(shutil.which("npm") or "/usr/bin/npm"),
}
"""Markers, and the file or program that the tests so marked need. Without it they are skipped."""
