"""A release whose files are shortened while it is served: requests fail, and the process goes on."""

import json
import os
import shutil
from pathlib import Path

from cper_lod.release.release import MANIFEST, Release
from tests.support.nquads_release import client_without_engine

PATHS = (
    "/doc/subdivision.html",
    "/doc/contrat/hauts-de-france-2021-2027/axe/2.html",
    "/doc/contrat/hauts-de-france-2021-2027/axe/3.ttl",
    "/describe/list?of=mentions&iri=https://w3id.org/cper-lod/ontology%23Part",
    "/search.html?q=train",
    "/void.ttl",
)


def test_files_that_are_shortened_end_no_process(release: Release, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(release.folder, tmp_path / release.folder.name))
    client = client_without_engine(Release(folder, json.loads((folder / MANIFEST).read_bytes())))
    assert client.get(PATHS[1]).status_code == 200
    for path in folder.rglob("*"):
        if path.is_file():
            os.truncate(path, path.stat().st_size // 2)
    statuses = {client.get(path, headers={"Accept": "text/html, */*"}).status_code for path in PATHS}
    assert statuses <= {200, 500}
    assert 500 in statuses
