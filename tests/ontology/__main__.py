"""Writes ontology/FAIR.md and the numbers in ontology/MIRO.md: `python -m tests.ontology`."""

import tempfile
from pathlib import Path

from cper_lod.release.build.build import ensure_release
from tests.ontology.checking import FOLDER, get_by, ontology, page, with_counts
from tests.support.paths import ROOT
from tests.support.web import client_of

with tempfile.TemporaryDirectory() as folder:
    for client in client_of(ensure_release(Path(folder), ROOT)[0], query_workers=1):
        (FOLDER / "FAIR.md").write_text(page(ontology(), get_by(client)), "utf-8")
miro = FOLDER / "MIRO.md"
miro.write_text(with_counts(miro.read_text("utf-8"), ontology()), "utf-8")
