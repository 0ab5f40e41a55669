"""Writes ontology/FAIR.md: `python -m tests.ontology`."""

import tempfile
from pathlib import Path

from cper_lod.release.build.build import ensure
from tests.ontology.checking import FOLDER, get_by, ontology, page
from tests.support.paths import ROOT
from tests.web.conftest import client_of

with tempfile.TemporaryDirectory() as folder:
    for client in client_of(ensure(Path(folder), ROOT)[0], query_workers=1):
        (FOLDER / "FAIR.md").write_text(page(ontology(), get_by(client)), "utf-8")
